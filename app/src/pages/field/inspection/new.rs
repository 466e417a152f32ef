//! Starting an inspection: site, mode, checklists. The draft is on disk, and a spot check's beginning is a signed
//! event, before the first item is shown.

use super::{
    seal::trouble_word,
    site::{ChosenSite, SiteChoice},
};
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{Banner, Button, ButtonKind, Frame},
    draft::sites::fitting_first,
    platform::clock,
    state::{App, device, draft::SealTrouble, use_app},
    words::{self, pick, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    access::{Action, Role},
    checklist::{Digest, Loaded},
    client::append::NewEvent,
    event::body::Written,
    id::RecordId,
    inspection::{Captured, ChecklistRef, Draft, Inspector, Mode, SiteSnapshot, Started},
    store::Store,
};
use zhicha_storage::BrowserIds;

/// What was chosen so far.
#[derive(Clone, Copy)]
struct Choice {
    site: RwSignal<Option<ChosenSite>>,
    mode: Option<Mode>,
    lists: RwSignal<Vec<Digest>>,
    all: RwSignal<Vec<Rc<Loaded>>>,
}

/// The page of `/inspect/new`.
#[component]
pub fn NewInspection() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let choice = Choice {
        site: RwSignal::new(None),
        mode: mode(app.identity().role),
        lists: RwSignal::new(Vec::new()),
        all: RwSignal::new(Vec::new()),
    };
    effect(move || {
        app.reference.version();
        spawn_local(async move {
            if let Ok(found) = app.reference.newest().await {
                choice.all.try_set(found);
            }
        });
    });
    let starting = Starting {
        choice,
        busy: RwSignal::new(false),
        trouble: RwSignal::new(None),
    };
    let dock = move || view! { <StartDock starting=starting /> };
    let subtitle = move || {
        choice
            .mode
            .map_or_else(String::new, |mode| words::mode(i18n, mode).to_owned())
    };
    view! {
        <Frame title=t!(i18n, inspection.new.title) subtitle=subtitle back="/" dock=dock>
            {move || starting.trouble.get().map(|trouble| view! {
                <div class="pad">
                    <Banner tone="fail" icon="alert" title=t!(i18n, inspection.new.failed)>
                        <p>{move || trouble_word(i18n, &trouble)}</p>
                        <Button label=t!(i18n, common.action.retry) on_press=Callback::new(move |()| starting.trouble.set(None)) />
                    </Banner>
                </div>
            })}
            {choice.mode.is_none().then(|| view! { <p class="pad">{t!(i18n, inspection.new.not_allowed)}</p> })}
            <SiteChoice site=choice.site />
            <ListChoice choice=choice />
        </Frame>
    }
}

/// What the role makes on its own account; a re-inspection follows from a hazard.
fn mode(role: Role) -> Option<Mode> {
    match role {
        _ if role.may(Action::SpotCheck) => Some(Mode::SpotCheck),
        _ if role.may(Action::SelfInspect) => Some(Mode::SelfInspection),
        _ => None,
    }
}

#[component]
fn ListChoice(choice: Choice) -> Node {
    let i18n = use_i18n();
    let fitting = move || {
        choice
            .site
            .with(|site| site.as_ref().map(|s| s.fitting.clone()).unwrap_or_default())
    };
    // Those that fit, and the others.
    let ordered = move || {
        let (mut all, fitting) = (choice.all.get(), fitting());
        fitting_first(&mut all, &fitting, |list| &list.checklist.id);
        let known = all
            .iter()
            .filter(|list| fitting.contains(&list.checklist.id));
        let first = match known.count() {
            0 => all.len(),
            known => known,
        };
        let rest = all.split_off(first);
        (all, rest)
    };
    let lines = move |lists: Vec<Rc<Loaded>>| {
        lists
            .into_iter()
            .map(|list| view! { <ListLine choice=choice list=list /> })
            .collect::<Vec<_>>()
    };
    view! {
        <section>
            <div class="head"><h2 id="lists">{t!(i18n, inspection.new.checklists)}</h2><span class="quiet">{t!(i18n, inspection.new.checklists_hint)}</span></div>
            {move || choice.all.with(Vec::is_empty).then(|| view! { <p class="pad">{t!(i18n, inspection.new.no_checklists)}</p> })}
            {move || {
                let (first, rest) = ordered();
                let count = rest.len();
                view! {
                    <fieldset class="options flat" aria-labelledby="lists">{lines(first)}</fieldset>
                    {(count > 0).then(|| view! {
                        <details class="sheetlike stack">
                            <summary class="row">{counted!(i18n, inspection.new.others, count = count)}</summary>
                            <fieldset class="options flat">{lines(rest)}</fieldset>
                        </details>
                    })}
                }
            }}
        </section>
    }
}

