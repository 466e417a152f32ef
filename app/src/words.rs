//! Words for the values of `zhicha-core`: every enum that a person may see has its text here, in both languages.
//!
//! Each function reads the language as a signal, so call it inside a closure of the view.

pub use crate::i18n::{I18nKeys, Locale};
use crate::signal::RwSignal;
use crate::{
    platform::intl::{self, Style},
    state::enrol::EnrolError,
    view::{Attr, IntoAttr, IntoNode, Node},
};
use leptos::text_prop::TextProp;
use zhicha_core::{
    access::Role,
    checklist::Text,
    client::{AppendError, Failure},
    determination::Determination,
    inspection::{Instance, Mode, Visit},
    store::StoreError,
    sync::wire::Reason,
    time::{CivilDate, Timestamp, ZoneOffset},
};
use zhicha_storage::KeyError;

/// A text in the chosen language; reads it as a signal.
macro_rules! text {
    ($i18n:expr, $($key:tt)*) => {
        $crate::i18n::td_string!($i18n.get_locale(), $($key)*)
    };
}
pub(crate) use text as t_string;

/// A text that follows the language, for a view or as a property. Without values in it, it is data: both languages.
macro_rules! follow {
    ($i18n:expr, $($key:ident).+) => {
        $crate::words::Said::new(
            $i18n,
            $crate::i18n::td_string!($crate::words::Locale::zh, $($key).+),
            $crate::i18n::td_string!($crate::words::Locale::en, $($key).+),
        )
    };
    ($i18n:expr, $($key:tt)*) => {{
        move || $crate::words::t_string!($i18n, $($key)*)
    }};
}
pub(crate) use follow as t;

/// A text with a number in it: `.one` for 1 and `.other` for all else, which is the whole rule of cardinals in the two
/// languages (Unicode CLDR, plural rules of `en` and `zh`). The number comes first and is called `count`.
macro_rules! counted {
    ($i18n:expr, $($key:ident).+, count = $count:expr $(, $name:ident = $value:expr)* $(,)?) => {
        match $count {
            count if count == 1 => $crate::words::t_string!($i18n, $($key).+.one, count = count $(, $name = $value)*),
            count => $crate::words::t_string!($i18n, $($key).+.other, count = count $(, $name = $value)*),
        }
    };
}
pub(crate) use counted;

/// The texts of the app in the chosen language.
#[derive(Clone, Copy, Debug)]
pub struct Words(RwSignal<Locale>);

impl Words {
    /// The language; tracked.
    pub fn get_locale(self) -> Locale {
        self.0.get()
    }

    /// The language now; not tracked.
    pub fn get_locale_untracked(self) -> Locale {
        self.0.get_untracked()
    }
}

/// A text in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    words: Words,
    zh: &'static str,
    en: &'static str,
}

impl Said {
    /// Of what `t!` found.
    pub fn new(words: Words, zh: &'static str, en: &'static str) -> Self {
        Self { words, zh, en }
    }

    /// In the chosen language; tracked.
    pub fn get(&self) -> &'static str {
        match self.words.get_locale() {
            Locale::zh => self.zh,
            Locale::en => self.en,
        }
    }
}

impl IntoNode for Said {
    #[inline(never)]
    fn into_node(self) -> Node {
        Node::live(move || self.get())
    }
}
impl IntoAttr for Said {
    #[inline(never)]
    fn into_attr(self) -> Attr {
        (move || self.get()).into_attr()
    }
}
impl From<Said> for TextProp {
    #[inline(never)]
    fn from(said: Said) -> Self {
        (move || said.get()).into()
    }
}

/// The texts in the language of the device. To be called while a component is built.
pub fn use_i18n() -> Words {
    Words(crate::state::use_prefs().locale)
}

/// The language tag for `<html lang>` and `Intl`.
pub fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::zh => "zh-CN",
        Locale::en => "en",
    }
}

