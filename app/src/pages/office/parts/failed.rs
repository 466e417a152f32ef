//! What a failed call says on screen.

use crate::view::{Node, view};
use crate::{
    components::{Banner, Button, Icon},
    office::{client::Failure, words},
    words::{t, use_i18n},
};
use leptos::prelude::*;

/// A failure in place of what was asked for, with the way out.
#[component]
pub fn Failed(
    /// Why.
    failure: Failure,
    /// Asks anew.
    retry: Callback<()>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Banner tone="fail" icon="alert" title=t!(i18n, office.problem.title)>
            <p>{move || words::failure(i18n, &failure)}</p>
            <div><Button label=t!(i18n, common.action.retry) icon="refresh" on_press=retry /></div>
        </Banner>
    }
}

/// A failure beside a button that can be pressed again. Announced when it comes.
#[component]
pub fn FailedLine(
    /// Why, if anything failed.
    #[prop(into)]
    failure: Signal<Option<Failure>>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <div role="alert">
            {move || {
                failure
                    .get()
                    .map(|failure| {
                        view! {
                            <p class="said row" data-tone="fail">
                                <Icon name="alert" />
                                {move || words::failure(i18n, &failure)}
                            </p>
                        }
                    })
            }}
        </div>
    }
}
