//! The camera in the page: what it sees, the shutter, and what the sensors say meanwhile. Nothing here waits: a shutter
//! takes the frame, the moment and the place as they are.

use super::words;
use crate::{
    components::{
        Button, Icon, Sheet,
        lens::{Lens, Light, Sight, Zoom},
    },
    platform::{
        dom,
        geo::{Known, Sensors},
    },
    signal::RwSignal,
    view::{Node, view},
    words::{Words, counted, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The sheet with the camera.
#[component]
pub fn CameraSheet(
    /// Id, unique in the page.
    id: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Takes a frame, with the sensors at that moment.
    take: Callback<(JsValue, Rc<Sensors>)>,
    /// How many photos are there.
    count: Signal<usize>,
    /// Takes a file of the system's camera.
    system: Callback<JsValue>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Sheet open=open id=id.clone() title=t!(i18n, evidence.camera.title)>
            <Viewfinder id=id.clone() open=open take=take count=count system=system />
        </Sheet>
    }
}

#[component]
fn Viewfinder(
    id: String,
    open: RwSignal<bool>,
    take: Callback<(JsValue, Rc<Sensors>)>,
    count: Signal<usize>,
    system: Callback<JsValue>,
) -> Node {
    let i18n = use_i18n();
    let lens = Lens::open();
    let place = RwSignal::new(None::<Known>);
    let sensors = Rc::new(Sensors::start(move |known| {
        place.try_set(Some(known.clone()));
    }));
    place.set(Some(sensors.place()));
    let sensors = StoredValue::new_local(sensors);
    let shoot = move |_| {
        let sensors = sensors.get_value();
        spawn_local(async move {
            if let Some(frame) = lens.frame().await {
                // The page may have been left meanwhile.
                let _ = take.try_run((frame, sensors));
            }
        });
    };
    let ready = move || lens.ready.get();
    let picked = move |event: dom::Event| {
        dom::take_files(&event)
            .into_iter()
            .for_each(|file| system.run(file));
    };
    view! {
        <div class="finder">
            <Sight lens=lens />
            <p class="row wrap quiet" role="status">
                <Icon name="pin" />{move || here(i18n, place.get().flatten())}
                <span class="grow"></span>
                {move || if ready() || lens.trouble.with(Option::is_some) {
                    match count.get() {
                        0 => String::new(),
                        count => counted!(i18n, evidence.camera.taken, count = count),
                    }
                } else {
                    t_string!(i18n, evidence.camera.starting).to_owned()
                }}
            </p>
            <Zoom lens=lens />
            <div class="shutter-row">
                <label class="icon line" for=format!("{id}-system") aria-label=t!(i18n, evidence.camera.system)>
                    <Icon name="camera" />
                    <input class="vh" id=format!("{id}-system") type="file" accept="image/*" capture="environment" on:change=picked />
                </label>
                <button class="shutter" type="button" aria-label=t!(i18n, evidence.camera.shoot) disabled=move || !ready() on:click=shoot></button>
                <Light lens=lens />
            </div>
            <Button label=t!(i18n, evidence.camera.done) on_press=Callback::new(move |()| open.set(false)) />
        </div>
    }
}

/// What is known of the place, while it may still come.
pub fn here(i18n: Words, known: Known) -> String {
    match known {
        None => t_string!(i18n, evidence.place.searching).to_owned(),
        Some(Ok(place)) => t_string!(i18n, evidence.place.found, m = place.accuracy_m),
        Some(Err(why)) => words::no_place(i18n, why).to_owned(),
    }
}
