//! Lists whose items move: each item is drawn once and stays what it is.

use super::{
    ChildrenFn, Node,
    mounted::{Mounted, draw},
};
use crate::signal::Memo;
use leptos::prelude::{Owner, component};
use std::collections::HashMap;

/// An item of a list, known by its key; it is drawn when the key is new.
pub struct Item {
    key: String,
    draw: Box<dyn FnOnce() -> Node + Send>,
}

/// A drawn item and what owns its signals and effects.
pub struct Part {
    key: String,
    owner: Owner,
    pub(super) mounted: Mounted,
}

// What the item drew may be read no more.
impl Drop for Part {
    fn drop(&mut self) {
        self.owner.cleanup();
    }
}

/// Draws the items of a list; `key` tells them apart. What one draws lives until its key is gone from the list.
#[component]
pub fn For<I, T, K>(
    /// The items, read anew when a signal in it changes.
    each: impl Fn() -> I + Send + 'static,
    /// The key of an item, unique in the list.
    key: impl Fn(&T) -> K + Send + 'static,
    /// Draws an item.
    children: impl Fn(T) -> Node + Clone + Send + 'static,
) -> Node
where
    I: IntoIterator<Item = T> + 'static,
    T: Send + 'static,
    K: ToString + 'static,
{
    let item = move |item: T| {
        let children = children.clone();
        Item {
            key: key(&item).to_string(),
            draw: Box::new(move || children(item)),
        }
    };
    // Not the effect that follows the list: that one's things go when the list is read anew.
    let owner = Owner::current().unwrap_or_default();
    Node::Live(Box::new(move || {
        let items = each().into_iter().map(&item).collect();
        Node::Keyed(items, owner.clone())
    }))
}

/// Draws its children while the condition holds, once each time it begins to.
#[component]
pub fn Show(
    /// The condition.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is shown.
    children: ChildrenFn,
) -> Node {
    let shown = Memo::new(move |_| when());
    Node::Live(Box::new(move || {
        if shown.get() {
            children()
        } else {
            Node::Nothing
        }
    }))
}

/// Draws all of a list, not yet in the page.
pub(super) fn draw_all(items: Vec<Item>, owner: &Owner) -> Vec<Part> {
    items.into_iter().map(|item| part(item, owner)).collect()
}

fn part(item: Item, owner: &Owner) -> Part {
    let owner = owner.with(Owner::new);
    let mounted = owner.with(|| draw((item.draw)()));
    Part {
        key: item.key,
        owner,
        mounted,
    }
}

/// Makes the list that is drawn before `end` show `items`.
pub(super) fn patch(
    items: Vec<Item>,
    owner: &Owner,
    parts: &mut Vec<Part>,
    end: &web_sys::Comment,
) {
    let mut before: HashMap<String, (usize, Part)> = parts
        .drain(..)
        .enumerate()
        .map(|(at, part)| (part.key.clone(), (at, part)))
        .collect();
    let mut last = None;
    let mut moved = false;
    let mut is_new = Vec::with_capacity(items.len());
    for item in items {
        let kept = before.remove(&item.key);
        is_new.push(kept.is_none());
        parts.push(match kept {
            Some((at, part)) => {
                moved |= last.is_some_and(|last| at < last);
                last = Some(at);
                part
            }
            None => part(item, owner),
        });
    }
    for (_, mut gone) in before.into_values() {
        gone.mounted.unmount();
    }
    let Some(parent) = end.parent_element() else {
        return;
    };
    // From the end, so that what stands behind an item is in its place already.
    let mut behind: web_sys::Node = end.clone().into();
    for (part, is_new) in parts.iter_mut().zip(is_new).rev() {
        if is_new || moved {
            part.mounted.mount(&parent, Some(&behind));
        }
        if let Some(first) = part.mounted.first_node() {
            behind = first;
        }
    }
}
