//! 我的: who is signed in, language, colours, and what an administrator must know about the server.

use super::{
    parts::{CopyButton, FailedLine, OfficeFrame, Place},
    people::{PhonesWarning, regions},
    settings::PhotoSetting,
};
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Banner, Button, ButtonKind},
    office::{
        client::{self, Failure},
        load::Loaded,
        received::Received,
        session::OfficeSession,
    },
    platform::{dom, intl::Style},
    state::{prefs::Theme, use_prefs},
    words::{Locale, moment, number, role, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{
    access::Action,
    api::{CertificateNotice, CertificateStanding, Refill, RenewedBy, SessionInfo},
    time::ZoneOffset,
};

/// The page.
#[component]
pub fn Me() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    view! {
        <OfficeFrame title=t!(i18n, office.nav.me) place=Place::Me>
            <Alarms />
            <div class="cols">
                {move || session.info().map(|info| view! { <Person info=info /> })}
                <Choices />
                {move || session.info().map(|info| view! { <PhotoSetting /><Server info=info /> })}
            </div>
        </OfficeFrame>
    }
}

/// What the administrator has to do something about.
#[component]
pub fn Alarms() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let no_backup = move || {
        session.may(Action::ManagePeople) && session.info().is_some_and(|i| !i.backup_configured)
    };
    let refill = move || {
        let info = session.info()?;
        Some((info.refill?, info.zone))
    };
    view! {
        {move || {
            refill()
                .map(|(refill, zone)| {
                    view! { <RefillWords refill=refill zone=zone /> }
                })
        }}
        {move || {
            no_backup()
                .then(|| {
                    view! {
                        <div class="pad">
                            <Banner tone="warn" icon="disk" title=t!(i18n, office.backup.title)>
                                <p>{t!(i18n, office.backup.words)}</p>
                            </Banner>
                        </div>
                    }
                })
        }}
        {move || session.may(Action::ManagePeople).then(|| view! { <CertificateWarning /><PhonesWarning /> })}
    }
}

// Whose records may still be on the way, and what nobody sends again.
#[component]
fn RefillWords(refill: Refill, zone: ZoneOffset) -> Node {
    let i18n = use_i18n();
    let count = move |n: u64| number(i18n, usize::try_from(n).unwrap_or(usize::MAX));
    view! {
        <div class="pad">
            <Banner tone="warn" icon="disk" title=t!(i18n, office.refill.title)>
                <p>
                    {move || {
                        let since = moment(i18n, refill.since, zone, Style::Whole);
                        t_string!(i18n, office.refill.words, since = since, seen = count(refill.seen), devices = count(refill.devices))
                    }}
                </p>
            </Banner>
        </div>
    }
}

/// Says so when the certificate of the server ends soon, or browsers refuse it. Nothing while the server does not say.
#[component]
fn CertificateWarning() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let notice = Loaded::new(client::certificate);
    let title = move |standing| match standing {
        CertificateStanding::NotYet => t_string!(i18n, office.certificate.not_yet),
        CertificateStanding::Soon => t_string!(i18n, office.certificate.soon),
        CertificateStanding::Over => t_string!(i18n, office.certificate.over),
    };
    let words = move |notice: CertificateNotice, zone| {
        let at = moment(i18n, notice.at, zone, Style::Whole);
        match notice.standing {
            CertificateStanding::NotYet => {
                t_string!(i18n, office.certificate.not_yet_words, at = at)
            }
            CertificateStanding::Soon => t_string!(i18n, office.certificate.soon_words, at = at),
            CertificateStanding::Over => t_string!(i18n, office.certificate.over_words, at = at),
        }
    };
    let what_to_do = move |by| match by {
        RenewedBy::Files => t_string!(i18n, office.certificate.files),
        RenewedBy::Own => t_string!(i18n, office.certificate.own),
        RenewedBy::Directory => t_string!(i18n, office.certificate.directory),
    };
    Node::live(move || {
        let notice = notice.with_ready(|notice| *notice)??;
        let zone = session.info()?.zone;
        let CertificateNotice {
            standing,
            renewed_by,
            ..
        } = notice;
        Some(view! {
            <div class="pad">
                <Banner tone="warn" icon="key" title=move || title(standing)>
                    <p>{move || words(notice, zone)}</p>
                    {(standing != CertificateStanding::NotYet).then(|| view! { <p>{move || what_to_do(renewed_by)}</p> })}
                </Banner>
            </div>
        })
    })
}

