//! Elements: what [`super::view!`] calls to describe one.

use super::{Attr, IntoNode, Node, Value};
use leptos::{
    ev::EventDescriptor, html::ElementType, prelude::NodeRef,
    tachys::html::node_ref::NodeRefContainer,
};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// Calls what listens to an event.
pub(super) type Listener = Rc<dyn Fn(web_sys::Event)>;
/// Keeps the drawn element.
type Keeper = Box<dyn FnOnce(&web_sys::Element) + Send>;

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
    pub fn new(tag: &'static str, template: u32) -> Box<Self> {
        Box::new(Self {
            tag,
            template,
            attributes: Vec::new(),
            listeners: Vec::new(),
            keepers: Vec::new(),
            children: Vec::new(),
        })
    }

    /// `name="text"`.
    pub fn fixed(&mut self, name: &'static str, text: &'static str) {
        self.attribute(name, Attr::Fixed(Value::from(text)));
    }

    /// `name=attr`.
    pub fn attribute(&mut self, name: &'static str, attr: Attr) {
        self.named(Kind::Attribute, name, attr);
    }

    /// `class:name=attr`: in the list of classes unless absent.
    pub fn class(&mut self, name: &'static str, attr: Attr) {
        self.named(Kind::Class, name, attr);
    }

    /// `prop:name=attr`: the property of the DOM object, set after the children are there.
    pub fn property(&mut self, name: &'static str, attr: Attr) {
        self.named(Kind::Property, name, attr);
    }

    fn named(&mut self, kind: Kind, name: &'static str, attr: Attr) {
        self.attributes.push(Named { kind, name, attr });
    }

    /// `on:event=listener`.
    pub fn on<E>(&mut self, event: E, listener: impl Fn(E::EventType) + 'static)
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        if let std::borrow::Cow::Borrowed(event) = event.name() {
            let listener: Listener = Rc::new(move |event| listener(event.unchecked_into()));
            self.listen(event, listener);
        }
    }

    fn listen(&mut self, event: &'static str, listener: Listener) {
        let listener = SendWrapper::new(listener);
        self.listeners.push(Listened { event, listener });
    }

    /// `node_ref=node`: filled when the element is drawn.
    pub fn node_ref<E>(&mut self, node: NodeRef<E>)
    where
        E: ElementType + 'static,
        NodeRef<E>: NodeRefContainer<E>,
    {
        self.keepers
            .push(Box::new(move |element| node.load(element)));
    }

    /// A text in it.
    pub fn text(&mut self, text: &'static str) {
        self.children.push(Node::text(text));
    }

    /// Something in it.
    pub fn child(&mut self, child: impl IntoNode) {
        self.children.push(child.into_node());
    }
}
