//! What is drawn: the nodes of the page, and what keeps them in step with the signals.

use super::{
    Attr, Element, Node, Value,
    element::{Kind, Listened, Listener, Named},
    keyed::{self, Part},
};
use leptos::{prelude::document, reactive::effect::RenderEffect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// What is drawn of a [`Node`].
pub enum Mounted {
    /// A comment marks the place of nothing.
    Nothing(web_sys::Comment),
    /// A text.
    Text(web_sys::Text, String),
    /// An element.
    Element(Box<Drawn>),
    /// The parts and a comment behind them.
    List(Vec<Mounted>, web_sys::Comment),
    /// Draws itself anew.
    Live(RenderEffect<Mounted>),
    /// The items and a comment behind them.
    Keyed(Vec<Part>, web_sys::Comment),
}

/// A drawn element.
pub struct Drawn {
    element: web_sys::Element,
    tag: &'static str,
    template: u32,
    attributes: Vec<Set>,
    listeners: Vec<Slot>,
    children: Vec<Mounted>,
}

// An attribute as it is now.
enum Set {
    Fixed(Value),
    Live(RenderEffect<Value>),
}

// What listens now; empty once the element is gone.
type Slot = Rc<RefCell<Option<Listener>>>;

fn comment() -> web_sys::Comment {
    document().create_comment("")
}

/// Draws it, not yet in the page.
pub fn draw(node: Node) -> Mounted {
    match node {
        Node::Nothing => Mounted::Nothing(comment()),
        Node::Text(text) => Mounted::Text(document().create_text_node(&text), text.into_owned()),
        Node::Element(element) => Mounted::Element(Box::new(draw_element(*element))),
        Node::List(parts) => Mounted::List(parts.into_iter().map(draw).collect(), comment()),
        Node::Live(part) => Mounted::Live(follow(part)),
        Node::Keyed(items, owner) => Mounted::Keyed(keyed::draw_all(items, &owner), comment()),
    }
}

fn follow(mut part: Box<dyn FnMut() -> Node + Send>) -> RenderEffect<Mounted> {
    RenderEffect::new(move |before: Option<Mounted>| {
        let now = part();
        match before {
            Some(mut mounted) => {
                patch(now, &mut mounted);
                mounted
            }
            None => draw(now),
        }
    })
}

/// Makes what is drawn show `node`: what is the same stays in the page, with its focus and its place.
pub fn patch(node: Node, mounted: &mut Mounted) {
    match (node, &mut *mounted) {
        (Node::Nothing, Mounted::Nothing(_)) => {}
        (Node::Text(now), Mounted::Text(place, before)) => {
            if *now != **before {
                place.set_data(&now);
                *before = now.into_owned();
            }
        }
        (Node::Element(now), Mounted::Element(drawn)) if drawn.is_of(&now) => {
            patch_element(*now, drawn);
        }
        (Node::List(now), Mounted::List(parts, end)) => patch_list(now, parts, end),
        (Node::Keyed(items, owner), Mounted::Keyed(parts, end)) => {
            keyed::patch(items, &owner, parts, end);
        }
        (now, _) => replace(draw(now), mounted),
    }
}

fn replace(mut now: Mounted, mounted: &mut Mounted) {
    if let Some(place) = mounted.first_node()
        && let Some(parent) = place.parent_element()
    {
        now.mount(&parent, Some(&place));
    }
    std::mem::replace(mounted, now).unmount();
}

fn patch_list(now: Vec<Node>, parts: &mut Vec<Mounted>, end: &web_sys::Comment) {
    for mut surplus in parts.drain(now.len().min(parts.len())..) {
        surplus.unmount();
    }
    for (at, node) in now.into_iter().enumerate() {
        if let Some(part) = parts.get_mut(at) {
            patch(node, part);
        } else {
            let mut part = draw(node);
            if let Some(parent) = end.parent_element() {
                part.mount(&parent, Some(end));
            }
            parts.push(part);
        }
    }
}

const SVG: &str = "http://www.w3.org/2000/svg";

fn create(tag: &str) -> web_sys::Element {
    let document = document();
    let made = match tag {
        "svg" | "use" | "circle" | "path" | "g" | "rect" | "line" => {
            document.create_element_ns(Some(SVG), tag)
        }
        _ => document.create_element(tag),
    };
    made.expect("tags are written in templates, so they are names")
}

fn draw_element(node: Element) -> Drawn {
    let element = create(node.tag);
    let mut children: Vec<Mounted> = node.children.into_iter().map(draw).collect();
    for child in &mut children {
        child.mount(&element, None);
    }
    // Children first: a `<select>` takes its value from its options.
    let attributes = node
        .attributes
        .into_iter()
        .map(|named| set(&element, named, None))
        .collect();
    let listeners = node
        .listeners
        .into_iter()
        .map(|listened| listen(&element, listened))
        .collect();
    for keep in node.keepers {
        keep(&element);
    }
    Drawn {
        element,
        tag: node.tag,
        template: node.template,
        attributes,
        listeners,
        children,
    }
}

impl Drawn {
    // The same template makes the same attributes, listeners and children in the same order.
    fn is_of(&self, node: &Element) -> bool {
        self.template == node.template
            && self.tag == node.tag
            && self.attributes.len() == node.attributes.len()
            && self.listeners.len() == node.listeners.len()
            && self.children.len() == node.children.len()
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        for slot in &self.listeners {
            slot.take();
        }
    }
}

// The task behind an effect keeps its value until it is polled next. What was drawn in it ends now: it may read signals
// that are about to go.
impl Drop for Mounted {
    fn drop(&mut self) {
        if let Self::Live(effect) = self {
            drop(effect.take_value());
        }
    }
}

fn patch_element(node: Element, drawn: &mut Drawn) {
    for (child, mounted) in node.children.into_iter().zip(&mut drawn.children) {
        patch(child, mounted);
    }
    for (named, now) in node.attributes.into_iter().zip(&mut drawn.attributes) {
        let before = match now {
            Set::Fixed(value) => Some(value.clone()),
            Set::Live(effect) => effect.take_value(),
        };
        *now = set(&drawn.element, named, before);
    }
    for (listened, slot) in node.listeners.into_iter().zip(&drawn.listeners) {
        slot.replace(Some(listened.listener.take()));
    }
}

// `before` is what the element has now, if anything.
fn set(element: &web_sys::Element, named: Named, before: Option<Value>) -> Set {
    let Named { kind, name, attr } = named;
    match attr {
        Attr::Fixed(value) => {
            apply(element, kind, name, &value, before.as_ref());
            Set::Fixed(value)
        }
        Attr::Live(read) => {
            let element = element.clone();
            let draw = move |before: Option<Value>| {
                let value = read();
                apply(&element, kind, name, &value, before.as_ref());
                value
            };
            Set::Live(RenderEffect::new_with_value(draw, before))
        }
    }
}

fn apply(
    element: &web_sys::Element,
    kind: Kind,
    name: &str,
    value: &Value,
    before: Option<&Value>,
) {
    if kind == Kind::Property {
        return apply_property(element, name, value);
    }
    if before == Some(value) || (before.is_none() && *value == Value::Absent) {
        return;
    }
    // Names are written in templates, so the browser takes them.
    let _ = match (kind, value) {
        (Kind::Class, Value::Absent) => element.class_list().remove_1(name),
        (Kind::Class, _) => element.class_list().add_1(name),
        (_, Value::Absent) => element.remove_attribute(name),
        (_, Value::Present) => element.set_attribute(name, ""),
        (_, Value::Text(text)) => element.set_attribute(name, text),
    };
}

// A person may have changed it meanwhile, so the element itself is asked. The same value is not set again: it would move
// the caret, and end what an input method is composing.
fn apply_property(element: &web_sys::Element, name: &str, value: &Value) {
    let name = JsValue::from_str(name);
    let value = match value {
        Value::Absent => JsValue::FALSE,
        Value::Present => JsValue::TRUE,
        Value::Text(text) => JsValue::from_str(text),
    };
    if js_sys::Reflect::get(element, &name).ok().as_ref() != Some(&value) {
        let _ = js_sys::Reflect::set(element, &name, &value);
    }
}

fn listen(element: &web_sys::Element, listened: Listened) -> Slot {
    let slot: Slot = Rc::new(RefCell::new(Some(listened.listener.take())));
    let of_event = Rc::clone(&slot);
    let call = Closure::<dyn Fn(web_sys::Event)>::new(move |event| {
        // Not borrowed while it runs: a listener may cause its own event.
        let listener = of_event.borrow().clone();
        if let Some(listener) = listener {
            listener(event);
        }
    });
    // The browser frees it with the element.
    let call = call.into_js_value();
    let _ = element.add_event_listener_with_callback(listened.event, call.unchecked_ref());
    slot
}

impl Mounted {
    /// Takes it out of the page.
    pub(super) fn unmount(&mut self) {
        match self {
            Self::Nothing(place) => place.remove(),
            Self::Text(place, _) => place.remove(),
            Self::Element(drawn) => drawn.element.remove(),
            Self::List(parts, end) => {
                for part in parts {
                    part.unmount();
                }
                end.remove();
            }
            Self::Keyed(parts, end) => {
                for part in parts {
                    part.mounted.unmount();
                }
                end.remove();
            }
            Self::Live(effect) => {
                effect.with_value_mut(Self::unmount);
            }
        }
    }

    /// Puts it into `parent` in front of `marker`, or as the last.
    pub(super) fn mount(&mut self, parent: &web_sys::Element, marker: Option<&web_sys::Node>) {
        let own: &web_sys::Node = match self {
            Self::Nothing(place) => place,
            Self::Text(place, _) => place,
            Self::Element(drawn) => &drawn.element,
            Self::List(parts, end) => {
                for part in parts {
                    part.mount(parent, marker);
                }
                end
            }
            Self::Keyed(parts, end) => {
                for part in parts {
                    part.mounted.mount(parent, marker);
                }
                end
            }
            Self::Live(effect) => {
                effect.with_value_mut(|drawn| drawn.mount(parent, marker));
                return;
            }
        };
        // Fails only if the page was changed behind our back; what is not drawn is not lost.
        let _ = parent.insert_before(own, marker);
    }

    /// The first of its nodes; none only while an effect draws it anew.
    pub(super) fn first_node(&self) -> Option<web_sys::Node> {
        Some(match self {
            Self::Nothing(place) => place.clone().into(),
            Self::Text(place, _) => place.clone().into(),
            Self::Element(drawn) => drawn.element.clone().into(),
            Self::List(parts, end) => match parts.first() {
                Some(first) => return first.first_node(),
                None => end.clone().into(),
            },
            Self::Keyed(parts, end) => match parts.first() {
                Some(first) => return first.mounted.first_node(),
                None => end.clone().into(),
            },
            Self::Live(effect) => return effect.with_value_mut(|drawn| drawn.first_node())?,
        })
    }
}
