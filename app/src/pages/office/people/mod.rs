//! 人员和设备: who may do what, on which devices; invite and revoke.

mod devices;
mod invite;
mod link;
mod revoke;
mod site_choice;
mod table;

use super::parts::{OfficeFrame, Place, Shown};
use crate::signal::RwSignal;
use crate::view::{Node, ViewFn, view};
use crate::{
    components::{Banner, Button, ButtonKind},
    office::{client, load::Loaded, session::OfficeSession},
    words::{t, t_string, use_i18n},
};
use invite::Invite;
use leptos::prelude::*;
use revoke::{Revocation, Revoke};
pub use table::regions;
use zhicha_core::{access::Action, api::Person};

/// The page.
#[component]
pub fn People() -> Node {
    let i18n = use_i18n();
    let people = Loaded::new(client::people);
    let inviting = RwSignal::new(false);
    let revoking = RwSignal::new(None::<Revocation>);
    let manages = OfficeSession::get().may(Action::ManagePeople);
    let open = Callback::new(move |()| inviting.set(true));
    let act = move || {
        manages.then(|| view! { <Button kind=ButtonKind::Main icon="plus" label=t!(i18n, office.people.invite) on_press=open /> })
    };
    view! {
        <OfficeFrame title=t!(i18n, office.people.title) place=Place::People act=ViewFn::from(act)>
            <PhonesWarning />
            <Shown
                loaded=people
                render=move |people| view! { <Lists people=people revoking=revoking manages=manages /> }
            />
            <Invite open=inviting people=people />
            <Revoke what=revoking people=people />
        </OfficeFrame>
    }
}

/// Says so while phones cannot use the address that links and QR codes carry.
#[component]
pub fn PhonesWarning() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    Node::live(move || {
        let info = session.info().filter(|i| !i.phones_can_use)?;
        let url = info.public_url;
        Some(view! {
            <div class="pad">
                <Banner tone="warn" icon="phone" title=t!(i18n, office.phones.title)>
                    <p>{move || t_string!(i18n, office.phones.words, url = url.clone())}</p>
                </Banner>
            </div>
        })
    })
}

#[component]
fn Lists(people: Vec<Person>, revoking: RwSignal<Option<Revocation>>, manages: bool) -> Node {
    let i18n = use_i18n();
    view! {
        <section class="stack">
            <div class="head"><h2>{t!(i18n, office.people.people)}</h2></div>
            <table::Table people=people.clone() revoking=revoking manages=manages />
        </section>
        <section class="stack">
            <div class="head"><h2>{t!(i18n, office.people.devices)}</h2></div>
            <devices::Devices people=people revoking=revoking manages=manages />
        </section>
    }
}
