//! What [`super::view!`] makes of elements: one text for all that is known when the program is written, and the parts
//! that are known when it runs, in the order in which the text leaves a place for them.
//!
//! The text is a row of pieces with NUL between them; the first character of a piece says what it is:
//! `<tag` begins an element and `>` ends it, `=name` and the next piece are an attribute, `'` is a text. Places: `@name` for
//! an attribute, `.name` for a class, `$name` for a property, `!event` for a listener, `#` for a node reference, `?` for a child.

use super::{
    Attr, IntoNode, Node, Value,
    element::{Element, Keeper, Kind, Listened, Listener, Named},
};
use leptos::{
    ev::EventDescriptor, html::ElementType, prelude::NodeRef,
    tachys::html::node_ref::NodeRefContainer,
};
use send_wrapper::SendWrapper;
use std::{rc::Rc, vec::IntoIter};
use wasm_bindgen::JsCast;

enum Hole {
    Attr(Attr),
    Child(Node),
    Listener(SendWrapper<Listener>),
    Keeper(Keeper),
}

/// What fills the places of a shape.
#[derive(Default)]
pub struct Holes(Vec<Hole>);

impl Holes {
    /// An attribute, a class or a property.
    pub fn attr(&mut self, attr: Attr) {
        self.push(Hole::Attr(attr));
    }

    /// Something in an element.
    pub fn child(&mut self, child: impl IntoNode) {
        self.push(Hole::Child(child.into_node()));
    }

    /// What listens to an event.
    pub fn on<E>(&mut self, _: E, listener: impl Fn(E::EventType) + 'static)
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        let listener: Listener = Rc::new(move |event| listener(event.unchecked_into()));
        self.push(Hole::Listener(SendWrapper::new(listener)));
    }

    /// A reference, filled when the element is drawn.
    pub fn node_ref<E>(&mut self, node: NodeRef<E>)
    where
        E: ElementType + 'static,
        NodeRef<E>: NodeRefContainer<E>,
    {
        self.push(Hole::Keeper(Box::new(move |element| node.load(element))));
    }

    #[inline(never)]
    fn push(&mut self, hole: Hole) {
        self.0.push(hole);
    }
}

/// The element of a shape, with its holes filled.
pub fn filled(shape: &'static str, template: u32, holes: Holes) -> Node {
    let (mut pieces, mut holes) = (shape.split('\0'), holes.0.into_iter());
    let first = pieces.next().unwrap_or_default();
    element(first, template, &mut pieces, &mut holes)
}

fn element(
    first: &'static str,
    template: u32,
    pieces: &mut impl Iterator<Item = &'static str>,
    holes: &mut IntoIter<Hole>,
) -> Node {
    let mut made = Element::new(first.get(1..).unwrap_or_default(), template);
    while let Some(piece) = pieces.next() {
        let (kind, name) = piece.split_at(1);
        match kind {
            ">" => break,
            "<" => {
                let inner = element(piece, template, pieces, holes);
                made.children.push(inner);
            }
            "'" => made.children.push(Node::text(name)),
            "=" => {
                let text = pieces.next().unwrap_or_default();
                made.named(Kind::Attribute, name, Attr::Fixed(Value::from(text)));
            }
            _ => made.fill(kind, name, holes.next()),
        }
    }
    Node::Element(made)
}

impl Element {
    fn named(&mut self, kind: Kind, name: &'static str, attr: Attr) {
        self.attributes.push(Named { kind, name, attr });
    }

    // The macro writes text and holes together, so there is always a hole, and of the right kind.
    fn fill(&mut self, kind: &str, name: &'static str, hole: Option<Hole>) {
        match hole {
            Some(Hole::Attr(attr)) => {
                let kind = match kind {
                    "." => Kind::Class,
                    "$" => Kind::Property,
                    _ => Kind::Attribute,
                };
                self.named(kind, name, attr);
            }
            Some(Hole::Child(node)) => self.children.push(node),
            Some(Hole::Listener(listener)) => self.listeners.push(Listened {
                event: name,
                listener,
            }),
            Some(Hole::Keeper(keeper)) => self.keepers.push(keeper),
            None => {}
        }
    }
}
