//! One inspection as its events say it, by the code that the app seals with. Pure: the benchmark of the server signs the same.

use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Gate, Loaded},
    id::RecordId,
    inspection::{
        ChecklistRef, Draft, DraftAnswer, Inspector, Mode, Sealed, SiteSnapshot,
        seal::{Moment, seal},
    },
    sync::wire::{Identity, Site},
    time::{CivilDate, Timestamp},
};

/// A checklist whose items are answered as passed, all gates open.
pub struct Walk {
    /// It.
    pub list: Loaded,
    answered: Vec<(AnswerKey, AnswerValue)>,
}

impl Walk {
    /// Through this checklist.
    pub fn of(list: Loaded) -> Self {
        Self {
            answered: answered(&list),
            list,
        }
    }

    /// The draft of a spot check at `site`.
    pub fn draft(&self, id: RecordId, site: &Site, by: &Identity, now: Timestamp) -> Draft {
        let site = SiteSnapshot {
            site_id: Some(site.site_id),
            name: site.name.clone(),
            address: site.address.clone(),
            region: Some(site.region.clone()),
            credit_code: site.credit_code.clone(),
            version: Some(site.version),
        };
        let list = ChecklistRef {
            id: self.list.checklist.id.clone(),
            version: self.list.checklist.version,
            digest: self.list.digest.clone(),
        };
        let mut draft = Draft::new(id, Mode::SpotCheck, site, vec![list], now);
        draft.inspectors.push(Inspector {
            name: by.name.clone(),
            cert_no: String::new(),
            user: Some(by.user),
        });
        draft
    }

    /// What is sealed of it.
    pub fn sealed(&self, draft: &Draft, by: &Identity, now: Timestamp) -> Sealed {
        let answer = |(key, value): &(AnswerKey, AnswerValue)| DraftAnswer {
            v: 1,
            key: key.clone(),
            value: value.clone(),
            at: now,
            finding: None,
        };
        let answers: Vec<DraftAnswer> = self.answered.iter().map(answer).collect();
        let moment = Moment {
            to: now,
            day: CivilDate::of(now, by.zone),
        };
        seal(draft, &answers, std::slice::from_ref(&self.list), &moment)
    }
}

// Every gate is open, and all that passes or fails passes.
fn answered(list: &Loaded) -> Vec<(AnswerKey, AnswerValue)> {
    let key = |item: &str| AnswerKey {
        checklist: list.digest.clone(),
        item: item.to_owned(),
        instance: String::new(),
    };
    let mut all = Vec::new();
    for section in &list.checklist.sections {
        let yes = AnswerValue::Choice {
            value: Gate::YES.to_owned(),
        };
        all.extend(section.gate.iter().map(|gate| (key(&gate.id), yes.clone())));
        let checks = section.items.iter();
        let checks = checks.filter(|item| matches!(item.answer, AnswerKind::Check));
        all.extend(checks.map(|item| (key(&item.id), AnswerValue::Pass)));
    }
    all
}
