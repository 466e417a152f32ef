//! The pages and parts of pages in the second file, and what stands in their place until it is there.

use super::{
    attention::Attention,
    enrol::EnrolPage,
    hazards::Hazards,
    inspection::{AmendPage, ChosenSite, FindingBody, Instances, OverviewPage, Typed},
    library::Library,
    loss::LossPage,
    lost_page::LostPage,
    me::Me,
    recent::Recent,
    record::RecordPage,
    records::Records,
    restored::RestoredPage,
    sign_in::SignInPage,
    site::SitePage,
    sites::Sites,
    taken::Taken,
};
use crate::{
    components::{
        Button, Empty, Frame, Tab,
        codes::SiteScan,
        item::{RowCx, more::More},
        photos::Shoot,
    },
    platform::dom,
    second::{Arrival, Second, Tools},
    signal::RwSignal,
    state::{
        device,
        draft::{OpenDraft, album},
        enrol, sync,
    },
    view::{Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerKey,
    checklist::{Repeat, Text},
    time::CivilDate,
};

/// A page of the second file, or a part of a page.
#[derive(Clone, PartialEq)]
pub enum Page {
    /// `/inspect`.
    Records,
    /// `/records/:id`.
    Record,
    /// `/records/:id/amend`.
    Amend,
    /// `/hazards`.
    Hazards,
    /// `/sites`.
    Sites,
    /// `/s/:id`.
    Site,
    /// `/me`.
    Me,
    /// `/library`.
    Library,
    /// `/inspect/:id/overview`.
    Overview(OpenDraft),
    /// `/sign-in`.
    SignIn,
    /// `/enrol`.
    Enrol,
    /// `/join` where somebody is enrolled.
    Taken,
    /// An address that the app does not know.
    Lost,
    /// In 今日: what only a person can mend about sending.
    Attention,
    /// In 今日: what was sealed today.
    Recent,
    /// The body of the finding sheet: of which item of which draft, and the day whose law applies.
    Finding(OpenDraft, AnswerKey, CivilDate),
    /// The instances of a repeated section of a draft, and the day whose law applies.
    Instances(OpenDraft, usize, Repeat, CivilDate),
    /// In the dock of a checklist: taking photos that belong to no item yet.
    Shoot(OpenDraft),
    /// What ⓘ opens below a question, and how to check it.
    More(RowCx, Option<Text>),
    /// Beside the search for a site: finding it by a code. The search, and what was chosen.
    Scan(RwSignal<String>, RwSignal<Option<ChosenSite>>),
    /// Below it: a site that is typed on the spot.
    Typed(RwSignal<Option<ChosenSite>>),
}

/// What the second file can do. Only the split point may name it: whatever it reaches would be in the first file.
pub fn tools() -> Tools {
    if let Some(style) = dom::meta("later") {
        dom::add_style(&style);
    }
    device::start_evidence();
    album::start();
    Tools {
        draw,
        lost: |lost, on_done| view! { <LossPage lost=lost on_done=on_done /> },
        restored: |store, what| view! { <RestoredPage store=store what=what /> },
        compare: |store| Box::pin(async move { device::compare(store).await }),
        clear: |store| Box::pin(async move { enrol::clear(&store).await }),
        settle: |store, identity, before| {
            Box::pin(async move { enrol::settle(&store, &identity, before).await })
        },
        start: sync::Sync::start,
        pull_records: |sync| Box::pin(sync.pull_and_count()),
    }
}

fn draw(page: Page) -> Node {
    match page {
        Page::Records => view! { <Records /> },
        Page::Record => view! { <RecordPage /> },
        Page::Amend => view! { <AmendPage /> },
        Page::Hazards => view! { <Hazards /> },
        Page::Sites => view! { <Sites /> },
        Page::Site => view! { <SitePage /> },
        Page::Me => view! { <Me /> },
        Page::Library => view! { <Library /> },
        Page::Overview(draft) => view! { <OverviewPage draft=draft /> },
        Page::SignIn => view! { <SignInPage /> },
        Page::Enrol => view! { <EnrolPage /> },
        Page::Taken => view! { <Taken /> },
        Page::Lost => view! { <LostPage /> },
        Page::Attention => view! { <Attention /> },
        Page::Recent => view! { <Recent /> },
        Page::Finding(draft, key, day) => view! { <FindingBody draft=draft key=key day=day /> },
        Page::Instances(draft, part, repeat, day) => {
            view! { <Instances draft=draft part=part repeat=repeat day=day /> }
        }
        Page::Shoot(draft) => view! { <Shoot draft=draft /> },
        Page::More(row, how) => view! { <More row=row how=how /> },
        Page::Typed(site) => view! { <Typed site=site /> },
        Page::Scan(query, chosen) => {
            let choose = Callback::new(move |site| chosen.set(Some(ChosenSite::from(&site))));
            view! { <SiteScan query=query choose=choose /> }
        }
    }
}

// What stands in for a page until the file is there.
enum Place {
    Tab(Tab),
    Back(String),
    // The words stand where the part will.
    Within,
    // Words only when it does not come.
    Quiet,
    // Nothing: another part of the same page has the words.
    Silent,
}

impl Page {
    // The frame of a page: nobody is ever without a way out. A part stands in the frame of its page.
    fn place(&self) -> Place {
        match self {
            Self::Records => Place::Tab(Tab::Inspect),
            Self::Hazards => Place::Tab(Tab::Hazards),
            Self::Sites | Self::Site => Place::Tab(Tab::Sites),
            Self::Me => Place::Tab(Tab::Me),
            Self::Record | Self::Amend => Place::Back("/inspect".to_owned()),
            Self::Overview(draft) => Place::Back(format!("/inspect/{}", draft.id)),
            Self::SignIn | Self::Enrol | Self::Taken | Self::Lost => Place::Back("/".to_owned()),
            Self::Library => Place::Back("/me".to_owned()),
            Self::Finding(..) | Self::More(..) | Self::Instances(..) => Place::Within,
            Self::Attention | Self::Typed(_) => Place::Quiet,
            Self::Recent | Self::Scan(..) | Self::Shoot(..) => Place::Silent,
        }
    }
}

/// A page of the second file: at once if that is there, else when it is.
#[component]
pub fn Later(
    /// Which one.
    page: Page,
) -> Node {
    let i18n = use_i18n();
    let second = expect_context::<Second>();
    // What failed before may be there by now.
    if second.has_failed() {
        second.fetch();
    }
    let retry = Callback::new(move |()| second.fetch());
    let within = matches!(page.place(), Place::Within | Place::Quiet);
    let missing = move || match within {
        true => t_string!(i18n, field.later.part),
        false => t_string!(i18n, field.later.title),
    };
    Node::live(move || match second.arrival() {
        Arrival::Waiting => {
            let said = view! { <p class="pad quiet" role="status">{move || t_string!(i18n, field.later.loading)}</p> };
            match page.place() {
                Place::Quiet => Node::Nothing,
                place => framed(place, move || t_string!(i18n, field.later.loading), said),
            }
        }
        Arrival::There(tools) => (tools.draw)(page.clone()),
        Arrival::Failed => {
            let said = view! {
                <Empty icon="alert" title=missing hint=t!(i18n, field.later.hint) />
                <div class="pad"><Button label=t!(i18n, common.action.retry) on_press=retry /></div>
            };
            framed(page.place(), missing, said)
        }
    })
}

fn framed(
    place: Place,
    title: impl Fn() -> &'static str + Send + Sync + 'static,
    said: Node,
) -> Node {
    match place {
        Place::Tab(tab) => view! { <Frame title=title tab=tab>{said}</Frame> },
        Place::Back(back) => view! { <Frame title=title back=back>{said}</Frame> },
        Place::Within | Place::Quiet => said,
        Place::Silent => Node::Nothing,
    }
}
