//! Using a one-time link: the first administrator chooses name, login and password, an invited person the password.

use super::{
    me::Language,
    parts::{Failed, FailedLine, OfficeFrame, shown::Waiting},
};
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Banner, Button, ButtonKind, TextField},
    office::{
        client::{self, Failure},
        load::Load,
        session::OfficeSession,
    },
    platform::dom,
    words::{role, t, t_string, use_i18n},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use zhicha_core::api::{AcceptInvite, InviteInfo, SessionInfo};

/// Fewest characters of a password; the server counts again.
const PASSWORD_MIN: usize = 10;

/// What stands after `#` in the link: `<token>.<thumbprint of the server key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ticket {
    token: String,
    thumbprint: String,
}

impl Ticket {
    fn read(fragment: &str) -> Option<Self> {
        let (token, thumbprint) = fragment.split_once('.')?;
        let good = !token.is_empty() && !thumbprint.is_empty();
        good.then(|| Self {
            token: token.to_owned(),
            thumbprint: thumbprint.to_owned(),
        })
    }

    /// Whether the server that answered is the one that made the link.
    fn fits(&self, info: &SessionInfo) -> bool {
        info.server_keys
            .iter()
            .any(|key| key.thumbprint() == self.thumbprint)
    }
}

/// The page.
#[component]
pub fn Join() -> Node {
    let i18n = use_i18n();
    let ticket = Ticket::read(&dom::fragment());
    view! {
        <OfficeFrame title=t!(i18n, office.join.title)>
            {match ticket {
                Some(ticket) => view! { <Look ticket=ticket /> },
                None => view! { <NoTicket /> },
            }}
            <section class="pad narrow"><Language /></section>
        </OfficeFrame>
    }
}

#[component]
fn NoTicket() -> Node {
    let i18n = use_i18n();
    view! {
        <div class="pad">
            <Banner tone="warn" icon="alert" title=t!(i18n, office.join.no_ticket)>
                <p>{t!(i18n, office.problem.invite)}</p>
                <a class="btn" href="/office/sign-in">{t!(i18n, common.action.sign_in)}</a>
            </Banner>
        </div>
    }
}

#[component]
fn Look(ticket: Ticket) -> Node {
    let found = RwSignal::new(Load::<InviteInfo>::Waiting);
    let token = ticket.token.clone();
    let look = Callback::new(move |()| {
        let token = token.clone();
        found.set(Load::Waiting);
        spawn_local(async move {
            let came = client::look_at_invite(&token).await;
            found.try_set(came.map_or_else(Load::Failed, Load::Ready));
        });
    });
    look.run(());
    Node::live(move || match found.get() {
        Load::Waiting => view! { <Waiting /> },
        Load::Failed(failure) => {
            view! { <div class="pad"><Failed failure=failure retry=look /></div> }
        }
        Load::Ready(info) => view! { <Form info=info ticket=ticket.clone() /> },
    })
}

#[derive(Clone, Copy)]
struct Entry {
    first: bool,
    name: RwSignal<String>,
    login: RwSignal<String>,
    password: RwSignal<String>,
    again: RwSignal<String>,
}

impl Entry {
    fn new(first: bool) -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            first,
            name: empty(),
            login: empty(),
            password: empty(),
            again: empty(),
        }
    }

    fn named(self) -> bool {
        let filled = |s: RwSignal<String>| s.with(|t| !t.trim().is_empty());
        !self.first || (filled(self.name) && filled(self.login))
    }

    fn long_enough(self) -> bool {
        self.password.with(|p| p.chars().count() >= PASSWORD_MIN)
    }

    fn same(self) -> bool {
        self.password.with(|p| self.again.with(|a| a == p))
    }

    fn accept(self, token: &str) -> AcceptInvite {
        let own = |s: RwSignal<String>| self.first.then(|| s.get_untracked().trim().to_owned());
        AcceptInvite {
            token: token.to_owned(),
            name: own(self.name),
            login: own(self.login),
            password: self.password.get_untracked(),
        }
    }
}

#[component]
fn Form(info: InviteInfo, ticket: Ticket) -> Node {
    let i18n = use_i18n();
    let entry = Entry::new(info.first);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let done = use_done();
    let other_key = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let (ticket, done) = (ticket.clone(), done.clone());
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let came = client::accept_invite(entry.first, &entry.accept(&ticket.token)).await;
            busy.try_set(false);
            match came {
                Ok(session) if ticket.fits(&session) => done(session),
                Ok(_) => {
                    other_key.try_set(true);
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    };
    let blocked = Signal::derive(move || {
        busy.get() || !(entry.named() && entry.long_enough() && entry.same())
    });
    view! {
        <form class="sheetlike stack l narrow" on:submit=send>
            <Invited info=info />
            <Fields entry=entry />
            <OtherKey shown=other_key />
            <FailedLine failure=failed />
            <Button kind=ButtonKind::Main submit=true label=t!(i18n, office.join.run) disabled=blocked />
        </form>
    }
}

/// Takes the used link out of the address and goes to the office.
fn use_done() -> impl Fn(SessionInfo) + Clone + 'static {
    let session = OfficeSession::get();
    let address = use_address();
    move |info| {
        dom::drop_fragment();
        session.signed_in(info);
        address.replace("/office/");
    }
}

#[component]
fn Invited(info: InviteInfo) -> Node {
    let i18n = use_i18n();
    let tenant = info.tenant_name.clone();
    if info.first {
        return view! { <p>{move || t_string!(i18n, office.join.first, tenant = tenant.clone())}</p> };
    }
    view! {
        <p>{move || t_string!(i18n, office.join.invited, name = info.name.clone(), tenant = tenant.clone())}</p>
        <dl class="kv">
            <dt>{t!(i18n, office.people.login)}</dt>
            <dd class="code">{info.login.clone()}</dd>
            <dt>{t!(i18n, office.people.role)}</dt>
            <dd>{move || role(i18n, info.role)}</dd>
        </dl>
    }
}

#[component]
fn Fields(entry: Entry) -> Node {
    let i18n = use_i18n();
    let short = Signal::derive(move || {
        (!entry.long_enough()).then(|| t_string!(i18n, office.join.password_words).to_owned())
    });
    let differs = Signal::derive(move || {
        let typed = entry.again.with(|a| !a.is_empty());
        (typed && !entry.same()).then(|| t_string!(i18n, office.join.differs).to_owned())
    });
    view! {
        {entry
            .first
            .then(|| {
                view! {
                    <TextField id="name" label=t!(i18n, office.people.name) value=entry.name autocomplete="name" max=100 />
                    <TextField id="login" label=t!(i18n, office.people.login) value=entry.login autocomplete="username" max=64 />
                }
            })}
        <TextField
            id="password"
            label=move || t_string!(i18n, office.sign_in.password)
            value=entry.password
            kind="password"
            autocomplete="new-password"
            said=short
            max=256
        />
        <TextField
            id="again"
            label=move || t_string!(i18n, office.join.again)
            value=entry.again
            kind="password"
            autocomplete="new-password"
            said=differs
            invalid=Signal::derive(move || differs.with(Option::is_some))
            max=256
        />
    }
}

/// The link was made by a server with another key: this may not be our server.
#[component]
fn OtherKey(shown: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    Node::live(move || {
        shown.get().then(|| {
            view! {
                <Banner tone="fail" icon="key" title=t!(i18n, office.join.other_key)>
                    <p>{t!(i18n, office.join.other_key_words)}</p>
                </Banner>
            }
        })
    })
}
