//! Full screen: the browser had lost records of this device, and they came back from the copy beside the database.

use super::outside::Outside;
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    components::{Banner, Button, ButtonKind},
    platform::dom,
    state::device::{self, Restored},
    words::{t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_storage::IdbStore;

/// Says what came back and what did not.
#[component]
pub fn RestoredPage(
    /// The open store.
    store: Rc<IdbStore>,
    /// What came back.
    what: Restored,
) -> Node {
    let i18n = use_i18n();
    let held = StoredValue::new_local(store);
    let go = Callback::new(move |()| {
        spawn_local(async move {
            device::admit_restored(&held.get_value()).await;
            dom::load("/");
        });
    });
    let Restored {
        count,
        from,
        to,
        anew,
    } = what;
    let words = move || {
        counted!(
            i18n,
            field.restored.count,
            count = count,
            from = from,
            to = to
        )
    };
    let dock = move || view! { <Button kind=ButtonKind::Main label=t!(i18n, field.restored.go) on_press=go /> };
    view! {
        <Outside title=t!(i18n, field.restored.title) dock=dock>
            <Banner tone="warn" icon="saved" title=words>
                <p>{t!(i18n, field.restored.why)}</p>
                {anew.then(|| view! { <p>{t!(i18n, field.restored.anew)}</p> })}
            </Banner>
        </Outside>
    }
}
