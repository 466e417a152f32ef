//! What only a person can mend about sending, each with its way out.

use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    components::{Banner, Button, ButtonKind, LinkButton},
    platform::address::use_address,
    state::{device, use_app},
    words::{self, Words, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{
    client::{AppendError, Gap, gap},
    store::{Halt, ReceiptRow},
};

/// The banners; nothing while all is well.
#[component]
pub fn Attention() -> Node {
    let app = use_app();
    let halted = Memo::new(move |_| app.sync.halted());
    let outdated = Memo::new(move |_| app.sync.is_outdated());
    view! {
        {move || app.keyless.get().then(|| view! { <Keyless /> })}
        {move || halted.get().map(|halt| view! { <Halted halt=halt /> })}
        {move || app.sync.signed_out().then(|| view! { <SignedOut /> })}
        {move || outdated.get().then(|| view! { <Outdated /> })}
        {move || Some(app.sync.unconfirmed()).filter(|count| *count > 0).map(|count| view! { <Unconfirmed count=count /> })}
        {move || {
            let troubled = app.sync.troubled();
            (!troubled.is_empty()).then(|| view! { <Troubled receipts=troubled /> })
        }}
    }
}

fn title(i18n: Words, halt: Halt) -> &'static str {
    match halt {
        Halt::Frozen => t_string!(i18n, field.attention.frozen),
        Halt::Revoked => t_string!(i18n, field.attention.revoked),
        Halt::Certificate => t_string!(i18n, field.attention.certificate),
        Halt::UnknownServerKey => t_string!(i18n, field.attention.unknown_server_key),
        Halt::Gap => t_string!(i18n, field.attention.gap),
        Halt::Refused => t_string!(i18n, field.attention.refused),
    }
}

fn hint(i18n: Words, halt: Halt) -> &'static str {
    match halt {
        Halt::Frozen => t_string!(i18n, field.attention.frozen_hint),
        Halt::Revoked => t_string!(i18n, field.attention.revoked_hint),
        Halt::Certificate => t_string!(i18n, field.attention.certificate_hint),
        Halt::UnknownServerKey => t_string!(i18n, field.attention.unknown_server_key_hint),
        Halt::Gap => t_string!(i18n, field.attention.gap_hint),
        Halt::Refused => t_string!(i18n, field.attention.refused_hint),
    }
}

#[component]
fn Halted(halt: Halt) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let retry = Callback::new(move |()| app.sync.try_now());
    let again = matches!(halt, Halt::Frozen | Halt::Certificate);
    view! {
        <section class="pad">
            <Banner tone="fail" icon="alert" title=move || title(i18n, halt)>
                <p>{move || hint(i18n, halt)}</p>
                {(halt == Halt::Gap).then(|| view! { <Missing /> })}
                <div class="stack">
                    {again.then(|| view! { <LinkButton kind=ButtonKind::Main icon="key" label=t!(i18n, field.attention.enrol) href="/enrol" /> })}
                    <Button icon="refresh" label=t!(i18n, field.attention.retry) on_press=retry />
                </div>
            </Banner>
        </section>
    }
}

/// Which numbers are missing, and the way to go on without them.
#[component]
fn Missing() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let found = RwSignal::new(None::<Gap>);
    let failed = RwSignal::new(None::<AppendError>);
    let store = move || app.store();
    spawn_local(async move {
        if let Ok(gap) = gap(&*store()).await {
            found.set(gap);
        }
    });
    let report = move |gap: Gap| {
        Callback::new(move |()| {
            spawn_local(async move {
                match device::admit_gap(&store(), gap).await {
                    Ok(()) => {
                        app.sync.appended();
                        app.sync.try_now();
                    }
                    Err(error) => failed.set(Some(error)),
                }
            });
        })
    };
    let part = move |gap: Gap| {
        let (from, to) = (gap.from, gap.to);
        view! {
            <p>{move || counted!(i18n, field.attention.gap_count, count = gap.missing, from = from, to = to)}</p>
            <Button kind=ButtonKind::Main label=t!(i18n, field.attention.gap_report) on_press=report(gap) />
        }
    };
    view! {
        <div class="stack">
            {move || found.get().map(part)}
            {move || failed.get().map(|error| view! { <p role="alert">{move || words::append_error(i18n, &error)}</p> })}
        </div>
    }
}

/// Events of earlier enrolments that the server never confirmed.
#[component]
fn Unconfirmed(count: usize) -> Node {
    let i18n = use_i18n();
    let title = move || counted!(i18n, field.attention.unconfirmed, count = count);
    view! {
        <section class="pad">
            <Banner tone="fail" icon="alert" title=title>
                <p>{t!(i18n, field.record.unconfirmed_hint)}</p>
                <LinkButton label=t!(i18n, field.attention.open) href="/inspect" />
            </Banner>
        </section>
    }
}

/// The browser lost the device's key: what was signed is sent all the same.
#[component]
fn Keyless() -> Node {
    let i18n = use_i18n();
    view! {
        <section class="pad">
            <Banner tone="fail" icon="key" title=t!(i18n, field.attention.key)>
                <p>{t!(i18n, field.attention.key_hint)}</p>
                <LinkButton kind=ButtonKind::Main icon="key" label=t!(i18n, field.attention.enrol) href="/enrol" />
            </Banner>
        </section>
    }
}

/// The session ended and the server wants it back before it takes what comes next.
#[component]
fn SignedOut() -> Node {
    let i18n = use_i18n();
    view! {
        <section class="pad">
            <Banner tone="fail" icon="alert" title=t!(i18n, field.attention.signed_out)>
                <p>{t!(i18n, field.attention.signed_out_hint)}</p>
                <LinkButton kind=ButtonKind::Main icon="key" label=t!(i18n, common.action.sign_in) href="/sign-in" />
            </Banner>
        </section>
    }
}

/// The server gives nothing to a build as old as this one.
#[component]
fn Outdated() -> Node {
    let i18n = use_i18n();
    let there = use_address().parts(|parts| parts == ["me"]);
    view! {
        <section class="pad">
            <Banner tone="warn" icon="alert" title=t!(i18n, field.attention.outdated)>
                <p>{t!(i18n, field.attention.outdated_hint)}</p>
                {(!there).then(|| view! { <LinkButton kind=ButtonKind::Main icon="refresh" label=t!(i18n, field.attention.outdated_open) href="/me" /> })}
            </Banner>
        </section>
    }
}

/// Events that the server keeps without applying them, each with its reason and the record it belongs to.
#[component]
fn Troubled(receipts: Vec<ReceiptRow>) -> Node {
    let i18n = use_i18n();
    let count = receipts.len();
    let title = move || counted!(i18n, field.attention.troubled, count = count);
    let line = move |receipt: ReceiptRow| {
        let short: String = receipt.hash.as_str().chars().take(12).collect();
        view! {
            <li class="stack t">
                <p>{move || receipt.reason.map(|reason| words::reason(i18n, reason))}</p>
                <p class="code">{short}</p>
            </li>
        }
    };
    view! {
        <section class="pad">
            <Banner tone="fail" icon="alert" title=title>
                <p>{t!(i18n, field.attention.troubled_hint)}</p>
                <ul class="stack">{receipts.into_iter().map(line).collect::<Vec<_>>()}</ul>
                <LinkButton label=t!(i18n, field.attention.open) href="/inspect" />
            </Banner>
        </section>
    }
}
