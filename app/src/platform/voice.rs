//! The microphone, and what it hears as pieces of a file. By name, not by type: each method of `web-sys` would add its glue to
//! the first file of the program, and nothing here is needed there.

use super::{dom, worker::text};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// How often a recording hands over what it has.
const PIECE_MS: u32 = 1000;
// Speech is clear at this; three minutes are less than a megabyte.
const BITS_PER_SECOND: u32 = 32_000;
// What browsers can record, the best first. Safari knows only MP4.
const FORMS: [&str; 4] = [
    "audio/webm;codecs=opus",
    "audio/mp4",
    "audio/webm",
    "audio/ogg;codecs=opus",
];

/// Why nothing can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMicrophone {
    /// The person or the system does not let the app use it.
    Refused,
    /// There is none.
    Absent,
    /// Another program uses it.
    Busy,
    /// The browser cannot record.
    Unsupported,
}

/// What a recording tells.
pub enum Heard {
    /// The next piece (`Blob`).
    Piece(JsValue),
    /// The device took the microphone away; the end follows.
    Lost,
    /// There are no more pieces.
    End,
}

type OnEvent = Closure<dyn FnMut(JsValue)>;

/// A recording that goes on; dropping it switches the microphone off.
pub struct Recorder {
    recorder: JsValue,
    track: JsValue,
    meter: Option<(JsValue, JsValue)>,
    mime: String,
    _heard: [OnEvent; 3],
}

impl Recorder {
    /// Asks for the microphone and begins.
    pub async fn start(heard: impl Fn(Heard) + Clone + 'static) -> Result<Self, NoMicrophone> {
        let maker = get(&dom::window(), "MediaRecorder");
        if !maker.is_function() {
            return Err(NoMicrophone::Unsupported);
        }
        let devices = get(&dom::window().navigator(), "mediaDevices");
        let wanted = object(&[("audio", JsValue::TRUE)]);
        let asked = call(&devices, "getUserMedia", &[&wanted]).ok_or(NoMicrophone::Absent)?;
        let stream = JsFuture::from(asked.unchecked_into::<Promise>())
            .await
            .map_err(|error| why(&error))?;
        let track = call(&stream, "getAudioTracks", &[]).map(|all| Array::from(&all).get(0));
        let track = track.unwrap_or_default();
        let off = || call(&track, "stop", &[]);
        let form = FORMS.into_iter().find(|form| {
            call(&maker, "isTypeSupported", &[&(*form).into()]).is_some_and(|can| can.is_truthy())
        });
        let mut options = vec![("audioBitsPerSecond", BITS_PER_SECOND.into())];
        options.extend(form.map(|form| ("mimeType", form.into())));
        let arguments = Array::of2(&stream, &object(&options));
        let Ok(recorder) = Reflect::construct(maker.unchecked_ref::<Function>(), &arguments) else {
            off();
            return Err(NoMicrophone::Unsupported);
        };
        let on = |of: &JsValue, event: &str, tell: Box<dyn Fn(JsValue)>| {
            let closure = OnEvent::new(tell);
            // Setting a listener of an object of the browser cannot fail.
            let _ = Reflect::set(of, &event.into(), closure.as_ref());
            closure
        };
        let (piece, end, lost) = (heard.clone(), heard.clone(), heard);
        let heard = [
            on(
                &recorder,
                "ondataavailable",
                Box::new(move |event| piece(Heard::Piece(get(&event, "data")))),
            ),
            on(&recorder, "onstop", Box::new(move |_| end(Heard::End))),
            on(&track, "onended", Box::new(move |_| lost(Heard::Lost))),
        ];
        if call(&recorder, "start", &[&PIECE_MS.into()]).is_none() {
            off();
            return Err(NoMicrophone::Busy);
        }
        let mime = text(&recorder, "mimeType");
        let mime = mime.split(';').next().unwrap_or_default().trim().to_owned();
        Ok(Self {
            meter: meter(&stream),
            recorder,
            track,
            mime,
            _heard: heard,
        })
    }

    /// Media type of what it records.
    pub fn mime(&self) -> String {
        self.mime.clone()
    }

    /// Ends it; the last piece and the end are still told.
    pub fn stop(&self) {
        if text(&self.recorder, "state") != "inactive" {
            call(&self.recorder, "stop", &[]);
        }
        call(&self.track, "stop", &[]);
    }

    /// How loud it is now, from 0 to 100.
    pub fn level(&self) -> u32 {
        let Some((_, analyser)) = &self.meter else {
            return 0;
        };
        let heard = Uint8Array::new_with_length(512);
        call(analyser, "getByteTimeDomainData", &[&heard]);
        let most = heard
            .to_vec()
            .into_iter()
            .map(|at| u32::from(at.abs_diff(128)))
            .max();
        (most.unwrap_or_default() * 100 / 128).min(100)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        for (of, event) in [
            (&self.recorder, "ondataavailable"),
            (&self.recorder, "onstop"),
            (&self.track, "onended"),
        ] {
            let _ = Reflect::set(of, &event.into(), &JsValue::NULL);
        }
        self.stop();
        if let Some((context, _)) = &self.meter {
            call(context, "close", &[]);
        }
    }
}

/// The bytes of a piece.
pub async fn bytes(piece: &JsValue) -> Option<Vec<u8>> {
    let promise = call(piece, "arrayBuffer", &[])?;
    let buffer = JsFuture::from(promise.unchecked_into::<Promise>()).await;
    Some(Uint8Array::new(&buffer.ok()?).to_vec())
}

// Without one a recording is as good; there is only less to see.
fn meter(stream: &JsValue) -> Option<(JsValue, JsValue)> {
    let maker = get(&dom::window(), "AudioContext")
        .dyn_into::<Function>()
        .ok()?;
    let context = Reflect::construct(&maker, &Array::new()).ok()?;
    let analyser = call(&context, "createAnalyser", &[])?;
    let source = call(&context, "createMediaStreamSource", &[stream])?;
    call(&source, "connect", &[&analyser])?;
    Some((context, analyser))
}

fn why(error: &JsValue) -> NoMicrophone {
    match text(error, "name").as_str() {
        "NotAllowedError" | "SecurityError" => NoMicrophone::Refused,
        "NotReadableError" | "AbortError" => NoMicrophone::Busy,
        _ => NoMicrophone::Absent,
    }
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

// A method by its name; nothing where there is none, or where it throws.
fn call(of: &JsValue, name: &str, arguments: &[&JsValue]) -> Option<JsValue> {
    let method = get(of, name).dyn_into::<Function>().ok()?;
    match arguments {
        [] => method.call0(of),
        [one, ..] => method.call1(of, one),
    }
    .ok()
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
