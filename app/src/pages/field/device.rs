//! The parts of 我的 about this device: numbers, clock, storage.

use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Banner, Button},
    platform::dom,
    state::use_app,
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_storage::{
    copy,
    persist::{self, Estimate},
};

/// From this difference on the clock is worth a word (milliseconds).
const SKEW_MS: i64 = 120_000;

/// Device id, numbers, clock and server.
#[component]
pub fn DevicePart() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let numbers = move || match app.sync.numbers() {
        (0, _) => t_string!(i18n, field.me.numbers_none).to_owned(),
        (last, acked) => t_string!(i18n, field.me.numbers_range, last = last, acked = acked),
    };
    let offset = move || {
        app.sync.version();
        app.sync.offset()
    };
    let clock = move || match offset() {
        None => t_string!(i18n, field.me.clock_unknown).to_owned(),
        Some((ms, plus)) => {
            let (seconds, plus) = ((ms.unsigned_abs() + 500) / 1_000, (plus + 999) / 1_000);
            if seconds == 0 {
                t_string!(i18n, field.me.clock_same, plus = plus)
            } else if ms >= 0 {
                t_string!(i18n, field.me.clock_slow, seconds = seconds, plus = plus)
            } else {
                t_string!(i18n, field.me.clock_fast, seconds = seconds, plus = plus)
            }
        }
    };
    let skewed = move || offset().is_some_and(|(ms, _)| ms.abs() > SKEW_MS);
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.me.device)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, field.me.device_id)}</dt><dd class="code">{app.identity().device_id.to_string()}</dd>
                <dt>{t!(i18n, field.me.numbers)}</dt><dd>{numbers}</dd>
                <dt>{t!(i18n, field.me.clock)}</dt><dd>{clock}</dd>
                <dt>{t!(i18n, field.me.server)}</dt><dd>{dom::origin()}</dd>
            </dl>
            {move || skewed().then(|| view! { <p>{t!(i18n, field.me.clock_skew)}</p> })}
        </section>
    }
}

/// Whether the browser keeps our data, and how much there is.
#[component]
pub fn StoragePart() -> Node {
    let i18n = use_i18n();
    let persisted = RwSignal::new(None::<bool>);
    let estimate = RwSignal::new(None::<Estimate>);
    let copied = RwSignal::new(None::<bool>);
    let store = use_app().store();
    spawn_local(async move {
        copied.try_set(Some(copy::is_kept(&store).await));
    });
    spawn_local(async move {
        persisted.try_set(persist::persisted().await);
        estimate.try_set(persist::estimate().await);
    });
    let ask = Callback::new(move |()| {
        spawn_local(async move {
            persisted.try_set(persist::persist().await);
        });
    });
    let kept = move || match persisted.get() {
        Some(true) => t_string!(i18n, field.me.persisted_yes),
        Some(false) => t_string!(i18n, field.me.persisted_no),
        None => t_string!(i18n, field.me.unknown),
    };
    let copy = move || match copied.get() {
        Some(true) => t_string!(i18n, field.me.copy_yes),
        Some(false) => t_string!(i18n, field.me.copy_no),
        None => t_string!(i18n, field.me.unknown),
    };
    let used = move || match estimate.get() {
        Some(Estimate { usage, quota }) => t_string!(
            i18n,
            field.me.used_of,
            used = size(usage),
            quota = size(quota)
        ),
        None => t_string!(i18n, field.me.unknown).to_owned(),
    };
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.me.storage)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, field.me.persisted)}</dt><dd>{kept}</dd>
                <dt>{t!(i18n, field.me.copy)}</dt><dd>{copy}</dd>
                <dt>{t!(i18n, field.me.used)}</dt><dd>{used}</dd>
            </dl>
            {move || (persisted.get() == Some(false)).then(|| view! {
                <Banner tone="warn" icon="disk" title=t!(i18n, field.setup.home)>
                    <p>{t!(i18n, field.me.install)}</p>
                    <Button label=t!(i18n, field.me.persist) on_press=ask />
                </Banner>
            })}
        </section>
    }
}

/// Bytes as people read them; the same letters in both languages.
fn size(bytes: f64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut value = bytes / 1_000.0;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let tenths = words::whole(value * 10.0);
    if tenths >= 100 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}
