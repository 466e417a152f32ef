//! The `view!` macro of the two apps.
//!
//! It reads the syntax of Leptos's macro of the same name and writes what builds a description of the view
//! (`zhicha_app::view::Node`) at run time: one text for what is known now, and a call for each part that is not. Leptos's own macro makes a type of each element, and the compiler then writes
//! code to build, patch and drop for each of these types; it also draws what never changes through `innerHTML`. Ours has one type
//! for all elements, so a template costs its text and these calls only.
//!
//! Understood: elements, text, blocks, components with properties and children, `class:name=`, `prop:name=`,
//! `attr:name=`, `on:event=`, `node_ref=`. Anything else is a compile error at its place.

mod component;
mod element;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use rstml::{
    Infallible,
    node::{Node, NodeBlock, NodeElement},
};
use syn::{Error, Result, Stmt, spanned::Spanned};

type Element = NodeElement<Infallible>;

/// A view as data: `view! { <p class="quiet">{words}</p> }` is a `zhicha_app::view::Node`.
#[proc_macro]
pub fn view(input: TokenStream) -> TokenStream {
    let key = template(&input);
    let read = rstml::parse(input).and_then(|nodes| several(&nodes, key));
    read.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Tells one template from another: by what it says and the line it stands on (FNV-1a).
fn template(input: &TokenStream) -> u32 {
    let line = proc_macro::Span::call_site().line();
    let text = format!("{line}:{input}");
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// One node as it is, several as a list.
fn several(nodes: &[Node], key: u32) -> Result<Tokens> {
    let parts = nodes
        .iter()
        .map(|node| one(node, key))
        .collect::<Result<Vec<_>>>()?;
    Ok(match parts.as_slice() {
        [one] => quote! { #one },
        _ => quote! { crate::view::Node::List(::std::vec![#(#parts),*]) },
    })
}

/// An expression of the type `Node`.
fn one(node: &Node, key: u32) -> Result<Tokens> {
    match node {
        Node::Element(element) if is_component(element) => component::tokens(element, key),
        Node::Element(element) => element::tokens(element, key),
        Node::Text(text) => {
            let text = &text.value;
            Ok(quote! { crate::view::Node::text(#text) })
        }
        Node::Block(block) => {
            let value = inner(block);
            Ok(quote! { crate::view::IntoNode::into_node(#value) })
        }
        Node::Fragment(fragment) => several(&fragment.children, key),
        other => Err(Error::new(
            other.span(),
            "not a part of a view: quote a text, or put an expression in braces",
        )),
    }
}

/// What the braces hold; they stay around several statements.
fn inner(block: &NodeBlock) -> Tokens {
    if let NodeBlock::ValidBlock(block) = block
        && let [Stmt::Expr(value, None)] = block.stmts.as_slice()
    {
        return quote! { #value };
    }
    quote! { #block }
}

/// Components begin with a capital letter, elements never.
fn is_component(element: &Element) -> bool {
    let name = element.name().to_string();
    let last = name.rsplit("::").next().unwrap_or_default().trim_start();
    last.starts_with(char::is_uppercase)
}
