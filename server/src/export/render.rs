//! The readable page of an export: everything escaped, no script, no style, nothing fetched. The same files always give
//! the same page.

mod evidence;

use super::{
    format::{BLOB_RECEIPTS, Manifest, ManifestBlob, ManifestRecord},
    unpack::Files,
    words::{self, both},
};
use std::{collections::BTreeMap, fmt::Write as _};
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Digest, Loaded},
    event::{BlobReceipt, Body, Certificate, EventHash, Payload, Receipt},
    inspection::{Amended, ChecklistRef, Hazard, Sealed, SiteSnapshot, Started},
    time::{CivilDate, Timestamp, ZoneOffset},
};

struct Page<'a> {
    out: String,
    manifest: &'a Manifest,
    texts: BTreeMap<EventHash, &'a str>,
    receipts: BTreeMap<EventHash, Receipt>,
    blobs: BTreeMap<Digest, &'a ManifestBlob>,
    // When the server had all of them.
    received: BTreeMap<Digest, Timestamp>,
    names: BTreeMap<String, String>,
    checklists: BTreeMap<Digest, Checklist>,
}

/// Renders the page from the records in `manifest` and the evidence in `files`.
pub fn page(manifest: &Manifest, files: &Files) -> String {
    let mut page = Page::read(manifest, files);
    let title = both("检查记录导出", "exported inspections");
    page.out
        .push_str("<!doctype html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n");
    page.line("title", &title);
    page.line("h1", &title);
    let made = page.time(manifest.exported_at);
    page.line("p", &format!("{} · {made}", manifest.tenant_name));
    let key = format!(
        "{}: {}",
        both("服务器公钥指纹", "server key thumbprint"),
        manifest.server_key
    );
    page.line("p", &key);
    page.completeness();
    for record in &manifest.records {
        page.record(record);
    }
    page.out.push_str("</html>\n");
    page.out
}

