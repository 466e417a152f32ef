//! Typed sign-offs: the person types the own name, or refuses with a reason. A change of what was signed takes them back.

use super::text::DraftText;
use crate::signal::{Memo, RwSignal};
use crate::view::{For, Node, view};
use crate::{
    components::{Button, ButtonKind, Icon},
    draft::people::{sign, sign_off, signers, unsign},
    platform::{clock, intl::Style},
    state::{
        draft::{OpenDraft, Standing},
        use_app,
    },
    words::{Words, moment, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::{SignMethod, SignOff, SignRole};

/// Everybody who signs.
#[component]
pub fn Signs(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let who = Memo::new(move |_| draft.form.with(signers));
    let done = move || {
        draft.form.with(|form| {
            signers(form)
                .iter()
                .filter(|(role, name)| sign_off(form, *role, name).is_some())
                .count()
        })
    };
    let counted = move || {
        t_string!(
            i18n,
            inspection.over.signs_done,
            done = done(),
            all = who.with(Vec::len)
        )
    };
    view! {
        <section>
            <div class="head"><h2 id="signs" tabindex="-1">{t!(i18n, inspection.over.signs)}</h2><span class="quiet" role="status">{counted}</span></div>
            <p class="pad quiet sign-hint">{t!(i18n, inspection.over.sign_hint)}</p>
            {move || who.with(Vec::is_empty).then(|| view! { <p class="pad">{t!(i18n, inspection.over.signs_none)}</p> })}
            <ul class="list">
                <For each=move || who.get() key=|one| format!("{:?} {}", one.0, one.1) let:one><Signer draft=draft role=one.0 name=one.1 /></For>
            </ul>
        </section>
    }
}

#[component]
fn Signer(draft: OpenDraft, role: SignRole, name: String) -> Node {
    let i18n = use_i18n();
    let name = StoredValue::new(name);
    let given = Memo::new(move |_| {
        draft
            .form
            .with(|form| name.with_value(|name| sign_off(form, role, name).cloned()))
    });
    let method = Memo::new(move |_| given.with(|given| given.as_ref().map(|s| s.method)));
    let body = move || match method.get() {
        None => view! { <Open draft=draft role=role name=name /> },
        Some(SignMethod::Refused) => {
            view! { <Refused draft=draft role=role name=name given=given /> }
        }
        Some(_) => view! { <Signed draft=draft role=role name=name given=given /> },
    };
    view! {
        <li class="sheetlike stack">
            <div><p class="quiet">{move || role_word(i18n, role)}</p><h3>{name.get_value()}</h3></div>
            {body}
        </li>
    }
}

#[component]
fn Open(draft: OpenDraft, role: SignRole, name: StoredValue<String>) -> Node {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    let id = name.with_value(|name| format!("sign-{name}"));
    let matches = move || typed.with(|typed| name.with_value(|name| typed.trim() == name));
    let differs = Signal::derive(move || {
        (!typed.with(|t| t.trim().is_empty()) && !matches())
            .then(|| t_string!(i18n, inspection.over.type_differs).to_owned())
    });
    let not_yet = Signal::derive(move || !matches() || draft.standing.get() != Standing::Ours);
    let put = move |method| {
        let (name, reason) = (name.get_value(), String::new());
        draft.edit(false, |form| {
            sign(
                form,
                SignOff {
                    role,
                    name,
                    method,
                    at: clock::now(),
                    reason,
                    blob: None,
                    shown: None,
                },
            );
        });
    };
    view! {
        <DraftText id=id label=move || t_string!(i18n, inspection.over.type_name, name = name.get_value()) value=typed said=differs
            on_text=Callback::new(move |text| typed.set(text)) settle=Callback::new(|()| {}) />
        <div class="row wrap">
            <Button icon="sign" label=move || t_string!(i18n, inspection.over.sign, name = name.get_value()) disabled=not_yet
                on_press=Callback::new(move |()| put(SignMethod::Typed)) />
            {(role == SignRole::Representative).then(|| view! {
                <Button label=t!(i18n, inspection.over.refuse) on_press=Callback::new(move |()| put(SignMethod::Refused)) />
            })}
        </div>
    }
}

#[component]
fn Signed(
    draft: OpenDraft,
    role: SignRole,
    name: StoredValue<String>,
    given: Memo<Option<SignOff>>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let when = move || {
        given
            .with(|given| {
                given
                    .as_ref()
                    .map(|s| moment(i18n, s.at, app.zone(), Style::DayClock))
            })
            .unwrap_or_default()
    };
    view! {
        <p class="row wrap">
            <Icon name="sign" />
            <span class="grow">{move || t_string!(i18n, inspection.over.signed, time = when())}</span>
            <Withdraw draft=draft role=role name=name />
        </p>
    }
}

#[component]
fn Refused(
    draft: OpenDraft,
    role: SignRole,
    name: StoredValue<String>,
    given: Memo<Option<SignOff>>,
) -> Node {
    let i18n = use_i18n();
    let reason = Signal::derive(move || {
        given
            .with(|given| given.as_ref().map(|s| s.reason.clone()))
            .unwrap_or_default()
    });
    let id = name.with_value(|name| format!("refusal-{name}"));
    let set = move |text: String| {
        draft.edit(true, |form| {
            let found = form
                .sign_offs
                .iter_mut()
                .find(|s| s.role == role && name.with_value(|name| &s.name == name));
            if let Some(found) = found {
                found.reason = text;
            }
        });
    };
    view! {
        <p class="row wrap"><span class="tag" data-tone="warn">{t!(i18n, inspection.over.refused)}</span><Withdraw draft=draft role=role name=name /></p>
        <DraftText id=id label=t!(i18n, inspection.over.refused_why) value=reason on_text=Callback::new(set)
            settle=Callback::new(move |()| draft.flush()) />
    }
}

#[component]
fn Withdraw(draft: OpenDraft, role: SignRole, name: StoredValue<String>) -> Node {
    let i18n = use_i18n();
    let act = move |()| {
        draft.edit(false, |form| {
            name.with_value(|name| unsign(form, role, name));
        });
    };
    view! { <Button kind=ButtonKind::Link label=t!(i18n, inspection.over.unsign) on_press=Callback::new(act) /> }
}

fn role_word(i18n: Words, role: SignRole) -> &'static str {
    match role {
        SignRole::Representative => t_string!(i18n, inspection.over.as_representative),
        SignRole::Inspector | SignRole::Witness => t_string!(i18n, inspection.over.as_inspector),
    }
}
