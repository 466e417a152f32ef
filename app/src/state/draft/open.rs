//! Opening a draft: the lock and the fence first, then everything from the disk, so that nobody writes in between.

use super::{Desk, OpenDraft, PartState, Standing, States, writer::Writer};
use crate::signal::RwSignal;
use crate::{
    draft::{Book, Write},
    platform::timer,
    state::App,
};
use leptos::prelude::{Owner, StoredValue};
use std::{cell::RefCell, collections::HashMap, rc::Rc};
use zhicha_core::{
    checklist::Loaded,
    id::RecordId,
    inspection::{Draft, DraftAnswer},
    store::{Store, StoreError},
};
use zhicha_storage::locks::{self, Held, LockError};

const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE_MS: u32 = 50;

/// How opening went.
#[derive(Clone)]
pub enum Opening {
    /// It is open; maybe read-only, see its `standing`.
    Open(OpenDraft),
    /// There is no such draft.
    Gone,
    /// A checklist of it is not on the device.
    NoChecklist,
    /// The disk cannot be read.
    Trouble(StoreError),
}

/// Opens a draft under `owner`, whose end is the end of its signals. `take_over` takes it from another tab;
/// `leftovers` are writes that this tab could not make before it lost the draft.
pub async fn open(
    app: App,
    owner: Owner,
    id: RecordId,
    take_over: bool,
    leftovers: Vec<Write>,
) -> Opening {
    match read(app, owner, id, take_over).await {
        Ok(Opening::Open(draft)) => {
            give_again(draft, leftovers);
            Opening::Open(draft)
        }
        Ok(other) => other,
        Err(error) => Opening::Trouble(error),
    }
}

async fn read(
    app: App,
    owner: Owner,
    id: RecordId,
    take_over: bool,
) -> Result<Opening, StoreError> {
    let store = app.store();
    if store.draft(id).await?.is_none() {
        return Ok(Opening::Gone);
    }
    // The lock's end can come before or after the signal is made.
    let standing = owner.with(|| RwSignal::new(Standing::Ours));
    let lock = lock(id, take_over, standing).await;
    let fence = match lock {
        Lock::Elsewhere => {
            standing.set(Standing::Elsewhere);
            None
        }
        _ => Some(store.take_fence(id).await?),
    };
    let Some(form) = store.draft(id).await? else {
        return Ok(Opening::Gone);
    };
    let answers = store.answers(id).await?;
    let Some(checklists) = checklists(app, &form).await? else {
        return Ok(Opening::NoChecklist);
    };
    let writer = Writer::new(id, store, form.rev, app.save);
    writer.fence.set(fence);
    if let Lock::Held(held) = lock {
        writer.lock.replace(Some(held));
    }
    Ok(Opening::Open(owner.with(|| {
        build(
            app,
            form,
            answers,
            checklists,
            standing,
            writer,
            owner.clone(),
        )
    })))
}

enum Lock {
    Held(Held),
    /// A browser without locks: the fence alone guards.
    None,
    Elsewhere,
}

async fn lock(id: RecordId, take_over: bool, standing: RwSignal<Standing>) -> Lock {
    let name = locks::edit(id);
    let on_lost = move || {
        standing.try_set(Standing::Taken);
    };
    let held = if take_over {
        locks::steal(&name, on_lost).await.map(Some)
    } else {
        hold(&name, on_lost).await
    };
    match held {
        Ok(Some(held)) => Lock::Held(held),
        Ok(None) => Lock::Elsewhere,
        Err(_) => Lock::None,
    }
}

// A page that was left or loaded anew a moment ago may still be writing, on a slow disk for a second and more, and what it writes
// must be among what is read next; another tab does not let go at all.
async fn hold(name: &str, on_lost: impl Fn() + Copy + 'static) -> Result<Option<Held>, LockError> {
    for _ in 0..LOCK_TRIES {
        if let Some(held) = locks::try_hold(name, on_lost).await? {
            return Ok(Some(held));
        }
        timer::sleep(LOCK_PAUSE_MS).await;
    }
    locks::try_hold(name, on_lost).await
}

async fn checklists(app: App, draft: &Draft) -> Result<Option<Vec<Rc<Loaded>>>, StoreError> {
    let mut found = Vec::with_capacity(draft.checklists.len());
    for cited in &draft.checklists {
        match app.reference.checklist(&cited.digest).await? {
            Some(loaded) => found.push(loaded),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

fn build(
    app: App,
    form: Draft,
    answers: Vec<DraftAnswer>,
    checklists: Vec<Rc<Loaded>>,
    standing: RwSignal<Standing>,
    writer: Writer,
    owner: Owner,
) -> OpenDraft {
    let book = Book::new(checklists, answers, form.instances.clone());
    let part = |at: usize| PartState {
        tally: RwSignal::new(book.parts()[at].tally),
        gate: RwSignal::new(book.gate(at)),
        instances: RwSignal::new(book.instances(at)),
    };
    let parts = (0..book.parts().len()).map(part).collect();
    let (id, total) = (form.id, RwSignal::new(book.total()));
    let desk = Desk {
        book: RefCell::new(book),
        rows: RefCell::new(HashMap::new()),
        parts,
        writer: Rc::new(writer),
        owner,
    };
    let states = States {
        id,
        form: RwSignal::new(form),
        standing,
        saving: RwSignal::default(),
        total,
        desk: StoredValue::new_local(Rc::new(desk)),
        app,
    };
    OpenDraft(Box::leak(Box::new(states)))
}

// An answer that is older than what the other tab wrote stays out; so does the draft's own row, which is written whole.
fn give_again(draft: OpenDraft, leftovers: Vec<Write>) {
    for write in leftovers {
        if let Write::Apart(_) = write {
            draft.write(write, false);
            continue;
        }
        if let Write::Answer(answer) = write {
            let newer = draft.read(|book| {
                book.answer(&answer.key)
                    .is_none_or(|on_disk| on_disk.at < answer.at)
            });
            if newer {
                draft.put(*answer, false);
            }
        }
    }
}
