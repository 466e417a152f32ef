//! Views as data in a real browser: what is drawn, what stays when it is drawn anew, and what listens.
#![cfg(target_arch = "wasm32")]

mod parts;

use leptos::prelude::*;
use parts::{count, drawn, event, focused, found, settled};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};
use zhicha_app::signal::RwSignal;
// `view!` writes paths from the root of the crate it is used in.
use zhicha_app::view::{self, For, Node, Show};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_template_is_drawn_as_it_is_written() {
    let page = drawn(|| {
        let none = None::<&'static str>;
        view::view! {
            <p class="quiet" hidden=false aria-busy=true title=Some("t") lang=none>
                "a" {1_u32} {Some("b")} {none} {vec!["c", "d"]}
            </p>
            <svg viewBox="0 0 1 1"><use href="#i"></use></svg>
        }
    });
    assert_eq!(
        page.inner_html(),
        "<p class=\"quiet\" aria-busy=\"\" title=\"t\">a1b<!---->cd<!----></p>\
         <svg viewBox=\"0 0 1 1\"><use href=\"#i\"></use></svg><!---->"
    );
    let svg: Element = found(&page, "svg");
    assert_eq!(
        svg.namespace_uri().as_deref(),
        Some("http://www.w3.org/2000/svg")
    );
}

#[wasm_bindgen_test]
async fn text_that_looks_like_markup_stays_text() {
    let page = drawn(|| view::view! { <p>{"<img src=x onerror=alert(1)>".to_owned()}</p> });
    assert_eq!(count(&page, "img"), 0);
}

#[wasm_bindgen_test]
async fn a_signal_changes_its_text_and_its_attribute_only() {
    let (word, tone) = (RwSignal::new("one"), RwSignal::new(Some("warn")));
    let page = drawn(move || {
        view::view! { <p data-tone=move || tone.get() class:loud=move || word.get() == "two">{move || word.get()}</p> }
    });
    let paragraph: Element = found(&page, "p");
    let text = paragraph.first_child().expect("the text");
    word.set("two");
    tone.set(None);
    settled().await;
    assert_eq!(page.inner_html(), "<p class=\"loud\">two</p>");
    assert!(paragraph.is_same_node(page.first_child().as_ref()));
    assert!(text.is_same_node(paragraph.first_child().as_ref()));
}

#[wasm_bindgen_test]
async fn the_same_template_drawn_anew_keeps_its_input_its_focus_and_what_was_typed() {
    let round = RwSignal::new(0_u32);
    let page = drawn(move || {
        view::view! {
            <div>{move || { let now = round.get(); view::view! { <label>{now}<input id="field" data-round=now /></label> } }}</div>
        }
    });
    let input: HtmlInputElement = found(&page, "#field");
    input.focus().expect("it can have the focus");
    input.set_value("typed");
    round.set(1);
    settled().await;
    assert_eq!(focused().as_deref(), Some("field"));
    assert_eq!(input.value(), "typed");
    assert_eq!(input.get_attribute("data-round").as_deref(), Some("1"));
}

#[wasm_bindgen_test]
async fn another_template_takes_nothing_over() {
    let other = RwSignal::new(false);
    let page = drawn(move || {
        view::view! {
            <div>{move || match other.get() {
                false => view::view! { <input class="one" /> },
                true => view::view! { <input class="two" /> },
            }}</div>
        }
    });
    found::<HtmlInputElement>(&page, "input").set_value("of the first");
    other.set(true);
    settled().await;
    assert_eq!(count(&page, "input"), 1);
    assert_eq!(found::<HtmlInputElement>(&page, ".two").value(), "");
}

#[wasm_bindgen_test]
async fn a_list_grows_and_shrinks_in_its_place() {
    let items = RwSignal::new(vec!["a", "b"]);
    let page = drawn(move || {
        let shown = move || {
            items
                .get()
                .into_iter()
                .map(|item| view::view! { <li>{item}</li> })
                .collect::<Vec<Node>>()
        };
        view::view! { <ul><li>"first"</li>{shown}<li>"last"</li></ul> }
    });
    let text = || page.text_content().unwrap_or_default();
    assert_eq!(text(), "firstablast");
    for (now, wanted) in [
        (vec!["a", "b", "c"], "firstabclast"),
        (vec![], "firstlast"),
        (vec!["d"], "firstdlast"),
    ] {
        items.set(now);
        settled().await;
        assert_eq!(text(), wanted);
    }
}

#[wasm_bindgen_test]
async fn what_appears_appears_where_it_was_written() {
    let shown = RwSignal::new(false);
    let page = drawn(move || {
        view::view! { <p>"a" {move || shown.get().then(|| view::view! { <b>"b"</b><i>"c"</i> })} "d"</p> }
    });
    for (now, wanted) in [(true, "abcd"), (false, "ad"), (true, "abcd")] {
        shown.set(now);
        settled().await;
        assert_eq!(page.text_content().as_deref(), Some(wanted));
    }
}

