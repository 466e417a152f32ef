//! Changing parts of a view as one type. Every closure in a view is a type of its own, and each costs a kilobyte or
//! two of program; boxed, it costs its own body.

use leptos::prelude::{AnyView, IntoAny};

/// A part of a view that is drawn anew when what it reads changes.
pub type Changing = Box<dyn Fn() -> AnyView + Send>;

/// Makes one.
pub fn changing<V: IntoAny>(part: impl Fn() -> V + Send + 'static) -> Changing {
    Box::new(move || part().into_any())
}
