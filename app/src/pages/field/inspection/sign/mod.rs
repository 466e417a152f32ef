//! Sign-offs: everybody reads the record and draws or types the own name, or refuses with a reason. A change of what was signed
//! takes them back.

mod sheet;
mod statement;

use super::text::DraftText;
use crate::signal::{Memo, RwSignal};
use crate::view::{For, Node, effect, view};
use crate::{
    components::{Button, ButtonKind, Icon, photos::StoredImage},
    draft::people::{sign_off, signers, unsign},
    platform::intl::Style,
    state::{
        draft::{
            OpenDraft, Standing,
            album::{album, is_named},
        },
        use_app,
    },
    words::{Words, moment, t, t_string, use_i18n},
};
use leptos::prelude::*;
use sheet::{SignSheet, Who};
use zhicha_core::inspection::{EvidenceKind, SignMethod, SignOff, SignRole};

/// Everybody who signs.
#[component]
pub fn Signs(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let who = Memo::new(move |_| draft.form.with(signers));
    let asked = RwSignal::new(None::<Who>);
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
    let album = album(draft);
    effect(move || {
        // Not only here: the seal looks once more.
        draft.form.with(|form| form.sign_offs.len());
        album.shots.with(Vec::len);
        album.forget_withdrawn();
    });
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours);
    view! {
        <section>
            <div class="head"><h2 id="signs" tabindex="-1">{t!(i18n, inspection.over.signs)}</h2><span class="quiet" role="status">{counted}</span></div>
            <p class="pad quiet sign-hint">{t!(i18n, inspection.over.sign_hint)}</p>
            {move || who.with(Vec::is_empty).then(|| view! { <p class="pad">{t!(i18n, inspection.over.signs_none)}</p> })}
            <ul class="list">
                <For each=move || who.get() key=|one| format!("{:?} {}", one.0, one.1) let:one>
                    <Signer draft=draft role=one.0 name=one.1 asked=asked locked=locked />
                </For>
            </ul>
            <div class="pad"><Button icon="plus" label=t!(i18n, signature.add_witness) disabled=locked
                on_press=Callback::new(move |()| asked.set(Some(Who { role: SignRole::Witness, name: None }))) /></div>
            <SignSheet draft=draft asked=asked />
        </section>
    }
}

#[component]
fn Signer(
    draft: OpenDraft,
    role: SignRole,
    name: String,
    asked: RwSignal<Option<Who>>,
    locked: Signal<bool>,
) -> Node {
    let i18n = use_i18n();
    let name = StoredValue::new(name);
    let given = Memo::new(move |_| {
        draft
            .form
            .with(|form| name.with_value(|name| sign_off(form, role, name).cloned()))
    });
    let method = Memo::new(move |_| given.with(|given| given.as_ref().map(|s| s.method)));
    let ask = move |()| {
        asked.set(Some(Who {
            role,
            name: Some(name.get_value()),
        }));
    };
    let body = move || match method.get() {
        None => {
            let id = name.with_value(|name| format!("sign-{name}"));
            view! {
                <div id=id tabindex="-1">
                    <Button icon="sign" disabled=locked label=move || t_string!(i18n, inspection.over.sign, name = name.get_value())
                        on_press=Callback::new(ask) />
                </div>
            }
        }
        Some(SignMethod::Refused) => {
            view! { <Refused draft=draft role=role name=name given=given locked=locked /> }
        }
        Some(_) => {
            view! { <Signed draft=draft role=role name=name given=given locked=locked /> }
        }
    };
    view! {
        <li class="sheetlike stack">
            <div><p class="quiet">{move || role_word(i18n, role)}</p><h3>{name.get_value()}</h3></div>
            {body}
        </li>
    }
}

#[component]
fn Signed(
    draft: OpenDraft,
    role: SignRole,
    name: StoredValue<String>,
    given: Memo<Option<SignOff>>,
    locked: Signal<bool>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let album = album(draft);
    let said = move || {
        let Some(sign) = given.get() else {
            return String::new();
        };
        let time = moment(i18n, sign.at, app.zone(), Style::Whole);
        match sign.method {
            SignMethod::Drawn => t_string!(i18n, signature.drawn, time = time),
            _ => t_string!(i18n, inspection.over.signed, time = time),
        }
    };
    let ink = Memo::new(move |_| {
        let form = draft.form.get();
        let only = name.with_value(|name| {
            let mut form = form.clone();
            form.sign_offs
                .retain(|s| s.role == role && s.name == *name && s.blob.is_some());
            form
        });
        album.shots.with(|shots| {
            let mut rows = shots.iter().map(|shot| &shot.row);
            let row = rows.find(|row| row.kind == EvidenceKind::Signature && is_named(row, &only));
            row.and_then(|row| row.thumb)
        })
    });
    let alt = move || t_string!(i18n, signature.ink, name = name.get_value());
    view! {
        {move || ink.get().map(|blob| view! { <div class="ink-row"><StoredImage blob=Signal::stored(Some(blob)) alt=alt /></div> })}
        <p class="row wrap">
            <Icon name="sign" />
            <span class="grow">{said}</span>
            <Withdraw draft=draft role=role name=name locked=locked />
        </p>
    }
}

#[component]
fn Refused(
    draft: OpenDraft,
    role: SignRole,
    name: StoredValue<String>,
    given: Memo<Option<SignOff>>,
    locked: Signal<bool>,
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
            // A witness has read the reason as it was.
            form.sign_offs.retain(|s| s.role != SignRole::Witness);
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
        <p class="row wrap"><span class="tag" data-tone="warn">{t!(i18n, inspection.over.refused)}</span>
            <span class="grow"></span><Withdraw draft=draft role=role name=name locked=locked /></p>
        <DraftText id=id label=t!(i18n, inspection.over.refused_why) value=reason on_text=Callback::new(set) locked=locked
            settle=Callback::new(move |()| draft.flush()) />
        <p class="quiet">{t!(i18n, signature.witness_hint)}</p>
    }
}

#[component]
fn Withdraw(
    draft: OpenDraft,
    role: SignRole,
    name: StoredValue<String>,
    locked: Signal<bool>,
) -> Node {
    let i18n = use_i18n();
    let act = move |()| {
        draft.edit(false, |form| {
            name.with_value(|name| unsign(form, role, name));
        });
    };
    view! { <Button kind=ButtonKind::Link label=t!(i18n, inspection.over.unsign) disabled=locked on_press=Callback::new(act) /> }
}

/// What somebody signs as.
pub(super) fn role_word(i18n: Words, role: SignRole) -> &'static str {
    match role {
        SignRole::Representative => t_string!(i18n, inspection.over.as_representative),
        SignRole::Inspector => t_string!(i18n, inspection.over.as_inspector),
        SignRole::Witness => t_string!(i18n, signature.as_witness),
    }
}
