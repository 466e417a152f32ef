//! What an instrument shows: value and unit, which instrument, and a photo of the display if the person wants one. Whether a
//! value is good or bad is not the app's to say.

use super::camera::CameraSheet;
use crate::{
    components::{Button, ButtonKind, Icon, Sheet, TextField},
    draft::typed,
    platform::{
        geo::{Known, Sensors},
        kept,
        photo::Given,
    },
    signal::{Memo, RwSignal},
    state::draft::{OpenDraft, album::album},
    view::{Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use zhicha_core::{
    answer::AnswerKey,
    id::EvidenceId,
    inspection::{
        EvidenceKind,
        said::{INSTRUMENT_CHARS, Reading, UNIT_CHARS, UNITS},
    },
};

// Unit, instrument and its number of the last reading on this device, each in its line.
const LAST: &str = "zhicha.instrument";

/// The sheet for a new reading.
#[component]
pub fn ReadingSheet(
    /// The draft.
    draft: OpenDraft,
    /// The item; nothing for what is about the visit.
    about: StoredValue<Option<AnswerKey>>,
    /// Id, unique in the page.
    id: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Sheet open=open id=id.clone() title=t!(i18n, evidence.kind.reading)>
            <NewReading draft=draft about=about name=id.clone() open=open />
        </Sheet>
    }
}

#[component]
fn NewReading(
    draft: OpenDraft,
    about: StoredValue<Option<AnswerKey>>,
    name: String,
    open: RwSignal<bool>,
) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let place = RwSignal::new(None::<Known>);
    let sensors = Rc::new(Sensors::start(move |known| {
        place.try_set(Some(known.clone()));
    }));
    place.set(Some(sensors.place()));
    let sensors = StoredValue::new_local(sensors);
    let camera = RwSignal::new(false);
    // A photo is kept at the shutter, as a photo; with the value it becomes part of the reading.
    let photo = RwSignal::new(None::<EvidenceId>);
    let mut last = kept::get(LAST).unwrap_or_default();
    last.insert(0, '\n');
    let shot = move |given: Given, sensors: Option<Rc<Sensors>>| {
        camera.set(false);
        photo.set(album.take(given, about.get_value(), sensors.as_ref()));
    };
    let take = Callback::new(move |(frame, sensors): (JsValue, Rc<Sensors>)| {
        shot(Given::Frame(frame), Some(sensors));
    });
    let system = Callback::new(move |file: JsValue| shot(Given::Shot(file), None));
    let save = Callback::new(move |reading: Reading| {
        let text = reading.text();
        match photo.get_untracked().filter(|id| album.shot(*id).is_some()) {
            Some(id) => album.edit(id, |row| {
                row.kind = EvidenceKind::Reading;
                row.text = text;
            }),
            None => {
                let sensors = sensors.get_value();
                album.note(EvidenceKind::Reading, text, about.get_value(), &sensors);
            }
        }
        let remembered = [reading.unit, reading.instrument, reading.serial].join("\n");
        kept::set(LAST, Some(&remembered));
        open.set(false);
    });
    let has_photo = move || photo.get().is_some();
    view! {
        <ReadingForm name=name.clone() text=last save=save>
            {move || match has_photo() {
                true => view! { <p class="row said" data-tone="pass" role="status"><Icon name="saved" />{t!(i18n, evidence.reading.photographed)}</p> },
                false => view! { <Button icon="camera" label=t!(i18n, evidence.reading.photograph) on_press=Callback::new(move |()| camera.set(true)) /> },
            }}
            <p class="row quiet" role="status"><Icon name="pin" />{move || super::camera::here(i18n, place.get().flatten())}</p>
        </ReadingForm>
        <CameraSheet id=format!("{name}-camera") open=camera take=take count=Signal::derive(|| 0) system=system />
    }
}

