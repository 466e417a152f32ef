//! Receipts and the state of sending, always written together; what changes the state gets it as it is in that moment.

use crate::{
    canary,
    identity::{self, PUSH},
    row::{self, Row},
    schema::{BY_TROUBLE, META, RECEIPT},
    store::IdbStore,
    tx::Query,
};
use wasm_bindgen::JsValue;
use zhicha_core::{
    event::{Disposition, EventHash},
    store::{PushState, ReceiptRow, StoreError},
};

fn row(receipt: &ReceiptRow) -> Result<JsValue, StoreError> {
    let rest = ReceiptRow {
        text: String::new(),
        ..receipt.clone()
    };
    let row = Row::new()
        .text("hash", receipt.hash.as_str())
        .text("text", &receipt.text)
        .json(&rest)?;
    // The index over this field holds only what a person must look at.
    Ok(match receipt.disposition {
        Disposition::Applied => row,
        Disposition::Quarantined | Disposition::Deferred => row.number("troubled", 1),
    }
    .done())
}

/// Reads a receipt's row.
pub(crate) fn read(stored: &JsValue) -> Result<ReceiptRow, StoreError> {
    let rest: ReceiptRow = row::json(stored)?;
    Ok(ReceiptRow {
        text: row::text(stored, "text")?,
        ..rest
    })
}

impl IdbStore {
    pub(crate) async fn add_receipts(
        &self,
        receipts: &[ReceiptRow],
        change: &dyn Fn(&mut PushState),
    ) -> Result<(), StoreError> {
        let rows = receipts.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        self.connection()
            .write(&[META, RECEIPT], async |tx| {
                let mut state = identity::read(tx, PUSH).await?.unwrap_or_default();
                change(&mut state);
                for row in rows {
                    tx.put(RECEIPT, row)?;
                }
                identity::write(tx, PUSH, &state)
            })
            .await?;
        canary::refresh(self).await;
        Ok(())
    }

    pub(crate) async fn receipt_for(
        &self,
        hash: &EventHash,
    ) -> Result<Option<ReceiptRow>, StoreError> {
        let row = self
            .connection()
            .read(&[RECEIPT], async |tx| tx.get(RECEIPT, hash.as_str()).await)
            .await?;
        row.as_ref().map(read).transpose()
    }

    pub(crate) async fn troubled_receipts(&self) -> Result<Vec<ReceiptRow>, StoreError> {
        let query = Query::all(RECEIPT).by(BY_TROUBLE);
        let rows = self
            .connection()
            .read(&[RECEIPT], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(read).collect()
    }
}
