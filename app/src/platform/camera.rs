//! The camera inside the page: what it sees, a frame of it, light and zoom where the device has them.

use super::{dom, worker::text};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    HtmlVideoElement, ImageBitmap, MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

/// Why there is no camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCamera {
    /// The person or the system does not let the app use it.
    Refused,
    /// There is none, or the browser has no way to it.
    Absent,
    /// Another program uses it.
    Busy,
    /// It was there and ended.
    Ended,
    /// It is there and shows nothing, or stands still: a telephone call, another program, a driver that hangs.
    Paused,
}

/// An open camera; dropping it switches it off.
pub struct Camera {
    stream: MediaStream,
    track: MediaStreamTrack,
    _listeners: [Closure<dyn Fn()>; 3],
}

impl Camera {
    /// Opens the rear camera, or any. `told` hears when the device takes it away, and when it pauses and goes on (nothing).
    pub async fn open(told: impl Fn(Option<NoCamera>) + Clone + 'static) -> Result<Self, NoCamera> {
        let devices = dom::window().navigator().media_devices();
        let devices = devices
            .ok()
            .filter(|devices| !devices.is_undefined())
            .ok_or(NoCamera::Absent)?;
        let wanted = MediaStreamConstraints::new();
        wanted.set_video(&object(&[
            ("facingMode", object(&[("ideal", "environment".into())])),
            ("width", object(&[("ideal", 2560.into())])),
            ("height", object(&[("ideal", 1920.into())])),
        ]));
        let promise = devices
            .get_user_media_with_constraints(&wanted)
            .map_err(|_| NoCamera::Absent)?;
        let stream: MediaStream = JsFuture::from(promise).await.map_err(why)?.unchecked_into();
        let track: MediaStreamTrack = stream.get_video_tracks().get(0).unchecked_into();
        let [ended, muted, unmuted] =
            [Some(NoCamera::Ended), Some(NoCamera::Paused), None].map(|news| {
                let told = told.clone();
                Closure::<dyn Fn()>::new(move || told(news))
            });
        track.set_onended(Some(ended.as_ref().unchecked_ref()));
        track.set_onmute(Some(muted.as_ref().unchecked_ref()));
        track.set_onunmute(Some(unmuted.as_ref().unchecked_ref()));
        Ok(Self {
            stream,
            track,
            _listeners: [ended, muted, unmuted],
        })
    }

    /// Whether it shows nothing new by now.
    pub fn is_paused(&self) -> bool {
        self.track.muted()
    }

    /// Shows what it sees.
    pub fn show(&self, video: &HtmlVideoElement) {
        video.set_src_object(Some(&self.stream));
        // The element starts by itself (`autoplay`); where it must be asked, a refusal leaves the picture still.
        if let Ok(playing) = video.play() {
            let ignore = Closure::once_into_js(|_: JsValue| {});
            let caught = Reflect::get(&playing, &"catch".into())
                .ok()
                .and_then(|catch| catch.dyn_into::<js_sys::Function>().ok());
            let _ = caught.map(|catch| catch.call1(&playing, &ignore));
        }
    }

    /// Whether it has a light, and its range of zoom (least, most, step) where it has one.
    pub fn abilities(&self) -> (bool, Option<(f64, f64, f64)>) {
        let Some(all) = call(&self.track, "getCapabilities", None) else {
            return (false, None);
        };
        let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
        let zoom = get(&all, "zoom");
        let number = |name: &str| get(&zoom, name).as_f64();
        let range = number("min")
            .zip(number("max"))
            .filter(|(min, max)| min < max);
        (
            get(&all, "torch").is_truthy(),
            range.map(|(min, max)| (min, max, number("step").unwrap_or(0.1))),
        )
    }

    /// Sets `torch` or `zoom`; a device that cannot stays as it is.
    pub async fn set(&self, name: &str, value: JsValue) {
        let set = js_sys::Array::of1(&object(&[(name, value)]));
        let wanted = object(&[("advanced", set.into())]);
        if let Some(promise) = call(&self.track, "applyConstraints", Some(&wanted)) {
            let _ = JsFuture::from(promise.unchecked_into::<Promise>()).await;
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.track.set_onended(None);
        self.track.set_onmute(None);
        self.track.set_onunmute(None);
        self.track.stop();
    }
}

/// What a video shows right now; nothing before its first frame.
pub async fn frame(video: &HtmlVideoElement) -> Option<ImageBitmap> {
    if video.video_width() == 0 {
        return None;
    }
    let promise = dom::window()
        .create_image_bitmap_with_html_video_element(video)
        .ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

fn why(error: JsValue) -> NoCamera {
    match text(&error, "name").as_str() {
        "NotAllowedError" | "SecurityError" => NoCamera::Refused,
        "NotReadableError" | "AbortError" => NoCamera::Busy,
        _ => NoCamera::Absent,
    }
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

// Methods that not every browser has.
fn call(of: &JsValue, name: &str, argument: Option<&JsValue>) -> Option<JsValue> {
    let method = Reflect::get(of, &name.into()).ok()?;
    let method = method.dyn_ref::<js_sys::Function>()?;
    match argument {
        Some(argument) => method.call1(of, argument),
        None => method.call0(of),
    }
    .ok()
}
