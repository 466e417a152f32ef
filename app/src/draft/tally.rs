//! Counters of a section or of the whole draft. They are moved line by line, never counted anew for one answer.

use zhicha_core::answer::AnswerValue;

/// What an answered line counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 合格.
    Pass,
    /// 不合格.
    Fail,
    /// 不适用.
    NotApplicable,
    /// 未查.
    NotChecked,
    /// A number, choice, text or date.
    Filled,
}

impl Outcome {
    /// What `value` counts as.
    pub fn of(value: &AnswerValue) -> Self {
        match value {
            AnswerValue::Pass => Self::Pass,
            AnswerValue::Fail => Self::Fail,
            AnswerValue::NotApplicable => Self::NotApplicable,
            AnswerValue::NotChecked { .. } => Self::NotChecked,
            _ => Self::Filled,
        }
    }
}

/// Numbers of lines. Lines that are not asked count nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines by result.
    pub pass: u32,
    /// Failed lines.
    pub fail: u32,
    /// Lines that do not apply.
    pub not_applicable: u32,
    /// Lines that nobody could check.
    pub not_checked: u32,
    /// Lines with a number, choice, text or date.
    pub filled: u32,
    /// Required lines without an answer.
    pub missing: u32,
}

impl Tally {
    /// Lines with an answer.
    pub fn answered(self) -> u32 {
        self.pass + self.fail + self.not_applicable + self.not_checked + self.filled
    }

    /// Lines that have or need an answer.
    pub fn asked(self) -> u32 {
        self.answered() + self.missing
    }

    /// Lines that nobody looked at: without an answer, or answered 未查.
    pub fn unchecked(self) -> usize {
        usize::try_from(self.missing + self.not_checked).unwrap_or(usize::MAX)
    }

    /// Whether nothing is missing and something was asked.
    pub fn complete(self) -> bool {
        self.missing == 0 && self.answered() > 0
    }

    /// Answered share in percent, rounded down; 100 only when nothing is missing.
    pub fn percent(self) -> u32 {
        match self.asked() {
            0 => 0,
            asked => self.answered() * 100 / asked,
        }
    }

    /// Counts a line with `result`, or a missing one.
    pub fn add(&mut self, result: Option<Outcome>, missing: bool) {
        if let Some(result) = result {
            *self.slot(result) += 1;
        }
        self.missing += u32::from(missing);
    }

    /// Takes a line back that was counted with the same arguments.
    pub fn take(&mut self, result: Option<Outcome>, missing: bool) {
        if let Some(result) = result {
            *self.slot(result) -= 1;
        }
        self.missing -= u32::from(missing);
    }

    fn slot(&mut self, result: Outcome) -> &mut u32 {
        match result {
            Outcome::Pass => &mut self.pass,
            Outcome::Fail => &mut self.fail,
            Outcome::NotApplicable => &mut self.not_applicable,
            Outcome::NotChecked => &mut self.not_checked,
            Outcome::Filled => &mut self.filled,
        }
    }
}