#[component]
fn ListLine(choice: Choice, list: Rc<Loaded>) -> Node {
    let i18n = use_i18n();
    let digest = StoredValue::new(list.digest.clone());
    let id = list.checklist.id.clone();
    let fits = move || {
        choice
            .site
            .with(|site| site.as_ref().is_some_and(|s| s.fitting.contains(&id)))
    };
    let items: usize = list.checklist.sections.iter().map(|s| s.items.len()).sum();
    let version = list.checklist.version;
    let title = list.checklist.title.clone();
    let chosen = move || {
        choice
            .lists
            .with(|lists| digest.with_value(|digest| lists.contains(digest)))
    };
    let toggle = move |event| {
        let on = event_target_checked(&event);
        choice.lists.update(|lists| {
            digest.with_value(|digest| {
                lists.retain(|d| d != digest);
                if on {
                    lists.push(digest.clone());
                }
            });
        });
    };
    view! {
        <label>
            <input type="checkbox" prop:checked=chosen on:change=toggle />
            <span class="stack t">
                <b>{move || pick(i18n, &title)}</b>
                <span class="quiet">
                    {move || t_string!(i18n, inspection.new.version, version = version)}" · "{move || counted!(i18n, inspection.new.items, count = items)}
                </span>
                {move || fits().then(|| view! { <span><span class="tag" data-tone="info">{t!(i18n, inspection.new.fits)}</span></span> })}
            </span>
        </label>
    }
}

#[derive(Clone, Copy)]
struct Starting {
    choice: Choice,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<SealTrouble>>,
}

#[component]
fn StartDock(starting: Starting) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let choice = starting.choice;
    let address = use_address();
    let start = Callback::new(move |()| {
        let Some(draft) = drafted(app, choice) else {
            return;
        };
        starting.busy.set(true);
        spawn_local(async move {
            match begin(app, &draft).await {
                Ok(()) => {
                    let page = format!("/inspect/{}", draft.id);
                    address.replace(&page);
                }
                Err(trouble) => {
                    starting.busy.try_set(false);
                    starting.trouble.try_set(Some(trouble));
                }
            }
        });
    });
    let label = move || match (
        choice.site.with(Option::is_some),
        choice.lists.with(Vec::is_empty),
        starting.busy.get(),
    ) {
        (_, _, true) => t_string!(i18n, inspection.new.starting),
        (false, _, _) => t_string!(i18n, inspection.new.need_site),
        (_, true, _) => t_string!(i18n, inspection.new.need_checklist),
        _ => t_string!(i18n, inspection.new.start),
    };
    let not_yet = Signal::derive(move || {
        starting.busy.get()
            || choice.mode.is_none()
            || choice.site.with(Option::is_none)
            || choice.lists.with(Vec::is_empty)
    });
    view! { <Button kind=ButtonKind::Main label=label disabled=not_yet on_press=start /> }
}

fn drafted(app: App, choice: Choice) -> Option<Draft> {
    let site: SiteSnapshot = choice.site.get_untracked()?.snapshot;
    let chosen = choice.lists.get_untracked();
    let all = choice.all.get_untracked();
    let cite = |digest: &Digest| {
        let list = all.iter().find(|l| &l.digest == digest)?;
        Some(ChecklistRef {
            id: list.checklist.id.clone(),
            version: list.checklist.version,
            digest: list.digest.clone(),
        })
    };
    let lists = chosen.iter().filter_map(cite).collect();
    let mut draft = Draft::new(
        RecordId::new(&mut BrowserIds),
        choice.mode?,
        site,
        lists,
        clock::now(),
    );
    let me = app.identity();
    draft.inspectors.push(Inspector {
        name: me.name.clone(),
        cert_no: String::new(),
        user: Some(me.user),
    });
    Some(draft)
}

// A spot check that left no trace of its beginning must not be filled in: without the event the draft goes again.
async fn begin(app: App, draft: &Draft) -> Result<(), SealTrouble> {
    let store = app.store();
    let fence = store.take_fence(draft.id).await?;
    store.put_draft(draft, fence).await?;
    if draft.mode != Mode::SpotCheck {
        app.sync.appended();
        return Ok(());
    }
    let body = Started {
        mode: draft.mode,
        site: draft.site.clone(),
        checklists: draft.checklists.clone(),
        from: draft.from,
    };
    let new = NewEvent {
        record_id: draft.id,
        parents: Vec::new(),
        checklists: draft.checklists.iter().map(|c| c.digest.clone()).collect(),
        body: Written::of(&body),
        captured: Captured::default(),
        closes: None,
    };
    match device::append(&store, &new).await {
        Ok(_) => {
            app.sync.appended();
            Ok(())
        }
        Err(error) => {
            store.delete_draft(draft.id, fence).await?;
            Err(SealTrouble::Append(error))
        }
    }
}
