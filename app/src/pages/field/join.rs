//! `/join#<token>.<thumbprint>`: from a one-time link to an enrolled device.

use super::{outside::Outside, setup::Setup};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    api,
    components::{Banner, Button, ButtonKind, LinkButton, TextField},
    platform::dom,
    second::Second,
    state::{
        App,
        enrol::{EnrolError, enrol},
        use_prefs,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{ev, prelude::*, task::spawn_local};
use zhicha_core::{
    api::{AcceptInvite, InviteInfo},
    client::Failure,
};

/// Fewest characters of a password.
const SHORTEST: usize = 10;

/// How far joining is.
#[derive(Clone)]
enum Stage {
    Looking,
    BadLink,
    Refused(Failure),
    Invited(InviteInfo),
    Joined(Box<App>),
}

/// The two halves of the link.
#[derive(Clone)]
struct Link {
    token: String,
    thumbprint: String,
}

impl Link {
    fn read() -> Option<Self> {
        let fragment = dom::fragment();
        let (token, thumbprint) = fragment.rsplit_once('.')?;
        let whole = !token.is_empty() && thumbprint.len() == 43;
        whole.then(|| Self {
            token: token.to_owned(),
            thumbprint: thumbprint.to_owned(),
        })
    }
}

/// The page behind the link.
#[component]
pub fn Join() -> Node {
    let link = Link::read();
    let stage = RwSignal::new(if link.is_some() {
        Stage::Looking
    } else {
        Stage::BadLink
    });
    let held = StoredValue::new(link);
    let look = Callback::new(move |()| {
        let Some(link) = held.get_value() else { return };
        stage.set(Stage::Looking);
        spawn_local(async move {
            stage.set(match api::look_at_invite(&link.token).await {
                Ok(info) => Stage::Invited(info),
                Err(failure) => Stage::Refused(failure),
            });
        });
    });
    look.run(());
    Node::live(move || match stage.get() {
        Stage::Looking => view! { <Looking /> },
        Stage::BadLink => view! { <BadLink /> },
        Stage::Refused(failure) => view! { <Refused failure=failure again=look /> },
        Stage::Invited(info) if info.first || !info.role.inspects() => {
            view! { <ForOffice /> }
        }
        Stage::Invited(info) => match held.get_value() {
            Some(link) => view! { <Choose info=info link=link stage=stage /> },
            None => view! { <BadLink /> },
        },
        Stage::Joined(app) => view! { <Setup app=*app /> },
    })
}

#[component]
fn Looking() -> Node {
    let i18n = use_i18n();
    view! {
        <Outside title=t!(i18n, field.join.title)>
            <p role="status">{t!(i18n, field.join.looking)}</p>
        </Outside>
    }
}

#[component]
fn BadLink() -> Node {
    let i18n = use_i18n();
    view! {
        <Outside title=t!(i18n, field.join.bad_link)>
            <p>{t!(i18n, field.join.bad_link_hint)}</p>
            <p><LinkButton label=t!(i18n, common.action.back) href="/" /></p>
        </Outside>
    }
}

#[component]
fn Refused(failure: Failure, again: Callback<()>) -> Node {
    let i18n = use_i18n();
    // A link that was used up stays so; and where somebody is enrolled, there is something to go back to.
    let used_up = words::is_used_up(&failure);
    let enrolled = use_context::<App>().is_some();
    let home = move || match enrolled {
        true => t_string!(i18n, field.lost_page.go),
        false => t_string!(i18n, common.action.back),
    };
    let kind = if used_up {
        ButtonKind::Main
    } else {
        ButtonKind::Plain
    };
    let dock = move || {
        view! {
            {(enrolled || used_up).then(|| view! { <LinkButton kind=kind label=home href="/" /> })}
            {(!used_up).then(|| view! { <Button kind=ButtonKind::Main label=t!(i18n, common.action.retry) on_press=again /> })}
        }
    };
    view! {
        <Outside title=t!(i18n, field.join.title) dock=dock>
            <Banner tone="fail" icon="alert" title=t!(i18n, field.join.bad_title)>
                <p>{move || words::failure(i18n, &failure)}</p>
            </Banner>
        </Outside>
    }
}

#[component]
fn ForOffice() -> Node {
    let i18n = use_i18n();
    let href = format!("/office/join#{}", dom::fragment());
    view! {
        <Outside title=t!(i18n, field.join.title)>
            <p>{t!(i18n, field.join.administrator)}</p>
            <p><LinkButton kind=ButtonKind::Main label=t!(i18n, field.join.open_office) href=href /></p>
        </Outside>
    }
}

/// Choosing a password is all that a person has to do.
#[component]
fn Choose(info: InviteInfo, link: Link, stage: RwSignal<Stage>) -> Node {
    let i18n = use_i18n();
    let (prefs, second) = (use_prefs(), expect_context());
    let (password, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<EnrolError>);
    let short =
        Signal::derive(move || tried.get() && password.with(|p| p.chars().count() < SHORTEST));
    let differs =
        Signal::derive(move || tried.get() && !short.get() && password.get() != again.get());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if busy.get_untracked() || short.get_untracked() || differs.get_untracked() {
            return;
        }
        busy.set(true);
        let (link, password) = (link.clone(), password.get_untracked());
        spawn_local(async move {
            match join(link, password, second).await {
                Ok((store, identity)) => {
                    stage.set(Stage::Joined(Box::new(App::new(
                        store, identity, prefs, second,
                    ))));
                }
                Err(error) => failed.set(Some(error)),
            }
            busy.set(false);
        });
    };
    let (tenant, name, login, role) = (info.tenant_name, info.name, info.login, info.role);
    let hint = Signal::derive(move || {
        Some(
            if short.get() {
                t_string!(i18n, field.join.short)
            } else {
                t_string!(i18n, field.join.password_hint)
            }
            .to_owned(),
        )
    });
    let said = Signal::derive(move || {
        differs
            .get()
            .then(|| t_string!(i18n, field.join.differs).to_owned())
    });
    view! {
        <Outside title=t!(i18n, field.join.title)>
            <div class="stack t">
                <h2>{move || t_string!(i18n, field.join.invited, tenant = tenant.clone())}</h2>
                <p>{move || t_string!(i18n, field.join.you_are, name = name.clone(), role = words::role(i18n, role), login = login.clone())}</p>
            </div>
            <form class="stack" on:submit=submit>
                <TextField id="password" kind="password" autocomplete="new-password" label=t!(i18n, field.join.password) value=password said=hint invalid=short />
                <TextField id="again" kind="password" autocomplete="new-password" label=t!(i18n, field.join.again) value=again said=said invalid=differs />
                {move || failed.get().map(|error| view! { <p role="alert">{move || words::enrol_error(i18n, &error)}</p> })}
                <Button kind=ButtonKind::Main submit=true label=move || if busy.get() { t_string!(i18n, field.start.enrolling) } else { t_string!(i18n, field.join.go) } />
            </form>
        </Outside>
    }
}

async fn join(
    link: Link,
    password: String,
    second: Second,
) -> Result<
    (
        std::rc::Rc<zhicha_storage::IdbStore>,
        zhicha_core::sync::wire::Identity,
    ),
    EnrolError,
> {
    let accept = AcceptInvite {
        token: link.token,
        name: None,
        login: None,
        password,
    };
    let session = match api::accept_invite(&accept).await {
        Ok(session) => session,
        // The answer to an earlier try was lost: the link is used up, and the session is there.
        Err(failure) => api::session().await.map_err(|_| failure)?,
    };
    let enrolled = enrol(&session, Some(&link.thumbprint), second).await?;
    dom::drop_fragment();
    Ok(enrolled)
}
