//! An amendment while it is written: which answers change to what, which hazards come and go.

use super::finding;
use std::collections::BTreeMap;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Checklist, Digest, Item},
    determination::suggest,
    event::EventHash,
    id::HazardId,
    inspection::{Amended, AnswerChange, Finding, Hazard, Sealed},
    time::CivilDate,
};

/// What is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Why.
    pub reason: String,
    /// Anything else to add.
    pub remarks: String,
    /// New answers.
    pub answers: BTreeMap<AnswerKey, AnswerValue>,
    /// Findings of answers that change to fail.
    pub findings: BTreeMap<AnswerKey, Finding>,
    /// Hazards that were none.
    pub withdrawn: Vec<HazardId>,
}

/// What an amendment cannot be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The reason.
    Reason,
    /// Something that changes.
    Change,
}

impl Amendment {
    /// What it still lacks. An answer that is given again as it was changes nothing.
    pub fn lack(&self, sealed: &Sealed) -> Option<Lack> {
        let mut answers = self.answers.iter();
        let changed = answers.any(|(key, to)| sealed.answer(key) != Some(to));
        if self.reason.trim().is_empty() {
            Some(Lack::Reason)
        } else if changed || !self.withdrawn.is_empty() || !self.remarks.trim().is_empty() {
            None
        } else {
            Some(Lack::Change)
        }
    }

    /// Changes an answer, or with `None` leaves it as it was. A failure needs a finding with the id `hazard`.
    pub fn change(
        &mut self,
        key: &AnswerKey,
        to: Option<AnswerValue>,
        suggestion: Option<&str>,
        hazard: impl FnOnce() -> HazardId,
    ) {
        match to {
            Some(to) => {
                if to == AnswerValue::Fail && !self.findings.contains_key(key) {
                    self.findings
                        .insert(key.clone(), finding::fresh(hazard(), suggestion));
                }
                self.answers.insert(key.clone(), to);
            }
            None => {
                self.answers.remove(key);
                self.findings.remove(key);
            }
        }
    }

    /// Withdraws a hazard, or leaves it.
    pub fn toggle(&mut self, hazard: HazardId) {
        let before = self.withdrawn.len();
        self.withdrawn.retain(|h| *h != hazard);
        if self.withdrawn.len() == before {
            self.withdrawn.push(hazard);
        }
    }

    /// The body of the event. `item` finds an item with its checklist; answers that did not change are left out, and
    /// an answer that is a failure already raises no second hazard.
    pub fn body<'a>(
        &self,
        hash: &EventHash,
        sealed: &Sealed,
        day: CivilDate,
        item: impl Fn(&AnswerKey) -> Option<(&'a Item, &'a Checklist)>,
    ) -> Amended {
        let changed = |(key, to): (&AnswerKey, &AnswerValue)| {
            let from = sealed.answer(key).cloned();
            (from.as_ref() != Some(to)).then(|| AnswerChange {
                key: key.clone(),
                from,
                to: to.clone(),
            })
        };
        let answers: Vec<AnswerChange> = self.answers.iter().filter_map(changed).collect();
        let failed = answers
            .iter()
            .filter(|change| change.to == AnswerValue::Fail);
        let raised = failed.filter_map(|change| {
            let (item, checklist) = item(&change.key)?;
            let finding = self.findings.get(&change.key)?;
            Some(hazard(&change.key, item, checklist, finding, day))
        });
        Amended {
            sealed: hash.clone(),
            reason: self.reason.trim().to_owned(),
            hazards_added: raised.collect(),
            answers,
            hazards_withdrawn: self.withdrawn.clone(),
            evidence: Vec::new(),
            remarks: self.remarks.trim().to_owned(),
        }
    }
}

fn hazard(
    key: &AnswerKey,
    item: &Item,
    checklist: &Checklist,
    finding: &Finding,
    day: CivilDate,
) -> Hazard {
    Hazard {
        hazard_id: finding.hazard_id,
        key: key.clone(),
        severity: item.severity,
        suggested: suggest(item, checklist, day),
        judged: finding.judged,
        fact: finding.fact.trim().to_owned(),
        correction: finding.correction.trim().to_owned(),
        responsible: finding.responsible.trim().to_owned(),
        due: finding.due,
        corrected_on_site: finding.corrected_on_site,
    }
}

