//! The field app from start to first page.

use crate::signal::RwSignal;
use crate::view::{self, Node, view};
use crate::{
    boot::{self, Start},
    components::Toaster,
    pages::field::{
        join::Join,
        start::StartPage,
        trouble::{CheckingPage, TroublePage, UncheckedPage},
    },
    platform::dom,
    routes::field::FieldRoutes,
    second::{Load, Second},
    state::{App, Prefs},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::sync::wire::Identity;
use zhicha_storage::IdbStore;

/// Starts the field app in the page's body.
pub fn run(load: Load) {
    boot::panic_words();
    view::mount_to_body(move || {
        provide_context(Second::new(load));
        view! { <Root /> }
    });
}

/// Gives the texts, the choices of the device and the toaster to all below; both apps begin with it.
pub fn provide_frame() -> Prefs {
    let prefs = Prefs::load();
    provide_context(prefs);
    provide_context(Toaster::default());
    prefs
}

#[component]
fn Root() -> Node {
    let prefs = provide_frame();
    let start = RwSignal::new(None::<Start>);
    let second = expect_context::<Second>();
    spawn_local(async move {
        let checking = move || start.set(Some(Start::Checking));
        start.set(Some(boot::start(second, checking).await));
    });
    Node::live(move || start.get().map(|now| first_page(now, start, prefs)))
}

fn first_page(now: Start, start: RwSignal<Option<Start>>, prefs: Prefs) -> Node {
    match now {
        Start::Enrolled { store, identity } => {
            store.on_gone(move |why| start.set(Some(Start::Trouble(boot::gone(why)))));
            enrolled(store, identity, prefs)
        }
        Start::Lost(lost, tools) => {
            let then = StoredValue::new_local(boot::after_loss(&lost));
            let go_on = Callback::new(move |()| start.set(Some(then.get_value())));
            (tools.lost)(lost, go_on)
        }
        Start::Restored(store, what, tools) => (tools.restored)(store, what),
        Start::Checking => view! { <CheckingPage /> },
        Start::Unchecked => view! { <UncheckedPage /> },
        Start::Empty if dom::path() == "/join" => view! { <Join /> },
        Start::Empty => view! { <StartPage /> },
        Start::Trouble(error) => view! { <TroublePage error=error /> },
    }
}

fn enrolled(store: Rc<IdbStore>, identity: Identity, prefs: Prefs) -> Node {
    let second = expect_context::<Second>();
    let app = App::new(store, identity, prefs, second);
    provide_context(app);
    app.start();
    view! { <FieldRoutes /> }
}
