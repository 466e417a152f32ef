//! Pictures that people handed in, made safe to look at: what bytes are, by their first bytes only, and small fresh JPEGs
//! of them without any metadata; sounds and PDFs are told by the same first bytes. No I/O. Decoding takes a processor for a while: callers do it where nothing waits.

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use std::io::Cursor;
use zhicha_core::api::BlobSort;

/// How many bytes from the beginning tell what bytes are.
pub const HEAD: u64 = 12;

// More than phones have; a header may claim any number.
const MOST_PIXELS: u64 = 50_000_000;
// Of a JPEG that is sent in several scans: its decoder keeps all of it in a form that is twice as large.
const MOST_PIXELS_IN_SCANS: u64 = 24_000_000;
// Of the decoded picture, and of what a decoder may allocate beside it.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// How large a picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// In a list.
    Thumb,
    /// On a screen.
    View,
}

impl Size {
    /// All sizes.
    pub const ALL: [Self; 2] = [Self::Thumb, Self::View];

    /// Pixels of the longest side; a smaller picture stays as it is.
    pub fn longest(self) -> u32 {
        match self {
            Self::Thumb => 320,
            Self::View => 1920,
        }
    }

    /// Its name in addresses and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::View => "view",
        }
    }

    // Of a JPEG, 1 to 100.
    fn quality(self) -> u8 {
        match self {
            Self::Thumb => 75,
            Self::View => 85,
        }
    }
}

/// Why bytes cannot be shown, for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unshown {
    /// They are no JPEG, PNG or WebP.
    #[error("no picture of a kind that is shown")]
    Opaque,
    /// They claim more pixels, or need more memory, than is given to them.
    #[error("too many pixels")]
    TooLarge,
    /// A decoder refuses them.
    #[error("damaged")]
    Damaged,
}

impl From<ImageError> for Unshown {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            _ => Self::Damaged,
        }
    }
}

/// A picture in the sizes of [`Size::ALL`], each a JPEG.
pub type Shown = [Vec<u8>; 2];

fn format(head: &[u8]) -> Option<ImageFormat> {
    match head {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// What bytes are that begin with `head` ([`HEAD`] bytes, or all of them).
pub fn sort(head: &[u8]) -> BlobSort {
    match format(head) {
        Some(_) => BlobSort::Picture,
        None if sound(head).is_some() => BlobSort::Sound,
        None if head.starts_with(b"%PDF-") => BlobSort::Document,
        None => BlobSort::Opaque,
    }
}

/// The media type of a sound that begins with `head`; nothing for what is none of a kind that browsers record.
pub fn sound(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("audio/webm"),
        [b'O', b'g', b'g', b'S', ..] => Some("audio/ogg"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => {
            let brand = brand.get(..4)?;
            let known = matches!(brand, b"M4A " | b"M4B " | b"dash")
                || matches!(brand, [b'm', b'p', b'4', n] if n.is_ascii_digit())
                || matches!(brand, [b'i', b's', b'o', n] if n.is_ascii_digit() || *n == b'm');
            known.then_some("audio/mp4")
        }
        _ => None,
    }
}

/// Makes a picture ready to be looked at. Its own size, as its header says, is looked at before anything is decoded.
///
/// # Errors
/// When the bytes cannot be shown. A decoder may also panic on bytes that nobody foresaw.
pub fn show(bytes: &[u8]) -> Result<Shown, Unshown> {
    let format = format(bytes).ok_or(Unshown::Opaque)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let most = match format {
        ImageFormat::Jpeg if !is_baseline(bytes) => MOST_PIXELS_IN_SCANS,
        _ => MOST_PIXELS,
    };
    if pixels > most || decoder.total_bytes() > MOST_MEMORY {
        return Err(Unshown::TooLarge);
    }
    // What cannot be read of a file's own words about itself counts as not said.
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder)?;
    let mut view = smaller(whole, Size::View);
    view.apply_orientation(turn);
    let view = DynamicImage::from(on_white(view));
    let shown = jpeg(&view, Size::View)?;
    let thumb = smaller(view, Size::Thumb);
    Ok([jpeg(&thumb, Size::Thumb)?, shown])
}

// Whether a JPEG has one frame, and that a sequential one. What cannot be read is none.
fn is_baseline(jpeg: &[u8]) -> bool {
    let (mut rest, mut frames) = (jpeg.get(2..).unwrap_or_default(), 0);
    while let [0xff, marker, high, low, ..] = *rest {
        match marker {
            0xc0 | 0xc1 => frames += 1,
            0xda => return frames == 1,
            // DHT, JPG and DAC are no frames; the others of this row are in scans or without loss.
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => return false,
            _ => {}
        }
        let len = usize::from(u16::from_be_bytes([high, low]));
        rest = rest.get(2 + len..).unwrap_or_default();
    }
    false
}

fn smaller(picture: DynamicImage, size: Size) -> DynamicImage {
    let longest = size.longest();
    if picture.width().max(picture.height()) <= longest {
        return picture;
    }
    picture.thumbnail(longest, longest)
}

// A JPEG has no transparency: a signature drawn on nothing would be black on black.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let drawn = picture.into_rgba8();
    let mix = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u16::from(colour), u16::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(drawn.width(), drawn.height(), |x, y| {
        let [r, g, b, a] = drawn.get_pixel(x, y).0;
        Rgb([mix(r, a), mix(g, a), mix(b, a)])
    })
}

