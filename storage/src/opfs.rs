//! Reading small text files of the origin's private file system. They are written by the worker `public/copy.js`, because
//! only workers can write them so that they are on the disk.

use crate::global::storage;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle};

/// How often a file is taken up anew when a writer is quicker than we are.
const TRIES: u32 = 20;

/// Reads a file, if it is there. What the browser hands out is the file of one moment; once another tab has written, it
/// refuses to read that (`NotReadableError`, File API §6.5) and the file of a later moment is read.
pub(crate) async fn read(name: &str) -> Option<String> {
    let handle = open(name).await?;
    for _ in 0..TRIES {
        let file: web_sys::File = done(handle.get_file()).await?.unchecked_into();
        if let Some(text) = done(file.text()).await {
            return text.as_string();
        }
    }
    None
}

async fn open(name: &str) -> Option<FileSystemFileHandle> {
    let storage = storage()?;
    let get: JsValue = Reflect::get(&storage, &"getDirectory".into()).ok()?;
    get.dyn_ref::<Function>()?;
    let folder: FileSystemDirectoryHandle = done(storage.get_directory()).await?.unchecked_into();
    let file = done(folder.get_file_handle(name)).await?;
    Some(file.unchecked_into())
}

async fn done(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}
