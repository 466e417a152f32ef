//! Signals and memos. Leptos makes a type of each one's value, and the compiler writes tracking, locking and disposal for
//! each of these types. Here all signals are one Leptos signal, and all memos one memo, of a value of any type, and only
//! what touches the value is written for its type (`cargo xtask size`).

use leptos::prelude::{
    GetUntracked, LocalStorage, Memo as LeptosMemo, Notify, RwSignal as Leptos, Signal, Track,
    With, WithUntracked,
};
use send_wrapper::SendWrapper;
use std::{any::Any, cell::RefCell, fmt, marker::PhantomData, rc::Rc};

// A `RefCell<T>`.
type Held = Rc<dyn Any>;

/// A value that can be read and written, and whose readers are told. A handle; it lives as long as the owner in which it
/// was made.
pub struct RwSignal<T>(Leptos<Held, LocalStorage>, PhantomData<fn() -> T>);

impl<T: 'static> RwSignal<T> {
    /// With its first value.
    pub fn new(value: T) -> Self {
        Self(made(Rc::new(RefCell::new(value))), PhantomData)
    }

    /// The value; tracked. Panics when its owner is gone, like all reading here.
    pub fn get(self) -> T
    where
        T: Clone,
    {
        track(self.0);
        self.get_untracked()
    }

    /// The value; not tracked.
    pub fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Reads in place; tracked.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        track(self.0);
        self.with_untracked(read)
    }

    /// Reads in place; not tracked.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let held = held(self.0).expect("a signal is read while its owner is there");
        read(&cell(&held).borrow())
    }

    /// Reads in place; nothing when its owner is gone. Not tracked.
    pub fn try_with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        let held = held(self.0)?;
        let said = read(&cell(&held).borrow());
        Some(said)
    }

    /// Follows it without reading it.
    pub fn track(self) {
        track(self.0);
    }

    /// Replaces the value. Nothing happens when its owner is gone.
    pub fn set(self, value: T) {
        self.try_set(value);
    }

    /// Replaces the value; gives it back when its owner is gone.
    pub fn try_set(self, value: T) -> Option<T> {
        let Some(held) = held(self.0) else {
            return Some(value);
        };
        cell(&held).replace(value);
        self.0.notify();
        None
    }

    /// Changes the value in place. Nothing happens when its owner is gone.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        if self.try_update_untracked(change).is_some() {
            self.0.notify();
        }
    }

    /// Changes the value in place without telling anybody.
    pub fn update_untracked(self, change: impl FnOnce(&mut T)) {
        self.try_update_untracked(change);
    }

    /// Changes the value in place and tells what `change` said; nothing when its owner is gone.
    pub fn try_update<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let said = self.try_update_untracked(change)?;
        self.0.notify();
        Some(said)
    }

    fn try_update_untracked<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let held = held(self.0)?;
        let said = change(&mut cell(&held).borrow_mut());
        Some(said)
    }
}

fn cell<T: 'static>(held: &Held) -> &RefCell<T> {
    held.downcast_ref()
        .expect("a signal holds what it was made with")
}

#[inline(never)]
fn made(held: Held) -> Leptos<Held, LocalStorage> {
    Leptos::new_local(held)
}

#[inline(never)]
fn held(signal: Leptos<Held, LocalStorage>) -> Option<Held> {
    signal.try_get_untracked()
}

#[inline(never)]
fn track(signal: Leptos<Held, LocalStorage>) {
    signal.track();
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for RwSignal<T> {}
impl<T> PartialEq for RwSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> fmt::Debug for RwSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RwSignal")
    }
}
impl<T: Default + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}
impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::derive(move || signal.get())
    }
}

/// A value that is computed from signals; its readers are told only when it became another. A handle, like [`RwSignal`].
pub struct Memo<T>(LeptosMemo<Computed>, PhantomData<fn() -> T>);

// A value, and whether another one is equal to it.
struct Computed {
    value: SendWrapper<Box<dyn Any>>,
    equals: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        (self.equals)(&**self.value, &**other.value)
    }
}

type Compute = Box<dyn Fn(Option<&Computed>) -> Computed + Send + Sync>;

impl<T: PartialEq + 'static> Memo<T> {
    /// Computes anew, from the value before, whenever a signal that `compute` reads changes.
    pub fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let compute = move |before: Option<&Computed>| Computed {
            value: SendWrapper::new(Box::new(compute(before.map(value)))),
            equals: |one, other| one.downcast_ref::<T>() == other.downcast_ref(),
        };
        Self(computed(Box::new(compute)), PhantomData)
    }
}

impl<T: 'static> Memo<T> {
    /// The value; tracked.
    pub fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value; not tracked.
    pub fn get_untracked(self) -> T
    where
        T: Clone,
    {
        let mut said = None;
        untracked(self.0, &mut |now| said = Some(value::<T>(now).clone()));
        said.expect("a memo has a value")
    }

    /// Reads in place; tracked.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        let (mut read, mut said) = (Some(read), None);
        tracked(self.0, &mut |now| {
            said = read.take().map(|read| read(value(now)));
        });
        said.expect("a memo has a value")
    }
}

fn value<T: 'static>(computed: &Computed) -> &T {
    let value: &dyn Any = &**computed.value;
    value.downcast_ref().expect("a memo holds what it computes")
}

#[inline(never)]
fn computed(compute: Compute) -> LeptosMemo<Computed> {
    LeptosMemo::new(compute)
}

#[inline(never)]
fn tracked(memo: LeptosMemo<Computed>, read: &mut dyn FnMut(&Computed)) {
    memo.with(read);
}

#[inline(never)]
fn untracked(memo: LeptosMemo<Computed>, read: &mut dyn FnMut(&Computed)) {
    memo.with_untracked(read);
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Memo<T> {}
impl<T: Clone + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::derive(move || memo.get())
    }
}
