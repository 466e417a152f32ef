//! What a component is given to draw inside of itself.

use super::{IntoNode, Node};
use std::sync::Arc;

/// Drawn once.
pub type Children = Box<dyn FnOnce() -> Node + Send>;

/// Drawn as often as needed.
pub type ChildrenFn = Arc<dyn Fn() -> Node + Send + Sync>;

/// A part of a component that is given as a property.
#[derive(Clone)]
pub struct ViewFn(ChildrenFn);

impl ViewFn {
    /// The part.
    pub fn run(&self) -> Node {
        (self.0)()
    }
}

impl<F, T> From<F> for ViewFn
where
    F: Fn() -> T + Send + Sync + 'static,
    T: IntoNode,
{
    fn from(draw: F) -> Self {
        Self(Arc::new(move || draw().into_node()))
    }
}

/// What stands between the tags of a component, as it wants it.
pub trait ToChildren<F> {
    /// Takes what draws it.
    fn to_children(draw: F) -> Self;
}

impl<F: FnOnce() -> Node + Send + 'static> ToChildren<F> for Children {
    fn to_children(draw: F) -> Self {
        Box::new(draw)
    }
}

impl<F: Fn() -> Node + Send + Sync + 'static> ToChildren<F> for ChildrenFn {
    fn to_children(draw: F) -> Self {
        Arc::new(draw)
    }
}
