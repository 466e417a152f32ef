//! The sheet on which one person signs: the record to read, the field to draw in, and the ways beside it.

use super::{role_word, statement::statement};
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, effect, view};
use crate::{
    components::{Banner, Button, ButtonKind, Field, Pen, Sheet},
    draft::people,
    platform::clock,
    state::{
        draft::{OpenDraft, Standing, album::album},
        use_app,
    },
    words::{store_error, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{
    inspection::{SignMethod, SignOff, SignRole, strokes::Strokes},
    store::StoreError,
};

/// Who is asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// As what.
    pub role: SignRole,
    /// The name; nothing where the person writes it here.
    pub name: Option<String>,
}

/// The sheet.
#[component]
pub fn SignSheet(
    /// The draft.
    draft: OpenDraft,
    /// Set to ask somebody.
    asked: RwSignal<Option<Who>>,
) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    effect(move || {
        if asked.with(Option::is_some) {
            draft.flush();
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() {
            asked.set(None);
        }
    });
    let title = move || {
        let who = asked.get();
        let role = who.as_ref().map_or("", |who| role_word(i18n, who.role));
        match who.and_then(|who| who.name) {
            Some(name) => t_string!(i18n, signature.title, role = role.to_owned(), name = name),
            None => t_string!(i18n, signature.title_open, role = role.to_owned()),
        }
    };
    view! {
        <Sheet open=open id="sign" title=title>
            {move || asked.get().map(|who| view! { <Signing draft=draft who=who open=open /> })}
        </Sheet>
    }
}

// What keeps a sign-off from being given.
#[derive(Clone, Debug, PartialEq)]
enum Trouble {
    // The record changed while it was read; the new text is shown.
    Changed,
    // The disk.
    Store(StoreError),
}

#[component]
fn Signing(draft: OpenDraft, who: Who, open: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let album = album(draft);
    let role = who.role;
    let day = (app.today(), app.zone());
    let shown = RwSignal::new(statement(i18n, draft, day, role));
    let named = StoredValue::new(who.name);
    let name = RwSignal::new(String::new());
    let typing = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let strokes = RwSignal::new(Strokes::default());
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let signer = move || {
        named
            .get_value()
            .unwrap_or_else(|| name.get().trim().to_owned())
    };
    // Photos on their way to the disk are not in the text yet.
    let unsettled = album.unsettled();
    let waiting = move || match unsettled.get()? {
        true => Some(t_string!(i18n, signature.unsaved)),
        false => Some(t_string!(i18n, signature.waiting)),
    };
    let fits = Memo::new(move |_| match (signer(), typing.get()) {
        (name, _) if name.is_empty() => false,
        (name, true) => typed.with(|typed| typed.trim() == name),
        (_, false) => strokes.with(Strokes::is_drawn),
    });
    let give = move |method: SignMethod| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        let ink = (method == SignMethod::Drawn).then(|| strokes.get_untracked());
        let name = signer();
        spawn_local(async move {
            // Copies of photos that are being made may change what the record names.
            album.quiet().await;
            let now = statement(i18n, draft, day, role);
            let Some(same) = shown.try_with_untracked(|shown| *shown == now) else {
                return;
            };
            if !same {
                shown.set(now);
                trouble.set(Some(Trouble::Changed));
                busy.set(false);
                return;
            }
            let done = album.sign(&now, ink.as_ref()).await;
            busy.try_set(false);
            match done {
                Ok(signed) => {
                    draft.edit(false, |form| {
                        people::sign(
                            form,
                            SignOff {
                                role,
                                name,
                                method,
                                at: clock::now(),
                                reason: String::new(),
                                blob: signed.strokes,
                                shown: Some(signed.shown),
                            },
                        );
                    });
                    open.try_set(false);
                }
                Err(error) => {
                    trouble.try_set(Some(Trouble::Store(error)));
                }
            }
        });
    };
    let blocked = Signal::derive(move || {
        unsettled.with(Option::is_some) || busy.get() || draft.standing.get() != Standing::Ours
    });
    let not_yet = Signal::derive(move || !fits.get() || blocked.get());
    let ask_name = named.with_value(Option::is_none);
    view! {
        <div class="signing">
            <p class="quiet" id="sign-lead">{t!(i18n, signature.lead)}</p>
            <div class="shown" role="region" tabindex="0" aria-labelledby="sign-lead">{move || shown.get()}</div>
            {move || waiting().map(|why| view! { <p class="said" data-tone="warn" role="status">{why}</p> })}
            {move || trouble.get().map(|why| view! { <Said why=why /> })}
            {ask_name.then(|| view! { <Typed id="witness-name" label=t!(i18n, signature.witness_name) value=name /> })}
            {move || if typing.get() {
                view! { <Typed id="sign-typed" label=move || t_string!(i18n, inspection.over.type_name, name = signer()) value=typed /> }
            } else {
                view! { <Pen strokes=strokes label=t!(i18n, signature.pen) hint=t!(i18n, signature.pen_hint) /> }
            }}
            <div class="row wrap">
                <Button kind=ButtonKind::Main icon="sign" disabled=not_yet label=t!(i18n, signature.go)
                    on_press=Callback::new(move |()| give(if typing.get_untracked() { SignMethod::Typed } else { SignMethod::Drawn })) />
                <Button label=move || if typing.get() { t_string!(i18n, signature.draw) } else { t_string!(i18n, signature.by_name) }
                    on_press=Callback::new(move |()| typing.update(|typing| *typing = !*typing)) />
                {(role == SignRole::Representative).then(|| view! {
                    <Button kind=ButtonKind::Warn label=t!(i18n, inspection.over.refuse) disabled=blocked
                        on_press=Callback::new(move |()| give(SignMethod::Refused)) />
                })}
            </div>
        </div>
    }
}

#[component]
fn Said(why: Trouble) -> Node {
    let i18n = use_i18n();
    let title = match why {
        Trouble::Changed => t!(i18n, signature.changed),
        Trouble::Store(_) => t!(i18n, signature.failed),
    };
    let words = move || match &why {
        Trouble::Changed => t_string!(i18n, signature.changed_hint),
        Trouble::Store(error) => store_error(i18n, error),
    };
    view! { <Banner tone="warn" icon="alert" title=title><p>{words}</p></Banner> }
}

#[component]
fn Typed(
    #[prop(into)] id: String,
    #[prop(into)] label: leptos::text_prop::TextProp,
    value: RwSignal<String>,
) -> Node {
    let input = move |event| value.set(event_target_value(&event));
    view! {
        <Field id=id.clone() label=label>
            <input class="in" maxlength="100" autocomplete="off" id=id prop:value=move || value.get() on:input=input />
        </Field>
    }
}
