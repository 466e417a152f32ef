//! One round of safety copies: each draft that changed, one after the other. No transaction is open meanwhile.

use super::{Failure, Transport};
use crate::{
    id::RecordId,
    store::{Store, StoreError},
    sync::{
        safety::{Copies, copy},
        wire::DraftCopy,
    },
};

/// The note that says which revisions the server holds.
const NOTE: &str = "draft.copies";

/// What is known from earlier pages.
///
/// # Errors
/// When the note cannot be read.
pub async fn known_copies<S: Store>(store: &S) -> Result<Copies, StoreError> {
    Ok(Copies::from_text(
        &store.note(NOTE).await?.unwrap_or_default(),
    ))
}

/// Copies what changed, if it is time; returns what ended the round early. `now` is a monotonic clock.
///
/// # Errors
/// When the store cannot be read or written; the next round does it again.
pub async fn copy_drafts<S: Store, T: Transport>(
    store: &S,
    transport: &T,
    copies: &mut Copies,
    now: &impl Fn() -> i64,
) -> Result<Option<Failure>, StoreError> {
    if !copies.due(now()) {
        return Ok(None);
    }
    let before = copies.to_text();
    let drafts = store.drafts().await?;
    let mut ended = None;
    for id in copies.begin(&drafts, now()) {
        let Some(whole) = whole(store, id).await? else {
            continue;
        };
        let answer = transport.keep_draft(id, &whole).await;
        if !copies.answered(id, whole.rev, &answer, now()) {
            ended = answer.err();
            break;
        }
    }
    let after = copies.to_text();
    if after != before {
        store.put_note(NOTE, &after).await?;
    }
    Ok(ended)
}

// The draft with the answers of the same revision; nothing while somebody is writing it, since the next round comes soon.
async fn whole<S: Store>(store: &S, id: RecordId) -> Result<Option<DraftCopy>, StoreError> {
    let Some(draft) = store.draft(id).await? else {
        return Ok(None);
    };
    let answers = store.answers(id).await?;
    let same = store
        .draft(id)
        .await?
        .is_some_and(|again| again.rev == draft.rev);
    Ok(same.then(|| copy(&draft, &answers)).flatten())
}
