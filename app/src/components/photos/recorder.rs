//! The recorder of voice notes: one large button, how long it has been, how loud it is; then the note, to be heard.

use super::{icons::Microphone, other::Sound, remove::RemoveDialog, words};
use crate::{
    components::{Button, ButtonKind, Sheet},
    platform::{geo::Sensors, voice::NoMicrophone},
    signal::{Memo, RwSignal},
    state::draft::{
        OpenDraft,
        album::{
            Album, Kept, album,
            voice::{self, Ending, MOST_S, Stage},
        },
    },
    view::{Node, view},
    words::{Words, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    answer::AnswerKey,
    id::EvidenceId,
    inspection::{EvidenceKind, said::Voice},
};

/// The sheet; closing it ends a recording and keeps it.
#[component]
pub fn VoiceSheet(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: StoredValue<Option<AnswerKey>>,
    /// Id, unique in the page.
    id: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Sheet open=open id=id.clone() title=t!(i18n, evidence.kind.voice)>
            <Recorder draft=draft about=about name=id.clone() open=open />
        </Sheet>
    }
}

#[component]
fn Recorder(
    draft: OpenDraft,
    about: StoredValue<Option<AnswerKey>>,
    name: String,
    open: RwSignal<bool>,
) -> Node {
    let album = album(draft);
    let sensors = StoredValue::new_local(Rc::new(Sensors::start(|_| {})));
    on_cleanup(voice::leave);
    let record = Callback::new(move |replaces: Option<EvidenceId>| {
        voice::record(album, about.get_value(), sensors.get_value(), replaces);
    });
    let done = Memo::new(|_| match voice::stage() {
        Stage::Done(id, why) => Some((id, why)),
        _ => None,
    });
    view! {
        <div class="recorder stack">
            {move || match done.get() {
                Some((id, why)) => view! { <Note album=album id=id why=why name=name.clone() record=record open=open /> },
                None => view! { <Deck record=record /> },
            }}
        </div>
    }
}

// The button, the time, the level.
#[component]
fn Deck(record: Callback<Option<EvidenceId>>) -> Node {
    let i18n = use_i18n();
    let stage = Memo::new(|_| voice::stage());
    let on = Memo::new(move |_| matches!(stage.get(), Stage::On(..)));
    let (time, level) = (
        move || match stage.get() {
            Stage::On(seconds, _) => clock(seconds),
            _ => clock(0),
        },
        move || match stage.get() {
            Stage::On(_, level) => level,
            _ => 0,
        },
    );
    let waiting = move || matches!(stage.get(), Stage::Asking | Stage::Ending);
    let press = move |_| match on.get_untracked() {
        true => voice::stop(Ending::Wanted),
        false => record.run(None),
    };
    let label = move || match on.get() {
        true => t_string!(i18n, evidence.voice.stop),
        false => t_string!(i18n, evidence.voice.start),
    };
    let said = move || match stage.get() {
        Stage::Asking => t_string!(i18n, evidence.voice.asking),
        Stage::On(..) => t_string!(i18n, evidence.voice.on),
        Stage::Ending => t_string!(i18n, evidence.saving_it),
        _ => t_string!(i18n, evidence.voice.hint),
    };
    let failed = move || match stage.get() {
        Stage::Failed(why) => Some(no_microphone(i18n, why)),
        _ => None,
    };
    view! {
        <p class="clock" role="timer">{time}<span class="quiet">{format!(" / {}", clock(MOST_S))}</span></p>
        <meter min="0" max="100" value=level hidden=move || !on.get() aria-label=t!(i18n, evidence.voice.level)></meter>
        <button class="shutter record" type="button" aria-label=label data-on=move || on.get().then_some("") disabled=waiting on:click=press><Microphone /></button>
        <p class="quiet" role="status">{said}</p>
        {move || failed().map(|why| view! { <p class="said" data-tone="warn" role="alert">{why}</p> })}
    }
}

// What was recorded.
#[component]
fn Note(
    album: Album,
    id: EvidenceId,
    why: Ending,
    name: String,
    record: Callback<Option<EvidenceId>>,
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let asking = RwSignal::new(false);
    let shot = Memo::new(move |_| album.shot(id));
    let trouble = move || match shot.get()?.kept {
        Kept::Failed(why) => Some(words::trouble(i18n, &why)),
        _ => None,
    };
    let saved = Memo::new(move |_| shot.get().is_some_and(|shot| shot.kept == Kept::Saved));
    let player = move || {
        shot.get()
            .filter(|_| saved.get())
            .map(|shot| view! { <Sound row=shot.row /> })
    };
    let remove = move |()| {
        asking.set(false);
        album.remove(id);
        voice::leave();
    };
    view! {
        {move || ending(i18n, why).map(|why| view! { <p class="said" data-tone="warn" role="alert">{why}</p> })}
        {move || trouble().map(|why| view! { <p class="said" data-tone="fail" role="alert">{why}</p> })}
        {player}
        {move || saved.get().then(|| view! { <p class="quiet" role="status">{t!(i18n, evidence.voice.kept)}</p> })}
        <Button kind=ButtonKind::Main label=t!(i18n, evidence.voice.done) on_press=Callback::new(move |()| open.set(false)) />
        <div class="row">
            <Button icon="refresh" label=t!(i18n, evidence.voice.again) on_press=Callback::new(move |()| record.run(Some(id))) />
            <Button kind=ButtonKind::Warn icon="trash" label=t!(i18n, evidence.remove.yes) on_press=Callback::new(move |()| asking.set(true)) />
        </div>
        <RemoveDialog asking=asking id=format!("{name}-remove") kind=EvidenceKind::Voice remove=Callback::new(remove) />
    }
}

fn clock(seconds: u32) -> String {
    Voice {
        seconds,
        cut: false,
        caption: String::new(),
    }
    .length()
}

fn ending(i18n: Words, why: Ending) -> Option<&'static str> {
    match why {
        Ending::Wanted => None,
        Ending::Long => Some(t_string!(i18n, evidence.voice.ended_long)),
        Ending::Hidden => Some(t_string!(i18n, evidence.voice.ended_hidden)),
        Ending::Lost => Some(t_string!(i18n, evidence.voice.ended_lost)),
        Ending::NoRoom => Some(t_string!(i18n, evidence.voice.ended_full)),
    }
}

fn no_microphone(i18n: Words, why: NoMicrophone) -> &'static str {
    match why {
        NoMicrophone::Refused => t_string!(i18n, evidence.voice.refused),
        NoMicrophone::Absent => t_string!(i18n, evidence.voice.absent),
        NoMicrophone::Busy => t_string!(i18n, evidence.voice.busy),
        NoMicrophone::Unsupported => t_string!(i18n, evidence.voice.unsupported),
    }
}
