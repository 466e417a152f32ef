//! The finding sheet of a failed item. Every change is written at once; closing it loses nothing.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{
        Button, ButtonKind, SaveWord, Sheet,
        item::{FindingForm, failure, finding::About},
        photos::Photos,
    },
    draft::{
        clause::{cited, criteria},
        finding::Edit,
    },
    pages::field::later::{Later, Page},
    state::{
        draft::{OpenDraft, Standing},
        save::SaveState,
        use_app,
    },
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerKey, determination::suggest, inspection::Finding, time::CivilDate,
};

/// The sheet; open while `target` names an item.
#[component]
pub fn FindingSheet(
    /// The draft.
    draft: OpenDraft,
    /// The item.
    target: RwSignal<Option<AnswerKey>>,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let key = StoredValue::new(None::<AnswerKey>);
    effect(move || {
        if let Some(wanted) = target.get() {
            key.set_value(Some(wanted));
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() && target.get_untracked().is_some() {
            target.set(None);
            draft.flush();
        }
    });
    let code = move || {
        open.track();
        key.get_value().and_then(|key| {
            draft.read(|book| {
                book.line(&key)
                    .and_then(|l| book.item(l))
                    .map(|i| i.source.clone())
            })
        })
    };
    let title = move || {
        format!(
            "{} {}",
            t_string!(i18n, inspection.finding.title),
            code().unwrap_or_default()
        )
    };
    let done = move || {
        view! {
            <Button kind=ButtonKind::Main label=t!(i18n, inspection.finding.done) on_press=Callback::new(move |()| open.set(false)) />
        }
    };
    view! {
        <Sheet open=open id="finding" title=title head=move || view! { <Badge /> } dock=done>
            {move || key.get_value().map(|key| view! { <Later page=Page::Finding(draft, key, day) /> })}
        </Sheet>
    }
}

/// What is in it.
#[component]
pub fn FindingBody(
    /// The draft.
    draft: OpenDraft,
    /// The item.
    #[prop(name = "key")]
    item: AnswerKey,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let app = use_app();
    let i18n = use_i18n();
    let key = StoredValue::new(item.clone());
    let row = draft.row(&item);
    let about = draft.read(|book| {
        let line = book.line(&item)?;
        let (found, loaded) = (book.item(line)?, book.checklist(line.part));
        let about = About {
            id: format!("f-{}", book.anchor(&item)),
            text: found.text.clone(),
            severity: found.severity,
            suggested: suggest(found, &loaded.checklist, day),
            criteria: cited(&loaded.checklist, criteria(found), day),
            today: app.today(),
        };
        Some((about, found.photo_on_fail))
    });
    let none = row
        .answer
        .with_untracked(|a| a.as_ref().and_then(|a| a.finding.clone()));
    let Some(((about, wanted), first)) = about.zip(none) else {
        return Node::Nothing;
    };
    let photos = about.id.clone();
    let first: StoredValue<Finding> = StoredValue::new(first);
    let finding = Signal::derive(move || {
        row.answer
            .with(|a| a.as_ref().and_then(|a| a.finding.clone()))
            .unwrap_or_else(|| first.get_value())
    });
    let edit =
        Callback::new(move |change: Edit| key.with_value(|key| draft.edit_finding(key, change)));
    let lost = move || failure(i18n, &row.saving.get());
    view! {
        {move || lost().map(|why| view! { <p class="said" data-tone="fail" role="alert">{why}</p> })}
        <Photos draft=draft about=Some(item) id=photos wanted=wanted />
        <fieldset class="stack l" disabled=move || draft.standing.get() != Standing::Ours>
            <FindingForm about=about finding=finding edit=edit settle=Callback::new(move |()| draft.flush()) />
        </fieldset>
    }
}

// The badge of the page is behind the sheet and cannot be heard there. It says the same: of photos too.
#[component]
fn Badge() -> Node {
    let save = use_app().save;
    let tone = move || match save.get() {
        SaveState::Failed(_) => "fail",
        _ => "na",
    };
    view! {
        <span class="sync" data-tone=tone data-state=move || save.get().as_str() aria-live="polite"><SaveWord /></span>
    }
}
