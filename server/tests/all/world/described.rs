//! Compares every answer that a test receives with what the description promises.

use axum::http;
use jsonschema::Validator;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::LazyLock};

// By method, path of the route and status: the media types, and what checks a JSON body.
type Answers = BTreeMap<(String, String, u16), (Vec<String>, Option<Validator>)>;

static ANSWERS: LazyLock<Answers> = LazyLock::new(|| answers(&zhicha_server::openapi::describe()));

fn answers(described: &Value) -> Answers {
    let mut answers = Answers::new();
    for (path, operations) in described["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let key = (method.to_uppercase(), path.clone(), status.parse().unwrap());
                answers.insert(
                    key,
                    expectation(&answer["content"], &described["components"]),
                );
            }
        }
    }
    answers
}

fn expectation(content: &Value, components: &Value) -> (Vec<String>, Option<Validator>) {
    let Some(contents) = content.as_object() else {
        return (vec![String::new()], None);
    };
    let json = contents.iter().find(|(name, _)| name.ends_with("json"));
    let validator = json.map(|(_, content)| validator(&content["schema"], components));
    (contents.keys().cloned().collect(), validator)
}

/// What checks a value against a schema of the description.
pub fn validator(schema: &Value, components: &Value) -> Validator {
    let whole = json!({ "allOf": [schema], "components": components });
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&whole)
        .unwrap()
}

// The path of the route that answers at `path`, when it is a described one.
fn route(method: &Method, path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default();
    let same = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(t, p)| t.starts_with('{') || t == p)
    };
    let mut paths = ANSWERS.keys().filter(|(m, _, _)| m == method.as_str());
    paths
        .find(|(_, template, _)| same(template))
        .map(|(_, template, _)| template.as_str())
}

/// Reads the answer and gives it back, if it is as described.
pub async fn checked(method: &Method, path: &str, response: Response) -> Response {
    let Some(template) = route(method, path) else {
        return response;
    };
    let status = response.status();
    let mut parts = http::Response::builder().status(status);
    for (name, value) in response.headers() {
        parts = parts.header(name, value);
    }
    let bytes = response.bytes().await.unwrap();
    let key = (method.to_string(), template.to_owned(), status.as_u16());
    let (media_types, validator) = ANSWERS.get(&key).unwrap_or_else(|| {
        panic!(
            "{method} {path} is not described as answering {status}: {}",
            String::from_utf8_lossy(&bytes)
        )
    });
    let said = parts.headers_ref().and_then(|h| h.get("content-type"));
    let said = said.map_or("", |value| value.to_str().unwrap());
    let said = said.split(';').next().unwrap();
    assert!(
        media_types.iter().any(|name| name == said),
        "{method} {path} {status}: {said}"
    );
    // A HEAD has the headers of an answer alone.
    if let Some(validator) = validator.as_ref().filter(|_| method != Method::HEAD) {
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&body)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{method} {path} {status}: {wrong:?}\n{body:#}"
        );
    }
    parts.body(bytes).unwrap().into()
}