/// The fields of a reading; `save` is called with what they hold once that is a number.
#[component]
pub fn ReadingForm(
    /// Prefix of ids.
    name: String,
    /// The text of the evidence so far.
    text: String,
    /// Takes the reading.
    save: Callback<Reading>,
    /// What stands above the button.
    #[prop(optional)]
    children: Option<crate::view::Children>,
) -> Node {
    let i18n = use_i18n();
    let mut lines = text.split('\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    // A new reading begins with an empty value and what was remembered in the lines behind it.
    let (first, second) = (next(), next());
    let (value, unit, instrument) = match first.as_str() {
        "" => (String::new(), second, next()),
        first => {
            let (value, unit) = first.split_once(' ').unwrap_or((first, ""));
            (value.to_owned(), unit.to_owned(), second)
        }
    };
    let (value, instrument, serial) = (
        RwSignal::new(value),
        RwSignal::new(instrument),
        RwSignal::new(next()),
    );
    let known = |unit: &str| unit.is_empty() || UNITS.contains(&unit);
    // Nothing while the unit is typed.
    let chosen = RwSignal::new(known(&unit).then(|| unit.clone()));
    let typed_unit = RwSignal::new(if known(&unit) { String::new() } else { unit });
    let number = Memo::new(move |_| typed::decimal(&value.get()));
    let wrong =
        Memo::new(move |_| number.get().is_none() && !value.with(|value| value.trim().is_empty()));
    let said = move || match wrong.get() {
        true => t_string!(i18n, inspection.item.error_number).to_owned(),
        false => t_string!(i18n, evidence.reading.hint).to_owned(),
    };
    let act = move |_| {
        let Some(number) = number.get_untracked() else {
            return;
        };
        let unit = chosen
            .get_untracked()
            .unwrap_or_else(|| typed_unit.get_untracked());
        let (instrument, serial) = (instrument.get_untracked(), serial.get_untracked());
        save.run(Reading::new(number, &unit, &instrument, &serial));
    };
    let option = move |unit: &'static str| {
        view! { <option value=unit prop:selected=move || chosen.get().as_deref() == Some(unit)>{unit}</option> }
    };
    let units = UNITS.into_iter().map(option).collect::<Vec<_>>();
    let choose = move |event: crate::platform::dom::Event| {
        let unit = event_target_value(&event);
        chosen.set((unit != OTHER).then_some(unit));
    };
    let (of_value, of_unit) = (format!("{name}-value"), format!("{name}-unit"));
    let of_other = format!("{name}-other");
    let said_id = format!("{of_value}-said");
    let most = u16::try_from(INSTRUMENT_CHARS).unwrap_or(u16::MAX);
    view! {
        <div class="measure">
            <div class="field">
                <label for=of_value.clone()>{t!(i18n, evidence.reading.value)}</label>
                <input class="in" id=of_value inputmode="decimal" autocomplete="off" maxlength="30" aria-describedby=said_id.clone()
                    aria-invalid=move || wrong.get().then_some("true") prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event)) />
            </div>
            <div class="field">
                <label for=of_unit.clone()>{t!(i18n, evidence.reading.unit)}</label>
                <select class="in" id=of_unit on:change=choose>
                    <option value="" prop:selected=move || chosen.get().is_some_and(|unit| unit.is_empty())>{t!(i18n, evidence.reading.no_unit)}</option>
                    {units}
                    <option value=OTHER prop:selected=move || chosen.get().is_none()>{t!(i18n, evidence.reading.other_unit)}</option>
                </select>
            </div>
        </div>
        <p class="quiet" id=said_id role="status" data-tone=move || wrong.get().then_some("fail")>{said}</p>
        {move || chosen.get().is_none().then(|| view! {
            <TextField id=of_other.clone() label=t!(i18n, evidence.reading.which_unit) value=typed_unit max=u16::try_from(UNIT_CHARS).unwrap_or(u16::MAX) />
        })}
        <TextField id=format!("{name}-instrument") label=t!(i18n, evidence.reading.instrument) value=instrument max=most />
        <TextField id=format!("{name}-serial") label=t!(i18n, evidence.reading.serial) value=serial max=most />
        {children.map(|children| children())}
        <Button kind=ButtonKind::Main label=t!(i18n, evidence.reading.save) disabled=Signal::derive(move || number.get().is_none()) on_press=Callback::new(act) />
    }
}

// What stands for a unit that is typed; no unit is so long.
const OTHER: &str = "*";