/// The text of a checklist in the chosen language.
pub fn pick(words: Words, text: &Text) -> String {
    pick_in(words.get_locale(), text)
}

/// Which of several things, and what it is called: “承租户 2 · 东侧一层”.
pub fn instance(words: Words, of: &Instance) -> String {
    let place = format!("{} {}", pick(words, &of.noun), of.number);
    match of.name.as_str() {
        "" => place,
        name => format!("{place} · {name}"),
    }
}

/// The text of a checklist in a language.
pub fn pick_in(locale: Locale, text: &Text) -> String {
    match locale {
        Locale::zh => text.zh.clone(),
        Locale::en => text.en.clone(),
    }
}

/// The language now, not tracked; also outside of views.
pub fn use_locale() -> Locale {
    crate::state::use_prefs().locale.get_untracked()
}

/// A point in time in the tenant's zone.
pub fn moment(words: Words, at: Timestamp, zone: ZoneOffset, style: Style) -> String {
    intl::moment(at, zone, tag(words.get_locale()), style)
}

/// A day.
pub fn day(words: Words, date: CivilDate, style: Style) -> String {
    intl::day(date, tag(words.get_locale()), style)
}

/// A count with the language's grouping.
pub fn number(words: Words, value: usize) -> String {
    intl::number(
        u64::try_from(value).unwrap_or(u64::MAX),
        tag(words.get_locale()),
    )
}

/// Name of a role.
pub fn role(i18n: Words, role: Role) -> &'static str {
    match role {
        Role::Inspector => t_string!(i18n, common.role.inspector),
        Role::Business => t_string!(i18n, common.role.business),
        Role::Supervisor => t_string!(i18n, common.role.supervisor),
        Role::Administrator => t_string!(i18n, common.role.administrator),
    }
}

/// Name of a mode.
pub fn mode(i18n: Words, mode: Mode) -> &'static str {
    match mode {
        Mode::SpotCheck => t_string!(i18n, common.mode.spot_check),
        Mode::SelfInspection => t_string!(i18n, common.mode.self_inspection),
        Mode::ReInspection => t_string!(i18n, common.mode.re_inspection),
    }
}

/// How a visit ended.
pub fn visit(i18n: Words, visit: Visit) -> &'static str {
    match visit {
        Visit::Completed => t_string!(i18n, common.visit.completed),
        Visit::Partial => t_string!(i18n, common.visit.partial),
        Visit::Refused => t_string!(i18n, common.visit.refused),
        Visit::SiteClosed => t_string!(i18n, common.visit.site_closed),
        Visit::NotFound => t_string!(i18n, common.visit.not_found),
    }
}

/// A determination; never "major" without "suspected".
pub fn determination(i18n: Words, value: Determination) -> &'static str {
    match value {
        Determination::SuspectedMajor => t_string!(i18n, common.determination.suspected_major),
        Determination::General => t_string!(i18n, common.determination.general),
        Determination::Pending => t_string!(i18n, common.determination.pending),
        Determination::NotApplicable => t_string!(i18n, common.determination.not_applicable),
    }
}

/// The tone of a determination, for `data-tone`.
pub fn determination_tone(value: Determination) -> &'static str {
    match value {
        Determination::SuspectedMajor => "fail",
        Determination::Pending => "warn",
        Determination::General | Determination::NotApplicable => "na",
    }
}

/// Why an event was not applied.
pub fn reason(i18n: Words, reason: Reason) -> &'static str {
    match reason {
        Reason::Damaged => t_string!(i18n, common.reason.damaged),
        Reason::Invalid => t_string!(i18n, common.reason.invalid),
        Reason::NotPermitted => t_string!(i18n, common.reason.not_permitted),
        Reason::Revoked => t_string!(i18n, common.reason.revoked),
        Reason::Foreign => t_string!(i18n, common.reason.foreign),
        Reason::SealedTwice => t_string!(i18n, common.reason.sealed_twice),
        Reason::Fork => t_string!(i18n, common.reason.fork),
        Reason::UnknownKind => t_string!(i18n, common.reason.unknown_kind),
        Reason::ServerFault => t_string!(i18n, common.reason.server_fault),
        Reason::Other => t_string!(i18n, common.reason.other),
    }
}

