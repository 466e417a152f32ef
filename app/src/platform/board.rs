//! The picture that is being marked: a canvas of the page on which the worker `public/photo.js` draws, and the fingers on it.

use super::{
    photo::{self, Bytes},
    worker::{WorkError, work},
};
use js_sys::{Array, Function, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue};
pub use web_sys::{HtmlCanvasElement, PointerEvent};

/// A picture open for marking; dropping it lets go of it.
pub struct Board {
    id: u32,
    size: (u32, u32),
    given: Cell<bool>,
    canvas: RefCell<Option<JsValue>>,
    wanted: RefCell<Option<String>>,
    drawing: Cell<bool>,
}

/// A finger or pen on the canvas, in pixels of the page.
#[derive(Clone, Copy, Debug)]
pub struct Finger {
    /// Which one.
    pub id: i32,
    /// Where it is.
    pub at: (f64, f64),
    /// Where the canvas begins.
    pub corner: (f64, f64),
    /// How large the canvas is.
    pub frame: (f64, f64),
}

impl Board {
    /// Opens a picture.
    pub async fn open(picture: &Bytes) -> Result<Self, WorkError> {
        let reply = work("photo", &photo::job("open", picture), &Array::new()).await?;
        Ok(Self {
            id: whole(&reply, "id"),
            size: (whole(&reply, "width"), whole(&reply, "height")),
            given: Cell::new(false),
            canvas: RefCell::default(),
            wanted: RefCell::default(),
            drawing: Cell::new(false),
        })
    }

    /// Width and height on the screen.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Gives the canvas to the worker; once is enough.
    pub fn take(&self, canvas: &HtmlCanvasElement) -> Result<(), WorkError> {
        if self.given.replace(true) {
            return Ok(());
        }
        let taken = call(canvas, "transferControlToOffscreen", &[]);
        let taken = taken.ok_or_else(|| WorkError {
            name: "NotSupportedError".to_owned(),
            words: "transferControlToOffscreen".to_owned(),
        })?;
        self.canvas.replace(Some(taken));
        Ok(())
    }

    /// Draws; of several drawings that come while one is being drawn the last is drawn.
    pub async fn show(&self, drawing: String) -> Result<(), WorkError> {
        self.wanted.replace(Some(drawing));
        if self.drawing.replace(true) {
            return Ok(());
        }
        let shown = self.show_wanted().await;
        self.drawing.set(false);
        shown
    }

    async fn show_wanted(&self) -> Result<(), WorkError> {
        while let Some(drawing) = self.wanted.take() {
            let mut job = vec![
                ("do", "show".into()),
                ("id", self.id.into()),
                ("drawing", drawing.into()),
            ];
            let transfer = Array::new();
            if let Some(canvas) = self.canvas.take() {
                transfer.push(&canvas);
                job.push(("canvas", canvas));
            }
            work("photo", &job, &transfer).await?;
        }
        Ok(())
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let id = self.id;
        wasm_bindgen_futures::spawn_local(async move {
            let job = [("do", "close".into()), ("id", id.into())];
            // A worker that is gone holds nothing.
            let _ = work("photo", &job, &Array::new()).await;
        });
    }
}

/// The finger of an event, and the frame of what listens to it. It is followed until it is lifted, wherever it goes.
pub fn finger(event: &PointerEvent, follow: bool) -> Finger {
    let number = |of: &JsValue, name: &str| {
        let value = Reflect::get(of, &name.into()).unwrap_or_default();
        value.as_f64().unwrap_or_default()
    };
    let target = Reflect::get(event, &"currentTarget".into()).unwrap_or_default();
    let id = number(event, "pointerId");
    if follow {
        // A finger that was lifted meanwhile needs no following.
        call(&target, "setPointerCapture", &[id.into()]);
    }
    let frame = call(&target, "getBoundingClientRect", &[]).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "the browser counts them")]
    let id = id as i32;
    Finger {
        id,
        at: (number(event, "clientX"), number(event, "clientY")),
        corner: (number(&frame, "left"), number(&frame, "top")),
        frame: (number(&frame, "width"), number(&frame, "height")),
    }
}

fn whole(reply: &JsValue, name: &str) -> u32 {
    let value = Reflect::get(reply, &name.into()).unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count, or at most some thousand pixels"
    )]
    let whole = value.as_f64().unwrap_or(1.0) as u32;
    whole
}

fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method = Reflect::get(of, &name.into()).ok()?;
    let method = method.dyn_ref::<Function>()?;
    method.apply(of, &arguments.iter().collect()).ok()
}