#[wasm_bindgen_test]
async fn listeners_hear_and_the_newest_one_hears_alone() {
    let round = RwSignal::new(0_u32);
    let heard = RwSignal::new(Vec::new());
    let page = drawn(move || {
        view::view! { <div>{move || {
            let now = round.get();
            view::view! { <button on:click=move |_| heard.update(|all| all.push(now))></button> }
        }}</div> }
    });
    let button: Element = found(&page, "button");
    event(&button, "click");
    round.set(7);
    settled().await;
    event(&button, "click");
    assert_eq!(heard.get_untracked(), [0, 7]);
}

#[wasm_bindgen_test]
async fn what_is_gone_hears_nothing_and_lets_go_of_what_it_held() {
    let there = RwSignal::new(true);
    let calls = Rc::new(Cell::new(0));
    let held = Rc::downgrade(&calls);
    let counted = StoredValue::new_local(Some(calls));
    let page = drawn(move || {
        view::view! { <div>{move || there.get().then(|| {
            let calls = counted.try_update_value(Option::take).flatten();
            view::view! { <button on:click=move |_| if let Some(calls) = &calls { calls.set(calls.get() + 1) }></button> }
        })}</div> }
    });
    let button: Element = found(&page, "button");
    event(&button, "click");
    assert_eq!(held.upgrade().map(|calls| calls.get()), Some(1));
    there.set(false);
    settled().await;
    event(&button, "click");
    assert!(held.upgrade().is_none());
}

#[wasm_bindgen_test]
async fn a_property_follows_its_signal_also_after_a_person_changed_it() {
    let (name, on) = (RwSignal::new("a".to_owned()), RwSignal::new(true));
    let page = drawn(move || {
        view::view! {
            <input class="text" prop:value=move || name.get() />
            <input class="box" type="checkbox" prop:checked=move || on.get() />
            <select prop:value="2"><option value="1"></option><option value="2"></option></select>
        }
    });
    let text: HtmlInputElement = found(&page, ".text");
    let tick: HtmlInputElement = found(&page, ".box");
    assert_eq!((text.value().as_str(), tick.checked()), ("a", true));
    tick.set_checked(false);
    text.set_value("b");
    name.set("b".to_owned());
    on.update(|_| {});
    settled().await;
    assert_eq!((text.value().as_str(), tick.checked()), ("b", true));
    assert_eq!(found::<HtmlSelectElement>(&page, "select").value(), "2");
}

#[wasm_bindgen_test]
async fn lists_and_conditions_take_children() {
    let open = RwSignal::new(true);
    let list = RwSignal::new(vec![1_u32, 2]);
    let page = drawn(move || {
        view::view! {
            <Show when=move || open.get()><b>"shown"</b></Show>
            <For each=move || list.get() key=|n| *n let:n><i>{n}</i></For>
        }
    });
    assert_eq!(page.text_content().as_deref(), Some("shown12"));
    open.set(false);
    list.set(vec![2, 1, 3]);
    settled().await;
    assert_eq!(page.text_content().as_deref(), Some("213"));
}

#[wasm_bindgen_test]
async fn an_item_of_a_list_stays_what_it_is_when_it_moves_and_ends_with_its_key() {
    let list = RwSignal::new(vec!["a", "b", "c"]);
    let ended = StoredValue::new(Vec::<&'static str>::new());
    let word = RwSignal::new("x");
    let page = drawn(move || {
        view::view! {
            <ul><For each=move || list.get() key=|name| *name let:name>{
                on_cleanup(move || ended.update_value(|all| all.push(name)));
                view::view! { <li id=name>{name}{move || word.get()}</li> }
            }</For></ul>
        }
    });
    let last: Element = found(&page, "#c");
    list.set(vec!["c", "d", "a"]);
    settled().await;
    assert_eq!(page.text_content().as_deref(), Some("cxdxax"));
    assert!(last.is_same_node(Some(&found::<Element>(&page, "#c"))));
    assert_eq!(ended.get_value(), ["b"]);
    word.set("y");
    list.update(|all| all.insert(0, "e"));
    settled().await;
    assert_eq!(page.text_content().as_deref(), Some("eycydyay"));
    assert!(last.is_same_node(Some(&found::<Element>(&page, "#c"))));
    list.set(Vec::new());
    settled().await;
    assert_eq!(page.text_content().as_deref(), Some(""));
    assert_eq!(ended.with_value(Vec::len), 5);
}

#[wasm_bindgen_test]
async fn what_is_gone_does_not_read_its_signals_again() {
    let open = RwSignal::new(true);
    let busy = StoredValue::new(None::<RwSignal<bool>>);
    let page = drawn(move || {
        view::view! {
            <div>{move || open.get().then(|| {
                let own = RwSignal::new(true);
                busy.set_value(Some(own));
                view::view! { <p>{move || view::view! { <b>{move || view::view! { <button disabled=move || own.get()></button> }}</b> }}</p> }
            })}</div>
        }
    });
    let own = busy.get_value().expect("it was drawn");
    open.set(false);
    own.set(false);
    settled().await;
    assert_eq!(count(&page, "button"), 0);
}
