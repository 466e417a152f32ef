//! 我的: person, display, stamp, sending, this device, storage, and the app itself.

use super::{
    about::About,
    attention::Attention,
    device::{DevicePart, StoragePart},
};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    api,
    components::{Button, Frame, Icon, LinkButton, Tab},
    platform::{clock, dom, online},
    state::{draft::album::stamp, prefs::Theme, session::SessionState, use_app},
    words::{self, Locale, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::client::Failure;

/// The page.
#[component]
pub fn Me() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    spawn_local(app.session.ask(app.identity().user));
    view! {
        <Frame title=t!(i18n, field.me.title) tab=Tab::Me>
            <Attention />
            <PersonPart />
            <LibraryPart />
            <LookPart />
            <StampPart />
            <SendingPart />
            <DevicePart />
            <StoragePart />
            <About />
        </Frame>
    }
}

#[component]
fn PersonPart() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let identity = app.identity();
    let role = identity.role;
    let failed = RwSignal::new(None::<Failure>);
    let session = move || match app.session.get() {
        SessionState::SignedIn => t_string!(i18n, field.me.signed_in),
        SessionState::SignedOut => t_string!(i18n, field.me.signed_out),
        SessionState::Unknown => t_string!(i18n, field.me.session_unknown),
    };
    let out = Callback::new(move |()| {
        spawn_local(async move {
            match api::sign_out().await {
                Ok(()) => app.session.set(SessionState::SignedOut),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    });
    let way = move || match (app.session.get(), app.sync.waiting()) {
        (SessionState::SignedOut, _) => {
            view! { <LinkButton icon="key" label=t!(i18n, common.action.sign_in) href="/sign-in" /> }
        }
        (SessionState::SignedIn, 0) => {
            view! { <Button label=t!(i18n, common.action.sign_out) on_press=out /> }
        }
        (SessionState::SignedIn, count) => {
            view! { <p class="quiet">{move || counted!(i18n, field.me.sign_out_blocked, count = count)}</p> }
        }
        (SessionState::Unknown, _) => Node::Nothing,
    };
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.me.person)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, field.me.name)}</dt><dd>{identity.name.clone()}</dd>
                <dt>{t!(i18n, field.me.role)}</dt><dd>{move || words::role(i18n, role)}</dd>
                <dt>{t!(i18n, field.me.tenant)}</dt><dd>{identity.tenant_name.clone()}</dd>
                <dt>{t!(i18n, field.me.session)}</dt><dd>{session}</dd>
            </dl>
            {move || failed.get().map(|failure| view! { <p role="alert">{move || words::failure(i18n, &failure)}</p> })}
            {way}
        </section>
    }
}

#[component]
fn LibraryPart() -> Node {
    let i18n = use_i18n();
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.library.title)}</h2>
            <p class="quiet">{t!(i18n, field.library.open_hint)}</p>
            <LinkButton icon="book" label=t!(i18n, field.library.open) href="/library" />
        </section>
    }
}

#[component]
fn LookPart() -> Node {
    let i18n = use_i18n();
    let prefs = use_app().prefs;
    let theme_word = move |theme| match theme {
        Theme::System => t_string!(i18n, field.me.system),
        Theme::Light => t_string!(i18n, field.me.light),
        Theme::Dark => t_string!(i18n, field.me.dark),
        Theme::Outdoor => t_string!(i18n, field.me.outdoor),
    };
    let theme = move |theme: Theme| {
        view! {
            <label>
                <input type="radio" name="theme" prop:checked=move || prefs.theme.get() == theme on:change=move |_| prefs.set_theme(theme) />
                <span>{move || theme_word(theme)}</span>
            </label>
        }
    };
    let language = move |locale: Locale, name: &'static str, tag: &'static str| {
        view! {
            <label lang=tag>
                <input type="radio" name="language" prop:checked=move || prefs.locale.get() == locale on:change=move |_| prefs.set_locale(locale) />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <section class="sheetlike stack">
            <fieldset class="stack">
                <legend><h2>{t!(i18n, field.me.language)}</h2></legend>
                <div class="chips">
                    {language(Locale::zh, "中文", "zh-CN")}
                    {language(Locale::en, "English", "en")}
                </div>
            </fieldset>
            <fieldset class="stack">
                <legend><h2>{t!(i18n, field.me.theme)}</h2></legend>
                <div class="chips">{Theme::ALL.map(theme).into_iter().collect::<Vec<_>>()}</div>
            </fieldset>
        </section>
    }
}

#[component]
fn StampPart() -> Node {
    let i18n = use_i18n();
    let on = stamp::is_wanted();
    let want = move |event: dom::Event| stamp::want(event_target_checked(&event));
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, evidence.stamp.title)}</h2>
            <label class="sw" for="stamp">
                <span>{t!(i18n, evidence.stamp.label)}<br /><span class="quiet">{t!(i18n, evidence.stamp.hint)}</span></span>
                <input type="checkbox" role="switch" id="stamp" prop:checked=on on:change=want />
            </label>
        </section>
    }
}

#[component]
fn SendingPart() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let unsent = move || {
        let count = app.sync.waiting();
        counted!(i18n, field.me.unsent, count = count)
    };
    let oldest = move || {
        app.sync.oldest_unsent().map(|at| {
            let minutes = u64::try_from((clock::now().0 - at.0).max(0) / 60_000).unwrap_or(0);
            match minutes {
                0..60 => counted!(i18n, field.me.minutes, count = minutes),
                60..2_880 => counted!(i18n, field.me.hours, count = minutes / 60),
                _ => counted!(i18n, field.me.days, count = minutes / 1_440),
            }
        })
    };
    let send = Callback::new(move |()| app.sync.try_now());
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.me.sending)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, field.me.unsent_label)}</dt><dd>{unsent}</dd>
                {move || oldest().map(|text| view! { <dt>{t!(i18n, field.me.oldest)}</dt><dd>{text}</dd> })}
            </dl>
            {move || (app.sync.waiting() > 0).then(|| view! { <p class="row"><Icon name="saved" />{t!(i18n, field.record.waiting_hint)}</p> })}
            {move || (app.sync.waiting() > 0 && online::is_metered()).then(|| view! { <p class="quiet">{t!(i18n, field.me.metered)}</p> })}
            <Button icon="refresh" label=t!(i18n, field.me.send_now) on_press=send />
        </section>
    }
}
