//! The evidence of one item, or what is about none, with the ways to add to it.

use super::{
    Face,
    adds::{Adds, MoreButton},
    camera::CameraSheet,
    face,
    large::LargeSheet,
    words,
};
use crate::{
    components::{Button, ButtonKind, Icon, codes::Says},
    platform::{geo::Sensors, photo::Given},
    signal::{Memo, RwSignal},
    state::draft::{
        OpenDraft, Standing,
        album::{Kept, Shot, Trouble, album},
    },
    view::{For, Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use zhicha_core::{answer::AnswerKey, id::EvidenceId, inspection::EvidenceKind};

/// The strip.
#[component]
pub fn Photos(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: Option<AnswerKey>,
    /// Prefix of ids.
    id: String,
    /// Whether one is expected.
    #[prop(optional)]
    wanted: bool,
) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let about = StoredValue::new(about);
    let shots = move || about.with_value(|key| album.about(key.as_ref()));
    let ids = move || {
        shots()
            .into_iter()
            .map(|shot| shot.row.id)
            .collect::<Vec<_>>()
    };
    let camera = RwSignal::new(false);
    let large = RwSignal::new(None::<EvidenceId>);
    let count = move || shots().len();
    let photos = move || {
        let photos = shots().into_iter();
        photos
            .filter(|shot| shot.row.kind == EvidenceKind::Photo)
            .count()
    };
    let adds = RwSignal::new(false);
    let open = move |_| {
        // All that was typed is on the disk before the camera may end the page.
        draft.flush();
        camera.set(true);
    };
    let locked = move || draft.standing.get() != Standing::Ours;
    let take = Callback::new(move |(frame, sensors): (JsValue, Rc<Sensors>)| {
        album.take(Given::Frame(frame), about.get_value(), Some(&sensors));
    });
    view! {
        <section class="stack photos-of">
            <h3>{t!(i18n, evidence.title)}" "<span class="quiet">{move || match photos() == 0 && wanted {
                true => t_string!(i18n, evidence.wanted).to_owned(),
                false => count().to_string(),
            }}</span></h3>
            <ul class="photos">
                <For each=ids key=|id: &EvidenceId| *id children=move |id| view! { <Tile draft=draft id=id large=large /> } />
            </ul>
            <Failures draft=draft about=about />
            <div class="row">
                <button class="btn grow" type="button" disabled=locked on:click=open><Icon name="camera" />{t!(i18n, evidence.add)}</button>
                <MoreButton id=id.clone() open=adds locked=Signal::derive(locked) />
            </div>
            <Adds draft=draft about=about id=id.clone() open=adds />
            <CameraSheet id=format!("{id}-camera") open=camera take=take count=Signal::derive(photos) system=Callback::new(move |file: JsValue| {
                album.take(Given::Shot(file), about.get_value(), None);
            }) />
            <LargeSheet draft=draft id=format!("{id}-large") target=large />
        </section>
    }
}

#[component]
fn Tile(draft: OpenDraft, id: EvidenceId, large: RwSignal<Option<EvidenceId>>) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let shot = move || album.shot(id);
    let kept = move || shot().map(|shot| shot.kept);
    let state = move || match kept() {
        Some(Kept::Saved) => "saved",
        Some(Kept::Failed(_)) => "failed",
        _ => "saving",
    };
    let icon = Signal::derive(move || match kept() {
        Some(Kept::Saved) => "saved",
        Some(Kept::Failed(_)) => "alert",
        _ => "saving",
    });
    let face = Memo::new(move |_| shot().map(|shot| (shot.row, shot.kept == Kept::Saved)));
    let label = move || {
        let shot = shot();
        let about = shot.as_ref().and_then(|shot| shot.row.about.clone());
        let all = album.about(about.as_ref());
        let n = all
            .iter()
            .position(|shot| shot.row.id == id)
            .unwrap_or_default()
            + 1;
        let name = match shot.filter(|shot| shot.row.kind != EvidenceKind::Photo) {
            Some(shot) => face::name(i18n, &shot.row),
            None => t_string!(i18n, evidence.photo, n = n),
        };
        if state() == "saving" {
            format!(
                "{name}{}{}",
                t_string!(i18n, common.list.comma),
                t_string!(i18n, evidence.saving_it)
            )
        } else {
            name
        }
    };
    let says = move || {
        let code = shot().filter(|shot| shot.row.kind == EvidenceKind::Code);
        code.map(|shot| view! { <Says text=shot.row.text /> })
    };
    view! {
        <li class="photo" data-state=state data-tone=move || if state() == "failed" { "fail" } else { "na" }>
            <button type="button" aria-label=label on:click=move |_| large.set(Some(id))>
                {move || face.get().map(|(row, saved)| view! { <Face row=row saved=saved /> })}
            </button>
            <crate::components::LiveIcon name=icon />
            {says}
        </li>
    }
}

/// What did not get onto the disk, each with what can be done.
#[component]
pub fn Failures(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: StoredValue<Option<AnswerKey>>,
) -> Node {
    let album = album(draft);
    let failed = move || {
        let all = about.with_value(|key| album.about(key.as_ref()));
        let failed = all
            .into_iter()
            .filter(|shot| matches!(shot.kept, Kept::Failed(_)));
        failed.collect::<Vec<_>>()
    };
    view! {
        <For each=failed key=|shot: &Shot| shot.row.id children=move |shot| view! { <Failure draft=draft shot=shot /> } />
    }
}

#[component]
fn Failure(draft: OpenDraft, shot: Shot) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let id = shot.row.id;
    let Kept::Failed(why) = shot.kept else {
        return Node::Nothing;
    };
    // What is in memory alone is lost with the page; an empty file stays empty however often it is read.
    let held = matches!(why, Trouble::Store(_));
    let again = album.can_retry(id) && words::is_worth_another_try(&why);
    view! {
        <div class="stack aside" role="alert">
            <p class="said" data-tone="fail"><b>{t!(i18n, evidence.failed.title)}</b><br />{move || words::trouble(i18n, &why)}</p>
            <p class="quiet">{t!(i18n, evidence.failed.others)}{held.then(|| view! { <br />{t!(i18n, evidence.failed.safe)} })}</p>
            <div class="row wrap">
                {again.then(|| view! { <Button label=t!(i18n, evidence.failed.retry) on_press=Callback::new(move |()| album.retry(id)) /> })}
                <Button kind=ButtonKind::Warn label=t!(i18n, evidence.failed.drop) on_press=Callback::new(move |()| album.remove(id)) />
            </div>
        </div>
    }
}
