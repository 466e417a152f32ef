//! Drafts and their answers: one row each, every change one strict transaction, every write behind the fence.

use crate::{
    evidence, identity,
    row::{self, Row, key},
    schema::{ANSWER, BLOB_CHUNK, DRAFT, EVIDENCE, META},
    store::IdbStore,
    tx::{Query, Tx},
};
use indexed_db_futures::KeyRange;
use wasm_bindgen::JsValue;
use zhicha_core::{
    answer::AnswerKey,
    id::RecordId,
    inspection::{Draft, DraftAnswer},
    store::{Fence, StoreError},
};

fn fence_name(id: RecordId) -> String {
    format!("fence:{id}")
}

pub(crate) fn put(tx: &Tx<'_>, draft: &Draft) -> Result<(), StoreError> {
    let row = Row::new()
        .text("id", &draft.id.to_string())
        .json(draft)?
        .done();
    tx.put(DRAFT, row)
}

/// The key of an answer's row.
fn answer_key(id: &str, at: &AnswerKey) -> JsValue {
    key(&[id, &at.checklist.0, &at.item, &at.instance])
}

fn answer_row(id: RecordId, answer: &DraftAnswer) -> Result<JsValue, StoreError> {
    let at = &answer.key;
    Ok(Row::new()
        .text("draft", &id.to_string())
        .text("checklist", &at.checklist.0)
        .text("item", &at.item)
        .text("instance", &at.instance)
        .json(answer)?
        .done())
}

/// Keys of all answers of a draft: `[id]` is below and `[id, []]` above every `[id, text, …]`.
fn answers_of(id: RecordId) -> KeyRange<JsValue> {
    let below = key(&[&id.to_string()]);
    let above = js_sys::Array::of2(&JsValue::from_str(&id.to_string()), &js_sys::Array::new());
    KeyRange::Bound(below, false, above.into(), false)
}

/// The draft, once fence and draft are both read; both requests are under way before the first answer is awaited.
pub(crate) async fn fenced(
    tx: &Tx<'_>,
    id: RecordId,
    fence: Fence,
) -> Result<Option<Draft>, StoreError> {
    let draft = tx.get(DRAFT, &id.to_string());
    let held: Option<Fence> = identity::read(tx, &fence_name(id)).await?;
    if held.unwrap_or(Fence(0)) != fence {
        return Err(StoreError::Fenced);
    }
    draft.await?.as_ref().map(row::json).transpose()
}

/// For a seal: the draft must still be at `rev` under `fence`.
pub(crate) async fn expect_unchanged(
    tx: &Tx<'_>,
    id: RecordId,
    rev: u64,
    fence: Fence,
) -> Result<(), StoreError> {
    match fenced(tx, id, fence).await? {
        Some(draft) if draft.rev == rev => Ok(()),
        _ => Err(StoreError::Changed),
    }
}

/// Deletes a draft with its answers.
pub(crate) fn remove(tx: &Tx<'_>, id: RecordId) -> Result<(), StoreError> {
    tx.delete(DRAFT, JsValue::from_str(&id.to_string()))?;
    tx.delete(ANSWER, answers_of(id))
}

impl IdbStore {
    pub(crate) async fn all_drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let rows = self
            .connection()
            .read(&[DRAFT], async |tx| tx.get_all(Query::all(DRAFT)).await)
            .await?;
        rows.iter().map(row::json).collect()
    }

    pub(crate) async fn one_draft(&self, id: RecordId) -> Result<Option<Draft>, StoreError> {
        let row = self
            .connection()
            .read(&[DRAFT], async |tx| tx.get(DRAFT, &id.to_string()).await)
            .await?;
        row.as_ref().map(row::json).transpose()
    }

    pub(crate) async fn raise_fence(&self, id: RecordId) -> Result<Fence, StoreError> {
        let name = fence_name(id);
        self.connection()
            .write(&[META], async |tx| {
                let held: Option<Fence> = identity::read(tx, &name).await?;
                let next = Fence(held.map_or(0, |fence| fence.0) + 1);
                identity::write(tx, &name, &next)?;
                Ok(next)
            })
            .await
    }

    pub(crate) async fn save_draft(&self, draft: &Draft, fence: Fence) -> Result<u64, StoreError> {
        self.connection()
            .write(&[META, DRAFT], async |tx| {
                let stored = fenced(tx, draft.id, fence).await?;
                let rev = stored.map_or(0, |stored| stored.rev);
                if rev != draft.rev {
                    return Err(StoreError::Changed);
                }
                let mut next = draft.clone();
                next.rev = rev + 1;
                put(tx, &next)?;
                Ok(next.rev)
            })
            .await
    }

    pub(crate) async fn remove_draft(&self, id: RecordId, fence: Fence) -> Result<(), StoreError> {
        self.connection()
            .write(&[META, DRAFT, ANSWER, EVIDENCE, BLOB_CHUNK], async |tx| {
                fenced(tx, id, fence).await?;
                evidence::remove(tx, id).await?;
                remove(tx, id)
            })
            .await
    }

    pub(crate) async fn answers_of(&self, id: RecordId) -> Result<Vec<DraftAnswer>, StoreError> {
        let query = Query::all(ANSWER).within(answers_of(id));
        let rows = self
            .connection()
            .read(&[ANSWER], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(row::json).collect()
    }

    pub(crate) async fn save_answer(
        &self,
        id: RecordId,
        answer: &DraftAnswer,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        let row = answer_row(id, answer)?;
        self.connection()
            .write(&[META, DRAFT, ANSWER], async |tx| {
                let draft = fenced(tx, id, fence).await?;
                let mut draft = draft.ok_or(StoreError::Changed)?;
                draft.rev += 1;
                draft.changed = answer.at;
                draft.position = Some(answer.key.clone());
                put(tx, &draft)?;
                tx.put(ANSWER, row)?;
                Ok(draft.rev)
            })
            .await
    }

    pub(crate) async fn remove_answer(
        &self,
        id: RecordId,
        at: &AnswerKey,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.connection()
            .write(&[META, DRAFT, ANSWER], async |tx| {
                let draft = fenced(tx, id, fence).await?;
                let mut draft = draft.ok_or(StoreError::Changed)?;
                draft.rev += 1;
                put(tx, &draft)?;
                tx.delete(ANSWER, answer_key(&id.to_string(), at))?;
                Ok(draft.rev)
            })
            .await
    }
}
