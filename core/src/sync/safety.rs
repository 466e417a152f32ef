//! When a draft's safety copy goes to the server: only of a draft that changed, at most once a minute, only its newest
//! revision. A copy is a help for a lost phone and no evidence, so nothing ever waits for one.

use crate::{
    client::Failure,
    event::strict::MAX_INTEGER,
    id::RecordId,
    inspection::{Draft, DraftAnswer},
    sync::wire::{DraftCopy, DraftKept, MAX_DRAFT_BYTES},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The shortest time between two rounds, in milliseconds.
pub const EVERY_MS: i64 = 60_000;

/// A revision that no draft has: nothing more of this record is to be copied.
const NEVER_AGAIN: u64 = MAX_INTEGER.unsigned_abs();

/// What the server is known to hold, and when the next round may begin (by the page's monotonic clock).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    kept: Vec<(RecordId, u64)>,
    not_before: i64,
    refused: bool,
}

impl Copies {
    /// Reads what [`Self::to_text`] wrote; lines that say nothing are left out, and their drafts are copied again.
    pub fn from_text(text: &str) -> Self {
        let line = |line: &str| {
            let (id, rev) = line.split_once(' ')?;
            Some((id.parse().ok()?, rev.parse().ok()?))
        };
        Self {
            kept: text.lines().filter_map(line).collect(),
            ..Self::default()
        }
    }

    /// The revisions that the server holds, a line each.
    pub fn to_text(&self) -> String {
        let line = |(id, rev): &(RecordId, u64)| format!("{id} {rev}\n");
        self.kept.iter().map(line).collect()
    }

    /// Whether a round may begin.
    pub fn due(&self, now: i64) -> bool {
        !self.refused && now >= self.not_before
    }

    /// Begins a round: which drafts to copy. Drafts that are not there any more are forgotten.
    pub fn begin(&mut self, drafts: &[Draft], now: i64) -> Vec<RecordId> {
        self.not_before = now.saturating_add(EVERY_MS);
        self.kept
            .retain(|(id, _)| drafts.iter().any(|draft| draft.id == *id));
        let changed = |draft: &&Draft| {
            let known = self.kept.iter().find(|(id, _)| *id == draft.id);
            known.is_none_or(|(_, rev)| *rev < draft.rev)
        };
        drafts.iter().filter(changed).map(|d| d.id).collect()
    }

    /// Notes an answer to revision `rev`; returns whether the round goes on.
    pub fn answered(
        &mut self,
        id: RecordId,
        rev: u64,
        answer: &Result<DraftKept, Failure>,
        now: i64,
    ) -> bool {
        let (status, code, retry_after_s) = match answer {
            Ok(_) => {
                self.keep(id, rev);
                return true;
            }
            Err(Failure::Problem {
                problem,
                retry_after_s,
            }) => (problem.status, problem.code.as_str(), *retry_after_s),
            Err(Failure::Network | Failure::NotOurs) => return false,
        };
        match (status, code) {
            // The seal was quicker: the record itself is on the server.
            (409, "draft_sealed") => self.keep(id, NEVER_AGAIN),
            // It may fit again when something was deleted from it.
            (413, _) => self.keep(id, rev),
            (403, _) => self.refused = true,
            _ => {
                let wait = i64::try_from(retry_after_s.unwrap_or(0)).unwrap_or(i64::MAX);
                self.not_before = self
                    .not_before
                    .max(now.saturating_add(wait.saturating_mul(1_000)));
            }
        }
        matches!(status, 409 | 413)
    }

    fn keep(&mut self, id: RecordId, rev: u64) {
        self.kept.retain(|(known, _)| *known != id);
        self.kept.push((id, rev));
    }
}

/// A draft with its answers as it is sent; nothing for one that is larger than a copy may be.
pub fn copy(draft: &Draft, answers: &[DraftAnswer]) -> Option<DraftCopy> {
    let (row, answers) = (
        serde_json::to_string(draft).ok()?,
        serde_json::to_string(answers).ok()?,
    );
    let json = format!("{{\"v\":1,\"draft\":{row},\"answers\":{answers}}}");
    (json.len() <= MAX_DRAFT_BYTES).then(|| DraftCopy {
        rev: draft.rev,
        bytes: URL_SAFE_NO_PAD.encode(json),
    })
}

#[cfg(test)]
#[path = "safety_tests.rs"]
mod tests;