fn jpeg(picture: &DynamicImage, size: Size) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, size.quality()))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn bytes_are_what_they_begin_with() {
        for (head, is) in [
            (&b"\xff\xd8\xff\xe0<html>"[..], BlobSort::Picture),
            (b"\x89PNG\r\n\x1a\n\0\0\0\r", BlobSort::Picture),
            (b"RIFF\0\0\0\0WEBPVP8 ", BlobSort::Picture),
            (b"RIFF\0\0\0\0WAVEfmt ", BlobSort::Opaque),
            (b"GIF89a\0\0\0\0\0\0", BlobSort::Opaque),
            (b"<svg xmlns=\"h", BlobSort::Opaque),
            (b"<!doctype html>", BlobSort::Opaque),
            (b"%PDF-1.7\n", BlobSort::Document),
            (b" %PDF-1.7\n", BlobSort::Opaque),
            (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", BlobSort::Sound),
            (b"OggS\0\x02", BlobSort::Sound),
            (b"\0\0\0\x1cftypiso5", BlobSort::Sound),
            (b"\0\0\0\x18ftypM4A ", BlobSort::Sound),
            (b"\0\0\0\x18ftypqt  ", BlobSort::Opaque),
            (b"\0\0\0\x18ftypmp4", BlobSort::Opaque),
            (b"MZ\x90\0", BlobSort::Opaque),
            (b"PK\x03\x04", BlobSort::Opaque),
            (b"\0\0\0\x18ftypheic", BlobSort::Opaque),
            (b"\xff\xd8", BlobSort::Opaque),
            (b"", BlobSort::Opaque),
        ] {
            assert_eq!(sort(head), is, "{head:?}");
        }
    }

    fn png(picture: &RgbaImage) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn what_is_transparent_is_white_and_what_is_long_becomes_small() {
        let shown = show(&png(&RgbaImage::from_pixel(5000, 3, Rgba([0, 0, 0, 0])))).unwrap();
        for (bytes, size) in shown.iter().zip(Size::ALL) {
            let read = image::load_from_memory(bytes).unwrap().into_rgb8();
            assert_eq!(read.dimensions(), (size.longest(), 1));
            assert!(read.get_pixel(7, 0).0.iter().all(|c| *c > 250));
        }
    }

    #[test]
    fn a_picture_of_too_much_memory_is_refused_before_it_is_decoded() {
        // 16 bits and four channels: 40 megapixels are 320 MB.
        let mut bytes = png(&RgbaImage::new(1, 1));
        bytes[16..24].copy_from_slice(&[0, 0, 0x1f, 0x40, 0, 0, 0x13, 0x88]);
        bytes[24] = 16;
        let crc = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(show(&bytes), Err(Unshown::TooLarge));
    }

    #[test]
    fn a_jpeg_in_scans_may_have_fewer_pixels() {
        let mut bytes = Vec::new();
        let picture = RgbImage::new(16, 16);
        picture
            .write_with_encoder(JpegEncoder::new(&mut bytes))
            .unwrap();
        assert!(is_baseline(&bytes));
        let frame = bytes.windows(2).position(|two| two == [0xff, 0xc0]);
        let frame = frame.unwrap();
        // 5,000 by 6,000.
        bytes[frame + 5..frame + 9].copy_from_slice(&[0x13, 0x88, 0x17, 0x70]);
        assert_ne!(show(&bytes), Err(Unshown::TooLarge));
        bytes[frame + 1] = 0xc2;
        assert!(!is_baseline(&bytes));
        assert_eq!(show(&bytes), Err(Unshown::TooLarge));
        for end in 0..40 {
            assert!(!is_baseline(&bytes[..end]));
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }
}
