//! Pictures with codes in them are drawn here, by the library that draws the codes of the office.

use crate::read::codes;
use fast_qr::qr::QRBuilder;
use proptest::prelude::*;

/// A grey picture.
#[derive(Clone)]
struct Picture {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Picture {
    fn blank(width: usize, height: usize, light: u8) -> Self {
        let luma = vec![light; width * height];
        Self {
            width,
            height,
            luma,
        }
    }

    /// Draws a code with `scale` pixels a module; `turned` is how often it is turned by a quarter.
    fn draw(&mut self, text: &str, (left, top): (usize, usize), scale: usize, turned: usize) {
        let code = QRBuilder::new(text).build().expect("a short text");
        let side = code.size;
        for y in 0..side * scale {
            for x in 0..side * scale {
                let (mut column, mut row) = (x / scale, y / scale);
                for _ in 0..turned {
                    (column, row) = (row, side - 1 - column);
                }
                if code[row][column].value() {
                    self.luma[(top + y) * self.width + left + x] = 20;
                }
            }
        }
    }

    fn with(text: &str, scale: usize, turned: usize) -> Self {
        let mut picture = Self::blank(320, 240, 235);
        picture.draw(text, (40, 30), scale, turned);
        picture
    }

    fn inverted(mut self) -> Self {
        for light in &mut self.luma {
            *light = 255 - *light;
        }
        self
    }

    /// Adds a dim half and a grain that is the same in every run.
    fn spoiled(mut self) -> Self {
        let mut state = 1_u32;
        for (at, light) in self.luma.iter_mut().enumerate() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = i32::from((state >> 24) as u8) / 6 - 21;
            let dim = i32::try_from(at % self.width).expect("a small picture") / 5;
            *light = (i32::from(*light) + grain - dim).clamp(0, 255) as u8;
        }
        self
    }

    fn read(&self) -> Vec<String> {
        let text = |bytes| String::from_utf8(bytes).expect("what was drawn");
        codes(&self.luma, self.width)
            .into_iter()
            .map(text)
            .collect()
    }
}

const LINK: &str = "https://example.invalid/s/0192f0c1-2345-7abc-8def-0123456789ab";

#[test]
fn a_code_is_read_however_the_phone_is_held() {
    for turned in 0..4 {
        assert_eq!(Picture::with(LINK, 4, turned).read(), [LINK], "{turned}");
    }
}

#[test]
fn small_dim_grainy_and_light_on_dark_codes_are_read() {
    assert_eq!(Picture::with(LINK, 2, 0).read(), [LINK]);
    assert_eq!(Picture::with(LINK, 5, 1).spoiled().read(), [LINK]);
    assert_eq!(Picture::with(LINK, 4, 2).inverted().read(), [LINK]);
}

#[test]
fn chinese_text_comes_back() {
    let text = "灭火器 编号 虚构-0007";
    assert_eq!(Picture::with(text, 5, 0).read(), [text]);
}

#[test]
fn several_codes_in_one_picture_are_read_each_once() {
    let mut picture = Picture::blank(480, 200, 240);
    picture.draw("A-0001", (20, 30), 5, 0);
    picture.draw("A-0002", (180, 30), 5, 1);
    picture.draw("A-0001", (340, 30), 5, 2);
    let mut read = picture.read();
    read.sort();
    assert_eq!(read, ["A-0001", "A-0002"]);
}

#[test]
fn the_answer_is_each_text_behind_its_length() {
    let picture = Picture::with("A-0001", 5, 0);
    let packed = crate::read(&picture.luma, picture.width);
    assert_eq!(packed, b"\x06\0\0\0A-0001");
}

#[test]
fn no_picture_and_a_picture_without_a_code_say_nothing() {
    let nothing: Vec<Vec<u8>> = Vec::new();
    assert_eq!(codes(&[], 0), nothing);
    assert_eq!(codes(&[], 640), nothing);
    assert_eq!(codes(&[7; 10], 0), nothing);
    assert_eq!(codes(&[7; 100], 10), nothing);
    assert_eq!(codes(&[7; 1001], 40), nothing);
    for light in [0, 128, 255] {
        assert!(Picture::blank(320, 240, light).read().is_empty());
    }
}

#[test]
fn a_code_that_is_half_covered_says_nothing() {
    let mut picture = Picture::with(LINK, 4, 0);
    let half = picture.width * picture.height / 2;
    picture.luma[half..].fill(235);
    assert!(picture.read().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn noise_never_ends_the_reader(
        width in 0_usize..120,
        luma in proptest::collection::vec(any::<u8>(), 0..9_000),
    ) {
        codes(&luma, width);
    }

    // Near to a code, so that the way behind the finder patterns is walked too.
    #[test]
    fn a_torn_code_never_ends_the_reader(
        torn in proptest::collection::vec((0_usize..320, 0_usize..240, 1_usize..60, any::<u8>()), 0..12),
        cut in 22_usize..320,
        turned in 0_usize..4,
        scale in 1_usize..6,
    ) {
        let mut picture = Picture::with("https://example.invalid/torn", scale, turned);
        for (left, top, side, light) in torn {
            for y in top..(top + side).min(picture.height) {
                for x in left..(left + side).min(picture.width) {
                    picture.luma[y * picture.width + x] = light;
                }
            }
        }
        codes(&picture.luma, picture.width);
        // Read with another width: sheared.
        let rows = picture.luma.len() / cut;
        codes(&picture.luma[..rows * cut], cut);
    }
}
