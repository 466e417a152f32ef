//! What was captured on the spot, and who signed: each with its bytes, by digest, linked only where a browser shows
//! nothing but a picture.

use super::super::{
    format::{ManifestBlob, blob_path},
    words::{self, both},
};
use super::{Page, escape, time};
use std::{collections::BTreeSet, fmt::Write as _};
use zhicha_core::{
    answer::AnswerKey,
    checklist::Digest,
    event::{BlobRef, Body, Payload},
    inspection::{
        Evidence, EvidenceKind, Sealed,
        code::visible,
        evidence::{About, Capture, Place},
        said,
    },
    time::{Timestamp, ZoneOffset},
};

// To the second, for moments that are compared with each other.
fn moment(at: Timestamp, zone: ZoneOffset) -> String {
    let second = at.0.div_euclid(1000).rem_euclid(60);
    format!("{}:{second:02}", time(at, zone))
}

fn uncertainty(ms: Option<i64>) -> String {
    match ms {
        Some(ms) => format!("± {} s", ms.saturating_add(999).div_euclid(1000)),
        None => both("误差未知", "uncertainty unknown"),
    }
}

impl Page<'_> {
    // How many of the bytes that the events name are not in this copy.
    pub(super) fn completeness(&mut self) {
        let absent = self.blobs.values().filter(|blob| blob.absent).count();
        if absent > 0 {
            let words = both("个文件不在此副本中", "files are not in this copy");
            self.line("p", &format!("⚠ {absent} {words}"));
        }
    }

    pub(super) fn captured(&mut self, payload: &Payload, evidence: &[Evidence]) {
        if evidence.is_empty() {
            return;
        }
        self.line("h3", &both("取证", "evidence"));
        for one in evidence {
            self.out.push_str("<dl>\n");
            self.pair("类型", "kind", &words::evidence(one.kind));
            let about = self.about(payload, one.about.as_ref());
            self.pair("检查项", "item", &about);
            self.said(one);
            self.capture(&one.capture);
            for at in &one.blobs {
                let named = usize::try_from(*at)
                    .ok()
                    .and_then(|at| payload.blobs.get(at));
                match named {
                    Some(blob) => self.bytes(blob),
                    None => self.pair("文件", "file", &both("引用无效", "no such file")),
                }
            }
            self.pair("取证编号", "evidence id", &one.evidence_id.to_string());
            self.out.push_str("</dl>\n");
        }
    }

    // What is of a form that programs read is told by its parts.
    fn said(&mut self, one: &Evidence) {
        match (
            one.kind,
            said::Reading::of(&one.text),
            said::Voice::of(&one.text),
        ) {
            (EvidenceKind::Reading, Some(reading), _) => {
                self.pair("读数", "reading", &reading.measured());
                self.pair("仪器", "instrument", &reading.instrument);
                self.pair("仪器编号", "number of the instrument", &reading.serial);
            }
            (EvidenceKind::Voice, _, Some(voice)) => {
                self.pair("时长", "length", &voice.length());
                if voice.cut {
                    let words = both(
                        "录音时应用中断，只有中断前的部分",
                        "the app was interrupted; only what came before",
                    );
                    self.pair("完整性", "completeness", &words);
                }
                self.pair("说明", "caption", &voice.caption);
            }
            (EvidenceKind::Code, ..) => self.pair("内容", "what it says", &visible(&one.text)),
            _ => self.pair("说明", "caption", &one.text),
        }
    }

    fn about(&self, payload: &Payload, about: Option<&About>) -> String {
        let Some(about) = about else {
            return both("整次检查", "the visit as a whole");
        };
        let at = usize::try_from(about.checklist).ok();
        match at.and_then(|at| payload.checklists.get(at)) {
            Some(checklist) => self.place(&AnswerKey {
                checklist: checklist.clone(),
                item: about.item.clone(),
                instance: about.instance.clone(),
            }),
            None => {
                let words = both("检查表引用无效", "no such checklist");
                format!("{} {} ({words})", about.item, about.instance)
            }
        }
    }

    // What the device says and what the server worked out stand apart; when bytes came stands with the bytes.
    fn capture(&mut self, capture: &Capture) {
        let zone = self.manifest.zone;
        self.pair(
            "取证时间（设备时钟）",
            "captured at (the device's clock)",
            &moment(capture.t.wall, zone),
        );
        let estimate = match capture.t.server_est {
            Some(at) => format!(
                "{} {}",
                moment(at, zone),
                uncertainty(capture.t.uncertainty)
            ),
            None => both(
                "无：此前未联系过服务器",
                "none: no contact with the server before",
            ),
        };
        self.pair(
            "取证时间（服务器时间估计）",
            "captured at (the server's time, estimated)",
            &estimate,
        );
        self.pair("来源", "source", &words::source(capture.source));
        let place = match (&capture.place, capture.no_place) {
            (Some(place), _) => self.located(place),
            (None, Some(why)) => words::no_place(why),
            (None, None) => both("未记录", "not recorded"),
        };
        self.pair("位置", "place", &place);
        if let Some(heading) = capture.heading {
            self.pair("方位", "heading", &format!("{heading}°"));
        }
    }

    fn located(&self, place: &Place) -> String {
        format!(
            "{}, {} ± {} m · {} {}",
            place.lat,
            place.lon,
            place.accuracy_m,
            both("定位时间", "located at"),
            moment(place.at, self.manifest.zone)
        )
    }

    pub(super) fn sign_offs(&mut self, payload: &Payload, body: &Sealed) {
        for sign in &body.sign_offs {
            let how = words::sign_method(sign.method);
            let at = self.time(sign.at);
            self.line(
                "p",
                &format!(
                    "{}：{} · {how} {} · {at}",
                    words::sign_role(sign.role),
                    sign.name,
                    sign.reason
                ),
            );
            if sign.blob.is_none() && sign.shown.is_none() {
                continue;
            }
            self.out.push_str("<dl>\n");
            if let Some(strokes) = &sign.blob {
                let words = both("记录未列出该文件", "the record does not list this file");
                self.pair("笔迹", "strokes", strokes.0.as_str());
                match payload.blobs.iter().find(|blob| blob.sha256 == *strokes) {
                    Some(blob) => self.bytes(blob),
                    None => self.pair("文件", "file", &words),
                }
            }
            if let Some(shown) = &sign.shown {
                self.pair(
                    "签名时所见内容的哈希",
                    "digest of what was shown when signing",
                    &shown.0,
                );
            }
            self.out.push_str("</dl>\n");
        }
    }

    // Bytes that the event names and that no evidence and no sign-off is about.
    pub(super) fn other_bytes(&mut self, payload: &Payload) {
        let told = told(payload);
        let others: Vec<&BlobRef> = payload
            .blobs
            .iter()
            .filter(|blob| !told.contains(&blob.sha256))
            .collect();
        if others.is_empty() {
            return;
        }
        self.line("h3", &both("其他文件", "other files"));
        self.out.push_str("<dl>\n");
        for blob in others {
            self.bytes(blob);
        }
        self.out.push_str("</dl>\n");
    }

    // Bytes as an event names them, and what became of them.
    fn bytes(&mut self, named: &BlobRef) {
        let label = format!("{} · {}", both("文件", "file"), words::role(&named.role));
        let about = format!("{} · {} B · SHA-256 ", named.mime, named.len);
        let (label, about) = (escape(&label), escape(&about));
        let sha256 = escape(&named.sha256.0);
        let listed = self.blobs.get(&named.sha256).copied();
        let digest = match listed {
            // Nothing but a picture is ever opened from here: other files can be made to do things.
            Some(ManifestBlob {
                sha256: held,
                absent: false,
                picture: Some(_),
                ..
            }) => {
                format!("<a href=\"{}\">{sha256}</a>", escape(&blob_path(held)))
            }
            _ => sha256,
        };
        let fate = escape(&self.fate(named, listed));
        let _ = writeln!(self.out, "<dt>{label}</dt><dd>{about}{digest}{fate}</dd>");
    }

    fn fate(&self, named: &BlobRef, listed: Option<&ManifestBlob>) -> String {
        let mut said = Vec::new();
        match listed {
            None => said.push(both(
                "无法识别的哈希，文件无从查找",
                "no digest; there is no such file",
            )),
            Some(blob) => {
                if blob.absent {
                    said.push(both("不在此副本中", "not in this copy"));
                } else if blob.picture.is_none() {
                    said.push(both(
                        "在 blobs 文件夹中，不是图片",
                        "in the folder blobs; no picture",
                    ));
                }
                if blob.len != named.len {
                    said.push(format!(
                        "{} {} B",
                        both("长度不符", "its length is"),
                        blob.len
                    ));
                }
                said.push(match self.received.get(&named.sha256) {
                    Some(at) => {
                        let words = both("服务器收到时间", "received at");
                        format!("{words} {}", moment(*at, self.manifest.zone))
                    }
                    None => both("服务器未收到", "never received by the server"),
                });
            }
        }
        said.iter().map(|words| format!(" · {words}")).collect()
    }
}

// The digests of bytes that evidence or a sign-off is about.
fn told(payload: &Payload) -> BTreeSet<Digest> {
    let (evidence, signs) = match payload.body() {
        Ok(Some(Body::Sealed(body))) => (body.evidence, body.sign_offs),
        Ok(Some(Body::Amended(body))) => (body.evidence, Vec::new()),
        _ => (Vec::new(), Vec::new()),
    };
    let places = evidence.into_iter().flat_map(|one| one.blobs);
    let blobs = places
        .filter_map(|at| payload.blobs.get(usize::try_from(at).ok()?))
        .map(|blob| blob.sha256.clone());
    blobs
        .chain(signs.into_iter().filter_map(|sign| sign.blob))
        .collect()
}
