//! Words for what only the office shows. As in `crate::words`, call these inside a closure of the view.

use super::client::Failure;
use crate::platform::intl::Style;
use crate::words::{Words, day, pick, t_string};
use zhicha_core::{
    answer::AnswerValue,
    api::Flag,
    checklist::{AnswerKind, Choice, Gate, Severity},
    event::Disposition,
    inspection::{SignMethod, SignRole},
};

/// What a failed call means, what is safe, and what to do. An unknown code shows the server's own words.
pub fn failure(i18n: Words, failure: &Failure) -> String {
    let text = match failure.code.as_str() {
        "network" => t_string!(i18n, office.problem.network),
        "not_ours" => t_string!(i18n, office.problem.not_ours),
        "unreadable" => t_string!(i18n, office.problem.unreadable),
        "not_signed_in" => t_string!(i18n, office.problem.not_signed_in),
        "sign_in_failed" => t_string!(i18n, office.problem.sign_in_failed),
        "forbidden" | "cross_site" => t_string!(i18n, office.problem.forbidden),
        "not_found" => t_string!(i18n, office.problem.not_found),
        "invite" | "invite_expired" => t_string!(i18n, office.problem.invite),
        "login_taken" => t_string!(i18n, office.problem.login_taken),
        "version_conflict" => t_string!(i18n, office.problem.version_conflict),
        "own_account" => t_string!(i18n, office.problem.own_account),
        "too_large" => t_string!(i18n, office.problem.too_large),
        "weak_password" => t_string!(i18n, office.problem.weak_password),
        "too_many_attempts" => t_string!(i18n, office.problem.too_many_attempts),
        "unavailable" => t_string!(i18n, office.problem.unavailable),
        "internal" => t_string!(i18n, office.problem.internal),
        _ => return unknown(i18n, failure),
    };
    text.to_owned()
}

fn unknown(i18n: Words, failure: &Failure) -> String {
    let code = if failure.code.is_empty() {
        failure.status.to_string()
    } else {
        failure.code.clone()
    };
    let told = t_string!(i18n, office.problem.other, code = code);
    if failure.detail.is_empty() {
        told
    } else {
        format!("{told} {}", failure.detail)
    }
}

/// Something to know about an event.
pub fn flag(i18n: Words, flag: Flag) -> &'static str {
    match flag {
        Flag::UnknownParent => t_string!(i18n, common.flag.unknown_parent),
        Flag::Gap => t_string!(i18n, common.flag.gap),
        Flag::Recovered => t_string!(i18n, common.flag.recovered),
        Flag::ClockSkew => t_string!(i18n, common.flag.clock_skew),
        Flag::OneInspector => t_string!(i18n, common.flag.one_inspector),
        Flag::UnknownChecklist => t_string!(i18n, common.flag.unknown_checklist),
    }
}

/// Where an event went.
pub fn disposition(i18n: Words, disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Applied => t_string!(i18n, office.disposition.applied),
        Disposition::Quarantined => t_string!(i18n, office.disposition.quarantined),
        Disposition::Deferred => t_string!(i18n, office.disposition.deferred),
    }
}

/// The tone of a disposition.
pub fn disposition_tone(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Applied => "pass",
        Disposition::Quarantined => "fail",
        Disposition::Deferred => "warn",
    }
}

/// How grave the failure of an item may be, in the words of the checklist: a type, never a verdict.
pub fn severity(i18n: Words, severity: Severity) -> &'static str {
    match severity {
        Severity::General => t_string!(i18n, office.severity.general),
        Severity::CountsTowardsMajor => t_string!(i18n, office.severity.counts_towards_major),
        Severity::Major => t_string!(i18n, office.severity.major),
        Severity::DirectMajor => t_string!(i18n, office.severity.direct_major),
        Severity::ByRule => t_string!(i18n, office.severity.by_rule),
    }
}

