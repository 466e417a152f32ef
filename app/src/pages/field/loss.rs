//! Full screen: records that were on this device are gone. The person sees the numbers before anything else.

use super::outside::Outside;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    boot::Lost,
    components::{Banner, Button, ButtonKind},
    platform::dom,
    state::device,
    words::{self, t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::client::AppendError;

/// Names what is missing, and writes a signed loss event when the person has read it.
#[component]
pub fn LossPage(
    /// What is missing.
    lost: Lost,
    /// Called when nothing can be signed here and the person goes on.
    on_done: Callback<()>,
) -> Node {
    let i18n = use_i18n();
    let failed = RwSignal::new(None::<AppendError>);
    let enrolled = lost.identity.is_some();
    let (from, to) = (lost.loss.from, lost.loss.to);
    let held = StoredValue::new_local((lost.store, lost.loss));
    let go = Callback::new(move |()| {
        let (store, loss) = held.get_value();
        spawn_local(async move {
            // Without the key nothing can be signed here: the next enrolment reports the loss.
            if !enrolled || !device::has_key(&store).await {
                return on_done.run(());
            }
            match device::admit_loss(&store, &loss).await {
                Ok(()) => dom::load("/"),
                Err(error) => failed.set(Some(error)),
            }
        });
    });
    let count = to.saturating_sub(from) + 1;
    let words = move || counted!(i18n, field.loss.count, count = count, from = from, to = to);
    let dock = move || view! { <Button kind=ButtonKind::Main label=t!(i18n, field.loss.go) on_press=go /> };
    view! {
        <Outside title=t!(i18n, field.loss.title) dock=dock>
            <Banner tone="fail" icon="alert" title=words>
                <p>{t!(i18n, field.loss.why)}</p>
                <p>{t!(i18n, field.loss.recorded)}</p>
            </Banner>
            {move || failed.get().map(|error| view! { <p role="alert">{move || words::append_error(i18n, &error)}</p> })}
        </Outside>
    }
}
