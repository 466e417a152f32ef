//! The words of the readable page, in both languages. They are the server's own; the app has its texts elsewhere.

use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Severity, Text},
    determination::Determination,
    event::Disposition,
    inspection::{
        EvidenceKind, Mode, SignMethod, SignRole, Visit,
        evidence::{NoPlace, Source},
    },
};

/// `zh / en`.
pub fn both(zh: &str, en: &str) -> String {
    if en.is_empty() || zh == en {
        zh.to_owned()
    } else {
        format!("{zh} / {en}")
    }
}

/// A text of a checklist.
pub fn text(text: &Text) -> String {
    both(&text.zh, &text.en)
}

/// Mode.
pub fn mode(mode: Mode) -> String {
    match mode {
        Mode::SpotCheck => both("四不两直检查", "spot check"),
        Mode::SelfInspection => both("自查自纠", "self-inspection"),
        Mode::ReInspection => both("复查", "re-inspection"),
    }
}

/// How a visit ended.
pub fn visit(visit: Visit) -> String {
    match visit {
        Visit::Completed => both("全部查完", "completed"),
        Visit::Partial => both("只查了一部分", "partly inspected"),
        Visit::Refused => both("拒绝检查", "refused"),
        Visit::SiteClosed => both("单位没开门", "site closed"),
        Visit::NotFound => both("没找到单位", "site not found"),
    }
}

/// Who signs.
pub fn sign_role(role: SignRole) -> String {
    match role {
        SignRole::Inspector => both("检查人员", "inspector"),
        SignRole::Representative => both("被检查单位代表", "site's representative"),
        SignRole::Witness => both("见证人", "witness"),
    }
}

/// How somebody signed.
pub fn sign_method(method: SignMethod) -> String {
    match method {
        SignMethod::Typed => both("键入姓名", "typed"),
        SignMethod::Drawn => both("手写", "drawn"),
        SignMethod::Refused => both("拒签", "refused to sign"),
    }
}

/// What was captured.
pub fn evidence(kind: EvidenceKind) -> String {
    match kind {
        EvidenceKind::Photo => both("照片", "photo"),
        EvidenceKind::Signature => both("手写签名", "drawn signature"),
        EvidenceKind::Voice => both("录音", "voice note"),
        EvidenceKind::File => both("文件", "file"),
        EvidenceKind::Code => both("二维码或条码", "QR code or barcode"),
        EvidenceKind::Reading => both("仪器读数", "reading"),
    }
}

/// Where evidence comes from.
pub fn source(source: Source) -> String {
    match source {
        Source::App => both("在应用内现场取证", "made in the app"),
        Source::Picked => both(
            "从设备选取，取证时间为应用得到它的时间",
            "picked from the device; the moment is when the app got it",
        ),
    }
}

/// Why no place is known.
pub fn no_place(why: NoPlace) -> String {
    match why {
        NoPlace::Refused => both("无：未授权定位", "none: location refused"),
        NoPlace::Unavailable => both("无：设备无法定位", "none: location unavailable"),
        NoPlace::TimedOut => both("无：定位超时", "none: location timed out"),
    }
}

/// What bytes are to their evidence; other words stay as they are.
pub fn role(role: &str) -> String {
    match role {
        "original" => both("原件", "original"),
        "working" => both("工作副本（无元数据）", "working copy without metadata"),
        "marked" => both("标注副本", "marked copy"),
        "photo" => both("照片", "photo"),
        "signature" => both("签名", "signature"),
        other => other.to_owned(),
    }
}

/// Severity.
pub fn severity(severity: Severity) -> String {
    match severity {
        Severity::General => both("一般", "general"),
        Severity::CountsTowardsMajor => both("计入重大", "counts towards major"),
        Severity::Major => both("重大", "major"),
        Severity::DirectMajor => both("直接判定重大", "directly major"),
        Severity::ByRule => both("按规则判定", "by rule"),
    }
}

/// What a rule suggests or a person says.
pub fn determination(determination: Determination) -> String {
    match determination {
        Determination::SuspectedMajor => both("疑似重大隐患", "suspected major hazard"),
        Determination::General => both("一般隐患", "general hazard"),
        Determination::Pending => both("事实待核实", "facts to be verified"),
        Determination::NotApplicable => both("不适用", "not applicable"),
    }
}

/// Where an event went.
pub fn disposition(disposition: Disposition) -> String {
    match disposition {
        Disposition::Applied => both("已入账", "applied"),
        Disposition::Quarantined => both("已隔离", "quarantined"),
        Disposition::Deferred => both("待升级后处理", "deferred"),
    }
}

/// An answer; `kind` is the item's, where the checklist is known.
pub fn answer(value: &AnswerValue, kind: Option<&AnswerKind>) -> String {
    match value {
        AnswerValue::Pass => both("合格", "pass"),
        AnswerValue::Fail => both("不合格", "fail"),
        AnswerValue::NotApplicable => both("不适用", "not applicable"),
        AnswerValue::NotChecked { reason } => {
            format!("{}：{reason}", both("未检查", "not checked"))
        }
        AnswerValue::Number { value } => match kind {
            Some(AnswerKind::Number { unit, .. }) => {
                format!("{value} {unit}").trim_end().to_owned()
            }
            _ => value.to_string(),
        },
        AnswerValue::Choice { value } => option(value, kind),
        AnswerValue::Choices { value } => value
            .iter()
            .map(|v| option(v, kind))
            .collect::<Vec<_>>()
            .join("；"),
        AnswerValue::Text { value } => value.clone(),
        AnswerValue::Date { value } => value.to_string(),
    }
}

fn option(id: &str, kind: Option<&AnswerKind>) -> String {
    match (kind, id) {
        (Some(AnswerKind::Single { options } | AnswerKind::Multiple { options }), _) => options
            .iter()
            .find(|o| o.id == id)
            .map_or_else(|| id.to_owned(), |o| text(&o.text)),
        (_, "yes") => both("是", "yes"),
        (_, "no") => both("否", "no"),
        _ => id.to_owned(),
    }
}
