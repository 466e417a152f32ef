//! Reading small text files of the origin's private file system. They are written by the worker `public/copy.js`, because
//! only workers can write them so that they are on the disk.

use crate::global::storage;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle};

/// Reads a file, if it is there.
pub(crate) async fn read(name: &str) -> Option<String> {
    let file: web_sys::File = done(open(name).await?.get_file()).await?.unchecked_into();
    done(file.text()).await?.as_string()
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
