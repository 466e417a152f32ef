//! Taking rights away, after a question that says what is lost and what is kept.

use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Dialog},
    office::{
        client::{self, Failure},
        load::Loaded,
    },
    pages::office::parts::{FailedLine, open_with},
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::api::{Device, Person};

/// What is about to be revoked.
#[derive(Clone)]
pub enum Revocation {
    /// A person with all devices.
    Person(Person),
    /// One device.
    Device {
        /// Whose it is.
        who: String,
        /// The device.
        device: Device,
    },
}

impl Revocation {
    fn unsent(&self) -> u64 {
        match self {
            Self::Person(person) => person.devices.iter().map(|d| d.unsent).sum(),
            Self::Device { device, .. } => device.unsent,
        }
    }

    async fn run(self) -> client::Answer<()> {
        match self {
            Self::Person(person) => client::revoke_person(person.user).await,
            Self::Device { device, .. } => client::revoke_device(device.device_id).await,
        }
    }
}

/// The question.
#[component]
pub fn Revoke(
    /// What to revoke; the question is there while it is given.
    what: RwSignal<Option<Revocation>>,
    /// Fetched anew afterwards.
    people: Loaded<Vec<Person>>,
) -> Node {
    let i18n = use_i18n();
    let open = open_with(what);
    let title = move || {
        what.with(|w| match w {
            Some(Revocation::Person(p)) => {
                t_string!(i18n, office.revoke.person, name = p.name.clone())
            }
            Some(Revocation::Device { who, device }) => t_string!(
                i18n,
                office.revoke.device,
                label = device.label.clone(),
                name = who.clone()
            ),
            None => String::new(),
        })
    };
    view! {
        <Dialog open=open id="revoke" title=title>
            <Question what=what open=open people=people />
        </Dialog>
    }
}

#[component]
fn Question(
    what: RwSignal<Option<Revocation>>,
    open: RwSignal<bool>,
    people: Loaded<Vec<Person>>,
) -> Node {
    let i18n = use_i18n();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let unsent = what.with_untracked(|w| w.as_ref().map_or(0, Revocation::unsent));
    let run = Callback::new(move |()| {
        let Some(revocation) = what.get_untracked() else {
            return;
        };
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let done = revocation.run().await;
            busy.try_set(false);
            match done {
                Ok(()) => {
                    open.set(false);
                    people.reload();
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    });
    let cancel = Callback::new(move |()| open.set(false));
    view! {
        <p>{move || t_string!(i18n, office.revoke.words)}</p>
        {(unsent > 0).then(|| view! { <p><b>{move || t_string!(i18n, office.revoke.unsent, count = unsent)}</b></p> })}
        <FailedLine failure=failed />
        <div class="stack">
            <Button kind=ButtonKind::Warn label=t!(i18n, office.revoke.run) disabled=busy on_press=run />
            <Button label=t!(i18n, common.action.cancel) on_press=cancel />
        </div>
    }
}
