//! Marks on a photo while they are drawn: one after the other, each step can be taken back. Where a finger is on the picture,
//! and where words break, is decided here; the worker draws (`public/photo.js`).

use serde::Serialize;
use zhicha_core::inspection::drawn::{Mark, Spot, Tool};

/// A shorter stroke is a slip of the finger, in [`Spot::WHOLE`]ths.
const SLIP: u16 = 150;
/// How many wide characters of a mark stand in one line.
const TEXT_EMS: usize = 16;
/// How many wide characters of a stamp stand in one line.
const STAMP_EMS: usize = 39;
/// The longest text of a mark, in characters.
pub const TEXT_MOST: usize = 60;

/// Marks being drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    saved: Vec<Mark>,
    marks: Vec<Mark>,
    begun: Option<Mark>,
    // The marks before each step.
    past: Vec<Vec<Mark>>,
}

impl Sketch {
    /// What was saved before.
    pub fn of(marks: Vec<Mark>) -> Self {
        Self {
            saved: marks.clone(),
            marks,
            ..Self::default()
        }
    }

    /// The finished marks.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The marks to be seen: the finished ones and the one under the finger.
    pub fn seen(&self) -> Vec<Mark> {
        self.marks.iter().chain(&self.begun).cloned().collect()
    }

    /// Whether it differs from what was saved.
    pub fn is_changed(&self) -> bool {
        self.marks != self.saved
    }

    /// Whether something was saved before.
    pub fn had_marks(&self) -> bool {
        !self.saved.is_empty()
    }

    /// Whether a finger is on the picture.
    pub fn is_drawing(&self) -> bool {
        self.begun.is_some()
    }

    /// A finger comes down. Words without letters begin nothing.
    pub fn begin(&mut self, tool: Tool, at: Spot, text: &str) -> bool {
        let text = match tool {
            Tool::Text => text.trim().chars().take(TEXT_MOST).collect(),
            _ => String::new(),
        };
        if self.begun.is_some() || (tool == Tool::Text && text.is_empty()) {
            return false;
        }
        self.begun = Some(Mark {
            tool,
            from: at,
            to: at,
            text,
        });
        true
    }

    /// It moves.
    pub fn drag(&mut self, to: Spot) {
        if let Some(mark) = &mut self.begun {
            mark.to = to;
        }
    }

    /// It is lifted; whether that made a mark.
    pub fn finish(&mut self) -> bool {
        let Some(mark) = self.begun.take() else {
            return false;
        };
        let (x, y) = (
            mark.from.x.abs_diff(mark.to.x),
            mark.from.y.abs_diff(mark.to.y),
        );
        let long_enough = match mark.tool {
            Tool::Text => true,
            Tool::Arrow => x.max(y) >= SLIP,
            Tool::Box | Tool::Blur => x.min(y) >= SLIP,
        };
        if long_enough {
            self.past.push(self.marks.clone());
            self.marks.push(mark);
        }
        long_enough
    }

    /// The system takes the finger away (a call, a gesture): nothing was drawn.
    pub fn give_up(&mut self) {
        self.begun = None;
    }

    /// Takes the last step back; without one, the last mark of those that were saved.
    pub fn undo(&mut self) {
        match self.past.pop() {
            Some(before) => self.marks = before,
            None => drop(self.marks.pop()),
        }
    }

    /// Whether there is anything to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty() || !self.marks.is_empty()
    }

    /// Takes all away; that can be taken back.
    pub fn clear(&mut self) {
        if !self.marks.is_empty() {
            self.past.push(std::mem::take(&mut self.marks));
        }
    }
}

/// Where on a picture of `size` a point `at` is, when the picture stands whole and in the middle of a frame that begins at
/// `corner` and has the size `frame`. What is beside the picture is at its edge.
pub fn spot(corner: (f64, f64), frame: (f64, f64), size: (f64, f64), at: (f64, f64)) -> Spot {
    let scale = (frame.0 / size.0).min(frame.1 / size.1);
    let part = |at: f64, corner: f64, frame: f64, size: f64| {
        let drawn = size * scale;
        let from = corner + (frame - drawn) / 2.0;
        let share = ((at - from) / drawn * f64::from(Spot::WHOLE)).round();
        // Nothing that is no number (a frame without size) is a place.
        let share = if share.is_finite() { share } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within bounds"
        )]
        let whole = share.clamp(0.0, f64::from(Spot::WHOLE)) as u16;
        whole
    };
    Spot {
        x: part(at.0, corner.0, frame.0, size.0),
        y: part(at.1, corner.1, frame.1, size.1),
    }
}

/// What the worker draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawing {
    /// Of a mark: tool, corners, and its text in lines.
    pub marks: Vec<Line>,
    /// The stamp, in lines.
    pub stamp: Vec<String>,
    /// Width and height of a picture, in the units of the corners.
    pub whole: u16,
}

/// A mark as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    tool: Tool,
    from: Spot,
    to: Spot,
    lines: Vec<String>,
}

impl Drawing {
    /// Of marks and what a stamp says.
    pub fn of(marks: &[Mark], stamp: &[String]) -> Self {
        let line = |mark: &Mark| Line {
            tool: mark.tool,
            from: mark.from,
            to: mark.to,
            lines: wrap(&mark.text, TEXT_EMS),
        };
        Self {
            marks: marks.iter().map(line).collect(),
            stamp: stamp
                .iter()
                .flat_map(|line| wrap(line, STAMP_EMS))
                .collect(),
            whole: Spot::WHOLE,
        }
    }

    /// Whether nothing is to be drawn.
    pub fn is_nothing(&self) -> bool {
        self.marks.is_empty() && self.stamp.is_empty()
    }

    /// As the worker reads it.
    pub fn json(&self) -> String {
        // Numbers, words and names of tools can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

// In halves of a wide character.
fn halves(c: char) -> usize {
    match c {
        // Latin capitals and a few letters are wider than half of a Chinese character.
        'A'..='Z' | 'm' | 'w' | '@' | '%' => 2,
        c if c.is_ascii() || ('\u{a0}'..='\u{24f}').contains(&c) => 1,
        _ => 2,
    }
}

// What does not begin a line.
fn hangs(c: char) -> bool {
    "，。、；：？！）》」』】…,.;:?!)]}%‰°".contains(c)
}

/// Breaks a text into lines of at most `ems` wide characters: between words where there are any, else anywhere, and not before a
/// mark that closes something.
pub fn wrap(text: &str, ems: usize) -> Vec<String> {
    let most = ems * 2;
    let mut lines = Vec::new();
    let mut line: Vec<char> = Vec::new();
    let width = |line: &[char]| line.iter().map(|c| halves(*c)).sum::<usize>();
    for c in text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
    {
        if c == ' ' && line.last().is_none_or(|last| *last == ' ') {
            continue;
        }
        line.push(c);
        if width(&line) <= most || c == ' ' {
            continue;
        }
        let rest = line.split_off(break_at(&line));
        lines.push(std::mem::replace(&mut line, rest));
    }
    lines.push(line);
    lines
        .into_iter()
        .map(|line| line.into_iter().collect::<String>().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

// Where the next line begins; the last character does not fit any more.
fn break_at(line: &[char]) -> usize {
    let last = line.len() - 1;
    let may = |at: usize| {
        let (before, here) = (line[at - 1], line[at]);
        let together = |c: char| c.is_ascii() && c != ' ';
        here != ' ' && !hangs(here) && (!together(before) || !together(here))
    };
    (1..=last).rev().find(|at| may(*at)).unwrap_or(last.max(1))
}

#[cfg(test)]
#[path = "marks_tests.rs"]
mod tests;
