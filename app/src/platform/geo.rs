//! Where the device is and which way it looks, by its sensors. Nothing waits for them.

use super::{clock, dom};
use js_sys::{Function, Reflect};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use zhicha_core::inspection::evidence::{NoPlace, Place};

/// What is known of the place so far.
pub type Known = Option<Result<Place, NoPlace>>;

type OnEvent = Closure<dyn FnMut(JsValue)>;

/// Listens to the sensors until it is dropped.
pub struct Sensors {
    known: Rc<RefCell<Known>>,
    heading: Rc<Cell<Option<u16>>>,
    watch: Option<JsValue>,
    orientation: OnEvent,
    _found: OnEvent,
    _missed: OnEvent,
}

impl Sensors {
    /// Starts listening; `told` is called whenever the place changes.
    pub fn start(told: impl Fn(&Known) + 'static) -> Self {
        let known = Rc::new(RefCell::new(None));
        let told = Rc::new(told);
        let found = OnEvent::new({
            let (known, told) = (Rc::clone(&known), Rc::clone(&told));
            move |position: JsValue| {
                // What cannot be a place on Earth is a sensor that found none; what was found before still says where it was.
                let said = place(&position).ok_or(NoPlace::Unavailable);
                if said.is_ok() || !matches!(*known.borrow(), Some(Ok(_))) {
                    *known.borrow_mut() = Some(said);
                    told(&known.borrow());
                }
            }
        });
        let missed = OnEvent::new({
            let known = Rc::clone(&known);
            move |error: JsValue| {
                // What was found before still says where it was then.
                if !matches!(*known.borrow(), Some(Ok(_))) {
                    *known.borrow_mut() = Some(Err(why(&error)));
                    told(&known.borrow());
                }
            }
        });
        let heading = Rc::new(Cell::new(None));
        let orientation = OnEvent::new({
            let heading = Rc::clone(&heading);
            move |event: JsValue| {
                if let Some(degrees) = direction(&event) {
                    heading.set(Some(degrees));
                }
            }
        });
        let window = dom::window();
        for event in ["deviceorientationabsolute", "deviceorientation"] {
            let _ = window
                .add_event_listener_with_callback(event, orientation.as_ref().unchecked_ref());
        }
        let watch = watch(&found, &missed);
        if watch.is_none() {
            *known.borrow_mut() = Some(Err(NoPlace::Unavailable));
        }
        Self {
            known,
            heading,
            watch,
            orientation,
            _found: found,
            _missed: missed,
        }
    }

    /// The place as last found.
    pub fn place(&self) -> Known {
        self.known.borrow().clone()
    }

    /// Where the rear camera looks, in degrees clockwise from north.
    pub fn heading(&self) -> Option<u16> {
        self.heading.get()
    }
}

impl Drop for Sensors {
    fn drop(&mut self) {
        if let (Some(geolocation), Some(watch)) = (geolocation(), &self.watch) {
            let _ = method(&geolocation, "clearWatch").map(|f| f.call1(&geolocation, watch));
        }
        let window = dom::window();
        for event in ["deviceorientationabsolute", "deviceorientation"] {
            let _ = window.remove_event_listener_with_callback(
                event,
                self.orientation.as_ref().unchecked_ref(),
            );
        }
    }
}

fn geolocation() -> Option<JsValue> {
    let found = get(&dom::window().navigator(), "geolocation");
    found.is_object().then_some(found)
}

fn watch(found: &OnEvent, missed: &OnEvent) -> Option<JsValue> {
    let geolocation = geolocation()?;
    let options = js_sys::Object::new();
    for (name, value) in [
        ("enableHighAccuracy", JsValue::TRUE),
        ("maximumAge", 10_000.into()),
        ("timeout", 20_000.into()),
    ] {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &name.into(), &value);
    }
    method(&geolocation, "watchPosition")?
        .call3(&geolocation, found.as_ref(), missed.as_ref(), &options)
        .ok()
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    get(of, name).dyn_into().ok()
}

// Seven decimals are about a centimetre, far below what any sensor knows.
fn place(position: &JsValue) -> Option<Place> {
    let coords = get(position, "coords");
    let number = |name: &str, least: f64, most: f64| {
        let value = get(&coords, name).as_f64()?;
        (least..=most).contains(&value).then_some(value)
    };
    let degrees = |name, most: f64| format!("{:.7}", number(name, -most, most)?).parse().ok();
    let accuracy = number("accuracy", 0.0, f64::from(u32::MAX))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range"
    )]
    Some(Place {
        lat: degrees("latitude", 90.0)?,
        lon: degrees("longitude", 180.0)?,
        accuracy_m: accuracy.ceil() as u32,
        at: clock::now(),
    })
}

// GeolocationPositionError, W3C Geolocation §9.
fn why(error: &JsValue) -> NoPlace {
    match get(error, "code").as_f64() {
        Some(1.0) => NoPlace::Refused,
        Some(3.0) => NoPlace::TimedOut,
        _ => NoPlace::Unavailable,
    }
}

// Where the rear camera looks: W3C Device Orientation, "Worked examples", compass heading. iOS says it itself.
fn direction(event: &JsValue) -> Option<u16> {
    let angle = |name: &str| get(event, name).as_f64();
    let degrees = match angle("webkitCompassHeading") {
        Some(heading) => heading,
        None if get(event, "absolute").is_truthy() => {
            compass(angle("alpha")?, angle("beta")?, angle("gamma")?)?
        }
        None => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 360"
    )]
    Some(degrees.rem_euclid(360.0).round() as u16 % 360)
}

fn compass(alpha: f64, beta: f64, gamma: f64) -> Option<f64> {
    let (a, b, g) = (alpha.to_radians(), beta.to_radians(), gamma.to_radians());
    let east = -a.cos() * g.sin() - a.sin() * b.sin() * g.cos();
    let north = -a.sin() * g.sin() + a.cos() * b.sin() * g.cos();
    // A device that lies flat looks up or down, nowhere on the compass.
    let flat = east.hypot(north) < 0.1;
    (!flat).then(|| east.atan2(north).to_degrees())
}
