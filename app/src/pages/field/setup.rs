//! The first download: what goes on this device, how far it is, and that it can be left at any time.

use super::outside::Outside;
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{Banner, Button, ButtonKind, Icon, LiveIcon},
    platform::dom,
    state::{App, sync::pull},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{client::pull::PullError, sync::wire::Stream};
use zhicha_storage::persist;

/// How one part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Waiting,
    Running,
    Done(usize),
}

/// The steps of the first download.
#[derive(Clone, Copy)]
struct Steps {
    app: App,
    checklists: RwSignal<Step>,
    sites: RwSignal<Step>,
    records: RwSignal<Step>,
    // Nothing while the browser was not asked.
    persisted: RwSignal<Option<bool>>,
    // Whether work can begin: one checklist is enough, the others come while it goes on.
    ready: RwSignal<bool>,
    failed: RwSignal<Option<PullError>>,
    finished: RwSignal<bool>,
}

impl Steps {
    fn new(app: App) -> Self {
        let waiting = || RwSignal::new(Step::Waiting);
        Self {
            app,
            checklists: waiting(),
            sites: waiting(),
            records: waiting(),
            persisted: RwSignal::new(None),
            ready: RwSignal::new(false),
            failed: RwSignal::new(None),
            finished: RwSignal::new(false),
        }
    }

    fn of(self, stream: Stream) -> RwSignal<Step> {
        match stream {
            Stream::Checklists => self.checklists,
            Stream::Sites => self.sites,
            Stream::Records => self.records,
        }
    }

    async fn run(self) {
        self.failed.set(None);
        let mut result = self.app.sync.pull_reference().await;
        self.count(Stream::Checklists).await;
        self.count(Stream::Sites).await;
        if result.is_ok() {
            let records = self.app.sync.pull_records().await;
            result = records.map(|count| self.records.set(Step::Done(count)));
        }
        self.persisted
            .set(Some(persist::persist().await.unwrap_or(false)));
        self.finished.set(result.is_ok());
        self.failed.set(result.err());
    }

    async fn count(self, stream: Stream) {
        let store = self.app.store();
        if !pull::is_whole(&*store, stream).await.unwrap_or(false) {
            self.of(stream).set(Step::Waiting);
            return;
        }
        let count = match stream {
            Stream::Checklists => self.app.reference.count().await.unwrap_or(0),
            Stream::Sites => self
                .app
                .reference
                .sites()
                .await
                .map_or(0, |sites| sites.len()),
            // They come with the second file, which counts them.
            Stream::Records => return,
        };
        self.of(stream).set(Step::Done(count));
    }

    fn look(self) {
        spawn_local(async move {
            let count = self.app.reference.count().await.unwrap_or(0);
            self.ready.set(count > 0);
        });
    }

    fn step(self, stream: Stream) -> Step {
        match self.of(stream).get() {
            Step::Waiting if self.app.sync.pulling().is_some_and(|p| p.stream == stream) => {
                Step::Running
            }
            step => step,
        }
    }
}

/// Downloads what an inspection needs; the app can be used before it ends.
#[component]
pub fn Setup(
    /// The app of the person who was enrolled just now.
    app: App,
) -> Node {
    let i18n = use_i18n();
    let steps = Steps::new(app);
    let run = Callback::new(move |()| spawn_local(steps.run()));
    run.run(());
    effect(move || {
        app.reference.version();
        steps.look();
    });
    let go = Callback::new(|()| dom::load("/"));
    let dock = move || {
        view! {
            {move || steps.failed.with(Option::is_some).then(|| {
                view! { <Button fit=true label=t!(i18n, common.action.retry) on_press=run /> }
            })}
            <Button
                kind=ButtonKind::Main
                disabled=Signal::derive(move || !steps.ready.get())
                label=move || if steps.finished.get() { t_string!(i18n, field.setup.go) } else { t_string!(i18n, field.setup.go_early) }
                on_press=go
            />
        }
    };
    view! {
        <Outside title=t!(i18n, field.setup.title) dock=dock>
            <div class="stack t">
                <h2>{t!(i18n, field.setup.lead)}</h2>
                <p class="quiet">{t!(i18n, field.setup.lead_hint)}</p>
            </div>
            <ol class="log">
                <li data-tone="pass">
                    <Icon name="saved" />
                    <p><b>{t!(i18n, field.setup.key)}</b></p>
                    <p class="quiet">{t!(i18n, field.setup.key_hint)}</p>
                </li>
                {Stream::ALL.map(|stream| view! { <StreamLine steps=steps stream=stream /> }).into_iter().collect::<Vec<_>>()}
                <PersistLine steps=steps />
            </ol>
            {move || steps.failed.get().map(|error| view! { <p role="alert">{move || pull_words(i18n, &error)}</p> })}
            <Banner tone="info" icon="disk" title=t!(i18n, field.setup.home)>
                <p>{t!(i18n, field.setup.home_hint)}</p>
            </Banner>
        </Outside>
    }
}

#[component]
fn StreamLine(steps: Steps, stream: Stream) -> Node {
    let i18n = use_i18n();
    let name = move || match stream {
        Stream::Checklists => t_string!(i18n, field.setup.checklists),
        Stream::Sites => t_string!(i18n, field.setup.sites),
        Stream::Records => t_string!(i18n, field.setup.records),
    };
    let line = move || match steps.step(stream) {
        Step::Done(count) => t_string!(
            i18n,
            field.setup.have,
            name = name(),
            count = words::number(i18n, count)
        ),
        _ => name().to_owned(),
    };
    let icon = Signal::derive(move || match steps.step(stream) {
        Step::Waiting => "saving",
        Step::Running => "sending",
        Step::Done(_) => "saved",
    });
    let tone = move || match steps.step(stream) {
        Step::Waiting => "na",
        Step::Running => "info",
        Step::Done(_) => "pass",
    };
    view! { <li data-tone=tone><LiveIcon name=icon /><p><b>{line}</b></p></li> }
}

#[component]
fn PersistLine(steps: Steps) -> Node {
    let i18n = use_i18n();
    let icon = Signal::derive(move || {
        if steps.persisted.get() == Some(true) {
            "saved"
        } else {
            "saving"
        }
    });
    let tone = move || {
        if steps.persisted.get() == Some(true) {
            "pass"
        } else {
            "na"
        }
    };
    let hint = move || match steps.persisted.get() {
        None => t_string!(i18n, field.setup.persist_hint),
        Some(true) => t_string!(i18n, field.me.persisted_yes),
        Some(false) => t_string!(i18n, field.setup.persist_no),
    };
    view! {
        <li data-tone=tone>
            <LiveIcon name=icon />
            <p><b>{t!(i18n, field.setup.persist)}</b></p>
            <p class="quiet">{hint}</p>
        </li>
    }
}

fn pull_words(i18n: words::Words, error: &PullError) -> String {
    match error {
        PullError::Failed(failure) => words::failure(i18n, failure),
        PullError::Store(error) => words::store_error(i18n, error).to_owned(),
        other => t_string!(i18n, common.problem.other, code = other.to_string()),
    }
}
