//! Values of attributes, properties and classes.

use crate::signal::{Memo, RwSignal};
use leptos::{
    oco::Oco,
    prelude::{ArcSignal, Get, Signal},
    text_prop::TextProp,
};
use std::borrow::Cow;

/// What an attribute is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Not there; as a property `false`.
    Absent,
    /// There without a text; as a property `true`.
    Present,
    /// A text.
    Text(Cow<'static, str>),
}

/// A value for good, or one that follows what it reads.
pub enum Attr {
    /// For good.
    Fixed(Value),
    /// Read again when a signal in it changes.
    Live(Box<dyn Fn() -> Value + Send>),
}

/// What can stand after `name=` in a view.
pub trait IntoAttr {
    /// The value of the attribute.
    fn into_attr(self) -> Attr;
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}
impl From<Oco<'static, str>> for Value {
    fn from(text: Oco<'static, str>) -> Self {
        match text {
            Oco::Borrowed(text) => text.into(),
            other => other.into_owned().into(),
        }
    }
}
impl From<bool> for Value {
    fn from(there: bool) -> Self {
        match there {
            true => Self::Present,
            false => Self::Absent,
        }
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

macro_rules! fixed {
    ($($kind:ty),+) => {$(
        impl IntoAttr for $kind {
            fn into_attr(self) -> Attr {
                Attr::Fixed(self.into())
            }
        }
    )+};
}
fixed!(&'static str, String, bool);

macro_rules! numbers {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Value {
            fn from(number: $kind) -> Self {
                number.to_string().into()
            }
        }
        impl IntoAttr for $kind {
            fn into_attr(self) -> Attr {
                Attr::Fixed(self.into())
            }
        }
    )+};
}
numbers!(u16, u32, usize, i32);

impl<T: Into<Value>> IntoAttr for Option<T> {
    fn into_attr(self) -> Attr {
        Attr::Fixed(self.into())
    }
}

impl<F, T> IntoAttr for F
where
    F: Fn() -> T + Send + 'static,
    T: Into<Value>,
{
    fn into_attr(self) -> Attr {
        Attr::Live(Box::new(move || self().into()))
    }
}

macro_rules! signals {
    ($($kind:ident),+) => {$(
        impl<T> IntoAttr for $kind<T>
        where
            T: Into<Value> + Clone + Send + Sync + 'static,
        {
            fn into_attr(self) -> Attr {
                Attr::Live(Box::new(move || self.get().into()))
            }
        }
    )+};
}
signals!(Signal, ArcSignal, Memo, RwSignal);

impl IntoAttr for TextProp {
    fn into_attr(self) -> Attr {
        Attr::Live(Box::new(move || self.get().into()))
    }
}
