//! Components: functions with `#[leptos::component]`.

use crate::{Element, several};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, NodeAttribute};
use syn::{Error, Ident, Result, spanned::Spanned};

/// The call of a component with its properties and children.
pub fn tokens(element: &Element, key: u32) -> Result<Tokens> {
    let name = element.name();
    let mut properties = Vec::new();
    let mut given: Option<Ident> = None;
    for attribute in element.attributes() {
        let attribute = named(attribute)?;
        let text = attribute.key.to_string();
        match text.strip_prefix("let:") {
            Some(item) => given = Some(format_ident!("{item}", span = attribute.key.span())),
            None if text.contains(':') => {
                return Err(Error::new(
                    attribute.key.span(),
                    "a component has properties only",
                ));
            }
            None => properties.push(property(attribute)),
        }
    }
    let children = children(element, given.as_ref(), key)?;
    Ok(quote! {{
        #[allow(unused_braces, clippy::needless_borrows_for_generic_args)]
        let component = ::leptos::component::component_view(
            &#name,
            ::leptos::component::component_props_builder(&#name)
                #(#properties)*
                #children
                .build(),
        );
        crate::view::IntoNode::into_node(component)
    }})
}

fn named(attribute: &NodeAttribute) -> Result<&KeyedAttribute> {
    match attribute {
        NodeAttribute::Attribute(attribute) => Ok(attribute),
        NodeAttribute::Block(block) => Err(Error::new(
            block.span(),
            "nothing is spread onto a component here",
        )),
    }
}

// `name=value`, or `name` for a variable of that name.
fn property(attribute: &KeyedAttribute) -> Tokens {
    let name = &attribute.key;
    match attribute.value() {
        Some(value) => quote! { .#name({ #value }) },
        None => quote! { .#name(#name) },
    }
}

fn children(element: &Element, given: Option<&Ident>, key: u32) -> Result<Tokens> {
    if element.children.is_empty() {
        return Ok(Tokens::new());
    }
    let body = several(&element.children, key)?;
    Ok(match given {
        Some(item) => quote! { .children(move |#item| #body) },
        None => quote! { .children(crate::view::ToChildren::to_children(move || #body)) },
    })
}
