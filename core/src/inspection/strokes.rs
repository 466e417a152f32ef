//! What a pen or finger drew: the bytes of a drawn signature (frozen, `docs/formats.md`). Personal material, so it is a blob and
//! never stands in an event.

use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How many points are kept; a minute of drawing without a pause needs fewer. What is beyond is neither kept nor shown.
pub const MOST_POINTS: usize = 8_000;

// Numbers of one point.
const POINT: usize = 4;
// Less ink than this, in tenths of a CSS pixel, is a touch by mistake.
const LEAST: i64 = 200;

/// Where a pen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// From the left edge of the field, in tenths of a CSS pixel.
    pub x: i32,
    /// From its top, in tenths of a CSS pixel.
    pub y: i32,
    /// Milliseconds since the first point of the first stroke.
    pub t: i32,
    /// Pressure in thousandths, as the device says (W3C Pointer Events, `pressure`).
    pub p: i32,
}

/// Strokes in the order in which they were drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strokes {
    /// Version of this form: 1.
    pub v: u8,
    /// Width of the field, in tenths of a CSS pixel.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// For each stroke the numbers `x, y, t, p` of its points, one after the other; see [`Dot`].
    pub strokes: Vec<Vec<i32>>,
}

impl Strokes {
    /// An empty field.
    pub fn new(width: i32, height: i32) -> Self {
        Self {
            v: 1,
            width,
            height,
            strokes: Vec::new(),
        }
    }

    /// The pen comes down.
    pub fn begin(&mut self, dot: Dot) {
        if self.has_room() {
            self.strokes.push(numbers(dot).to_vec());
        }
    }

    /// The pen moves on; nothing when it is not down.
    pub fn go(&mut self, dot: Dot) {
        if !self.has_room() {
            return;
        }
        if let Some(stroke) = self.strokes.last_mut() {
            let same = stroke.rchunks(POINT).next().map(|last| [last[0], last[1]]);
            if same != Some([dot.x, dot.y]) {
                stroke.extend(numbers(dot));
            }
        }
    }

    /// Takes back the last stroke.
    pub fn undo(&mut self) {
        self.strokes.pop();
    }

    /// Whether there is more than a touch by mistake.
    pub fn is_drawn(&self) -> bool {
        let steps = |stroke: &Vec<i32>| {
            let points: Vec<&[i32]> = stroke.chunks_exact(POINT).collect();
            let steps = points.windows(2).map(|two| {
                let along = |at: usize| i64::from(two[1][at]) - i64::from(two[0][at]);
                along(0).abs().max(along(1).abs())
            });
            steps.sum::<i64>()
        };
        self.strokes.iter().map(steps).sum::<i64>() >= LEAST
    }

    fn has_room(&self) -> bool {
        self.strokes.iter().map(Vec::len).sum::<usize>() < MOST_POINTS * POINT
    }
}

fn numbers(dot: Dot) -> [i32; POINT] {
    [dot.x, dot.y, dot.t, dot.p]
}

/// One stroke as the `d` of an SVG path: smooth through the middles of its points.
pub fn path(stroke: &[i32]) -> String {
    let points: Vec<(i32, i32)> = stroke.chunks_exact(POINT).map(|p| (p[0], p[1])).collect();
    let Some((first, rest)) = points.split_first() else {
        return String::new();
    };
    let mut path = format!("M{} {}", first.0, first.1);
    // Writing to a text cannot fail.
    for two in rest.windows(2) {
        let middle = |a: i32, b: i32| a.midpoint(b);
        let (x, y) = (middle(two[0].0, two[1].0), middle(two[0].1, two[1].1));
        let _ = write!(path, "Q{} {} {x} {y}", two[0].0, two[0].1);
    }
    let end = rest.last().unwrap_or(first);
    let _ = write!(path, "L{} {}", end.0, end.1);
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dot(x: i32, y: i32) -> Dot {
        Dot { x, y, t: 0, p: 500 }
    }

    fn drawn(points: &[(i32, i32)]) -> Strokes {
        let mut strokes = Strokes::new(3280, 1440);
        strokes.begin(dot(points[0].0, points[0].1));
        for (x, y) in &points[1..] {
            strokes.go(dot(*x, *y));
        }
        strokes
    }

    #[test]
    fn a_stroke_is_smooth_and_ends_where_the_pen_left() {
        let strokes = drawn(&[(0, 0), (100, 0), (200, 100), (300, 100)]);
        let d = path(&strokes.strokes[0]);
        assert_eq!(d, "M0 0Q100 0 150 50Q200 100 250 100L300 100");
        assert_eq!(path(&drawn(&[(5, 6)]).strokes[0]), "M5 6L5 6");
        assert_eq!(path(&[]), "");
    }

    #[test]
    fn a_touch_by_mistake_is_no_signature() {
        assert!(!Strokes::new(10, 10).is_drawn());
        assert!(!drawn(&[(50, 50), (60, 60)]).is_drawn());
        assert!(drawn(&[(50, 50), (300, 60)]).is_drawn());
    }

    #[test]
    fn undo_takes_whole_strokes_and_never_fails() {
        let mut strokes = drawn(&[(0, 0), (300, 0)]);
        strokes.begin(dot(9, 9));
        strokes.undo();
        assert_eq!(strokes.strokes.len(), 1);
        strokes.undo();
        strokes.undo();
        assert_eq!(strokes.strokes.len(), 0);
        strokes.go(dot(1, 1));
        assert_eq!(strokes.strokes.len(), 0);
    }

    #[test]
    fn what_is_kept_is_bounded_and_is_what_is_shown() {
        let mut strokes = Strokes::new(3280, 1440);
        strokes.begin(dot(0, 0));
        for at in 0..20_000 {
            strokes.go(dot(at % 3000, at % 7));
        }
        strokes.begin(dot(1, 1));
        let kept: usize = strokes.strokes.iter().map(Vec::len).sum();
        assert_eq!(kept, MOST_POINTS * POINT);
    }

    #[test]
    fn the_bytes_of_a_drawn_signature() {
        let mut strokes = drawn(&[(10, 20), (300, 40)]);
        strokes.begin(Dot {
            x: 7,
            y: 8,
            t: 900,
            p: 250,
        });
        insta::assert_snapshot!(serde_json::to_string(&strokes).unwrap());
    }

    proptest! {
        #[test]
        fn strokes_survive_their_bytes(points in prop::collection::vec((0..4000, 0..4000), 1..50)) {
            let strokes = drawn(&points);
            let bytes = serde_json::to_vec(&strokes).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Strokes>(&bytes).unwrap(), &strokes);
            for stroke in &strokes.strokes {
                prop_assert!(path(stroke).starts_with('M'));
            }
        }
    }
}
