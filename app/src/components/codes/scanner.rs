//! The camera while it looks for a code, and the way for who has no camera: a picture. One frame at a time is read; the next
//! one is taken when the answer is there.

use crate::{
    components::{
        Icon,
        lens::{Lens, Light, Sight, Zoom},
    },
    platform::{codes, dom, photo::Given, timer},
    signal::RwSignal,
    view::{Node, view},
    words::{Words, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

/// The rest between two frames, so that the device keeps cool.
const REST_MS: u32 = 80;
const NOT_READY_MS: u32 = 200;

/// What was read, and the picture in which it was.
#[derive(Clone)]
pub struct Scan {
    /// What each code says; never empty.
    pub texts: Vec<String>,
    /// The frame or the file.
    pub given: Given,
}

/// How the search stands.
#[derive(Clone, Copy, PartialEq)]
enum Search {
    Starting,
    // The reader is not on the device and did not come.
    Missing,
    // It looks; whether for barcodes too.
    On(bool),
}

/// What became of the last picture.
#[derive(Clone, Copy, PartialEq)]
enum Picture {
    Reading,
    Nothing,
    Unreadable,
}

/// The camera, looking; ends with the first thing it reads.
#[component]
pub fn Scanner(
    /// Prefix of ids.
    id: String,
    /// Takes what was read.
    found: Callback<Scan>,
) -> Node {
    let i18n = use_i18n();
    let lens = Lens::open();
    let search = RwSignal::new(Search::Starting);
    let picture = RwSignal::new(None::<Picture>);
    spawn_local(look(lens, search, found));
    let picked = move |event: dom::Event| {
        if let Some(file) = dom::take_files(&event).into_iter().next() {
            picture.set(Some(Picture::Reading));
            spawn_local(read_file(file, search, picture, found));
        }
    };
    let input = format!("{id}-picture");
    let label_for = input.clone();
    let missing = move || search.get() == Search::Missing;
    let aimed = move || match lens.ready.get() && lens.trouble.with(Option::is_none) {
        true => "on",
        false => "off",
    };
    let status = move || match (search.get(), lens.trouble.get(), lens.ready.get()) {
        (Search::Missing, ..) | (_, Some(_), _) => "",
        (Search::Starting, ..) | (_, _, false) => t_string!(i18n, evidence.camera.starting),
        (Search::On(true), ..) => t_string!(i18n, evidence.scan.aim_any),
        (Search::On(false), ..) => t_string!(i18n, evidence.scan.aim_qr),
    };
    view! {
        <div class="finder scan">
            {move || match missing() {
                true => view! { <p class="said" data-tone="warn" role="alert">{t!(i18n, evidence.scan.missing)}</p> },
                false => view! { <div class="aim" data-state=aimed><Sight lens=lens /></div> },
            }}
            <p class="quiet" role="status">{status}</p>
            <Zoom lens=lens />
            {move || picture.get().map(|now| said(i18n, now, search.get()))}
            <div class="row">
                <label class="btn file grow" for=label_for aria-disabled=move || missing().then_some("true")>
                    <Icon name="camera" />{t!(i18n, evidence.scan.picture)}
                    <input class="vh" type="file" id=input accept="image/*" disabled=missing on:change=picked />
                </label>
                <Light lens=lens />
            </div>
        </div>
    }
}

fn said(i18n: Words, picture: Picture, search: Search) -> Node {
    let words = match (picture, search) {
        (Picture::Reading, _) => {
            return view! { <p class="quiet" role="status">{t!(i18n, evidence.scan.reading)}</p> };
        }
        (Picture::Nothing, Search::On(true)) => t!(i18n, evidence.scan.nothing_any),
        (Picture::Nothing, _) => t!(i18n, evidence.scan.nothing_qr),
        (Picture::Unreadable, _) => t!(i18n, evidence.scan.unreadable),
    };
    view! { <p class="said" data-tone="warn" role="alert">{words}</p> }
}

// Ends with the sheet: its signals are gone then.
async fn look(lens: Lens, search: RwSignal<Search>, found: Callback<Scan>) {
    match codes::open().await {
        Ok(bars) => {
            search.try_set(Search::On(bars));
        }
        Err(_) => {
            search.try_set(Search::Missing);
            lens.close();
            return;
        }
    }
    let mut step = 0;
    while let Some(ready) = lens.ready.try_with_untracked(|ready| *ready) {
        let frame = match ready {
            true => lens.frame().await,
            false => None,
        };
        let Some(frame) = frame else {
            timer::sleep(NOT_READY_MS).await;
            continue;
        };
        // A reader that stopped over a frame starts anew with the next.
        if let Ok(read) = codes::read(&Given::Frame(frame), step).await {
            search.try_set(Search::On(read.bars));
            if let Some(frame) = read.frame {
                let given = Given::Frame(frame);
                let texts = read.texts;
                let _ = found.try_run(Scan { texts, given });
                return;
            }
        }
        step = step.wrapping_add(1);
        timer::sleep(REST_MS).await;
    }
}

async fn read_file(
    file: JsValue,
    search: RwSignal<Search>,
    picture: RwSignal<Option<Picture>>,
    found: Callback<Scan>,
) {
    let given = Given::File(file);
    let read = codes::read(&given, 0).await;
    let now = match read {
        Ok(read) if !read.texts.is_empty() => {
            let texts = read.texts;
            let _ = found.try_run(Scan { texts, given });
            return;
        }
        Ok(read) => {
            search.try_set(Search::On(read.bars));
            Picture::Nothing
        }
        Err(_) => Picture::Unreadable,
    };
    picture.try_set(Some(now));
}
