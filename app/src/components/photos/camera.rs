//! The camera in the page: what it sees, the shutter, and what the sensors say meanwhile. Nothing here waits: a shutter
//! takes the frame, the moment and the place as they are.

use super::words;
use crate::{
    components::{Button, Icon, Sheet},
    platform::{
        camera::{Camera, NoCamera, frame},
        dom,
        geo::{Known, Sensors},
    },
    signal::RwSignal,
    view::{Node, effect, view},
    words::{Words, counted, t, t_string, use_i18n},
};
use leptos::{html, prelude::*, task::spawn_local};
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

type Held<T> = StoredValue<Option<T>, LocalStorage>;

#[component]
fn Viewfinder(
    id: String,
    open: RwSignal<bool>,
    take: Callback<(JsValue, Rc<Sensors>)>,
    count: Signal<usize>,
    system: Callback<JsValue>,
) -> Node {
    let i18n = use_i18n();
    let video = NodeRef::<html::Video>::new();
    let camera: Held<Camera> = StoredValue::new_local(None);
    let trouble = RwSignal::new(None::<NoCamera>);
    let ready = RwSignal::new(false);
    let place = RwSignal::new(None::<Known>);
    let sensors = Rc::new(Sensors::start(move |known| {
        place.try_set(Some(known.clone()));
    }));
    place.set(Some(sensors.place()));
    let sensors = StoredValue::new_local(sensors);
    let torch = RwSignal::new(None::<bool>);
    let zoom = RwSignal::new(None::<(f64, f64, f64)>);
    let start = move || {
        trouble.set(None);
        spawn_local(async move {
            let ended = move || {
                ready.try_set(false);
                trouble.try_set(Some(NoCamera::Ended));
            };
            match Camera::open(ended).await {
                Ok(opened) => {
                    let (light, range) = opened.abilities();
                    // The sheet may have been closed while the person was asked.
                    let Some(Some(element)) = video.try_get_untracked() else {
                        return;
                    };
                    opened.show(&element);
                    torch.try_set(light.then_some(false));
                    zoom.try_set(range);
                    camera.try_set_value(Some(opened));
                }
                Err(why) => {
                    trouble.try_set(Some(why));
                }
            }
        });
    };
    effect(move || {
        if video.get().is_some() && camera.with_value(Option::is_none) {
            start();
        }
    });
    let shoot = move |_| {
        let Some(element) = video.get_untracked() else {
            return;
        };
        let sensors = sensors.get_value();
        spawn_local(async move {
            if let Some(frame) = frame(&element).await {
                // The page may have been left meanwhile.
                let _ = take.try_run((frame.into(), sensors));
            }
        });
    };
    let said = move || trouble.get().map(|why| no_camera(i18n, why));
    let picked = move |event: dom::Event| {
        dom::take_files(&event)
            .into_iter()
            .for_each(|file| system.run(file));
    };
    view! {
        <div class="finder">
            <video node_ref=video autoplay=true playsinline=true prop:muted=true hidden=move || trouble.with(Option::is_some)
                on:playing=move |_| ready.set(true) aria-hidden="true"></video>
            {move || said().map(|why| view! {
                <div class="stack pad">
                    <p class="said" data-tone="warn" role="alert">{why}</p>
                    <Button label=t!(i18n, evidence.camera.retry) on_press=Callback::new(move |()| start()) />
                </div>
            })}
            <p class="row wrap quiet" role="status">
                <Icon name="pin" />{move || here(i18n, place.get().flatten())}
                <span class="grow"></span>
                {move || if ready.get() || trouble.with(Option::is_some) {
                    match count.get() {
                        0 => String::new(),
                        count => counted!(i18n, evidence.camera.taken, count = count),
                    }
                } else {
                    t_string!(i18n, evidence.camera.starting).to_owned()
                }}
            </p>
            <Zoom camera=camera zoom=zoom />
            <div class="shutter-row">
                <label class="icon line" for=format!("{id}-system") aria-label=t!(i18n, evidence.camera.system)>
                    <Icon name="camera" />
                    <input class="vh" id=format!("{id}-system") type="file" accept="image/*" capture="environment" on:change=picked />
                </label>
                <button class="shutter" type="button" aria-label=t!(i18n, evidence.camera.shoot) disabled=move || !ready.get() on:click=shoot></button>
                <Light camera=camera torch=torch />
            </div>
            <Button label=t!(i18n, evidence.camera.done) on_press=Callback::new(move |()| open.set(false)) />
        </div>
    }
}

#[component]
fn Light(camera: Held<Camera>, torch: RwSignal<Option<bool>>) -> Node {
    let i18n = use_i18n();
    let turn = move |on: bool| {
        torch.set(Some(on));
        set(camera, "torch", on.into());
    };
    view! {
        {move || match torch.get() {
            Some(on) => view! {
                <button class="icon line" type="button" aria-pressed=on.to_string() aria-label=t!(i18n, evidence.camera.torch)
                    on:click=move |_| turn(!on)><Icon name="theme" /></button>
            },
            None => view! { <span class="icon"></span> },
        }}
    }
}

#[component]
fn Zoom(camera: Held<Camera>, zoom: RwSignal<Option<(f64, f64, f64)>>) -> Node {
    let i18n = use_i18n();
    let change = move |event: dom::Event| {
        if let Ok(to) = event_target_value(&event).parse::<f64>() {
            set(camera, "zoom", to.into());
        }
    };
    view! {
        {move || zoom.get().map(|(min, max, step)| view! {
            <label class="row"><span>{t!(i18n, evidence.camera.zoom)}</span>
                <input class="grow" type="range" min=min.to_string() max=max.to_string() step=step.to_string() value=min.to_string() on:input=change />
            </label>
        })}
    }
}

// The camera stays where it is while it is being set: it is taken out and put back.
fn set(camera: Held<Camera>, name: &'static str, value: JsValue) {
    let Some(taken) = camera.try_update_value(Option::take).flatten() else {
        return;
    };
    spawn_local(async move {
        taken.set(name, value).await;
        // Left meanwhile: it is switched off here.
        camera.try_set_value(Some(taken));
    });
}

fn here(i18n: Words, known: Known) -> String {
    match known {
        None => t_string!(i18n, evidence.place.searching).to_owned(),
        Some(Ok(place)) => t_string!(i18n, evidence.place.found, m = place.accuracy_m),
        Some(Err(why)) => words::no_place(i18n, why).to_owned(),
    }
}

fn no_camera(i18n: Words, why: NoCamera) -> &'static str {
    match why {
        NoCamera::Refused => t_string!(i18n, evidence.camera.refused),
        NoCamera::Absent => t_string!(i18n, evidence.camera.absent),
        NoCamera::Busy => t_string!(i18n, evidence.camera.busy),
        NoCamera::Ended => t_string!(i18n, evidence.camera.ended),
    }
}
