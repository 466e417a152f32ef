//! What an operation takes and gives, gathered from the types of its handler, so that the description cannot differ from
//! the code.

use super::schemas::Schemas;
use crate::{error::ApiError, state::App};
use axum::{
    Json,
    extract::State,
    handler::Handler,
    http::{HeaderMap, HeaderName},
    response::NoContent,
};
use axum_extra::extract::CookieJar;
use schemars::JsonSchema;
use std::{collections::BTreeSet, future::Future};
use utoipa::openapi::{
    Content, ContentBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
    SchemaFormat,
    path::{Parameter, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
    response::Response,
    schema::{Schema, SchemaType, Type},
};

/// An operation in the making.
#[derive(Default)]
pub struct Sketch {
    /// What stands in the query.
    pub query: Vec<Parameter>,
    /// What stands in headers.
    pub headers: Vec<Parameter>,
    /// The schemas of the ids in the path, in their order.
    pub ids: Vec<RefOr<Schema>>,
    /// The body.
    pub body: Option<RequestBody>,
    /// The good answer, with its status.
    pub answer: Option<(u16, Response)>,
    /// Codes of the problems that may come instead.
    pub codes: BTreeSet<&'static str>,
}

impl Sketch {
    /// The good answer.
    pub fn gives(&mut self, status: u16, words: &str, content: Option<(&str, Content)>) {
        let mut response = ResponseBuilder::new().description(words);
        if let Some((media_type, content)) = content {
            response = response.content(media_type, content);
        }
        self.answer = Some((status, response.build()));
    }
}

/// An argument of a handler.
pub trait Takes {
    /// Adds what it reads, and how that may fail.
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas);
}

/// What a handler returns.
pub trait Gives {
    /// Adds the good answer.
    fn gives(sketch: &mut Sketch, schemas: &mut Schemas);
}

/// A handler whose arguments and answer describe themselves.
pub trait Described<T>: Handler<T, App> {
    /// What it takes and gives.
    fn sketch(sketch: &mut Sketch, schemas: &mut Schemas);
}

macro_rules! described {
    ($($arg:ident),*) => {
        impl<F, Fut, M, $($arg,)*> Described<(M, $($arg,)*)> for F
        where
            F: Handler<(M, $($arg,)*), App> + Fn($($arg),*) -> Fut,
            Fut: Future,
            Fut::Output: Gives,
            $($arg: Takes,)*
        {
            fn sketch(sketch: &mut Sketch, schemas: &mut Schemas) {
                $($arg::takes(sketch, schemas);)*
                Fut::Output::gives(sketch, schemas);
            }
        }
    };
}
described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, D);
described!(A, B, C, D, E);

/// The content of a body with this schema.
pub fn content(schema: RefOr<Schema>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

/// The next id in the path, of type `T`.
pub fn takes_id<T: JsonSchema>(sketch: &mut Sketch, schemas: &mut Schemas) {
    sketch.ids.push(schemas.taken::<T>());
    sketch.codes.insert("not_found");
}

/// A query with the members of `T`.
pub fn takes_query<T: JsonSchema>(sketch: &mut Sketch, schemas: &mut Schemas) {
    let parameter = |member: super::schemas::Member| {
        ParameterBuilder::new()
            .name(member.name)
            .parameter_in(ParameterIn::Query)
            .required(needed(member.required))
            .description(member.description)
            .schema(Some(member.schema))
            .build()
    };
    let members = schemas.members::<T>();
    sketch.query.extend(members.into_iter().map(parameter));
    sketch.codes.insert("bad_request");
}

/// A header with a text or a number.
pub fn takes_header(name: &HeaderName, required: bool, schema: ObjectBuilder, sketch: &mut Sketch) {
    let header = ParameterBuilder::new()
        .name(name.as_str())
        .parameter_in(ParameterIn::Header)
        .required(needed(required))
        .schema(Some(schema));
    sketch.headers.push(header.build());
}

fn needed(required: bool) -> Required {
    match required {
        true => Required::True,
        false => Required::False,
    }
}

/// A JSON body of type `T`.
pub fn takes_json<T: JsonSchema>(sketch: &mut Sketch, schemas: &mut Schemas) {
    let body = RequestBodyBuilder::new()
        .content("application/json", content(schemas.taken::<T>()))
        .required(Some(Required::True))
        .build();
    sketch.body = Some(body);
    sketch
        .codes
        .extend(["bad_request", "too_large", "media_type"]);
}

/// A body of bytes of this media type.
pub fn takes_bytes(media_type: &str, required: bool, sketch: &mut Sketch) {
    let body = RequestBodyBuilder::new()
        .content(media_type, bytes())
        .required(Some(needed(required)))
        .build();
    sketch.body = Some(body);
}

/// A JSON answer of type `T`.
pub fn gives_json<T: JsonSchema>(
    status: u16,
    words: &str,
    sketch: &mut Sketch,
    schemas: &mut Schemas,
) {
    let content = content(schemas.given::<T>());
    sketch.gives(status, words, Some(("application/json", content)));
}

/// A file of one of these media types.
pub fn gives_file(media_types: &[&str], sketch: &mut Sketch) {
    let file = ResponseBuilder::new().description("The file");
    let file = media_types
        .iter()
        .fold(file, |file, name| file.content(*name, bytes()));
    sketch.answer = Some((200, file.build()));
}

fn bytes() -> Content {
    let bytes = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .build();
    content(RefOr::T(Schema::Object(bytes)))
}

/// A reference to the problem of RFC 9457.
pub fn problem(schemas: &mut Schemas) -> RefOr<Schema> {
    let _ = schemas.given::<zhicha_core::sync::wire::Problem>();
    RefOr::Ref(Ref::from_schema_name("Problem"))
}

impl Takes for State<App> {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.extend(["internal", "unavailable"]);
    }
}

impl Takes for HeaderMap {
    fn takes(_: &mut Sketch, _: &mut Schemas) {}
}

impl<T: JsonSchema> Gives for Json<T> {
    fn gives(sketch: &mut Sketch, schemas: &mut Schemas) {
        gives_json::<T>(200, "Done", sketch, schemas);
    }
}

impl Gives for NoContent {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.gives(204, "Done", None);
    }
}

impl Gives for () {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.gives(200, "Done", None);
    }
}

impl<T: Gives> Gives for (CookieJar, T) {
    fn gives(sketch: &mut Sketch, schemas: &mut Schemas) {
        T::gives(sketch, schemas);
    }
}

impl<T: Gives> Gives for Result<T, ApiError> {
    fn gives(sketch: &mut Sketch, schemas: &mut Schemas) {
        T::gives(sketch, schemas);
    }
}