/// What a failed read or write means, what is safe, and what to do.
pub fn store_error(i18n: Words, error: &StoreError) -> &'static str {
    match error {
        StoreError::Quota => t_string!(i18n, common.store.quota),
        StoreError::Aborted(_) => t_string!(i18n, common.store.aborted),
        StoreError::Changed => t_string!(i18n, common.store.changed),
        StoreError::Fenced => t_string!(i18n, common.store.fenced),
        StoreError::TooNew => t_string!(i18n, common.store.too_new),
        StoreError::Blocked => t_string!(i18n, common.store.blocked),
        StoreError::Unavailable(_) => t_string!(i18n, common.store.unavailable),
        StoreError::Unsent(_) => t_string!(i18n, common.store.unsent),
        StoreError::Corrupt(_) => t_string!(i18n, common.store.corrupt),
    }
}

/// Why an event was not written, what is safe, and what to do.
pub fn append_error(i18n: Words, error: &AppendError) -> String {
    match error {
        AppendError::Store(error) => store_error(i18n, error).to_owned(),
        AppendError::Build(_) => t_string!(i18n, common.append.too_large).to_owned(),
        AppendError::Sign(detail) => t_string!(i18n, common.append.sign, detail = detail.clone()),
        AppendError::NotEnrolled => t_string!(i18n, common.append.not_enrolled).to_owned(),
    }
}

/// Why a request failed, what is safe, and what to do.
pub fn failure(i18n: Words, failure: &Failure) -> String {
    let Failure::Problem { problem, .. } = failure else {
        return match failure {
            Failure::Network => t_string!(i18n, common.problem.network),
            _ => t_string!(i18n, common.problem.not_ours),
        }
        .to_owned();
    };
    match (problem.code.as_str(), problem.status) {
        ("sign_in_failed", _) => t_string!(i18n, common.problem.sign_in).to_owned(),
        ("weak_password", _) => t_string!(i18n, common.problem.password).to_owned(),
        (code, _) if INVITE.contains(&code) => t_string!(i18n, common.problem.invite).to_owned(),
        (_, 401) => t_string!(i18n, common.problem.signed_out).to_owned(),
        (_, 403) => t_string!(i18n, common.problem.permission).to_owned(),
        (_, 429) => t_string!(i18n, common.problem.rate).to_owned(),
        (code, _) => t_string!(i18n, common.problem.other, code = code.to_owned()),
    }
}

// The server's words for a link that does not work any more.
const INVITE: [&str; 2] = ["invite", "invite_expired"];

/// Whether an invitation cannot be used by trying again.
pub fn is_used_up(failure: &Failure) -> bool {
    matches!(failure, Failure::Problem { problem, .. } if INVITE.contains(&problem.code.as_str()))
}

/// Why this browser was not enrolled, what is safe, and what to do.
pub fn enrol_error(i18n: Words, error: &EnrolError) -> String {
    match error {
        EnrolError::Failed(why) => failure(i18n, why),
        EnrolError::NotForInspecting(_) => {
            t_string!(i18n, common.enrol.not_for_inspecting).to_owned()
        }
        EnrolError::WrongKey => t_string!(i18n, common.enrol.wrong_key).to_owned(),
        EnrolError::Store(error) | EnrolError::Key(KeyError::Store(error)) => {
            store_error(i18n, error).to_owned()
        }
        EnrolError::Key(error) => t_string!(i18n, common.append.sign, detail = error.to_string()),
    }
}

/// The whole part of a number that is not negative.
pub fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates"
    )]
    let whole = value as u64;
    whole
}
