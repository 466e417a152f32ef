//! To which sites a checklist is offered, and how often it is done.

use super::{Path, Sheet};
use crate::checklist::{Checklist, RHYTHMS, fits::KINDS};
use std::collections::BTreeSet;

pub(super) fn check(checklist: &Checklist, sheet: &mut Sheet) {
    let mut seen = BTreeSet::new();
    for (at, kind) in checklist.fits.iter().enumerate() {
        if !KINDS.iter().any(|known| known.0 == kind) || !seen.insert(kind) {
            let all: Vec<_> = KINDS.iter().map(|known| known.0).collect();
            let all = all.join(", ");
            sheet.note(
                Path::default().key("fits").at(at),
                None,
                "fits",
                [
                    format!("不认识的单位类别“{kind}”，或写了两次。"),
                    format!("“{kind}” is no known kind of site, or is named twice."),
                ],
                [&format!("可用：{all}。"), &format!("Known are: {all}.")],
            );
        }
    }
    if let Some(rhythm) = &checklist.rhythm
        && !RHYTHMS.contains(&rhythm.as_str())
    {
        sheet.note(
            Path::default().key("rhythm"),
            None,
            "rhythm",
            [
                format!("不认识的周期“{rhythm}”。"),
                format!("“{rhythm}” is no known rhythm."),
            ],
            [
                "写 daily、half_monthly、monthly 或 quarterly。",
                "Write daily, half_monthly, monthly or quarterly.",
            ],
        );
    }
}
