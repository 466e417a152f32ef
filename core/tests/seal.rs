//! From a filled-in draft to the sealed body, over the real checklists.

mod asked_twice;
mod filled;

use filled::{NOW, all, answer, answer_all, draft, loaded, moment, signed, value_for};
use proptest::prelude::*;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::Gate,
    determination::{Determination, suggest},
    event::{BuildError, Unsigned},
    id::{HazardId, RecordId, Uuid},
    inspection::{
        DraftAnswer, Instance, Mode, SignMethod, SignRole, Visit,
        seal::{Obstacle, Warning, obstacles, seal, unchecked, warnings},
    },
    time::CivilDate,
};

#[test]
fn what_an_answer_of_a_repeated_section_is_about_has_a_name() {
    for list in all() {
        let repeated = list
            .checklist
            .sections
            .iter()
            .filter(|s| s.repeat.is_some());
        for section in repeated {
            let (first, last) = (&section.items[0], &section.items[section.items.len() - 1]);
            let key = |instance: &str| AnswerKey {
                checklist: list.digest.clone(),
                item: last.id.clone(),
                instance: instance.to_owned(),
            };
            let named = Instance::of(&list.checklist, &key("2"), |asked| {
                assert_eq!((&asked.item, asked.instance.as_str()), (&first.id, "2"));
                let value = " 虚构 101 ".to_owned();
                Some(AnswerValue::Text { value })
            });
            let named = named.expect("one of several");
            assert_eq!(
                (named.number.as_str(), named.name.as_str()),
                ("2", "虚构 101")
            );
            let unnamed = Instance::of(&list.checklist, &key("2"), |_| None);
            assert_eq!(unnamed.expect("one of several").name, "");
            assert_eq!(Instance::of(&list.checklist, &key(""), |_| None), None);
        }
    }
}

#[test]
fn every_item_of_every_checklist_can_be_answered_and_sealed() {
    for list in all() {
        for (check, gate) in [
            (AnswerValue::Pass, Gate::YES),
            (AnswerValue::Fail, Gate::YES),
            (AnswerValue::Pass, "no"),
        ] {
            let lists = [list.clone()];
            let draft = draft(&lists);
            let answers = answer_all(&draft, &list, &check, gate);
            assert_eq!(
                unchecked(&draft, &answers, &lists),
                0,
                "{}",
                list.checklist.id
            );
            assert_eq!(obstacles(&draft, &lists, 0), []);
            let body = seal(&draft, &answers, &lists, &moment());
            assert_eq!(body.answers[0].answers.len(), answers.len());
            let fails = answers
                .iter()
                .filter(|a| a.value == AnswerValue::Fail)
                .count();
            assert_eq!(
                body.hazards.len(),
                fails,
                "each failed item raises a hazard"
            );
            for recorded in &body.answers[0].answers {
                let item = list
                    .checklist
                    .sections
                    .iter()
                    .flat_map(|s| &s.items)
                    .find(|i| i.id == recorded.item);
                item.map_or(Ok(()), |i| recorded.value.check(&i.answer))
                    .expect("an answer that fits its item");
            }
        }
    }
}

#[test]
fn a_failed_item_without_a_finding_is_a_hazard_all_the_same() {
    let list = loaded("ebike-charging");
    let lists = [list.clone()];
    let draft = draft(&lists);
    let mut answers = answer_all(&draft, &list, &AnswerValue::Fail, Gate::YES);
    for answer in &mut answers {
        answer.finding = None;
    }
    let fails: Vec<_> = answers
        .iter()
        .filter(|a| a.value == AnswerValue::Fail)
        .map(|a| &a.key)
        .collect();
    let body = seal(&draft, &answers, &lists, &moment());
    let mut raised: Vec<_> = body.hazards.iter().map(|h| &h.key).collect();
    raised.sort();
    let mut wanted = fails.clone();
    wanted.sort();
    assert_eq!(raised, wanted);
    assert!(
        body.hazards
            .iter()
            .all(|h| h.fact.is_empty() && h.correction.is_empty() && !h.corrected_on_site),
        "nothing is invented"
    );
    let ids: std::collections::BTreeSet<_> = body.hazards.iter().map(|h| h.hazard_id).collect();
    assert_eq!(ids.len(), fails.len(), "each has an id of its own");
    let seven = |id: &HazardId| id.0.get_version_num() == 7;
    assert!(ids.iter().all(seven), "{ids:?}");
    assert_eq!(
        seal(&draft, &answers, &lists, &moment()),
        body,
        "a seal that is tried again names the same hazards"
    );
    let mut another = draft.clone();
    another.id = RecordId(Uuid::from_u128(2));
    let other = seal(&another, &answers, &lists, &moment());
    assert!(other.hazards.iter().all(|h| !ids.contains(&h.hazard_id)));
    assert!(
        warnings(&draft, &answers).contains(&Warning::FindingWithoutFact { count: fails.len() })
    );
}

