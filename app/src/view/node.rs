//! Parts of a view.

use super::{Element, keyed::Item};
use crate::signal::{Memo, RwSignal};
use leptos::{
    oco::Oco,
    prelude::{Get, Owner, Signal},
};
use std::borrow::Cow;

/// A part of a view, not drawn yet.
pub enum Node {
    /// Takes no room.
    Nothing,
    /// A text.
    Text(Cow<'static, str>),
    /// An element and what is in it.
    Element(Box<Element>),
    /// One after the other. Drawn anew, the first stays the first.
    List(Vec<Node>),
    /// A list whose items move ([`super::For`]), and what owns what they draw.
    Keyed(Vec<Item>, Owner),
    /// Drawn anew when a signal that it reads changes.
    Live(Box<dyn FnMut() -> Node + Send>),
}

impl Node {
    /// A text that is known now.
    pub fn text(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// What can stand in braces.
    pub fn of(part: impl IntoNode) -> Self {
        part.into_node()
    }

    /// What is drawn anew when a signal that it reads changes.
    pub fn live<T: IntoNode>(mut draw: impl FnMut() -> T + Send + 'static) -> Self {
        Self::Live(Box::new(move || draw().into_node()))
    }
}

/// What can stand in braces in a view.
pub trait IntoNode {
    /// It as a part of a view.
    fn into_node(self) -> Node;
}

impl IntoNode for Node {
    fn into_node(self) -> Node {
        self
    }
}
impl IntoNode for () {
    fn into_node(self) -> Node {
        Node::Nothing
    }
}
impl IntoNode for &'static str {
    fn into_node(self) -> Node {
        Node::text(self)
    }
}
impl IntoNode for String {
    fn into_node(self) -> Node {
        Node::Text(Cow::Owned(self))
    }
}
impl IntoNode for Oco<'static, str> {
    fn into_node(self) -> Node {
        match self {
            Oco::Borrowed(text) => Node::text(text),
            other => other.into_owned().into_node(),
        }
    }
}
impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Node {
        self.map_or(Node::Nothing, IntoNode::into_node)
    }
}
impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Node {
        Node::List(self.into_iter().map(IntoNode::into_node).collect())
    }
}
impl<F, T> IntoNode for F
where
    F: FnMut() -> T + Send + 'static,
    T: IntoNode,
{
    fn into_node(self) -> Node {
        Node::live(self)
    }
}

macro_rules! numbers {
    ($($kind:ty),+) => {$(
        impl IntoNode for $kind {
            fn into_node(self) -> Node {
                self.to_string().into_node()
            }
        }
    )+};
}
numbers!(u32, u64, usize, i32);

macro_rules! signals {
    ($($kind:ident),+) => {$(
        impl<T> IntoNode for $kind<T>
        where
            T: IntoNode + Clone + Send + Sync + 'static,
        {
            fn into_node(self) -> Node {
                Node::live(move || self.get())
            }
        }
    )+};
}
signals!(Signal, Memo, RwSignal);

macro_rules! tuples {
    ($($part:ident),+) => {
        impl<$($part: IntoNode),+> IntoNode for ($($part,)+) {
            #[expect(non_snake_case, reason = "the type's letter names the part")]
            fn into_node(self) -> Node {
                let ($($part,)+) = self;
                Node::List(vec![$($part.into_node()),+])
            }
        }
    };
}
tuples!(A, B);
tuples!(A, B, C);
