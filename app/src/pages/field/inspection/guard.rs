//! What stands above an open draft when it cannot be written: another tab has it, or the disk refused.

use super::page::TakeOver;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{Banner, Button, ButtonKind},
    draft::Saving,
    platform::dom,
    state::draft::{OpenDraft, Standing},
    words::{store_error, t, t_string, use_i18n},
};
use leptos::prelude::*;

/// The banners; nothing while all is well.
#[component]
pub fn Guard(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    // The banner is at the top; what it says must not be missed further down.
    effect(move || {
        if draft.standing.get() != Standing::Ours {
            request_animation_frame(dom::scroll_to_top);
        }
    });
    Node::live(move || match (draft.standing.get(), draft.saving.get()) {
        (Standing::Ours, Saving::Failed(error)) => {
            Some(view! { <Failed draft=draft error=error /> })
        }
        (Standing::Ours, _) => None,
        (standing, _) => Some(view! { <Locked draft=draft standing=standing /> }),
    })
}

#[component]
fn Failed(draft: OpenDraft, error: zhicha_core::store::StoreError) -> Node {
    let i18n = use_i18n();
    view! {
        <div class="pad">
            <Banner tone="fail" icon="alert" title=t!(i18n, inspection.failed.title)>
                <p>{move || store_error(i18n, &error)}</p>
                <p>{t!(i18n, inspection.failed.safe)}</p>
                <Button label=t!(i18n, inspection.failed.retry) on_press=Callback::new(move |()| draft.retry()) />
            </Banner>
        </div>
    }
}

#[component]
fn Locked(draft: OpenDraft, standing: Standing) -> Node {
    let i18n = use_i18n();
    let take_over = expect_context::<TakeOver>();
    let taken = standing == Standing::Taken;
    let title = move || {
        if taken {
            t_string!(i18n, inspection.lock.taken)
        } else {
            t_string!(i18n, inspection.lock.elsewhere)
        }
    };
    let hint = move || {
        if taken {
            t_string!(i18n, inspection.lock.taken_hint)
        } else {
            t_string!(i18n, inspection.lock.elsewhere_hint)
        }
    };
    let unsaved = draft.unsaved();
    view! {
        <div class="pad">
            <Banner tone="warn" icon="info" title=title>
                <p>{hint}</p>
                {(unsaved > 0).then(|| view! { <p>{move || counted!(i18n, inspection.lock.unsaved, count = unsaved)}</p> })}
                <Button kind=ButtonKind::Main label=t!(i18n, inspection.lock.take_over) on_press=take_over.0 />
            </Banner>
        </div>
    }
}