#[test]
fn what_nobody_answered_stands_as_not_checked_with_its_reason() {
    let lists = all();
    let mut draft = draft(&lists);
    let count = unchecked(&draft, &[], &lists);
    assert!(count > 20, "{count}");
    assert_eq!(obstacles(&draft, &lists, count), [Obstacle::OutcomeOpen]);
    draft.outcome.visit = Visit::Partial;
    draft.outcome.note = " ".to_owned();
    assert_eq!(
        obstacles(&draft, &lists, count),
        [Obstacle::OutcomeWithoutNote]
    );
    draft.outcome.note = " 来不及查 ".to_owned();
    assert_eq!(obstacles(&draft, &lists, count), []);
    let body = seal(&draft, &[], &lists, &moment());
    let recorded: Vec<_> = body.answers.iter().flat_map(|g| &g.answers).collect();
    assert_eq!(recorded.len(), count);
    let reason = "来不及查".to_owned();
    assert_eq!(body.outcome.note, reason);
    let value = AnswerValue::NotChecked { reason };
    assert!(
        recorded.iter().all(|a| a.value == value),
        "no answer is never a pass"
    );
}

#[test]
fn a_new_draft_says_completed_only_while_everything_was_looked_at() {
    let list = loaded("ebike-charging");
    let lists = [list.clone()];
    let draft = draft(&lists);
    let mut answers = answer_all(&draft, &list, &AnswerValue::Pass, Gate::YES);
    let check = answers
        .iter()
        .position(|a| a.value == AnswerValue::Pass)
        .expect("a check");
    let said = |answers: &[DraftAnswer]| draft.visit(unchecked(&draft, answers, &lists));
    assert_eq!(said(&answers), Some(Visit::Completed));
    let reason = "门锁着".to_owned();
    answers[check].value = AnswerValue::NotChecked { reason };
    assert_eq!(said(&answers), None, "nobody looked at one item");
    answers.remove(check);
    assert_eq!(said(&answers), None, "one item has no answer");
    let count = unchecked(&draft, &answers, &lists);
    assert_eq!(obstacles(&draft, &lists, count), [Obstacle::OutcomeOpen]);
}

#[test]
fn no_record_says_completed_over_an_unchecked_item() {
    let lists = [loaded("ebike-charging")];
    let draft = draft(&lists);
    let body = seal(&draft, &[], &lists, &moment());
    assert_eq!(body.outcome.visit, Visit::Partial);
}

#[test]
fn a_completed_visit_keeps_no_reason_from_before() {
    let list = loaded("ebike-charging");
    let lists = [list.clone()];
    let mut draft = draft(&lists);
    draft.outcome.note = "来不及查".to_owned();
    let answers = answer_all(&draft, &list, &AnswerValue::Pass, Gate::YES);
    let outcome = seal(&draft, &answers, &lists, &moment()).outcome;
    assert_eq!(
        (outcome.visit, outcome.note.as_str()),
        (Visit::Completed, "")
    );
}

#[test]
fn what_is_signed_is_asked_for_before_the_signatures() {
    let lists = [loaded("ebike-charging")];
    let mut draft = draft(&lists);
    draft.sign_offs.clear();
    assert_eq!(
        obstacles(&draft, &lists, 1).first(),
        Some(&Obstacle::OutcomeOpen)
    );
}

#[test]
fn an_answer_behind_a_closed_gate_is_left_out() {
    let list = all()
        .into_iter()
        .find(|l| l.checklist.sections.iter().any(|s| s.gate.is_some()))
        .expect("a gate");
    let section = list
        .checklist
        .sections
        .iter()
        .find(|s| s.gate.is_some())
        .expect("a gate")
        .clone();
    let gate = section.gate.expect("a gate");
    let lists = [list.clone()];
    let instance = if section.repeat.is_some() { "1" } else { "" };
    let answers = [
        answer(&list, &section.items[0].id, instance, AnswerValue::Fail),
        answer(
            &list,
            &gate.id,
            "",
            AnswerValue::Choice {
                value: "no".to_owned(),
            },
        ),
    ];
    let body = seal(&draft(&lists), &answers, &lists, &moment());
    assert!(body.hazards.is_empty());
    assert!(
        body.answers[0]
            .answers
            .iter()
            .all(|a| a.item != section.items[0].id)
    );
}

#[test]
fn a_seal_waits_for_names_and_signatures() {
    let lists = [loaded("ebike-charging")];
    let mut open = draft(&lists);
    open.site.name = " ".to_owned();
    open.sign_offs.clear();
    open.representative.name = "王试用".to_owned();
    open.outcome.visit = Visit::Refused;
    let found = obstacles(&open, &[], 0);
    for wanted in [
        Obstacle::NoSite,
        Obstacle::NoChecklist,
        Obstacle::NotSigned {
            name: "李样本".to_owned(),
        },
        Obstacle::RepresentativeOpen,
        Obstacle::OutcomeWithoutNote,
    ] {
        assert!(found.contains(&wanted), "{wanted:?} in {found:?}");
    }
    open.sign_offs.push(signed(
        SignRole::Representative,
        "王试用",
        SignMethod::Refused,
    ));
    assert!(obstacles(&open, &lists, 0).contains(&Obstacle::RefusalWithoutReason));
}

