//! Small text files in the origin's private file system, as a second copy beside localStorage. Where the browser
//! has none, or no `createWritable` (Safari before 26), nothing is written.

use crate::global::{object, storage};
use js_sys::{Function, Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemWritableFileStream};

thread_local! {
    static WAITING: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// Writes a file in the background; of several texts for one file the last one stays. A failure is not told: the
/// file is a second copy.
pub(crate) fn write_later(name: String, text: String) {
    WAITING.with_borrow_mut(|waiting| waiting.insert(name, text));
    if WRITING.replace(true) {
        return;
    }
    spawn_local(async {
        while let Some((name, text)) = WAITING.with_borrow_mut(BTreeMap::pop_first) {
            try_write(&name, &text).await;
        }
        WRITING.set(false);
    });
}

async fn try_write(name: &str, text: &str) -> Option<()> {
    let file = open(name, true).await?;
    let create: JsValue = Reflect::get(&file, &"createWritable".into()).ok()?;
    create.dyn_ref::<Function>()?;
    let stream: FileSystemWritableFileStream = done(file.create_writable()).await?.unchecked_into();
    done(stream.write_with_str(text).ok()?).await?;
    // The new bytes replace the old file only at the close.
    done(stream.close()).await.map(drop)
}

/// Reads a file, if it is there.
pub(crate) async fn read(name: &str) -> Option<String> {
    let file: web_sys::File = done(open(name, false).await?.get_file())
        .await?
        .unchecked_into();
    done(file.text()).await?.as_string()
}

async fn open(name: &str, create: bool) -> Option<FileSystemFileHandle> {
    let storage = storage()?;
    let get: JsValue = Reflect::get(&storage, &"getDirectory".into()).ok()?;
    get.dyn_ref::<Function>()?;
    let folder: FileSystemDirectoryHandle = done(storage.get_directory()).await?.unchecked_into();
    let options = object(&[("create", create.into())]).unchecked_into();
    let file = done(folder.get_file_handle_with_options(name, &options)).await?;
    Some(file.unchecked_into())
}

async fn done(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}
