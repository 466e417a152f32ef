//! Sheets and dialogs on the native `<dialog>`: modal, closed by Escape, focus goes back where it came from.

use super::Icon;
use crate::signal::RwSignal;
use crate::view::{ChildrenFn, Node, ViewFn, effect, view};
use crate::{
    platform::dom,
    words::{t, use_i18n},
};
use leptos::{ev, html, prelude::*, text_prop::TextProp};

/// Keeps a `<dialog>` in step with `open`, and gives focus back when it closes.
pub fn follow(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    let before = StoredValue::new_local(None);
    effect(move || {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            before.set_value(dom::focused());
            dom::show_modal(&dialog);
        } else if !wanted && dialog.open() {
            dom::close(&dialog);
            if let Some(element) = before.try_update_value(Option::take).flatten() {
                dom::focus_element(&element);
            }
        }
    });
}

/// What a `close` event means: it comes late, and the dialog may have been opened anew before it.
fn closed(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
        open.set(false);
    }
}

/// A question with a few buttons. Lives only while `open`; its content is made anew each time.
#[component]
pub fn Dialog(
    /// Whether it is shown; Escape sets it to false.
    open: RwSignal<bool>,
    /// Id, unique in the page; the title gets `<id>-title`.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: TextProp,
    /// Words and buttons.
    children: ChildrenFn,
) -> Node {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = format!("{id}-title");
    follow(node, open);
    view! {
        <dialog
            class="dialog"
            id=id
            node_ref=node
            aria-labelledby=title_id.clone()
            on:close=move |_| closed(node, open)
        >
            <h2 id=title_id>{move || title.get()}</h2>
            {move || open.get().then(|| children())}
        </dialog>
    }
}

/// A sheet that covers the page: head with a close button, body, and a dock if given.
#[component]
pub fn Sheet(
    /// Whether it is shown; Escape and the close button set it to false.
    open: RwSignal<bool>,
    /// Id, unique in the page; the title gets `<id>-title`.
    #[prop(into)]
    id: String,
    /// What it is about.
    #[prop(into)]
    title: TextProp,
    /// Shown at the end of the head, for example a badge.
    #[prop(optional, into)]
    head: Option<ViewFn>,
    /// Buttons at the bottom.
    #[prop(optional, into)]
    dock: Option<ViewFn>,
    /// The body.
    children: ChildrenFn,
) -> Node {
    let i18n = use_i18n();
    let node = NodeRef::<html::Dialog>::new();
    let title_id = format!("{id}-title");
    follow(node, open);
    let shut = move |_: ev::MouseEvent| open.set(false);
    let head = StoredValue::new(head);
    let dock = StoredValue::new(dock);
    let children = StoredValue::new(children);
    view! {
        <dialog
            class="sheet"
            id=id
            node_ref=node
            aria-labelledby=title_id.clone()
            on:close=move |_| closed(node, open)
        >
            <div class="top-row">
                <div><h2 id=title_id>{move || title.get()}</h2></div>
                {move || open.get().then(|| head.with_value(|head| head.as_ref().map(ViewFn::run)))}
                <button class="icon" type="button" on:click=shut aria-label=t!(i18n, common.action.close)>
                    <Icon name="cross" />
                </button>
            </div>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="body">{children.with_value(|children| children())}</div>
                            {dock
                                .with_value(|dock| dock.as_ref().map(ViewFn::run))
                                .map(|dock| view! { <div class="dock">{dock}</div> })}
                        }
                    })
            }}
        </dialog>
    }
}
