//! The last step: what is still needed, the question, the seal, and the way back before it.

use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    components::{Banner, Button, ButtonKind, Dialog},
    draft::{
        Saving,
        people::{sign_off, signers, trimmed},
    },
    platform::dom,
    state::draft::{OpenDraft, SealTrouble, Standing},
    words::{self, Words, store_error, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    checklist::Loaded,
    client::AppendError,
    event::{BuildError, jws::MAX_EVENT_BYTES},
    inspection::{
        SignMethod,
        seal::{Obstacle, obstacles},
    },
};

/// From how much of an event's room on the person is told.
const WARN_PERCENT: usize = 80;

/// The dock: the seal once nothing is in its way, else the next thing to do.
#[component]
pub fn SealDock(
    /// The draft.
    draft: OpenDraft,
    /// Set to ask the question.
    sealing: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let lists: Vec<Loaded> = draft.read(|book| {
        book.checklists()
            .map(|l: &Rc<Loaded>| (**l).clone())
            .collect()
    });
    let lists = StoredValue::new(lists);
    let next = Memo::new(move |_| {
        let unchecked = draft.total.get().unchecked();
        let form = trimmed(draft.form.get());
        lists
            .with_value(|lists| obstacles(&form, lists, unchecked))
            .into_iter()
            .next()
    });
    let locked = move || draft.standing.get() != Standing::Ours;
    Node::live(move || match next.get() {
        None => view! {
            <Button kind=ButtonKind::Main icon="seal" label=t!(i18n, inspection.seal.go) disabled=Signal::derive(locked)
                on_press=Callback::new(move |()| sealing.set(true)) />
        },
        Some(obstacle) => {
            let place = place(&obstacle);
            let go = move |()| {
                dom::scroll_to(&place);
                dom::focus(&place);
            };
            view! {
                <Button fit=true icon="seal" label=t!(i18n, inspection.seal.go) disabled=Signal::derive(|| true) />
                <Button kind=ButtonKind::Main label=move || need(i18n, &obstacle) on_press=Callback::new(go) />
            }
        }
    })
}

// The element that the person is sent to.
fn place(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NoInspector => "inspector-0".to_owned(),
        Obstacle::NotSigned { name } => format!("sign-{name}"),
        Obstacle::RepresentativeOpen
        | Obstacle::RefusalWithoutReason
        | Obstacle::NoSite
        | Obstacle::NoChecklist => "signs".to_owned(),
        Obstacle::OutcomeOpen => "outcome".to_owned(),
        Obstacle::OutcomeWithoutNote => "outcome-note".to_owned(),
    }
}

fn need(i18n: Words, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NoInspector => t_string!(i18n, inspection.over.need_inspector).to_owned(),
        Obstacle::NotSigned { name } => {
            t_string!(i18n, inspection.over.need_sign, name = name.clone())
        }
        Obstacle::RepresentativeOpen => {
            let name = t_string!(i18n, inspection.over.as_representative);
            t_string!(i18n, inspection.over.need_sign, name = name)
        }
        Obstacle::RefusalWithoutReason => t_string!(i18n, inspection.over.need_refusal).to_owned(),
        Obstacle::OutcomeOpen => t_string!(i18n, inspection.over.need_outcome).to_owned(),
        Obstacle::OutcomeWithoutNote => t_string!(i18n, inspection.over.need_reason).to_owned(),
        Obstacle::NoSite => t_string!(i18n, inspection.new.need_site).to_owned(),
        Obstacle::NoChecklist => t_string!(i18n, inspection.new.need_checklist).to_owned(),
    }
}

/// Warns when the record comes near the size of one event.
#[component]
pub fn Room(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    // Measured when all is on disk, not at each letter.
    let percent = Memo::new(move |before: Option<&usize>| match draft.saving.get() {
        Saving::Saved => draft.size_percent(),
        _ => before.copied().unwrap_or_default(),
    });
    Node::live(move || {
        let percent = percent.get();
        let full = percent > 100;
        (percent >= WARN_PERCENT).then(|| view! {
            <div class="pad">
                <Banner tone=if full { "fail" } else { "warn" } icon="alert" title=move || match full {
                    true => t_string!(i18n, inspection.over.size_full).to_owned(),
                    false => t_string!(i18n, inspection.over.size_warn, percent = percent),
                }>
                    <p>{move || match full {
                        true => t_string!(i18n, inspection.over.size_full_hint, percent = percent),
                        false => t_string!(i18n, inspection.over.size_warn_hint).to_owned(),
                    }}</p>
                </Banner>
            </div>
        })
    })
}

