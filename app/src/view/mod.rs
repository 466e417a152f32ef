//! Views as data. [`view!`] describes a view as a [`Node`]; drawing it, patching it and taking it away is the same code
//! for every view. Leptos keeps everything else: components, signals, effects and contexts.
//!
//! Leptos's own macro draws what never changes through `innerHTML`, which our Trusted Types forbid. It also makes a type
//! of every element and every closure, and the compiler writes code for each, while the app has to stay small
//! (`cargo xtask size`).

mod attr;
mod children;
mod element;
mod keyed;
mod mounted;
mod node;
mod page;
mod shape;

pub use attr::{Attr, IntoAttr, Value};
pub use children::{Children, ChildrenFn, ToChildren, ViewFn};
pub use element::Element;
pub use keyed::{For, Show};
pub use node::{IntoNode, Node};
pub use page::{mount, mount_to_body};
pub use shape::{Holes, filled};
pub use zhicha_view_macro::view;

/// Runs now and whenever a signal that it reads changes. One type of effect for the whole app.
pub fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    leptos::prelude::Effect::new(move |_| run());
}
