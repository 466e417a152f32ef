//! The description of the HTTP interface, made from the route table. Bodies are described as objects; their members are
//! those of `core::sync::wire` and `core::api`, which `docs/formats.md` lists.

use crate::{
    error::ApiError,
    policy::Guarded,
    router::{self, Route},
};
use axum::http::Method;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, ResponseBuilder, ResponsesBuilder,
    path::{OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::{ComponentsBuilder, SchemaType, Type},
};

/// The description.
pub fn describe() -> OpenApi {
    let mut paths = PathsBuilder::new();
    for route in router::table().routes() {
        paths = paths.path(
            route.path,
            PathItem::new(method(&route.method), operation(route)),
        );
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("直查 Zhicha")
                .version(env!("CARGO_PKG_VERSION"))
                .build(),
        )
        .paths(paths.build())
        .components(Some(
            ComponentsBuilder::new()
                .schema("Problem", problem())
                .build(),
        ))
        .build()
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route) -> utoipa::openapi::path::Operation {
    let (who, open) = match route.guarded {
        Guarded::Role(action) => (
            format!("Signed in, with a role that may do {action:?}."),
            false,
        ),
        Guarded::Anybody(why) => (format!("Open: {why}."), true),
    };
    let json = |schema: ObjectBuilder| ContentBuilder::new().schema(Some(schema.build())).build();
    let object = || ObjectBuilder::new().schema_type(SchemaType::new(Type::Object));
    let good = ResponseBuilder::new()
        .description("Done")
        .content("application/json", json(object()))
        .build();
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let bad = ResponseBuilder::new()
        .description("Refused or failed")
        .content("application/problem+json", problem)
        .build();
    let responses = ResponsesBuilder::new()
        .response("200", good)
        .response("default", bad)
        .build();
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(route)))
        .summary(Some(route.summary))
        .description(Some(who))
        .responses(responses);
    for name in route
        .path
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
    {
        let id = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .build();
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .schema(Some(id))
                .build(),
        );
    }
    if matches!(route.method, Method::POST | Method::PUT) && !route.path.ends_with("/revoke") {
        let body = RequestBodyBuilder::new()
            .content("application/json", json(object()))
            .build();
        operation = operation.request_body(Some(body));
    }
    let _ = open;
    operation.build()
}

fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .trim_start_matches("/api/v1")
        .replace(['/', '{', '}', '-', '.'], "_");
    format!(
        "{}{}",
        route.method.as_str().to_ascii_lowercase(),
        words.trim_end_matches('_')
    )
}

fn problem() -> utoipa::openapi::schema::Object {
    let text = || ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    let number = || ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer));
    let codes = ApiError::CODES
        .iter()
        .map(|(code, _)| *code)
        .chain(["expected_seq", "invalid"]);
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Object))
        .property("code", text().enum_values(Some(codes)).build())
        .property("status", number().build())
        .property("title", text().build())
        .property("detail", text().build())
        .property("expected_seq", number().build())
        .required("code")
        .required("status")
        .required("title")
        .build()
}
