//! 随手拍: the camera from anywhere in a checklist; what is taken belongs to no item until somebody says to which.

use super::{camera::CameraSheet, strip::Failures};
use crate::{
    components::{Dialog, Icon},
    platform::{geo::Sensors, photo::Given},
    signal::{Memo, RwSignal},
    state::draft::{
        OpenDraft, Standing,
        album::{Kept, album},
    },
    view::{Node, effect, view},
    words::{counted, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The button, with how many pieces belong to no item yet.
#[component]
pub fn Shoot(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let camera = RwSignal::new(false);
    let failed = RwSignal::new(false);
    let kept = move || album.about(None).into_iter().map(|shot| shot.kept);
    let count = Memo::new(move |_| kept().count());
    let troubles = Memo::new(move |_| {
        kept()
            .filter(|kept| matches!(kept, Kept::Failed(_)))
            .count()
    });
    // Once for each: who has closed it knows.
    let known = StoredValue::new(0);
    effect(move || {
        let now = troubles.get();
        let before = known.get_value();
        known.set_value(now);
        if now > before || now == 0 {
            failed.set(now > 0);
        }
    });
    let label = move || match count.get() {
        0 => t_string!(i18n, evidence.shoot.title).to_owned(),
        count => counted!(i18n, evidence.shoot.loose, count = count),
    };
    let open = move |_| {
        // All that was typed is on the disk before the camera may end the page.
        draft.flush();
        camera.set(true);
    };
    let take = Callback::new(move |(frame, sensors): (JsValue, Rc<Sensors>)| {
        album.take(Given::Frame(frame), None, Some(&sensors));
    });
    let system = Callback::new(move |file: JsValue| {
        album.take(Given::Shot(file), None, None);
    });
    view! {
        <button class="icon line shoot" type="button" aria-label=label disabled=move || draft.standing.get() != Standing::Ours on:click=open>
            <Icon name="camera" />
            {move || (count.get() > 0).then(|| view! { <b aria-hidden="true">{count.get().to_string()}</b> })}
        </button>
        <CameraSheet id="shoot".to_owned() open=camera take=take count=Signal::derive(move || count.get()) system=system />
        <Dialog open=failed id="shoot-failed" title=t!(i18n, evidence.loose.title)>
            <Failures draft=draft about=StoredValue::new(None) />
        </Dialog>
    }
}
