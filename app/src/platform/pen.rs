//! A finger, pen or mouse that draws on an element (W3C Pointer Events).

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use zhicha_core::inspection::strokes::Dot;

/// Takes the pointer of a `pointerdown`: the element hears of it until it is lifted, wherever it goes. False for a second finger
/// and for other buttons of a mouse.
pub fn takes(event: &JsValue) -> bool {
    let first = get(event, "isPrimary").is_truthy() && number(event, "button") == 0.0;
    if first {
        let target = get(event, "target");
        call(&target, "setPointerCapture", &get(event, "pointerId"));
    }
    first
}

/// Size of the element of an event, in tenths of a CSS pixel.
pub fn size(event: &JsValue) -> (i32, i32) {
    let target = get(event, "target");
    (
        tenths(number(&target, "clientWidth")),
        tenths(number(&target, "clientHeight")),
    )
}

/// Where the pointer is, and where it was since the last event, in order; times are `since` the first dot, in milliseconds of the
/// page's clock.
pub fn dots(event: &JsValue, since: f64) -> Vec<Dot> {
    let (left, top) = (
        number(event, "offsetX") - number(event, "clientX"),
        number(event, "offsetY") - number(event, "clientY"),
    );
    let dot = |of: &JsValue| Dot {
        x: tenths(left + number(of, "clientX")),
        y: tenths(top + number(of, "clientY")),
        t: whole(number(of, "timeStamp") - since),
        p: whole(number(of, "pressure") * 1000.0),
    };
    let between = call(event, "getCoalescedEvents", &JsValue::UNDEFINED);
    let mut dots: Vec<Dot> = between
        .dyn_ref::<Array>()
        .map(|all| all.iter().map(|one| dot(&one)).collect())
        .unwrap_or_default();
    if dots.is_empty() {
        dots.push(dot(event));
    }
    dots
}

/// When an event happened, on the page's clock.
pub fn at(event: &JsValue) -> f64 {
    number(event, "timeStamp")
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or_default()
}

fn number(of: &JsValue, name: &str) -> f64 {
    get(of, name).as_f64().unwrap_or_default()
}

// Browsers without the method, or a pointer that has gone: nothing.
fn call(of: &JsValue, name: &str, value: &JsValue) -> JsValue {
    let nothing = JsValue::UNDEFINED;
    let found = get(of, name).dyn_into::<Function>();
    found.map_or(JsValue::UNDEFINED, |act| {
        act.call3(of, value, &nothing, &nothing).unwrap_or_default()
    })
}

fn tenths(pixels: f64) -> i32 {
    whole(pixels * 10.0)
}

fn whole(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
    let whole = value.round() as i32;
    whole
}
