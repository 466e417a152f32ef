//! Evidence: what a code on the spot says, with the picture in which it was read.

use super::{Says, Scan, Scanner};
use crate::{
    components::{Button, ButtonKind, Sheet},
    platform::{geo::Sensors, photo::Given},
    signal::RwSignal,
    state::draft::{OpenDraft, album::album},
    view::{Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    answer::AnswerKey,
    inspection::{code::bounded, evidence::Capture},
};

/// The sheet: it scans, shows what it read, and keeps that when the person says so.
#[component]
pub fn CodeSheet(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: StoredValue<Option<AnswerKey>>,
    /// Id, unique in the page.
    #[prop(name = "id")]
    name: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let name = StoredValue::new(name);
    view! {
        <Sheet open=open id=name.get_value() title=t!(i18n, evidence.scan.title)>
            <Body draft=draft about=about id=name.get_value() open=open />
        </Sheet>
    }
}

#[component]
fn Body(
    draft: OpenDraft,
    about: StoredValue<Option<AnswerKey>>,
    id: String,
    open: RwSignal<bool>,
) -> Node {
    let sensors = StoredValue::new_local(Rc::new(Sensors::start(|_| {})));
    let texts = RwSignal::new(None::<Vec<String>>);
    let held = StoredValue::new_local(None::<(Given, Capture)>);
    let found = Callback::new(move |scan: Scan| {
        if texts.with_untracked(Option::is_some) {
            return;
        }
        // The moment of reading counts, not that of the button.
        let capture = album(draft).moment(&scan.given, Some(&sensors.get_value()));
        held.set_value(Some((scan.given, capture)));
        texts.set(Some(scan.texts));
    });
    let keep = Callback::new(move |text: String| {
        if let Some((given, capture)) = held.try_update_value(Option::take).flatten() {
            let sensors = sensors.get_value();
            album(draft).take_code(&text, given, about.get_value(), capture, &sensors);
        }
        open.set(false);
    });
    Node::live(move || match texts.get() {
        None => view! { <Scanner id=id.clone() found=found /> },
        Some(read) => view! { <Result read=read keep=keep again=texts /> },
    })
}

#[component]
fn Result(read: Vec<String>, keep: Callback<String>, again: RwSignal<Option<Vec<String>>>) -> Node {
    let i18n = use_i18n();
    let count = read.len();
    let one = move |text: String| {
        let kept = bounded(&text);
        let cut = kept != text;
        let press = Callback::new(move |()| keep.run(text.clone()));
        view! {
            <section class="stack">
                <Says text=kept />
                {cut.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, evidence.scan.cut)}</p> })}
                <Button kind=ButtonKind::Main label=t!(i18n, evidence.scan.keep) on_press=press />
            </section>
        }
    };
    let several = (count > 1).then(|| {
        view! { <p>{move || t_string!(i18n, evidence.scan.several, n = count)}</p> }
    });
    view! {
        <div class="stack l" role="status">
            <h3>{t!(i18n, evidence.scan.says)}</h3>
            {several}
            {read.into_iter().map(one).collect::<Vec<_>>()}
        </div>
        <Button icon="qr" label=t!(i18n, evidence.scan.again) on_press=Callback::new(move |()| again.set(None)) />
    }
}
