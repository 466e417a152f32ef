//! HTML and SVG elements.

use crate::{Element, one};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, NodeAttribute};
use syn::{Error, Expr, ExprLit, Lit, Result, spanned::Spanned};

/// The calls that describe an element and what is in it.
pub fn tokens(element: &Element, key: u32) -> Result<Tokens> {
    let tag = element.name().to_string();
    let attributes = element
        .attributes()
        .iter()
        .map(attribute)
        .collect::<Result<Vec<_>>>()?;
    let children = element
        .children
        .iter()
        .map(|child| Ok((child, one(child, key)?)));
    let children = children.collect::<Result<Vec<_>>>()?;
    let children = children.iter().map(|(child, tokens)| match child {
        rstml::node::Node::Text(text) => {
            let text = &text.value;
            quote! { element.text(#text); }
        }
        _ => quote! { element.child(#tokens); },
    });
    Ok(quote! {{
        let mut element = crate::view::Element::new(#tag, #key);
        #(#attributes)*
        #(#children)*
        crate::view::Node::Element(element)
    }})
}

fn attribute(attribute: &NodeAttribute) -> Result<Tokens> {
    let NodeAttribute::Attribute(attribute) = attribute else {
        return Err(Error::new(attribute.span(), "attributes have names here"));
    };
    let key = attribute.key.to_string();
    let (kind, name) = key.split_once(':').unwrap_or(("", &key));
    let value = value(attribute);
    Ok(match kind {
        "" if name == "node_ref" => quote! { element.node_ref(#value); },
        "" | "attr" => match literal(attribute) {
            Some(text) => quote! { element.fixed(#name, #text); },
            None => quote! { element.attribute(#name, crate::view::IntoAttr::into_attr(#value)); },
        },
        "class" => quote! { element.class(#name, crate::view::IntoAttr::into_attr(#value)); },
        "prop" => quote! { element.property(#name, crate::view::IntoAttr::into_attr(#value)); },
        "on" => {
            let event = format_ident!("{name}", span = attribute.key.span());
            quote! { element.on(::leptos::ev::#event, #value); }
        }
        _ => {
            return Err(Error::new(
                attribute.key.span(),
                "known here: class:, prop:, attr:, on: and node_ref",
            ));
        }
    })
}

/// The value as written; an attribute without one is there (`true`).
fn value(attribute: &KeyedAttribute) -> Tokens {
    match attribute.value() {
        Some(value) => quote! { #value },
        None => quote! { true },
    }
}

/// A text that is known now.
fn literal(attribute: &KeyedAttribute) -> Option<&syn::LitStr> {
    match attribute.value() {
        Some(Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        })) => Some(text),
        _ => None,
    }
}