/// All answers of the record with their keys, in its order.
pub fn keys(sealed: &Sealed) -> Vec<AnswerKey> {
    let key = |checklist: &Digest, item: &str, instance: &str| {
        let (checklist, item, instance) = (checklist.clone(), item.to_owned(), instance.to_owned());
        AnswerKey {
            checklist,
            item,
            instance,
        }
    };
    let groups = sealed.answers.iter();
    groups
        .flat_map(|g| {
            g.answers
                .iter()
                .map(move |a| key(&g.checklist, &a.item, &a.instance))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::{
        id::Uuid,
        inspection::{
            ChecklistAnswers, Mode, Outcome, RecordedAnswer, Representative, SiteSnapshot, Visit,
        },
        time::Timestamp,
    };

    fn key() -> AnswerKey {
        AnswerKey {
            checklist: Digest::of(b"list"),
            item: "FE-01".to_owned(),
            instance: String::new(),
        }
    }

    // One answer, which failed.
    fn sealed() -> Sealed {
        let answer = RecordedAnswer {
            item: key().item,
            instance: String::new(),
            value: AnswerValue::Fail,
            at: Timestamp(0),
        };
        let site = SiteSnapshot {
            site_id: None,
            name: "示例纸管厂".to_owned(),
            address: String::new(),
            region: None,
            credit_code: None,
            version: None,
        };
        let answers = ChecklistAnswers {
            checklist: key().checklist,
            answers: vec![answer],
        };
        Sealed {
            mode: Mode::SpotCheck,
            site,
            checklists: Vec::new(),
            inspectors: Vec::new(),
            representative: Representative::default(),
            from: Timestamp(0),
            to: Timestamp(0),
            outcome: Outcome {
                visit: Visit::Completed,
                note: String::new(),
            },
            answers: vec![answers],
            hazards: Vec::new(),
            sign_offs: Vec::new(),
            evidence: Vec::new(),
            remarks: String::new(),
        }
    }

    #[test]
    fn a_reason_and_a_real_change_are_needed() {
        let (mut amendment, sealed) = (Amendment::default(), sealed());
        let hazard = || HazardId(Uuid::nil());
        assert_eq!(amendment.lack(&sealed), Some(Lack::Reason));
        amendment.reason = "看错了".to_owned();
        assert_eq!(amendment.lack(&sealed), Some(Lack::Change));
        amendment.change(&key(), Some(AnswerValue::Fail), None, hazard);
        assert_eq!(amendment.lack(&sealed), Some(Lack::Change));
        amendment.change(&key(), Some(AnswerValue::Pass), None, hazard);
        assert_eq!(amendment.lack(&sealed), None);
        amendment.change(&key(), None, None, hazard);
        assert_eq!(amendment.lack(&sealed), Some(Lack::Change));
        amendment.remarks = "补充".to_owned();
        assert_eq!(amendment.lack(&sealed), None);
    }

    #[test]
    fn a_change_to_fail_brings_a_finding_and_leaving_it_takes_it_back() {
        let mut amendment = Amendment::default();
        amendment.change(&key(), Some(AnswerValue::Fail), Some("打开"), || {
            HazardId(Uuid::nil())
        });
        assert_eq!(amendment.findings[&key()].correction, "打开");
        amendment.change(&key(), None, None, || HazardId(Uuid::nil()));
        assert!(amendment.findings.is_empty());
    }

    #[test]
    fn withdrawing_twice_leaves_the_hazard() {
        let mut amendment = Amendment::default();
        amendment.toggle(HazardId(Uuid::nil()));
        assert_eq!(amendment.withdrawn.len(), 1);
        amendment.toggle(HazardId(Uuid::nil()));
        assert!(amendment.withdrawn.is_empty());
    }
}
