//! A camera that is open in the page, for whoever shows what it sees: photos and codes. It opens with the page part that
//! holds it and is switched off with it.

use super::{Button, Icon};
use crate::{
    platform::camera::{self, Camera, NoCamera},
    signal::RwSignal,
    view::{Node, effect, view},
    words::{Words, t, t_string, use_i18n},
};
use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

type Held<T> = StoredValue<Option<T>, LocalStorage>;

/// The camera, and what is known of it. A handle; pass it by value.
#[derive(Clone, Copy)]
pub struct Lens {
    /// Where it is shown.
    video: NodeRef<html::Video>,
    camera: Held<Camera>,
    // It was switched off while it was being opened or set.
    off: StoredValue<bool>,
    /// Why there is none.
    pub trouble: RwSignal<Option<NoCamera>>,
    /// Whether it shows something.
    pub ready: RwSignal<bool>,
    torch: RwSignal<Option<bool>>,
    zoom: RwSignal<Option<(f64, f64, f64)>>,
}

impl Lens {
    /// Opens the camera as soon as [`Sight`] is in the page.
    pub fn open() -> Self {
        let lens = Self {
            video: NodeRef::new(),
            camera: StoredValue::new_local(None),
            off: StoredValue::new(false),
            trouble: RwSignal::new(None),
            ready: RwSignal::new(false),
            torch: RwSignal::new(None),
            zoom: RwSignal::new(None),
        };
        effect(move || {
            if lens.video.get().is_some() && lens.camera.with_value(Option::is_none) {
                lens.start();
            }
        });
        lens
    }

    fn start(self) {
        self.trouble.set(None);
        self.ready.set(false);
        // The one before, with its news, if there was one.
        self.camera.set_value(None);
        self.off.set_value(false);
        spawn_local(async move {
            let told = move |news: Option<NoCamera>| {
                let element = self.video.try_get_untracked().flatten();
                let shows = element.is_some_and(|video| video.video_width() > 0);
                self.ready.try_set(news.is_none() && shows);
                self.trouble.try_set(news);
            };
            match Camera::open(told).await {
                Ok(opened) => {
                    let (light, range) = opened.abilities();
                    // The sheet may have been closed while the person was asked.
                    let Some(Some(element)) = self.video.try_get_untracked() else {
                        return;
                    };
                    if self.off.try_get_value() != Some(false) {
                        return;
                    }
                    opened.show(&element);
                    let paused = opened.is_paused().then_some(NoCamera::Paused);
                    self.trouble.try_set(paused);
                    self.torch.try_set(light.then_some(false));
                    self.zoom.try_set(range);
                    self.camera.try_set_value(Some(opened));
                }
                Err(why) => {
                    self.trouble.try_set(Some(why));
                }
            }
        });
    }

    /// Switches the camera off.
    pub fn close(self) {
        self.off.try_set_value(true);
        self.camera.try_set_value(None);
    }

    /// What it sees now (`ImageBitmap`); nothing before its first frame, and when the page part has gone.
    pub async fn frame(self) -> Option<JsValue> {
        let element = self.video.try_get_untracked().flatten()?;
        camera::frame(&element).await.map(Into::into)
    }

    // The camera stays where it is while it is being set: it is taken out and put back.
    fn set(self, name: &'static str, value: JsValue) {
        let Some(taken) = self.camera.try_update_value(Option::take).flatten() else {
            return;
        };
        spawn_local(async move {
            taken.set(name, value).await;
            // Left or closed meanwhile: it is switched off here.
            if self.off.try_get_value() == Some(false) {
                self.camera.try_set_value(Some(taken));
            }
        });
    }
}

/// What the camera sees, or why it sees nothing.
#[component]
pub fn Sight(
    /// The camera.
    lens: Lens,
) -> Node {
    let i18n = use_i18n();
    let Lens { video, trouble, .. } = lens;
    let said = move || trouble.get().map(|why| no_camera(i18n, why));
    view! {
        <video node_ref=video autoplay=true playsinline=true prop:muted=true hidden=move || trouble.with(Option::is_some)
            on:playing=move |_| lens.ready.set(true) aria-hidden="true"></video>
        {move || said().map(|why| view! {
            <div class="stack">
                <p class="said" data-tone="warn" role="alert">{why}</p>
                <Button label=t!(i18n, evidence.camera.retry) on_press=Callback::new(move |()| lens.start()) />
            </div>
        })}
    }
}

/// The button for its light; an empty place where it has none.
#[component]
pub fn Light(
    /// The camera.
    lens: Lens,
) -> Node {
    let i18n = use_i18n();
    let turn = move |on: bool| {
        lens.torch.set(Some(on));
        lens.set("torch", on.into());
    };
    view! {
        {move || match lens.torch.get() {
            Some(on) => view! {
                <button class="icon line" type="button" aria-pressed=on.to_string() aria-label=t!(i18n, evidence.camera.torch)
                    on:click=move |_| turn(!on)><Icon name="theme" /></button>
            },
            None => view! { <span class="icon"></span> },
        }}
    }
}

/// Its zoom, where it has one.
#[component]
pub fn Zoom(
    /// The camera.
    lens: Lens,
) -> Node {
    let i18n = use_i18n();
    let change = move |event: crate::platform::dom::Event| {
        if let Ok(to) = event_target_value(&event).parse::<f64>() {
            lens.set("zoom", to.into());
        }
    };
    view! {
        {move || lens.zoom.get().map(|(min, max, step)| view! {
            <label class="row"><span>{t!(i18n, evidence.camera.zoom)}</span>
                <input class="grow" type="range" min=min.to_string() max=max.to_string() step=step.to_string() value=min.to_string() on:input=change />
            </label>
        })}
    }
}

fn no_camera(i18n: Words, why: NoCamera) -> &'static str {
    match why {
        NoCamera::Refused => t_string!(i18n, evidence.camera.refused),
        NoCamera::Absent => t_string!(i18n, evidence.camera.absent),
        NoCamera::Busy => t_string!(i18n, evidence.camera.busy),
        NoCamera::Ended => t_string!(i18n, evidence.camera.ended),
        NoCamera::Paused => t_string!(i18n, evidence.camera.paused),
    }
}
