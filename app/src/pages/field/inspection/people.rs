//! Who inspects, and who stands for the site. Names, certificate numbers and positions; no phone or identity numbers.

use super::text::DraftText;
use crate::signal::Memo;
use crate::view::{For, Node, view};
use crate::{
    components::{Banner, Button, ButtonKind},
    state::draft::{OpenDraft, Standing},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::{Draft, Inspector, Mode};

/// The inspectors.
#[component]
pub fn Inspectors(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let count = Memo::new(move |_| draft.form.with(|form| form.inspectors.len()));
    let add = move |()| {
        draft.edit_content(false, |form| {
            form.inspectors.push(Inspector {
                name: String::new(),
                cert_no: String::new(),
                user: None,
            });
        });
    };
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours);
    view! {
        <section>
            <div class="head"><h2>{t!(i18n, inspection.over.people)}</h2></div>
            <div class="sheetlike stack l">
                <For each=move || 0..count.get() key=|at| *at let:at><InspectorForm draft=draft at=at locked=locked /></For>
                <Button icon="plus" label=t!(i18n, inspection.over.add_inspector) disabled=locked on_press=Callback::new(add) />
            </div>
        </section>
        <Advice draft=draft />
    }
}

#[component]
fn Advice(draft: OpenDraft) -> Node {
    let i18n = use_i18n();
    let named = |form: &Draft| {
        form.inspectors
            .iter()
            .filter(|i| !i.name.trim().is_empty())
            .count()
    };
    let one = Memo::new(move |_| {
        draft
            .form
            .with(|form| form.mode != Mode::SelfInspection && named(form) < 2)
    });
    let no_cert = Memo::new(move |_| {
        draft.form.with(|form| {
            form.mode != Mode::SelfInspection
                && form
                    .inspectors
                    .iter()
                    .any(|i| !i.name.trim().is_empty() && i.cert_no.trim().is_empty())
        })
    });
    view! {
        {move || one.get().then(|| view! {
            <div class="pad">
                <Banner tone="warn" icon="people" title=t!(i18n, inspection.over.one)><p>{t!(i18n, inspection.over.one_hint)}</p></Banner>
            </div>
        })}
        {move || no_cert.get().then(|| view! { <p class="pad quiet" role="status">{t!(i18n, inspection.over.no_cert)}</p> })}
    }
}

#[component]
fn InspectorForm(draft: OpenDraft, at: usize, locked: Signal<bool>) -> Node {
    let i18n = use_i18n();
    let get = move |part: fn(&Inspector) -> &String| {
        Signal::derive(move || {
            draft.form.with(|form| {
                form.inspectors
                    .get(at)
                    .map(|i| part(i).clone())
                    .unwrap_or_default()
            })
        })
    };
    let set = move |put: fn(&mut Inspector, String)| {
        Callback::new(move |text: String| {
            draft.edit_content(true, |form| {
                if let Some(inspector) = form.inspectors.get_mut(at) {
                    put(inspector, text);
                }
            });
        })
    };
    let settle = Callback::new(move |()| draft.flush());
    let remove = move |()| {
        draft.edit_content(false, |form| {
            if at < form.inspectors.len() {
                form.inspectors.remove(at);
            }
        });
    };
    let name = get(|i| &i.name);
    let remove_label = move || {
        t_string!(
            i18n,
            inspection.over.remove_inspector,
            name = if name.get().is_empty() {
                (at + 1).to_string()
            } else {
                name.get()
            }
        )
    };
    view! {
        <fieldset class="stack">
            <legend class="quiet">{move || t_string!(i18n, inspection.over.inspector, n = at + 1)}</legend>
            <DraftText id=format!("inspector-{at}") label=t!(i18n, inspection.over.name) value=name
                on_text=set(|i, text| i.name = text) settle=settle locked=locked />
            <DraftText id=format!("cert-{at}") label=t!(i18n, inspection.over.cert_no) value=get(|i| &i.cert_no)
                on_text=set(|i, text| i.cert_no = text) settle=settle locked=locked />
            {(at > 0).then(|| view! { <Button kind=ButtonKind::Link label=remove_label on_press=Callback::new(remove) /> })}
        </fieldset>
    }
}

/// The representative of the site.
#[component]
pub fn Representative(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours);
    let settle = Callback::new(move |()| draft.flush());
    view! {
        <section>
            <div class="head"><h2>{t!(i18n, inspection.over.representative)}</h2></div>
            <div class="sheetlike stack">
                <p class="quiet">{t!(i18n, inspection.over.representative_hint)}</p>
                <DraftText id="representative" label=t!(i18n, inspection.over.name) locked=locked settle=settle
                    value=Signal::derive(move || draft.form.with(|f| f.representative.name.clone()))
                    on_text=Callback::new(move |text| draft.edit_content(true, |f| f.representative.name = text)) />
                <DraftText id="position" label=t!(i18n, inspection.over.position) locked=locked settle=settle
                    value=Signal::derive(move || draft.form.with(|f| f.representative.position.clone()))
                    on_text=Callback::new(move |text| draft.edit_content(true, |f| f.representative.position = text)) />
            </div>
        </section>
    }
}
