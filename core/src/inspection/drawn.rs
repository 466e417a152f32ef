//! What a person draws into the marked copy of a photo, and whether a stamp stands below. It stays on the device, so that the
//! copy can be drawn anew; what is delivered is the copy.

use serde::{Deserialize, Serialize};

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// An arrow to what is meant.
    Arrow,
    /// A box around it.
    Box,
    /// Words on a plate.
    Text,
    /// A rectangle whose pixels are destroyed: a face, a number plate.
    Blur,
}

/// A point of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// From the left, in [`Spot::WHOLE`]ths of the width.
    pub x: u16,
    /// From above, in [`Spot::WHOLE`]ths of the height.
    pub y: u16,
}

impl Spot {
    /// Width and height of any picture.
    pub const WHOLE: u16 = 10_000;
}

/// One mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is.
    pub tool: Tool,
    /// The arrow's tail; a corner.
    pub from: Spot,
    /// The arrow's head; the opposite corner; where words begin.
    pub to: Spot,
    /// The words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// All that is drawn into a marked copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Whether time, place, site and person stand below.
    #[serde(default)]
    pub stamp: bool,
    /// Marks, in the order in which they were made.
    #[serde(default)]
    pub marks: Vec<Mark>,
}

impl Drawn {
    /// Whether there is nothing to draw.
    pub fn is_nothing(&self) -> bool {
        !self.stamp && self.marks.is_empty()
    }
}