#[test]
fn one_inspector_at_a_spot_check_is_a_warning_not_an_obstacle() {
    let lists = [loaded("ebike-charging")];
    let mut alone = draft(&lists);
    alone.inspectors.truncate(1);
    alone.inspectors[0].cert_no.clear();
    let name = alone.inspectors[0].name.clone();
    assert_eq!(
        warnings(&alone, &[]),
        [Warning::OneInspector, Warning::NoCertificateNumber { name }]
    );
    alone.mode = Mode::SelfInspection;
    assert_eq!(warnings(&alone, &[]), []);
}

#[test]
fn only_a_criterion_in_force_makes_a_suspicion() {
    let fire = loaded("fire-exits");
    let item = |id: &str| {
        fire.checklist
            .sections
            .iter()
            .flat_map(|s| &s.items)
            .find(|i| i.id == id)
            .expect("an item")
    };
    let day = |y, m, d| CivilDate::from_ymd(y, m, d).expect("a day");
    // FE-36 rests on the 2017 edition of GB 35181, which ended on 2025-10-31.
    assert_eq!(
        suggest(item("FE-36"), &fire.checklist, day(2025, 10, 31)),
        Determination::SuspectedMajor
    );
    assert_eq!(
        suggest(item("FE-36"), &fire.checklist, day(2025, 11, 1)),
        Determination::Pending
    );
    assert_eq!(
        suggest(item("FE-01"), &fire.checklist, day(2026, 11, 24)),
        Determination::General
    );
    assert!(item("FE-17").only_superseded(&fire.checklist, day(2026, 11, 24)));
    let dust = loaded("dust-explosion");
    let listed = dust
        .checklist
        .sections
        .iter()
        .flat_map(|s| &s.items)
        .find(|i| i.id == "DE-05")
        .expect("an item");
    assert_eq!(
        suggest(listed, &dust.checklist, day(2026, 11, 24)),
        Determination::SuspectedMajor
    );
    assert_eq!(
        suggest(listed, &dust.checklist, day(2023, 5, 14)),
        Determination::Pending
    );
}

#[test]
fn a_day_with_all_three_checklists_fits_one_event() {
    let lists = all();
    let draft = draft(&lists);
    let answers: Vec<_> = lists
        .iter()
        .flat_map(|l| answer_all(&draft, l, &AnswerValue::Fail, Gate::YES))
        .collect();
    let body =
        zhicha_core::event::Body::Sealed(Box::new(seal(&draft, &answers, &lists, &moment())));
    let bytes = body.to_value().expect("JSON").to_string().len();
    assert!(
        bytes < 150_000,
        "{bytes} bytes of body leave room for notes"
    );
    assert!(!matches!(
        Unsigned::build(payload(&body), "kid"),
        Err(BuildError::TooLarge { .. })
    ));
}

fn payload(body: &zhicha_core::event::Body) -> zhicha_core::event::Payload {
    use zhicha_core::{client::Clock as _, event::EventHash, id::EventId, testing};
    let identity = testing::identity(1);
    zhicha_core::event::Payload {
        tenant: identity.tenant,
        event_id: EventId(Uuid::from_u128(1)),
        kind: body.kind().as_str().to_owned(),
        record_type: body.kind().record_type().to_owned(),
        record_id: RecordId(Uuid::from_u128(1)),
        parents: vec![],
        device_id: identity.device_id,
        device_seq: 1,
        prev: EventHash::of("certificate"),
        actor: identity.user,
        role: identity.role,
        checklists: vec![],
        app_build: "test".to_owned(),
        schema: 1,
        t: testing::FixedClock::at(NOW).testimony(None),
        inspection_date: moment().day,
        body: body.to_value().expect("JSON"),
        blobs: vec![],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_set_of_answers_turns_silence_into_a_pass(picks in proptest::collection::vec((0_usize..400, 0_u8..4), 0..60)) {
        let list = loaded("dust-explosion");
        let lists = [list.clone()];
        let draft = draft(&lists);
        let ids: Vec<String> = list.checklist.sections.iter().flat_map(|s| {
            s.gate.iter().map(|g| g.id.clone()).chain(s.items.iter().map(|i| i.id.clone()))
        }).collect();
        let check = |n| [AnswerValue::Pass, AnswerValue::Fail, AnswerValue::NotApplicable, AnswerValue::Pass][n as usize].clone();
        let answers: Vec<_> = picks.iter().map(|(at, n)| {
            let id = &ids[at % ids.len()];
            let gate = if n % 2 == 0 { "yes" } else { "no" };
            answer(&list, id, "", value_for(&list, id, &check(*n), gate))
        }).collect();
        let body = seal(&draft, &answers, &lists, &moment());
        let passes = body.answers[0].answers.iter().filter(|a| a.value == AnswerValue::Pass);
        for pass in passes {
            prop_assert!(answers.iter().any(|a| a.key.item == pass.item && a.value == AnswerValue::Pass));
        }
        let silent = body.answers[0].answers.iter().filter(|a| matches!(a.value, AnswerValue::NotChecked { .. })).count();
        prop_assert_eq!(silent, unchecked(&draft, &answers, &lists));
        prop_assert_eq!(body.outcome.visit == Visit::Completed, silent == 0);
    }
}
