//! What a person is shown when signing: the whole record as a text. Its very bytes are kept and named by the sign-off, so that
//! anybody can read later what was signed.

use crate::{
    components::{item::raised::gravity_word, photos::words::kind},
    draft::{Ask, Outcome, finding::shown},
    pages::field::answers::said,
    platform::intl::Style,
    state::draft::{OpenDraft, album::album},
    words::{self, Words, counted, day, moment, pick, t_string},
};
use zhicha_core::{
    determination::suggest,
    inspection::{
        Draft, EvidenceKind, Finding, SignMethod, SignRole,
        evidence::{Role, Source},
    },
    time::{CivilDate, ZoneOffset},
};

/// The text on the day `today` in the zone of the tenant, for somebody with `role`: a witness is also told who refused to sign,
/// and why.
pub fn statement(
    i18n: Words,
    draft: OpenDraft,
    (today, zone): (CivilDate, ZoneOffset),
    role: SignRole,
) -> String {
    let form = draft.form.get_untracked();
    let mut text = Lines {
        i18n,
        zone,
        text: String::new(),
    };
    text.line(t_string!(i18n, signature.text.title));
    visit(draft, &form, &mut text);
    people(&form, &mut text);
    outcome(draft, &form, &mut text);
    answers(draft, today, &mut text);
    if !form.remarks.trim().is_empty() {
        text.gap();
        text.line(t_string!(i18n, signature.text.remarks));
        text.line(form.remarks.trim());
    }
    captured(draft, &mut text);
    if role == SignRole::Witness {
        refusals(&form, &mut text);
    }
    text.text
}

struct Lines {
    i18n: Words,
    zone: ZoneOffset,
    text: String,
}

impl Lines {
    fn line(&mut self, words: &str) {
        self.text.push_str(words);
        self.text.push('\n');
    }

    // Label and value, nothing without a value.
    fn pair(&mut self, label: &str, value: &str) {
        if !value.trim().is_empty() {
            let pair = t_string!(
                self.i18n,
                signature.text.pair,
                label = label.to_owned(),
                value = value.trim().to_owned()
            );
            self.line(&pair);
        }
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }
}

fn visit(draft: OpenDraft, form: &Draft, text: &mut Lines) {
    let (i18n, zone) = (text.i18n, text.zone);
    let since = format!(
        "{} {}",
        moment(i18n, form.from, zone, Style::LongDay),
        moment(i18n, form.from, zone, Style::Clock)
    );
    let since = t_string!(i18n, signature.text.since, time = since);
    let lists = draft.read(|book| {
        let titles = book.checklists().map(|list| {
            t_string!(
                i18n,
                signature.text.checklist,
                title = pick(i18n, &list.checklist.title),
                version = list.checklist.version
            )
        });
        titles.collect::<Vec<_>>()
    });
    let and = t_string!(i18n, common.list.and);
    text.pair(
        t_string!(i18n, signature.text.mode),
        words::mode(i18n, form.mode),
    );
    text.pair(t_string!(i18n, signature.text.site), &form.site.name);
    text.pair(t_string!(i18n, signature.text.address), &form.site.address);
    text.pair(t_string!(i18n, signature.text.time), &since);
    text.pair(t_string!(i18n, signature.text.checklists), &lists.join(and));
}

fn people(form: &Draft, text: &mut Lines) {
    let i18n = text.i18n;
    let named = form.inspectors.iter().filter(|i| !i.name.trim().is_empty());
    for inspector in named {
        let name = inspector.name.trim().to_owned();
        let number = inspector.cert_no.trim().to_owned();
        let said = match number.is_empty() {
            true => name,
            false => t_string!(
                i18n,
                signature.text.person,
                name = name,
                more = t_string!(i18n, signature.text.cert_no, number = number)
            ),
        };
        text.pair(t_string!(i18n, signature.text.inspector), &said);
    }
    let name = form.representative.name.trim().to_owned();
    let position = form.representative.position.trim().to_owned();
    let said = match (name.is_empty(), position.is_empty()) {
        (true, _) => t_string!(i18n, signature.text.nobody).to_owned(),
        (_, true) => name,
        _ => t_string!(i18n, signature.text.person, name = name, more = position),
    };
    text.pair(t_string!(i18n, signature.text.representative), &said);
}

fn outcome(draft: OpenDraft, form: &Draft, text: &mut Lines) {
    let i18n = text.i18n;
    let tally = draft.total.get_untracked();
    text.gap();
    if let Some(visit) = form.visit(tally.unchecked()) {
        let how = words::visit(i18n, visit);
        text.pair(t_string!(i18n, signature.text.outcome), how);
    }
    let note = &form.outcome.note;
    text.pair(t_string!(i18n, signature.text.note), note);
    text.line(&t_string!(
        i18n,
        inspection.seal.counts,
        pass = tally.pass,
        fail = tally.fail,
        na = tally.not_applicable,
        nc = tally.not_checked
    ));
    if tally.missing > 0 {
        text.line(&counted!(
            i18n,
            inspection.seal.unanswered,
            count = tally.missing
        ));
    }
}

