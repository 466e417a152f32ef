//! Waiting, failed, or there: one face for everything that is fetched.

use super::Failed;
use crate::view::{IntoNode, Node, view};
use crate::{
    office::load::{Load, Loaded},
    words::{t, use_i18n},
};
use leptos::prelude::*;

/// Shows what `loaded` holds by `render`, and says so while it has nothing.
#[component]
pub fn Shown<T, F, V>(
    /// What is fetched.
    loaded: Loaded<T>,
    /// How it looks.
    render: F,
) -> Node
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Send + 'static,
    V: IntoNode + 'static,
{
    let retry = Callback::new(move |()| loaded.reload());
    Node::live(move || match loaded.signal().get() {
        Load::Waiting => view! { <Waiting /> },
        Load::Failed(failure) => {
            view! { <div class="pad"><Failed failure=failure retry=retry /></div> }
        }
        Load::Ready(value) => render(value).into_node(),
    })
}

/// The word for "not here yet".
#[component]
pub fn Waiting() -> Node {
    let i18n = use_i18n();
    view! { <p class="pad quiet" role="status">{t!(i18n, office.loading)}</p> }
}
