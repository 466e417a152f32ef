//! The finding of a failed item: how it begins, what it still lacks. No deadline is suggested: none is law.

use zhicha_core::{
    determination::Determination, id::HazardId, inspection::Finding, time::CivilDate,
};

/// The shortcuts beside the date field, in days from today. Only shortcuts: nothing is chosen beforehand.
pub const DUE_DAYS: [i64; 4] = [0, 3, 7, 15];

/// A finding as it stands when the item first fails: only the suggested correction is filled in.
pub fn fresh(hazard_id: HazardId, suggestion: Option<&str>) -> Finding {
    Finding {
        hazard_id,
        fact: String::new(),
        correction: suggestion.unwrap_or_default().to_owned(),
        responsible: String::new(),
        due: None,
        corrected_on_site: false,
        judged: None,
    }
}

/// One change of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// What was seen.
    Fact(String),
    /// What has to be done.
    Correction(String),
    /// Who has to do it.
    Responsible(String),
    /// Until when.
    Due(Option<CivilDate>),
    /// Corrected on the spot.
    OnSite(bool),
    /// What the inspector says about the gravity.
    Judged(Determination),
}

impl Edit {
    /// Whether it comes letter by letter.
    pub fn is_typed(&self) -> bool {
        matches!(
            self,
            Self::Fact(_) | Self::Correction(_) | Self::Responsible(_)
        )
    }

    /// Makes the change.
    pub fn apply(self, finding: &mut Finding) {
        match self {
            Self::Fact(text) => finding.fact = text,
            Self::Correction(text) => finding.correction = text,
            Self::Responsible(text) => finding.responsible = text,
            Self::Due(due) => finding.due = due,
            Self::OnSite(done) => finding.corrected_on_site = done,
            Self::Judged(judged) => finding.judged = Some(judged),
        }
    }
}

/// Something a finding should say and does not. It never blocks a seal; it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// What was seen.
    Fact,
    /// What the inspector says about the gravity.
    Judged,
    /// What has to be done.
    Correction,
    /// Until when.
    Due,
    /// Who has to do it.
    Responsible,
}

/// What `finding` lacks. A failed item without a finding row lacks the fact.
pub fn lacks(finding: Option<&Finding>, suggested: Determination) -> Vec<Lack> {
    let Some(finding) = finding else {
        return vec![Lack::Fact];
    };
    let blank = |text: &str| text.trim().is_empty();
    let open = !finding.corrected_on_site;
    let lacking = [
        (Lack::Fact, blank(&finding.fact)),
        (
            Lack::Judged,
            asks_judgement(suggested) && finding.judged.is_none(),
        ),
        (Lack::Correction, open && blank(&finding.correction)),
        (Lack::Due, open && finding.due.is_none()),
        (Lack::Responsible, open && blank(&finding.responsible)),
    ];
    lacking
        .into_iter()
        .filter(|(_, lacks)| *lacks)
        .map(|(lack, _)| lack)
        .collect()
}

/// Whether the inspector is asked about the gravity.
pub fn asks_judgement(suggested: Determination) -> bool {
    matches!(
        suggested,
        Determination::SuspectedMajor | Determination::Pending
    )
}

/// What is shown about the gravity: the inspector's word where there is one, else the suggestion.
pub fn shown(finding: Option<&Finding>, suggested: Determination) -> Determination {
    finding.and_then(|f| f.judged).unwrap_or(suggested)
}

/// Which shortcut `due` is, seen from `today`.
pub fn shortcut(due: Option<CivilDate>, today: CivilDate) -> Option<i64> {
    due.map(|d| d.days_since(today))
        .filter(|days| DUE_DAYS.contains(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::Uuid;

    fn finding() -> Finding {
        fresh(HazardId(Uuid::nil()), Some("关闭并上锁"))
    }

    #[test]
    fn a_fresh_finding_chooses_no_deadline_and_no_judgement() {
        let finding = finding();
        assert_eq!((finding.due, finding.judged), (None, None));
        assert_eq!(
            lacks(Some(&finding), Determination::SuspectedMajor),
            [Lack::Fact, Lack::Judged, Lack::Due, Lack::Responsible]
        );
    }

    #[test]
    fn what_was_corrected_on_site_needs_no_deadline() {
        let finding = Finding {
            fact: "门已打开".to_owned(),
            corrected_on_site: true,
            ..finding()
        };
        assert_eq!(lacks(Some(&finding), Determination::General), []);
    }

    #[test]
    fn the_inspectors_word_outweighs_the_suggestion() {
        let judged = Finding {
            judged: Some(Determination::Pending),
            ..finding()
        };
        assert_eq!(
            shown(Some(&judged), Determination::SuspectedMajor),
            Determination::Pending
        );
        assert_eq!(
            shown(None, Determination::SuspectedMajor),
            Determination::SuspectedMajor
        );
    }

    #[test]
    fn a_shortcut_is_recognised_from_its_date() {
        let today = CivilDate::from_ymd(2026, 2, 27).expect("a day");
        assert_eq!(shortcut(Some(today.plus_days(3)), today), Some(3));
        assert_eq!(shortcut(Some(today.plus_days(4)), today), None);
    }
}
