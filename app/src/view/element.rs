//! Elements that are not drawn yet.

use super::{Attr, Node};
use send_wrapper::SendWrapper;
use std::rc::Rc;

/// Calls what listens to an event.
pub(super) type Listener = Rc<dyn Fn(web_sys::Event)>;
/// Keeps the drawn element.
pub(super) type Keeper = Box<dyn FnOnce(&web_sys::Element) + Send>;

/// How a value gets into an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Attribute,
    Class,
    Property,
}

pub(super) struct Named {
    pub kind: Kind,
    pub name: &'static str,
    pub attr: Attr,
}

pub(super) struct Listened {
    pub event: &'static str,
    pub listener: SendWrapper<Listener>,
}

/// An element that is not drawn yet.
pub struct Element {
    pub(super) tag: &'static str,
    // The template it comes from: what is drawn is patched by the same template only.
    pub(super) template: u32,
    pub(super) attributes: Vec<Named>,
    pub(super) listeners: Vec<Listened>,
    pub(super) keepers: Vec<Keeper>,
    pub(super) children: Vec<Node>,
}

impl Element {
    /// An empty element.
    pub(super) fn new(tag: &'static str, template: u32) -> Box<Self> {
        Box::new(Self {
            tag,
            template,
            attributes: Vec::new(),
            listeners: Vec::new(),
            keepers: Vec::new(),
            children: Vec::new(),
        })
    }
}
