//! Bytes of photos: kept in stretches, whole or not at all, and swept when nothing names them.

use crate::parts::{Patch, fresh, record, with_draft};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    id::BlobId,
    store::{STRETCH, Store, StoreError},
    testing::photo,
    time::Timestamp,
};
use zhicha_storage::{BrowserIds, IdbStore};

const LEN: u32 = 2 * STRETCH as u32 + 7;

fn bytes() -> Uint8Array {
    let all: Vec<u8> = (0..LEN).map(|n| (n % 251) as u8).collect();
    Uint8Array::from(all.as_slice())
}

async fn whole(store: &IdbStore, blob: BlobId) -> Vec<u8> {
    let stretches = store.stretches(blob).await.expect("read");
    let bytes = stretches.into_iter().map(JsCast::unchecked_into);
    bytes.flat_map(|b: Uint8Array| b.to_vec()).collect()
}

#[wasm_bindgen_test]
async fn bytes_are_kept_in_stretches_of_their_own() {
    let store = fresh().await;
    let blob = photo(7, 1, b"").parts[0].blob;
    store.keep_bytes(blob, &bytes()).await.expect("kept");
    assert_eq!(whole(&store, blob).await, bytes().to_vec());
    let last = store
        .chunk(blob, 2)
        .await
        .expect("read")
        .expect("a stretch");
    assert_eq!(last, bytes().slice(2 * STRETCH as u32, LEN).to_vec());
    assert_eq!(store.chunk(blob, 3).await, Ok(None));
}

#[wasm_bindgen_test]
async fn bytes_that_do_not_fit_leave_nothing() {
    let store = fresh().await;
    let blob = photo(7, 1, b"").parts[0].blob;
    let second_fails = Patch::new(
        "IDBTransaction.prototype.commit",
        "function () { if (globalThis.commits-- === 1) this.abort(); else original.call(this); }",
    );
    js_sys::Reflect::set(&js_sys::global(), &"commits".into(), &2.into()).expect("set");
    let kept = store.keep_bytes(blob, &bytes()).await;
    drop(second_fails);
    assert!(matches!(kept, Err(StoreError::Aborted(_))), "{kept:?}");
    assert_eq!(whole(&store, blob).await, Vec::<u8>::new());
}

#[wasm_bindgen_test]
async fn bytes_that_nothing_names_are_swept() {
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    let (row, lost) = (photo(7, 1, b""), photo(7, 2, b"").parts[0].blob);
    let blob = row.parts[0].blob;
    let young = BlobId::new(&mut BrowserIds);
    for blob in [blob, lost, young] {
        store.keep_bytes(blob, &bytes()).await.expect("kept");
    }
    store.put_evidence(&row, fence).await.expect("evidence");
    store.sweep_bytes(Timestamp(1_000)).await.expect("swept");
    assert_eq!(whole(&store, lost).await, Vec::<u8>::new());
    for blob in [blob, young] {
        assert_eq!(whole(&store, blob).await.len(), LEN as usize);
    }
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![row]));
}
