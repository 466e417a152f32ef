//! One photo large, with what is known of it; in a draft its caption and item can be changed, and it can be deleted.

use super::{
    image::StoredImage,
    marks::MarkSheet,
    other::{Filed, Measured, Sound},
    reading::ReadingForm,
    remove::RemoveDialog,
    words,
};
use crate::{
    components::{Button, ButtonKind, Icon, Sheet, codes::Says},
    platform::dom,
    signal::RwSignal,
    state::{
        draft::{OpenDraft, Standing, album::album},
        use_app,
    },
    view::{Node, effect, view},
    words::{pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerKey,
    id::EvidenceId,
    inspection::{EvidenceKind, EvidenceRow, evidence::Role, said},
};

/// The sheet for a photo of a draft; open while `target` names one.
#[component]
pub fn LargeSheet(
    /// The draft.
    draft: OpenDraft,
    /// Id, unique in the page.
    #[prop(name = "id")]
    name: String,
    /// Which one.
    target: RwSignal<Option<EvidenceId>>,
) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let kind = move || {
        target
            .get()
            .and_then(|id| album(draft).shot(id))
            .map(|shot| shot.row.kind)
    };
    let title = move || words::view_title(i18n, kind().unwrap_or(EvidenceKind::Photo));
    let name = StoredValue::new(name);
    effect(move || {
        if target.get().is_some() {
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() && target.get_untracked().is_some() {
            target.set(None);
            draft.flush();
        }
    });
    view! {
        <Sheet open=open id=name.get_value() title=title>
            {move || target.get().map(|id| view! { <Editable draft=draft id=id name=name.get_value() open=open /> })}
        </Sheet>
    }
}

#[component]
fn Editable(draft: OpenDraft, id: EvidenceId, name: String, open: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    let album = album(draft);
    let Some(first) = album.shot(id) else {
        return Node::Nothing;
    };
    let (asking, marking) = (RwSignal::new(false), RwSignal::new(false));
    let row = Signal::derive(move || album.shot(id).map(|shot| shot.row));
    let about = move || row.get().and_then(|row| row.about);
    let choices = StoredValue::new(choices(draft));
    let option = move |(at, (key, code, text)): (
        usize,
        (AnswerKey, String, zhicha_core::checklist::Text),
    )| {
        let chosen = move || about().as_ref() == Some(&key);
        view! { <option value=at.to_string() prop:selected=chosen>{move || format!("{code} {}", pick(i18n, &text))}</option> }
    };
    let options = choices
        .get_value()
        .into_iter()
        .enumerate()
        .map(option)
        .collect::<Vec<_>>();
    let assign = move |event: dom::Event| {
        let at = event_target_value(&event).parse::<usize>().ok();
        let key = at.and_then(|at| choices.with_value(|all| all.get(at).map(|c| c.0.clone())));
        album.edit(id, |row| row.about = key);
    };
    let kind = first.row.kind;
    let caption = move |event: dom::Event| {
        let text = event_target_value(&event);
        album.edit(id, |row| row.text = said::captioned(kind, &row.text, text));
    };
    let measured = Callback::new(move |reading: said::Reading| {
        album.edit(id, |row| row.text = reading.text());
        open.set(false);
    });
    let words = match kind {
        EvidenceKind::Reading => {
            view! { <ReadingForm name=name.clone() text=first.row.text save=measured /> }
        }
        // What a code says is not for a person to write.
        EvidenceKind::Code => Node::Nothing,
        _ => view! {
            <div class="field">
                <label for=format!("{name}-text")>{t!(i18n, evidence.caption)}</label>
                <input class="in" id=format!("{name}-text") maxlength=said::CAPTION_CHARS autocomplete="off"
                    prop:value=said::caption(kind, &first.row.text) on:input=caption />
            </div>
        },
    };
    let remove = move |()| {
        asking.set(false);
        open.set(false);
        album.remove(id);
    };
    let has = move |role: Role| row.get().is_some_and(|row| row.part(role).is_some());
    let unstamped = move || {
        let wanted = row.get().is_some_and(|row| row.drawn.stamp);
        wanted && has(Role::Working) && !has(Role::Marked)
    };
    view! {
        {move || row.get().map(|row| view! { <Large row=row /> })}
        {move || unstamped().then(|| view! { <p class="said" data-tone="warn">{t!(i18n, evidence.marks.no_stamp)}</p> })}
        <fieldset class="stack l" disabled=move || draft.standing.get() != Standing::Ours>
        {move || has(Role::Working).then(|| view! {
            <Button icon="edit" label=t!(i18n, evidence.marks.open) on_press=Callback::new(move |()| marking.set(true)) />
        })}
        {words}
        <div class="field">
            <label for=format!("{name}-about")>{t!(i18n, evidence.about)}</label>
            <select class="in" id=format!("{name}-about") on:change=assign>
                <option value="" prop:selected=move || about().is_none()>{t!(i18n, evidence.about_none)}</option>
                {options}
            </select>
        </div>
        <Button kind=ButtonKind::Warn icon="trash" label=t!(i18n, evidence.remove.yes) on_press=Callback::new(move |()| asking.set(true)) />
        </fieldset>
        <MarkSheet draft=draft id=id name=format!("{name}-marks") open=marking />
        <RemoveDialog asking=asking id=format!("{name}-remove") kind=kind remove=Callback::new(remove) />
    }
}

// Failed items first: that is what photos are mostly of.
fn choices(draft: OpenDraft) -> Vec<(AnswerKey, String, zhicha_core::checklist::Text)> {
    draft.read(|book| {
        let asked = book.walk().filter(|line| line.asked());
        let (failed, other): (Vec<_>, Vec<_>) =
            asked.partition(|line| line.result == Some(crate::draft::Outcome::Fail));
        let of = |line: &crate::draft::Line| {
            let item = book.item(line)?;
            let code = match line.key.instance.as_str() {
                "" => item.source.clone(),
                instance => format!("{} #{instance}", item.source),
            };
            Some((line.key.clone(), code, item.text.clone()))
        };
        failed.into_iter().chain(other).filter_map(of).collect()
    })
}

/// A piece of evidence and what is known of it.
#[component]
pub fn Large(
    /// Its row.
    row: EvidenceRow,
) -> Node {
    let i18n = use_i18n();
    let zone = use_app().zone();
    let shown = row.shown().filter(|part| !part.dropped).cloned();
    let drawable = shown
        .as_ref()
        .is_some_and(|part| part.role != Role::Original || row.thumb.is_some());
    let original = row.part(Role::Original);
    let marked = shown.as_ref().is_some_and(|part| part.role == Role::Marked);
    let size = original.map(|part| part.len.div_ceil(1024));
    let hash = original.map(|part| part.sha256.0.clone());
    let capture = StoredValue::new(row.capture.clone());
    let (kind, source) = (row.kind, row.capture.source);
    let heading = row.capture.heading;
    let alt = row.text.clone();
    let mime = shown
        .as_ref()
        .map(|part| part.mime.clone())
        .unwrap_or_default();
    let blob = shown.map(|part| part.blob);
    let says = (row.kind == EvidenceKind::Code).then(|| {
        let text = row.text.clone();
        view! { <h3>{t!(i18n, evidence.scan.says)}</h3><Says text=text /> }
    });
    let picture = if kind == EvidenceKind::Voice {
        view! { <Sound row=row /> }
    } else if kind == EvidenceKind::Reading {
        view! { <Measured row=row /> }
    } else if kind == EvidenceKind::File && !drawable {
        view! { <Filed row=row /> }
    } else if drawable {
        view! { <div class="large"><StoredImage blob=Signal::stored(blob) mime=mime alt=alt /></div> }
    } else {
        view! { <p class="said" data-tone="na">{t!(i18n, evidence.cannot_show)}</p> }
    };
    view! {
        {picture}
        {marked.then(|| view! { <p class="row quiet kept"><Icon name="edit" small=true />{t!(i18n, evidence.marks.kept)}</p> })}
        {says}
        <dl class="facts">
            <div><dt>{move || words::time_label(i18n, kind, source)}</dt><dd>{move || capture.with_value(|c| words::time(i18n, c, zone))}</dd></div>
            <div><dt>{move || words::spot_label(i18n, kind)}</dt><dd>{move || capture.with_value(|c| words::place(i18n, c))}
                {heading.map(|degrees| view! { <br />{move || t_string!(i18n, evidence.heading, degrees = degrees)} })}</dd></div>
            {size.map(|kb| view! { <div><dt>{t!(i18n, evidence.size)}</dt><dd>{format!("{kb} KB")}</dd></div> })}
            {hash.map(|hash| view! { <div><dt>{t!(i18n, evidence.hash)}</dt><dd class="code">{hash}</dd></div> })}
        </dl>
    }
}
