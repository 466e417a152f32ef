//! What an administrator decides for everybody.

use super::parts::FailedLine;
use crate::{
    office::{
        client::{self, Failure},
        session::OfficeSession,
    },
    signal::RwSignal,
    view::{Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{access::Action, api::Settings, sync::wire::PhotoPolicy};

/// What devices keep of a photo; nothing for who may not decide it.
#[component]
pub fn PhotoSetting() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let Some(info) = session
        .info()
        .filter(|_| session.may(Action::ManageSettings))
    else {
        return Node::Nothing;
    };
    let now = RwSignal::new(info.photos);
    let failed = RwSignal::new(None::<Failure>);
    let saved = RwSignal::new(false);
    let choose = move |photos: PhotoPolicy| {
        let before = now.get_untracked();
        now.set(photos);
        saved.set(false);
        failed.set(None);
        spawn_local(async move {
            match client::change_settings(&Settings { photos }).await {
                Ok(()) => {
                    saved.try_set(true);
                }
                Err(why) => {
                    now.try_set(before);
                    failed.try_set(Some(why));
                }
            }
        });
    };
    let word = move |photos: PhotoPolicy| match photos {
        PhotoPolicy::Originals => t_string!(i18n, office.settings.originals),
        PhotoPolicy::WorkingCopies => t_string!(i18n, office.settings.working_copies),
    };
    let choice = |photos: PhotoPolicy| {
        view! {
            <label>
                <input type="radio" name="photos" prop:checked=move || now.get() == photos on:change=move |_| choose(photos) />
                <span>{move || word(photos)}</span>
            </label>
        }
    };
    view! {
        <section class="card stack">
            <fieldset class="stack">
                <legend>{t!(i18n, office.settings.photos)}</legend>
                <div class="chips">{choice(PhotoPolicy::Originals)}{choice(PhotoPolicy::WorkingCopies)}</div>
            </fieldset>
            <p class="quiet">{t!(i18n, office.settings.photos_hint)}</p>
            <p class="quiet" role="status">{move || saved.get().then(|| t_string!(i18n, office.settings.saved))}</p>
            <FailedLine failure=failed />
        </section>
    }
}
