//! The description of the HTTP interface, made from the route table: what an operation takes and gives comes from the
//! types of its handler, who may call it from its policy, and the problems from both and from the table.

pub mod schemas;
pub mod sketch;

use crate::{
    error::ApiError,
    policy::Guarded,
    router::{self, Route},
};
use axum::http::Method;
use schemas::Schemas;
use serde_json::{Value, json};
use sketch::Sketch;
use std::collections::BTreeMap;
use utoipa::openapi::{
    HttpMethod, InfoBuilder, ObjectBuilder, OpenApiBuilder, PathItem, PathsBuilder, RefOr,
    Required, ResponseBuilder, ResponsesBuilder,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
    response::Response,
    schema::{AllOfBuilder, Schema, SchemaType, Type},
    security::SecurityRequirement,
};

// The name of the way to sign in, inside the description.
const SESSION: &str = "session";

/// The description, OpenAPI 3.1.
pub fn describe() -> Value {
    let mut paths = PathsBuilder::new();
    let mut schemas = Schemas::default();
    for route in router::table().routes() {
        let operation = operation(route, &mut schemas);
        paths = paths.path(route.path, PathItem::new(method(&route.method), operation));
    }
    let info = InfoBuilder::new()
        .title("直查 Zhicha")
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let described = OpenApiBuilder::new()
        .info(info)
        .paths(paths.build())
        .build();
    let mut described = json!(described);
    described["components"] = json!({
        "schemas": schemas.components(),
        "securitySchemes": { SESSION: {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-zhicha",
            "description": "Set by signing in; without https the name is `zhicha`.",
        } },
    });
    described
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        Method::PATCH => HttpMethod::Patch,
        Method::HEAD => HttpMethod::Head,
        Method::OPTIONS => HttpMethod::Options,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route, schemas: &mut Schemas) -> Operation {
    let mut sketch = Sketch::default();
    (route.sketch)(&mut sketch, schemas);
    sketch.codes.extend(route.refusals);
    if !route.method.is_safe() {
        sketch.codes.insert("cross_site");
    }
    let who = match route.guarded {
        Guarded::Role(action) => format!("Signed in, with a role that may do {action:?}."),
        Guarded::Anybody(why) => format!("Open: {why}."),
    };
    let mut responses = ResponsesBuilder::new();
    if let Some((status, answer)) = sketch.answer.take() {
        responses = responses.response(status.to_string(), answer);
    }
    for (status, codes) in by_status(&sketch) {
        responses = responses.response(status.to_string(), problem(&codes, schemas));
    }
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(route)))
        .summary(Some(route.summary))
        .description(Some(who))
        .request_body(sketch.body)
        .responses(responses.build());
    if matches!(route.guarded, Guarded::Role(_)) {
        operation = operation.security(SecurityRequirement::new(SESSION, [""; 0]));
    }
    for (name, schema) in names_in(route.path).zip(sketch.ids) {
        let id = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema));
        operation = operation.parameter(id.build());
    }
    for parameter in sketch.query.into_iter().chain(sketch.headers) {
        operation = operation.parameter(parameter);
    }
    operation.build()
}

// Each `{name}` in a path.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| part.split('}').next())
}

fn by_status(sketch: &Sketch) -> BTreeMap<u16, Vec<&'static str>> {
    let mut statuses = BTreeMap::<u16, Vec<&str>>::new();
    for code in &sketch.codes {
        let status = ApiError::status_of(code).expect("a test looks at every route");
        statuses.entry(status).or_default().push(code);
    }
    statuses
}

fn problem(codes: &[&'static str], schemas: &mut Schemas) -> Response {
    let code = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .enum_values(Some(codes.iter().copied()));
    let these = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Object))
        .property("code", code.build());
    let schema = AllOfBuilder::new()
        .item(sketch::problem(schemas))
        .item(these.build())
        .build();
    ResponseBuilder::new()
        .description(codes.join(", "))
        .content(
            "application/problem+json",
            sketch::content(RefOr::T(Schema::AllOf(schema))),
        )
        .build()
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