// All that was asked, failed items with their findings.
fn answers(draft: OpenDraft, today: CivilDate, text: &mut Lines) {
    let i18n = text.i18n;
    let album = album(draft);
    draft.read(|book| {
        for line in book.walk().filter(|line| line.asked()) {
            let given = book.answer(&line.key);
            let Some(item) = book.item(line) else {
                // Whether a section applies at all.
                if let (Ask::Gate, Some(gate)) = (line.ask, &book.section(line.part).gate) {
                    let value = given.map_or_else(
                        || t_string!(i18n, common.result.unanswered).to_owned(),
                        |given| said(i18n, &given.value, None),
                    );
                    text.gap();
                    text.line(&pick(i18n, &gate.text));
                    text.pair(t_string!(i18n, signature.text.answer), &value);
                }
                continue;
            };
            let value = given.map_or_else(
                || t_string!(i18n, common.result.unanswered).to_owned(),
                |given| said(i18n, &given.value, Some(&item.answer)),
            );
            let instance = match line.key.instance.as_str() {
                "" => String::new(),
                n => t_string!(i18n, field.record.instance, n = n.to_owned()) + " ",
            };
            text.gap();
            text.line(&format!(
                "{} {instance}{}",
                item.source,
                pick(i18n, &item.text)
            ));
            text.pair(t_string!(i18n, signature.text.answer), &value);
            if line.result == Some(Outcome::Fail) {
                let list = &book.checklist(line.part).checklist;
                let found = given.and_then(|given| given.finding.as_ref());
                let gravity = shown(found, suggest(item, list, today));
                text.line(gravity_word(i18n, gravity));
                finding(found, text);
            }
            let files = album.about(Some(&line.key)).len();
            if files > 0 {
                text.line(&counted!(i18n, signature.text.files, count = files));
            }
        }
    });
}

fn finding(found: Option<&Finding>, text: &mut Lines) {
    let Some(found) = found else { return };
    let i18n = text.i18n;
    let due = match found.due {
        Some(due) => t_string!(
            i18n,
            inspection.finding.due_until,
            date = day(i18n, due, Style::LongDay)
        ),
        None => String::new(),
    };
    text.pair(t_string!(i18n, signature.text.fact), &found.fact);
    let correction = &found.correction;
    text.pair(t_string!(i18n, signature.text.correction), correction);
    text.pair(t_string!(i18n, signature.text.due), &due);
    let responsible = &found.responsible;
    text.pair(t_string!(i18n, signature.text.responsible), responsible);
    if found.corrected_on_site {
        text.line(t_string!(i18n, signature.text.on_site));
    }
}

// Each thing that was captured, by the digest of its bytes.
fn captured(draft: OpenDraft, text: &mut Lines) {
    let (i18n, zone) = (text.i18n, text.zone);
    let rows: Vec<_> = album(draft).shots.with_untracked(|shots| {
        let rows = shots.iter().map(|shot| shot.row.clone());
        rows.filter(|row| row.kind != EvidenceKind::Signature)
            .collect()
    });
    if rows.is_empty() {
        return;
    }
    text.gap();
    text.line(&counted!(i18n, signature.text.captured, count = rows.len()));
    for (at, row) in rows.iter().enumerate() {
        let time = moment(i18n, row.capture.t.wall, zone, Style::Whole);
        let (n, what) = (at + 1, kind(i18n, row.kind).to_owned());
        let said = match row.capture.source {
            Source::App => t_string!(i18n, signature.text.one, n = n, kind = what, time = time),
            Source::Picked => {
                t_string!(
                    i18n,
                    signature.text.one_picked,
                    n = n,
                    kind = what,
                    time = time
                )
            }
        };
        text.line(&said);
        if !row.text.trim().is_empty() {
            text.line(row.text.trim());
        }
        let of = |role| row.parts.iter().find(move |part| part.role == role);
        if let Some(part) = of(Role::Original).or_else(|| of(Role::Working)) {
            text.line(&format!("SHA-256 {}", part.sha256));
        }
    }
}

fn refusals(form: &Draft, text: &mut Lines) {
    let i18n = text.i18n;
    let refused = form
        .sign_offs
        .iter()
        .filter(|sign| sign.method == SignMethod::Refused);
    for sign in refused {
        text.gap();
        text.line(&t_string!(
            i18n,
            signature.text.refused,
            name = sign.name.clone(),
            reason = sign.reason.trim().to_owned()
        ));
    }
}
