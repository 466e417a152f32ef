//! The ways to add evidence that is no photo, behind one button beside the camera's.

use super::{
    icons::{Gauge, Microphone},
    reading::ReadingSheet,
    recorder::VoiceSheet,
};
use crate::{
    components::{Icon, codes::CodeSheet},
    platform::{dom, photo::Given},
    signal::RwSignal,
    state::draft::{OpenDraft, Standing, album::album},
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::answer::AnswerKey;

/// The button that shows the ways, and hides them.
#[component]
pub fn MoreButton(
    /// Prefix of ids.
    id: String,
    /// Whether they are shown.
    open: RwSignal<bool>,
    /// While true it cannot be pressed.
    locked: Signal<bool>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <button class="btn fit" type="button" aria-label=t!(i18n, evidence.more) aria-expanded=move || open.get().to_string()
            aria-controls=format!("{id}-adds") disabled=move || locked.get() on:click=move |_| open.update(|open| *open = !*open)><Icon name="plus" /></button>
    }
}

/// The ways, each a button with icon and word. They stay in the page while they are hidden: a file chooser that is open needs its input.
#[component]
pub fn Adds(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: StoredValue<Option<AnswerKey>>,
    /// Prefix of ids.
    id: String,
    /// Whether they are shown.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let locked = move || draft.standing.get() != Standing::Ours;
    let sheet = || RwSignal::new(false);
    let (code, voice, reading) = (sheet(), sheet(), sheet());
    let begin = move |sheet: RwSignal<bool>| {
        // All that was typed is on the disk before anything may end the page.
        draft.flush();
        open.set(false);
        sheet.set(true);
    };
    let picked = move |event: dom::Event| {
        open.set(false);
        for file in dom::take_files(&event) {
            album.take(Given::File(file), about.get_value(), None);
        }
    };
    view! {
        <div class="adds" id=format!("{id}-adds") hidden=move || !open.get()>
            <button class="btn" type="button" disabled=locked on:click=move |_| begin(code)><Icon name="qr" />{t!(i18n, evidence.scan.add)}</button>
            <button class="btn" type="button" disabled=locked on:click=move |_| begin(voice)><Microphone />{t!(i18n, evidence.kind.voice)}</button>
            <button class="btn" type="button" disabled=locked on:click=move |_| begin(reading)><Gauge />{t!(i18n, evidence.reading.short)}</button>
            <label class="btn file" for=format!("{id}-file") aria-disabled=move || locked().then_some("true")>
                <Icon name="file" />{t!(i18n, evidence.pick)}
                <input class="vh" type="file" id=format!("{id}-file") accept="image/*,.heic,application/pdf" multiple=true disabled=locked on:change=picked />
            </label>
        </div>
        <CodeSheet draft=draft about=about id=format!("{id}-code") open=code />
        <VoiceSheet draft=draft about=about id=format!("{id}-voice") open=voice />
        <ReadingSheet draft=draft about=about id=format!("{id}-reading") open=reading />
    }
}
