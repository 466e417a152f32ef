//! 可离线使用: said only when app, checklists and sites are all on the device; else what exactly is missing.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{Button, Icon},
    platform::service_worker::{self, Precache},
    state::{App, sync::pull, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{store::StoreError, sync::wire::Stream};

/// What is on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Readiness {
    app: Option<Precache>,
    // Nothing while they were not downloaded to their end.
    checklists: Option<usize>,
    sites: Option<usize>,
}

impl Readiness {
    async fn read(app: App) -> Result<Self, StoreError> {
        let store = app.store();
        let mut now = Self {
            app: service_worker::precache().await,
            checklists: None,
            sites: None,
        };
        if pull::is_whole(&*store, Stream::Checklists).await? {
            now.checklists = Some(app.reference.count().await?).filter(|count| *count > 0);
        }
        if pull::is_whole(&*store, Stream::Sites).await? {
            now.sites = Some(app.reference.sites().await?.len());
        }
        Ok(now)
    }

    fn complete(self) -> bool {
        self.app.is_some_and(Precache::complete)
            && self.checklists.is_some()
            && self.sites.is_some()
    }
}

/// One line at the foot of 今日, or the list of what is missing.
#[component]
pub fn Ready() -> Node {
    let app = use_app();
    let ready = RwSignal::new(None::<Readiness>);
    let look = move || {
        spawn_local(async move {
            if let Ok(now) = Readiness::read(app).await {
                ready.try_set(Some(now));
            }
        });
    };
    effect(move || {
        app.reference.version();
        app.worker.get();
        look();
    });
    Node::live(move || {
        ready.get().map(|now| {
            if now.complete() {
                view! { <Complete now=now /> }
            } else {
                view! { <Missing now=now /> }
            }
        })
    })
}

#[component]
fn Complete(now: Readiness) -> Node {
    let i18n = use_i18n();
    let detail = move || {
        let sites = words::number(i18n, now.sites.unwrap_or(0));
        t_string!(
            i18n,
            field.ready.detail,
            sites = sites,
            checklists = words::number(i18n, now.checklists.unwrap_or(0))
        )
    };
    view! {
        <section class="pad row top-a">
            <Icon name="disk" />
            <p class="quiet"><b>{t!(i18n, field.ready.yes)}</b>" "{detail}</p>
        </section>
    }
}

#[component]
fn Missing(now: Readiness) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let of_app = move || match now.app {
        None => Some(t_string!(i18n, field.ready.app_none).to_owned()),
        Some(there) if !there.complete() => Some(t_string!(
            i18n,
            field.ready.app,
            cached = there.cached,
            files = there.files
        )),
        Some(_) => None,
    };
    let fetch = Callback::new(move |()| app.sync.try_now());
    view! {
        <section class="pad stack">
            <div class="row top-a">
                <Icon name="offline" />
                <div class="stack t grow">
                    <p><b>{t!(i18n, field.ready.no)}</b></p>
                    <ul class="stack t quiet">
                        {move || of_app().map(|line| view! { <li>{line}</li> })}
                        {now.checklists.is_none().then(|| view! { <li>{t!(i18n, field.ready.checklists)}</li> })}
                        {now.sites.is_none().then(|| view! { <li>{t!(i18n, field.ready.sites)}</li> })}
                    </ul>
                </div>
            </div>
            {(now.checklists.is_none() || now.sites.is_none()).then(|| {
                view! { <Button icon="save" label=t!(i18n, field.ready.fetch) on_press=fetch /> }
            })}
        </section>
    }
}
