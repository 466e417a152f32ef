//! A QR code as SVG nodes: black on white in every theme, since readers expect it so.

use crate::view::{Node, view};
use fast_qr::qr::QRBuilder;
use leptos::{prelude::*, text_prop::TextProp};

/// Modules of quiet zone on each side (ISO/IEC 18004 asks for 4).
const QUIET: usize = 4;

/// `text` as a QR code, or nothing when it is too long for one.
#[component]
pub fn QrCode(
    /// What it says.
    #[prop(into)]
    text: String,
    /// What it is, for who cannot see it.
    #[prop(into)]
    label: TextProp,
) -> Node {
    let Ok(code) = QRBuilder::new(text).build() else {
        return Node::Nothing;
    };
    let side = code.size + 2 * QUIET;
    let dark = (0..code.size).flat_map(|y| {
        let row = &code[y];
        (0..code.size)
            .filter(|x| row[*x].value())
            .map(move |x| format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET))
            .collect::<Vec<_>>()
    });
    let path: String = dark.collect();
    view! {
        <svg class="qr-code" role="img" aria-label=move || label.get().to_string() viewBox=format!("0 0 {side} {side}") shape-rendering="crispEdges">
            <rect width=side height=side fill="#fff" />
            <path d=path fill="#000" />
        </svg>
    }
}
