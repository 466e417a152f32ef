//! Pictures and sounds from the device's own storage.

use crate::{
    platform::picture::Picture,
    signal::RwSignal,
    state::use_app,
    view::{Node, effect, view},
};
use leptos::{prelude::*, task::spawn_local, text_prop::TextProp};
use zhicha_core::id::BlobId;

/// Bytes of the device as an image; an empty frame until they are read, or when they are not there.
#[component]
pub fn StoredImage(
    /// Where they lie.
    #[prop(into)]
    blob: Signal<Option<BlobId>>,
    /// Media type.
    #[prop(default = "image/jpeg".to_owned(), into)]
    mime: String,
    /// What it shows.
    #[prop(into)]
    alt: TextProp,
) -> Node {
    let address = address(blob, mime);
    view! {
        <span class="frame" data-state=move || if address.with(Option::is_some) { "there" } else { "waiting" }>
            {move || address.get().map(|address| view! { <img src=address alt=alt.get().to_string() /> })}
        </span>
    }
}

/// Bytes of the device as a sound that can be played; nothing until they are read.
#[component]
pub fn StoredSound(
    /// Where they lie.
    #[prop(into)]
    blob: Signal<Option<BlobId>>,
    /// Media type.
    #[prop(into)]
    mime: String,
    /// What it is.
    #[prop(into)]
    label: TextProp,
) -> Node {
    let address = address(blob, mime);
    view! {
        {move || address.get().map(|address| view! { <audio controls=true preload="metadata" src=address aria-label=label.get().to_string()></audio> })}
    }
}

fn address(blob: Signal<Option<BlobId>>, mime: String) -> RwSignal<Option<String>> {
    let store = use_app().store();
    let address = RwSignal::new(None::<String>);
    let shown = StoredValue::new_local(None::<Picture>);
    effect(move || {
        let Some(blob) = blob.get() else { return };
        let (store, mime) = (store.clone(), mime.clone());
        spawn_local(async move {
            let Ok(stretches) = store.stretches(blob).await else {
                return;
            };
            if stretches.is_empty() {
                return;
            }
            if let Some(picture) = Picture::of(&stretches, &mime) {
                // Left meanwhile: the picture goes with this future.
                address.try_set(Some(picture.address()));
                shown.try_set_value(Some(picture));
            }
        });
    });
    address
}
