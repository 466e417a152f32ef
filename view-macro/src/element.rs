//! HTML and SVG elements: what is known now goes into one text, the shape; the rest are the holes in it.

use crate::{Element, is_component, one};
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, Node, NodeAttribute};
use syn::{Error, Expr, ExprLit, Lit, Result, spanned::Spanned};

/// An element with all that is in it. The text is read by `zhicha_app::view::shape`, which says what stands in it.
pub fn tokens(element: &Element, key: u32) -> Result<Tokens> {
    let mut shape = Shape::default();
    shape.element(element, key)?;
    let (text, holes) = (shape.pieces.join("\0"), shape.holes);
    Ok(quote! {{
        #[allow(unused_mut)]
        let mut __holes = crate::view::Holes::default();
        #(#holes)*
        crate::view::filled(#text, #key, __holes)
    }})
}

#[derive(Default)]
struct Shape {
    pieces: Vec<String>,
    // The calls that fill the holes, in the order of the holes.
    holes: Vec<Tokens>,
}

impl Shape {
    fn element(&mut self, element: &Element, key: u32) -> Result<()> {
        self.piece('<', &element.name().to_string());
        for attribute in element.attributes() {
            self.attribute(attribute)?;
        }
        for child in &element.children {
            match child {
                Node::Text(text) => self.piece('\'', &text.value_string()),
                Node::Element(inner) if !is_component(inner) => self.element(inner, key)?,
                other => {
                    let child = one(other, key)?;
                    self.hole('?', "", quote! { __holes.child(#child); });
                }
            }
        }
        self.piece('>', "");
        Ok(())
    }

    fn attribute(&mut self, attribute: &NodeAttribute) -> Result<()> {
        let NodeAttribute::Attribute(attribute) = attribute else {
            return Err(Error::new(attribute.span(), "attributes have names here"));
        };
        let key = attribute.key.to_string();
        let (kind, name) = key.split_once(':').unwrap_or(("", &key));
        let value = value(attribute);
        let attr = quote! { __holes.attr(crate::view::IntoAttr::into_attr(#value)); };
        match kind {
            "" if name == "node_ref" => self.hole('#', "", quote! { __holes.node_ref(#value); }),
            "" | "attr" => match literal(attribute) {
                Some(text) => {
                    self.piece('=', name);
                    self.pieces.push(text.value());
                }
                None => self.hole('@', name, attr),
            },
            "class" => self.hole('.', name, attr),
            "prop" => self.hole('$', name, attr),
            "on" => {
                let event = format_ident!("{name}", span = attribute.key.span());
                let call = quote! { __holes.on(::leptos::ev::#event, #value); };
                self.hole('!', name, call);
            }
            _ => {
                return Err(Error::new(
                    attribute.key.span(),
                    "known here: class:, prop:, attr:, on: and node_ref",
                ));
            }
        }
        Ok(())
    }

    fn piece(&mut self, kind: char, text: &str) {
        self.pieces.push(format!("{kind}{text}"));
    }

    fn hole(&mut self, kind: char, name: &str, call: Tokens) {
        self.piece(kind, name);
        self.holes.push(call);
    }
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
