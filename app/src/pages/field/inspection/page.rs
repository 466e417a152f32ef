//! One inspection: opens its draft once and keeps it open over all its steps.

use super::check::CheckPage;
use crate::pages::field::later::{Later, Page};
use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, effect, view};
use crate::{
    components::{Button, ButtonKind, Empty, Frame, LinkButton},
    draft::Write,
    state::{
        draft::{OpenDraft, Opening, open},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::id::RecordId;

/// The step that the address names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Check,
    Overview,
}

/// Opens the draft again, taken over from another tab.
#[derive(Clone, Copy)]
pub struct TakeOver(pub Callback<()>);

/// The page of `/inspect/:id` and `/inspect/:id/overview`.
#[component]
pub fn InspectionPage() -> Node {
    let app = use_app();
    let address = use_address();
    let (part, last) = (address.part("inspect", 1), address.part("inspect", 2));
    let id = Memo::new(move |_| part.get()?.parse::<RecordId>().ok());
    let step = Memo::new(move |_| match last.get().as_deref() {
        Some("overview") => Step::Overview,
        _ => Step::Check,
    });
    let opening = RwSignal::new(None::<Opening>);
    let home = StoredValue::new(Owner::current().unwrap_or_default());
    let inner = StoredValue::new(None::<Owner>);
    let start = move |id: RecordId, take_over: bool, leftovers: Vec<Write>| {
        opening.set(None);
        let before = inner.try_update_value(Option::take).flatten();
        let owner = home.with_value(Owner::child);
        inner.set_value(Some(owner.clone()));
        spawn_local(async move {
            let opened = open(app, owner, id, take_over, leftovers).await;
            // By now the rows that listened to the signals of before are gone.
            if let Some(before) = before {
                before.cleanup();
            }
            opening.try_set(Some(opened));
        });
    };
    effect(move || match id.get() {
        Some(id) => start(id, false, Vec::new()),
        None => opening.set(Some(Opening::Gone)),
    });
    provide_context(TakeOver(Callback::new(move |()| {
        let leftovers = match opening.get_untracked() {
            Some(Opening::Open(draft)) => draft.leftovers(),
            _ => Vec::new(),
        };
        if let Some(id) = id.get_untracked() {
            start(id, true, leftovers);
        }
    })));
    Node::live(move || match opening.get() {
        Some(Opening::Open(draft)) => view! { <Steps draft=draft step=step /> },
        other => view! { <Closed opening=other id=id.get() /> },
    })
}

#[component]
fn Steps(draft: OpenDraft, step: Memo<Step>) -> Node {
    // A page that is hidden may be killed without another word; leaving is no reason to lose a letter either.
    let flush = move |_: crate::platform::dom::Event| draft.flush();
    let hidden = window_event_listener_untyped("visibilitychange", flush);
    let gone = window_event_listener_untyped("pagehide", flush);
    on_cleanup(move || {
        hidden.remove();
        gone.remove();
        // What failed gets one more chance; the writer outlives the page.
        draft.retry();
        draft.flush();
    });
    Node::live(move || match step.get() {
        Step::Check => view! { <CheckPage draft=draft /> },
        Step::Overview => view! { <Later page=Page::Overview(draft) /> },
    })
}

#[component]
fn Closed(opening: Option<Opening>, id: Option<RecordId>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let title = move || t_string!(i18n, inspection.check.title);
    let record = id.map(|id| format!("/records/{id}"));
    let empty = match opening {
        None | Some(Opening::Open(_)) => {
            view! { <p class="pad quiet" role="status">{move || t_string!(i18n, inspection.check.loading)}</p> }
        }
        Some(Opening::Gone) => view! {
            <Empty icon="search" title=t!(i18n, inspection.check.gone) hint=t!(i18n, inspection.check.gone_hint) />
            {record.map(|href| view! { <div class="pad"><LinkButton label=t!(i18n, inspection.check.to_record) href=href /></div> })}
        },
        Some(Opening::NoChecklist) => view! {
            <Empty icon="alert" title=t!(i18n, inspection.check.no_checklist) hint=t!(i18n, inspection.check.no_checklist_hint) />
            <div class="pad">
                <Button kind=ButtonKind::Main label=t!(i18n, common.action.retry) on_press=Callback::new(move |()| app.sync.try_now()) />
            </div>
        },
        Some(Opening::Trouble(error)) => view! {
            <Empty icon="alert" title=move || words::store_error(i18n, &error) hint="" />
        },
    };
    view! { <Frame title=title back="/">{empty}</Frame> }
}
