//! Views as data. [`view!`] describes a view as a [`Node`]; drawing it, patching it and taking it away is the same code
//! for every view. Leptos keeps everything else: components, signals, effects, contexts, lists and the router.
//!
//! Leptos's own macro makes a type of every element and every closure, and the compiler writes code for each; that was
//! most of the program and twice the budget of what the app may load (`cargo xtask size`). It also draws what never
//! changes through `innerHTML`, which our Trusted Types forbid.

mod attr;
mod element;
mod mounted;
mod node;
mod render;

pub use attr::{Attr, IntoAttr, Value};
pub use element::Element;
pub use node::{IntoNode, Node};
pub use zhicha_view_macro::view;
