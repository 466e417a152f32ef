//! The field to draw a signature in.

use crate::{
    components::{Button, ButtonKind},
    platform::pen,
    signal::RwSignal,
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::{ev, prelude::*, text_prop::TextProp};
use zhicha_core::inspection::strokes::{Strokes, path};

/// A field for a finger, a pen or a mouse, with undo and clear.
#[component]
pub fn Pen(
    /// What was drawn.
    strokes: RwSignal<Strokes>,
    /// What the field is for.
    #[prop(into)]
    label: TextProp,
    /// What stands in it while it is empty.
    #[prop(into)]
    hint: TextProp,
) -> Node {
    let i18n = use_i18n();
    // When the first point was drawn, on the page's clock; whether the pointer is down.
    let first = StoredValue::new(None::<f64>);
    let down = StoredValue::new(false);
    let empty = Signal::derive(move || strokes.with(|drawn| drawn.strokes.is_empty()));
    let draw = move |event: &ev::PointerEvent, begin: bool| {
        let now = first.get_value().unwrap_or_else(|| pen::at(event));
        first.set_value(Some(now));
        strokes.update(|drawn| {
            if drawn.strokes.is_empty() && begin {
                let (width, height) = pen::size(event);
                *drawn = Strokes::new(width, height);
            }
            for (at, dot) in pen::dots(event, now).into_iter().enumerate() {
                match begin && at == 0 {
                    true => drawn.begin(dot),
                    false => drawn.go(dot),
                }
            }
        });
    };
    let begin = move |event: ev::PointerEvent| {
        if pen::takes(&event) {
            down.set_value(true);
            draw(&event, true);
        }
    };
    let go = move |event: ev::PointerEvent| {
        if down.get_value() {
            draw(&event, false);
        }
    };
    let lift = move |_: ev::PointerEvent| down.set_value(false);
    let box_of = move || strokes.with(|drawn| format!("0 0 {} {}", drawn.width, drawn.height));
    let lines = move || {
        strokes.with(|drawn| {
            let lines = drawn.strokes.iter().map(|stroke| path(stroke));
            lines.collect::<String>()
        })
    };
    view! {
        <div class="pen" role="img" aria-label=move || label.get() on:pointerdown=begin on:pointermove=go on:pointerup=lift on:pointercancel=lift>
            {move || empty.get().then(|| view! { <p>{hint.get()}</p> })}
            <svg class="ink" viewBox=box_of aria-hidden="true"><path d=lines /></svg>
        </div>
        <div class="row wrap">
            <Button kind=ButtonKind::Link label=t!(i18n, signature.undo) disabled=empty on_press=Callback::new(move |()| strokes.update(Strokes::undo)) />
            <Button kind=ButtonKind::Link label=t!(i18n, signature.clear) disabled=empty on_press=Callback::new(move |()| strokes.update(|drawn| drawn.strokes.clear())) />
        </div>
    }
}
