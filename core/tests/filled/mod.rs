//! Drafts filled in over the real checklists.

use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{
        AnswerKind, Loaded,
        applies::{Index, ItemState, Row, View},
    },
    id::{HazardId, RecordId, Uuid},
    inspection::{
        ChecklistRef, Draft, DraftAnswer, Finding, Inspector, Mode, SignMethod, SignOff, SignRole,
        seal::Moment,
    },
    testing::site,
    time::{CivilDate, Timestamp},
};

pub const NOW: i64 = 1_795_500_000_000;

pub fn loaded(id: &str) -> Loaded {
    let path = format!("{}/../checklists/{id}/1.json", env!("CARGO_MANIFEST_DIR"));
    Loaded::from_bytes(&std::fs::read(path).expect("a published checklist")).expect("reads")
}

pub fn all() -> Vec<Loaded> {
    ["fire-exits", "ebike-charging", "dust-explosion"]
        .map(loaded)
        .into()
}

pub fn draft(lists: &[Loaded]) -> Draft {
    let refs = lists.iter().map(|l| ChecklistRef {
        id: l.checklist.id.clone(),
        version: l.checklist.version,
        digest: l.digest.clone(),
    });
    let id = RecordId(Uuid::from_u128(1));
    let mut draft = Draft::new(id, Mode::SpotCheck, site(), refs.collect(), Timestamp(NOW));
    for name in ["张示例", "李样本"] {
        draft.inspectors.push(Inspector {
            name: name.to_owned(),
            cert_no: "示-01".to_owned(),
            user: None,
        });
        draft
            .sign_offs
            .push(signed(SignRole::Inspector, name, SignMethod::Typed));
    }
    for list in lists {
        for section in list
            .checklist
            .sections
            .iter()
            .filter(|s| s.repeat.is_some())
        {
            draft
                .instances
                .insert(Draft::instances_key(&list.digest, &section.id), 2);
        }
    }
    draft
}

pub fn signed(role: SignRole, name: &str, method: SignMethod) -> SignOff {
    SignOff {
        role,
        name: name.to_owned(),
        method,
        at: Timestamp(NOW),
        reason: String::new(),
        blob: None,
        shown: None,
    }
}

pub fn moment() -> Moment {
    let day = CivilDate::from_ymd(2026, 11, 24).expect("a day");
    Moment {
        to: Timestamp(NOW + 60_000),
        day,
    }
}

pub fn answer(list: &Loaded, item: &str, instance: &str, value: AnswerValue) -> DraftAnswer {
    let key = AnswerKey {
        checklist: list.digest.clone(),
        item: item.to_owned(),
        instance: instance.to_owned(),
    };
    let finding = (value == AnswerValue::Fail).then(|| Finding {
        hazard_id: HazardId(Uuid::from_u128(7)),
        fact: " 看到了 ".to_owned(),
        correction: "整改".to_owned(),
        responsible: String::new(),
        due: None,
        corrected_on_site: false,
        judged: None,
    });
    DraftAnswer {
        v: 1,
        key,
        value,
        at: Timestamp(NOW + 1),
        finding,
    }
}

/// Answers everything that is asked, as often as answers open new questions.
pub fn answer_all(
    draft: &Draft,
    list: &Loaded,
    check: &AnswerValue,
    gate: &str,
) -> Vec<DraftAnswer> {
    let mut answers = Vec::new();
    loop {
        let open: Vec<Row> = shown(draft, list, &answers)
            .into_iter()
            .filter(|r| !r.answered)
            .collect();
        if open.is_empty() {
            return answers;
        }
        for row in open {
            answers.push(answer(
                list,
                &row.id,
                &row.instance,
                value_for(list, &row.id, check, gate),
            ));
        }
    }
}

fn shown(draft: &Draft, list: &Loaded, answers: &[DraftAnswer]) -> Vec<Row> {
    let find = |item: &str, instance: &str| {
        answers
            .iter()
            .find(|a| a.key.item == item && a.key.instance == instance)
            .map(|a| a.value.clone())
    };
    let view = View {
        checklist: &list.checklist,
        index: &Index::new(&list.checklist),
        answer: &find,
    };
    let rows = view.walk(&|section| draft.instances_of(&list.digest, section));
    rows.into_iter()
        .filter(|r| r.state == ItemState::Shown)
        .collect()
}

pub fn value_for(list: &Loaded, id: &str, check: &AnswerValue, gate: &str) -> AnswerValue {
    let item = list
        .checklist
        .sections
        .iter()
        .flat_map(|s| &s.items)
        .find(|i| i.id == id);
    match item.map(|i| &i.answer) {
        Some(AnswerKind::Check) => check.clone(),
        Some(AnswerKind::Number { min, .. }) => AnswerValue::Number {
            value: min.as_deref().unwrap_or("1").parse().expect("a decimal"),
        },
        Some(AnswerKind::Single { options }) => AnswerValue::Choice {
            value: options[0].id.clone(),
        },
        Some(AnswerKind::Multiple { options }) => AnswerValue::Choices {
            value: vec![options[0].id.clone()],
        },
        Some(AnswerKind::Text { .. }) => AnswerValue::Text {
            value: "样例".to_owned(),
        },
        Some(AnswerKind::Date) => AnswerValue::Date {
            value: moment().day,
        },
        None => AnswerValue::Choice {
            value: gate.to_owned(),
        },
    }
}
