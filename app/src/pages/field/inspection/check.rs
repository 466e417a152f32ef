//! The check page: one section at a time, one tap an item, the next unanswered item under the thumb.

use super::{
    guard::Guard,
    part::PartView,
    rings::{Rings, lists},
    sheet::FindingSheet,
};
use crate::pages::field::later::{Later, Page};
use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    components::{
        Button, ButtonKind, Frame, Icon, LinkButton,
        item::{OpenFinding, Touched},
    },
    draft::Ask,
    platform::dom,
    state::{draft::OpenDraft, use_app},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::answer::AnswerKey;

/// How many frames a row may take to appear.
const FRAMES: u32 = 240;

/// Where the thumb is.
#[derive(Clone, Copy)]
struct Place {
    draft: OpenDraft,
    /// The section that is shown.
    part: RwSignal<usize>,
    /// The row that was touched last.
    row: StoredValue<Option<AnswerKey>>,
}

impl Place {
    fn go(self, part: usize) {
        self.row.set_value(None);
        self.part.set(part);
        request_animation_frame(move || {
            dom::scroll_to_top();
            dom::focus("part");
        });
    }

    fn show(self, key: &AnswerKey, focus: bool) {
        let Some((part, ask, anchor)) = self
            .draft
            .read(|book| book.line(key).map(|l| (l.part, l.ask, book.anchor(key))))
        else {
            return;
        };
        self.row.set_value(Some(key.clone()));
        if self.part.get_untracked() != part {
            self.part.set(part);
        }
        // The rows of another section are there only after the next frame.
        request_animation_frame(move || {
            let (row, control) = match ask {
                Ask::Instance => ("add-instance".to_owned(), "add-instance".to_owned()),
                _ => (anchor.clone(), format!("{anchor}-a")),
            };
            reach(row, focus.then_some(control), FRAMES);
        });
    }

    fn next(self) {
        let from = self.row.get_value().or_else(|| {
            // From the top of the section on screen, not from the top of the checklist.
            let part = self.part.get_untracked();
            part.checked_sub(1).and_then(|before| {
                self.draft
                    .read(|book| book.parts()[before].keys.last().cloned())
            })
        });
        if let Some(key) = self.draft.read(|book| book.next_missing(from.as_ref())) {
            self.show(&key, true);
        }
    }
}

/// The check page of a draft.
#[component]
pub fn CheckPage(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let place = Place {
        draft,
        part: RwSignal::new(0),
        row: StoredValue::new(None),
    };
    let finding = RwSignal::new(None::<AnswerKey>);
    provide_context(OpenFinding(Callback::new(move |key| {
        finding.set(Some(key));
    })));
    provide_context(Touched(Callback::new(move |key| {
        place.row.set_value(Some(key));
    })));
    arrive(place, finding);
    let go = Callback::new(move |part| place.go(part));
    let title = draft.form.with_untracked(|form| form.site.name.clone());
    let day = app.today();
    view! {
        <Frame
            title=title
            subtitle=move || lists(i18n, draft)
            back="/"
            writes=true
            top=move || view! { <Rings draft=draft current=place.part go=go /> }
            dock=move || view! { <Dock place=place /> }
        >
            <Guard draft=draft />
            <div class="stack l">
                {move || {
                    let part = place.part.get();
                    view! { <PartView draft=draft part=part day=day go=go /> }
                }}
            </div>
            <FindingSheet draft=draft target=finding day=day />
        </Frame>
    }
}

// After a reload the page opens at the row that was answered last; a link may name another one.
fn arrive(place: Place, finding: RwSignal<Option<AnswerKey>>) {
    let address = use_address();
    let named = address
        .asked("at")
        .and_then(|at| place.draft.read(|book| book.at(&at)));
    let sheet = address.asked("finding").is_some();
    let from_link = named.is_some();
    let Some(key) = named.or_else(|| {
        place
            .draft
            .form
            .with_untracked(|form| form.position.clone())
    }) else {
        return;
    };
    let part = place
        .draft
        .read(|book| book.line(&key).map(|line| line.part));
    place.part.set(part.unwrap_or_default());
    if !place.draft.is_ours() {
        return;
    }
    // Two frames: the frame of the page scrolls to its top first.
    request_animation_frame(move || {
        place.show(&key, from_link && !sheet);
        if sheet {
            finding.set(Some(key));
        }
    });
}

// A row far down a long section is drawn a few frames later.
fn reach(row: String, control: Option<String>, frames: u32) {
    if !dom::scroll_to(&row) {
        if frames > 0 {
            request_animation_frame(move || reach(row, control, frames - 1));
        }
        return;
    }
    if let Some(control) = control {
        dom::focus(&control);
        dom::scroll_to(&row);
    }
}

#[component]
fn Dock(place: Place) -> Node {
    let i18n = use_i18n();
    let draft = place.draft;
    let overview = format!("/inspect/{}/overview", draft.id);
    let missing = Memo::new(move |_| draft.total.get().missing);
    let to_overview = overview.clone();
    let main = move || match missing.get() {
        0 => {
            view! { <LinkButton kind=ButtonKind::Main icon="check" label=t!(i18n, inspection.check.all_done) href=to_overview.clone() /> }
        }
        _ => view! {
            <Button kind=ButtonKind::Main icon="down" label=move || t_string!(i18n, inspection.check.next, count = missing.get())
                on_press=Callback::new(move |()| place.next()) />
        },
    };
    view! {
        <a class="icon line" href=overview aria-label=t!(i18n, inspection.check.overview)><Icon name="check" /></a>
        {main}
        <Later page=Page::Shoot(draft) />
    }
}