/// The question, and the seal.
#[component]
pub fn SealDialog(
    /// The draft.
    draft: OpenDraft,
    /// Whether it is asked.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<SealTrouble>);
    let address = use_address();
    let seal = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let done = draft.seal().await;
            busy.try_set(false);
            match done {
                Ok(()) => {
                    let record = format!("/records/{}", draft.id);
                    address.replace(&record);
                }
                Err(error) => {
                    trouble.try_set(Some(error));
                }
            }
        });
    });
    view! {
        <Dialog open=open id="seal" title=t!(i18n, inspection.seal.title)>
            <Summary draft=draft />
            <p>{t!(i18n, inspection.seal.closing)}</p>
            {move || trouble.get().map(|trouble| view! { <Trouble trouble=trouble /> })}
            <Button kind=ButtonKind::Main icon="seal" disabled=busy on_press=seal
                label=move || if busy.get() { t_string!(i18n, inspection.seal.busy) } else { t_string!(i18n, inspection.seal.go) } />
            <Button label=t!(i18n, inspection.seal.back) disabled=busy on_press=Callback::new(move |()| open.set(false)) />
        </Dialog>
    }
}

#[component]
fn Summary(draft: OpenDraft) -> Node {
    let i18n = use_i18n();
    let tally = draft.total.get_untracked();
    let visit = draft
        .form
        .with_untracked(|form| form.visit(tally.unchecked()));
    let (signed, refused) = draft.form.with_untracked(|form| {
        let given = |(role, name): &(_, String)| sign_off(form, *role, name).map(|s| s.method);
        let given: Vec<SignMethod> = signers(form).iter().filter_map(given).collect();
        let refused = given
            .iter()
            .filter(|method| **method == SignMethod::Refused)
            .count();
        (given.len() - refused, refused)
    });
    let refusals =
        (refused > 0).then_some(move || counted!(i18n, inspection.seal.refused, count = refused));
    let counts = move || {
        t_string!(
            i18n,
            inspection.seal.counts,
            pass = tally.pass,
            fail = tally.fail,
            na = tally.not_applicable,
            nc = tally.not_checked
        )
    };
    view! {
        {visit.map(|visit| view! { <p><b>{move || words::visit(i18n, visit)}</b></p> })}
        <p>{counts}</p>
        <p>{move || counted!(i18n, inspection.seal.signed, count = signed)}" "{refusals}</p>
        {(tally.missing > 0).then(|| view! { <p>{move || counted!(i18n, inspection.seal.unanswered, count = tally.missing)}</p> })}
    }
}

/// Why it was not sealed or deleted.
#[component]
pub fn Trouble(
    /// Why.
    trouble: SealTrouble,
) -> Node {
    let i18n = use_i18n();
    view! {
        <div class="said stack t" data-tone="fail" role="alert">
            <p><b>{t!(i18n, inspection.seal.failed)}</b></p>
            <p>{move || trouble_word(i18n, &trouble)}</p>
            <p>{t!(i18n, inspection.seal.safe)}</p>
        </div>
    }
}

/// Why an event was not written, what is safe and what to do.
pub fn trouble_word(i18n: Words, trouble: &SealTrouble) -> String {
    match trouble {
        SealTrouble::NotSaved(error) => store_error(i18n, error).to_owned(),
        SealTrouble::Elsewhere => t_string!(i18n, inspection.lock.taken).to_owned(),
        SealTrouble::Append(error) => append_word(i18n, error),
    }
}

/// Why an event was not written.
pub fn append_word(i18n: Words, error: &AppendError) -> String {
    match error {
        AppendError::NotEnrolled => t_string!(i18n, inspection.seal.not_enrolled).to_owned(),
        AppendError::Build(BuildError::TooLarge { bytes }) => {
            t_string!(
                i18n,
                inspection.seal.too_large,
                kb = bytes.div_ceil(1024),
                max = MAX_EVENT_BYTES / 1024
            )
        }
        AppendError::Build(BuildError::Form(detail)) => {
            t_string!(i18n, inspection.seal.other, detail = detail.clone())
        }
        AppendError::Sign(detail) => t_string!(i18n, inspection.seal.sign, detail = detail.clone()),
        AppendError::Store(zhicha_core::store::StoreError::Changed) => {
            t_string!(i18n, inspection.seal.changed).to_owned()
        }
        AppendError::Store(error) => store_error(i18n, error).to_owned(),
    }
}