/// A time in the tenant's zone.
pub fn time(at: Timestamp, zone: ZoneOffset) -> String {
    let minutes = at.0.div_euclid(60_000) + i64::from(zone.0);
    let of_day = minutes.rem_euclid(24 * 60);
    format!(
        "{} {:02}:{:02}",
        CivilDate::of(at, zone),
        of_day / 60,
        of_day % 60
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Marks that turn the reading direction around could make a page say something else than it holds.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

impl<'a> Page<'a> {
    fn read(manifest: &'a Manifest, files: &'a Files) -> Self {
        let under = |folder: &'static str| {
            files
                .iter()
                .filter(move |(path, _)| path.starts_with(folder))
        };
        let text = |bytes: &'a Vec<u8>| std::str::from_utf8(bytes).unwrap_or_default();
        let receipts = under("receipts/").filter_map(|(_, b)| Receipt::parse(text(b)).ok());
        let received = under(BLOB_RECEIPTS).filter_map(|(_, b)| BlobReceipt::parse(text(b)).ok());
        let certificates =
            under("certificates/").filter_map(|(_, b)| Certificate::parse(text(b)).ok());
        let checklists = under("checklists/").filter_map(|(_, b)| Loaded::from_bytes(b).ok());
        Self {
            out: String::new(),
            manifest,
            texts: under("events/")
                .map(|(_, b)| (EventHash::of_text(text(b)), text(b)))
                .collect(),
            receipts: receipts.map(|(r, _)| (r.event_hash.clone(), r)).collect(),
            blobs: manifest
                .blobs
                .iter()
                .map(|b| (b.sha256.clone(), b))
                .collect(),
            received: received.map(|(r, _)| (r.sha256, r.received_at)).collect(),
            names: certificates
                .map(|(c, _)| (c.device_id.to_string(), c.name))
                .collect(),
            checklists: checklists.map(|l| (l.digest, l.checklist)).collect(),
        }
    }

    fn line(&mut self, tag: &str, text: &str) {
        let _ = writeln!(self.out, "<{tag}>{}</{tag}>", escape(text));
    }

    fn pair(&mut self, zh: &str, en: &str, value: &str) {
        if !value.is_empty() {
            let _ = writeln!(
                self.out,
                "<dt>{}</dt><dd>{}</dd>",
                escape(&both(zh, en)),
                escape(value)
            );
        }
    }

    fn time(&self, at: Timestamp) -> String {
        time(at, self.manifest.zone)
    }

    fn record(&mut self, record: &ManifestRecord) {
        self.out.push_str("<hr>\n<article>\n");
        for hash in &record.events {
            let parsed = self
                .texts
                .get(hash)
                .and_then(|text| Payload::parse(text).ok());
            match parsed {
                Some((payload, _)) => self.event(hash, &payload),
                None => self.line(
                    "p",
                    &format!("{}: {hash}", both("无法读取的记录", "unreadable event")),
                ),
            }
        }
        self.out.push_str("</article>\n");
    }

    fn event(&mut self, hash: &EventHash, payload: &Payload) {
        self.out.push_str("<section>\n");
        match payload.body() {
            Ok(Some(Body::Started(body))) => self.started(payload, &body),
            Ok(Some(Body::Sealed(body))) => self.sealed(payload, &body),
            Ok(Some(Body::Amended(body))) => self.amended(payload, &body),
            _ => self.line(
                "h2",
                &format!("{}: {}", both("其他记录", "other event"), payload.kind),
            ),
        }
        self.other_bytes(payload);
        self.proof(hash, payload);
        self.out.push_str("</section>\n");
    }

    // What proves the event, for whoever compares it with the files.
    fn proof(&mut self, hash: &EventHash, payload: &Payload) {
        self.out.push_str("<dl>\n");
        let name = self
            .names
            .get(&payload.device_id.to_string())
            .cloned()
            .unwrap_or_default();
        self.pair("签名人", "signed by", &name);
        self.pair(
            "设备",
            "device",
            &format!("{} #{}", payload.device_id, payload.device_seq),
        );
        self.pair("设备时间", "device time", &self.time(payload.t.wall));
        if let Some(receipt) = self.receipts.get(hash).cloned() {
            self.pair(
                "服务器收到时间",
                "received",
                &self.time(receipt.received_at),
            );
            self.pair("状态", "state", &words::disposition(receipt.disposition));
        }
        self.pair("哈希", "hash", hash.as_str());
        self.out.push_str("</dl>\n");
    }

    fn head(&mut self, payload: &Payload, site: &SiteSnapshot, checklists: &[ChecklistRef]) {
        self.pair("地址", "address", &site.address);
        self.pair("区域", "region", site.region.as_deref().unwrap_or_default());
        self.pair(
            "统一社会信用代码",
            "credit code",
            site.credit_code.as_deref().unwrap_or_default(),
        );
        self.pair(
            "检查日期",
            "day of the inspection",
            &payload.inspection_date.to_string(),
        );
        for reference in checklists {
            let title = self
                .checklists
                .get(&reference.digest)
                .map(|c| words::text(&c.title))
                .unwrap_or_default();
            self.pair(
                "检查表",
                "checklist",
                &format!("{title} {} v{}", reference.id, reference.version),
            );
        }
    }

    fn started(&mut self, payload: &Payload, body: &Started) {
        self.line(
            "h2",
            &format!("{} · {}", both("开始检查", "begun"), body.site.name),
        );
        self.out.push_str("<dl>\n");
        self.pair("方式", "mode", &words::mode(body.mode));
        self.head(payload, &body.site, &body.checklists);
        self.pair("开始", "from", &self.time(body.from));
        self.out.push_str("</dl>\n");
    }

    fn sealed(&mut self, payload: &Payload, body: &Sealed) {
        self.line(
            "h2",
            &format!(
                "{} · {}",
                both("封存的检查记录", "sealed inspection"),
                body.site.name
            ),
        );
        self.out.push_str("<dl>\n");
        self.pair("方式", "mode", &words::mode(body.mode));
        self.head(payload, &body.site, &body.checklists);
        self.pair(
            "起止",
            "from–to",
            &format!("{} – {}", self.time(body.from), self.time(body.to)),
        );
        for inspector in &body.inspectors {
            self.pair(
                "检查人员",
                "inspector",
                &format!("{} {}", inspector.name, inspector.cert_no),
            );
        }
        let representative = format!(
            "{} {}",
            body.representative.name, body.representative.position
        );
        self.pair(
            "被检查单位代表",
            "site's representative",
            representative.trim(),
        );
        self.pair(
            "完成情况",
            "how the visit ended",
            &format!("{} {}", words::visit(body.outcome.visit), body.outcome.note),
        );
        self.pair("备注", "remarks", &body.remarks);
        self.out.push_str("</dl>\n");
        for group in &body.answers {
            self.out.push_str("<table>\n");
            for answer in &group.answers {
                self.answer_row(
                    &group.checklist,
                    &answer.item,
                    &answer.instance,
                    &answer.value,
                );
            }
            self.out.push_str("</table>\n");
        }
        self.hazards(&both("隐患", "hazards"), &body.hazards);
        self.captured(payload, &body.evidence);
        self.sign_offs(payload, body);
    }

    fn answer_row(&mut self, checklist: &Digest, item: &str, instance: &str, value: &AnswerValue) {
        let (text, kind) = self.item(checklist, item);
        let instance = if instance.is_empty() {
            String::new()
        } else {
            format!(" #{instance}")
        };
        let said = words::answer(value, kind.as_ref());
        let _ = writeln!(
            self.out,
            "<tr><th scope=\"row\">{}{}</th><td>{}</td><td>{}</td></tr>",
            escape(item),
            escape(&instance),
            escape(&text),
            escape(&said)
        );
    }

    fn item(&self, checklist: &Digest, id: &str) -> (String, Option<AnswerKind>) {
        let Some(list) = self.checklists.get(checklist) else {
            return (String::new(), None);
        };
        let gate = list
            .sections
            .iter()
            .filter_map(|s| s.gate.as_ref())
            .find(|g| g.id == id);
        let item = list
            .sections
            .iter()
            .flat_map(|s| &s.items)
            .find(|i| i.id == id);
        match (gate, item) {
            (Some(gate), _) => (words::text(&gate.text), None),
            (None, Some(item)) => (words::text(&item.text), Some(item.answer.clone())),
            (None, None) => (String::new(), None),
        }
    }

    fn hazards(&mut self, title: &str, hazards: &[Hazard]) {
        if hazards.is_empty() {
            return;
        }
        self.line("h3", title);
        for hazard in hazards {
            self.out.push_str("<dl>\n");
            self.pair("检查项", "item", &self.place(&hazard.key));
            self.pair("事实", "what was seen", &hazard.fact);
            self.pair("整改要求", "what has to be done", &hazard.correction);
            self.pair("责任人", "responsible", &hazard.responsible);
            self.pair(
                "期限",
                "until",
                &hazard.due.map(|d| d.to_string()).unwrap_or_default(),
            );
            self.pair("严重程度", "severity", &words::severity(hazard.severity));
            self.pair(
                "规则提示",
                "the rules suggest",
                &words::determination(hazard.suggested),
            );
            self.pair(
                "检查人员判断",
                "the inspector says",
                &hazard.judged.map(words::determination).unwrap_or_default(),
            );
            if hazard.corrected_on_site {
                self.pair("立行立改", "corrected on the spot", "✓");
            }
            self.pair("隐患编号", "hazard id", &hazard.hazard_id.to_string());
            self.out.push_str("</dl>\n");
        }
    }

    fn place(&self, key: &AnswerKey) -> String {
        let (text, _) = self.item(&key.checklist, &key.item);
        format!("{} {} {text}", key.item, key.instance)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn amended(&mut self, payload: &Payload, body: &Amended) {
        self.line("h2", &both("更正", "amendment"));
        self.out.push_str("<dl>\n");
        self.pair("更正的记录", "amends", body.sealed.as_str());
        self.pair("理由", "reason", &body.reason);
        self.pair("补充", "remarks", &body.remarks);
        for withdrawn in &body.hazards_withdrawn {
            self.pair("撤回的隐患", "hazard withdrawn", &withdrawn.to_string());
        }
        self.out.push_str("</dl>\n");
        if !body.answers.is_empty() {
            self.out.push_str("<table>\n");
            for change in &body.answers {
                self.answer_row(
                    &change.key.checklist,
                    &change.key.item,
                    &change.key.instance,
                    &change.to,
                );
            }
            self.out.push_str("</table>\n");
        }
        self.hazards(&both("补充的隐患", "hazards added"), &body.hazards_added);
        self.captured(payload, &body.evidence);
    }
}