/// Who signs.
pub fn sign_role(i18n: Words, role: SignRole) -> &'static str {
    match role {
        SignRole::Inspector => t_string!(i18n, office.sign.inspector),
        SignRole::Representative => t_string!(i18n, office.sign.representative),
        SignRole::Witness => t_string!(i18n, office.sign.witness),
    }
}

/// How somebody signed.
pub fn sign_method(i18n: Words, method: SignMethod) -> &'static str {
    match method {
        SignMethod::Typed => t_string!(i18n, office.sign.typed),
        SignMethod::Drawn => t_string!(i18n, office.sign.drawn),
        SignMethod::Refused => t_string!(i18n, office.sign.refused),
    }
}

/// An answer in words; `kind` gives options their texts and numbers their unit.
pub fn value(i18n: Words, value: &AnswerValue, kind: Option<&AnswerKind>) -> String {
    match value {
        AnswerValue::Pass => t_string!(i18n, common.result.pass).to_owned(),
        AnswerValue::Fail => t_string!(i18n, common.result.fail).to_owned(),
        AnswerValue::NotApplicable => t_string!(i18n, common.result.not_applicable).to_owned(),
        AnswerValue::NotChecked { reason } => {
            t_string!(i18n, office.answer.not_checked, reason = reason.clone())
        }
        AnswerValue::Number { value } => match kind {
            Some(AnswerKind::Number { unit, .. }) if !unit.is_empty() => format!("{value} {unit}"),
            _ => value.to_string(),
        },
        AnswerValue::Choice { value } => option(i18n, value, kind),
        AnswerValue::Choices { value } => {
            let chosen: Vec<_> = value.iter().map(|v| option(i18n, v, kind)).collect();
            chosen.join(t_string!(i18n, common.list.and))
        }
        AnswerValue::Text { value } => value.clone(),
        AnswerValue::Date { value } => day(i18n, *value, Style::LongDay),
    }
}

fn option(i18n: Words, id: &str, kind: Option<&AnswerKind>) -> String {
    let options: &[Choice] = match kind {
        Some(AnswerKind::Single { options } | AnswerKind::Multiple { options }) => options,
        _ => &[],
    };
    match options.iter().find(|o| o.id == id) {
        Some(found) => pick(i18n, &found.text),
        None if id == Gate::YES => t_string!(i18n, common.result.yes).to_owned(),
        None if id == Gate::NO => t_string!(i18n, common.result.no).to_owned(),
        None => id.to_owned(),
    }
}

/// The tone and icon of an answer: colour only where something was judged.
pub fn value_look(value: &AnswerValue) -> (&'static str, Option<&'static str>) {
    match value {
        AnswerValue::Pass => ("pass", Some("tick")),
        AnswerValue::Fail => ("fail", Some("cross")),
        AnswerValue::NotApplicable => ("na", Some("na")),
        AnswerValue::NotChecked { .. } => ("warn", None),
        _ => ("info", None),
    }
}

/// What kind of answer an item takes.
pub fn kind(i18n: Words, kind: &AnswerKind) -> String {
    match kind {
        AnswerKind::Check => t_string!(i18n, office.kind.check).to_owned(),
        AnswerKind::Number { unit, .. } => t_string!(i18n, office.kind.number, unit = unit.clone()),
        AnswerKind::Single { options } => {
            t_string!(i18n, office.kind.single, options = texts(i18n, options))
        }
        AnswerKind::Multiple { options } => {
            t_string!(i18n, office.kind.multiple, options = texts(i18n, options))
        }
        AnswerKind::Text { .. } => t_string!(i18n, office.kind.text).to_owned(),
        AnswerKind::Date => t_string!(i18n, office.kind.date).to_owned(),
    }
}

fn texts(i18n: Words, options: &[Choice]) -> String {
    let texts: Vec<_> = options.iter().map(|o| pick(i18n, &o.text)).collect();
    texts.join(t_string!(i18n, common.list.and))
}