#[component]
fn Person(info: SessionInfo) -> Node {
    let i18n = use_i18n();
    let grants = info.grants.clone();
    view! {
        <section class="card stack">
            <h2>{info.name.clone()}</h2>
            <dl class="kv">
                <dt>{t!(i18n, office.people.login)}</dt>
                <dd class="code">{info.login.clone()}</dd>
                <dt>{t!(i18n, office.people.role)}</dt>
                <dd>{move || role(i18n, info.role)}</dd>
                <dt>{t!(i18n, office.people.regions)}</dt>
                <dd>{move || regions(i18n, &grants)}</dd>
                <dt>{t!(i18n, office.me.tenant)}</dt>
                <dd>{info.tenant_name}</dd>
            </dl>
            <SignOut />
        </section>
    }
}

#[component]
fn SignOut() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let list = Received::get();
    let address = use_address();
    let failed = RwSignal::new(None::<Failure>);
    let out = Callback::new(move |()| {
        spawn_local(async move {
            match session.sign_out().await {
                Ok(()) => {
                    list.clear();
                    address.replace("/office/sign-in");
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    });
    view! {
        <FailedLine failure=failed />
        <Button kind=ButtonKind::Plain label=t!(i18n, common.action.sign_out) on_press=out />
    }
}

/// The choice of language; also on the pages before signing in.
#[component]
pub fn Language() -> Node {
    let i18n = use_i18n();
    let prefs = use_prefs();
    let language = move |locale: Locale, word: &'static str| {
        let lang = crate::words::tag(locale);
        view! {
            <label lang=lang>
                <input type="radio" name="language" prop:checked=move || prefs.locale.get() == locale on:change=move |_| prefs.set_locale(locale) />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <fieldset class="stack">
            <legend>{t!(i18n, office.me.language)}</legend>
            <div class="chips">{language(Locale::zh, "中文")} {language(Locale::en, "English")}</div>
        </fieldset>
    }
}

#[component]
fn Choices() -> Node {
    let i18n = use_i18n();
    let prefs = use_prefs();
    let theme_word = move |theme| match theme {
        Theme::System => t_string!(i18n, office.me.system),
        Theme::Light => t_string!(i18n, office.me.light),
        Theme::Dark => t_string!(i18n, office.me.dark),
        Theme::Outdoor => t_string!(i18n, office.me.outdoor),
    };
    let theme = move |theme: Theme| {
        view! {
            <label>
                <input type="radio" name="theme" prop:checked=move || prefs.theme.get() == theme on:change=move |_| prefs.set_theme(theme) />
                <span>{move || theme_word(theme)}</span>
            </label>
        }
    };
    view! {
        <section class="card stack l">
            <Language />
            <fieldset class="stack">
                <legend>{t!(i18n, office.me.theme)}</legend>
                <div class="chips">{Theme::ALL.map(theme).into_iter().collect::<Vec<_>>()}</div>
            </fieldset>
        </section>
    }
}

#[component]
fn Server(info: SessionInfo) -> Node {
    let i18n = use_i18n();
    let keys: Vec<String> = info
        .server_keys
        .iter()
        .map(zhicha_core::event::Jwk::thumbprint)
        .collect();
    let current = keys.first().cloned().unwrap_or_default();
    let backup = info.backup_configured;
    let backup_word = move || {
        if backup {
            t_string!(i18n, office.backup.there)
        } else {
            t_string!(i18n, office.backup.title)
        }
    };
    view! {
        <section class="card stack">
            <h2>{t!(i18n, office.me.server)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, office.me.address)}</dt>
                <dd class="wrap-anywhere">{info.public_url}</dd>
                <dt>{t!(i18n, office.backup.label)}</dt>
                <dd>{backup_word}</dd>
                <dt>{t!(i18n, office.me.build)}</dt>
                <dd class="code wrap-anywhere" data-testid="build">{dom::build()}</dd>
                <dt>{t!(i18n, office.me.key)}</dt>
                {keys.into_iter().map(|key| view! { <dd class="code wrap-anywhere">{key}</dd> }).collect::<Vec<_>>()}
            </dl>
            <p class="quiet">{t!(i18n, office.me.key_words)}</p>
            <CopyButton text=current label=t!(i18n, office.me.copy_key) />
        </section>
    }
}
