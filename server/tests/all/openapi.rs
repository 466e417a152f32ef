//! The description of the interface: complete, of the standard's form, and with a schema for every body. That the answers
//! are as described is checked wherever a test of this folder calls the server (`crate::world::described`).

use crate::world::described::validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use zhicha_server::{error::ApiError, openapi::describe, router};

fn operations(described: &Value) -> Vec<(String, String, Value)> {
    let paths = described["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, o)| (method.to_uppercase(), path.clone(), o.clone()))
    });
    all.collect()
}

#[test]
fn the_routes_and_the_description_are_the_same() {
    let described: BTreeSet<(String, String)> = operations(&describe())
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let routes = router::table();
    let routes: Vec<(String, String)> = routes
        .routes()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described.len(), routes.len(), "no route twice");
    assert_eq!(described, routes.into_iter().collect());
}

#[test]
fn it_is_openapi_and_every_reference_leads_somewhere() {
    let described = describe();
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    let read: utoipa::openapi::OpenApi = serde_json::from_value(described.clone()).unwrap();
    assert_eq!(
        read.paths.paths.len(),
        described["paths"].as_object().unwrap().len()
    );
    let ids: BTreeSet<String> = operations(&described)
        .iter()
        .map(|(_, _, o)| o["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), operations(&described).len());
    let text = described.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let reference = reference.split('"').next().unwrap();
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(described.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn only_codes_that_exist_are_described() {
    for route in router::table().routes() {
        for code in route.refusals {
            assert!(ApiError::status_of(code).is_some(), "{} {code}", route.path);
        }
    }
}

#[test]
fn no_body_is_just_any_object() {
    let bytes = [
        "application/zip",
        "application/offset+octet-stream",
        "application/octet-stream",
        "image/jpeg",
        "audio/webm",
        "audio/ogg",
        "audio/mp4",
    ];
    let described = describe();
    for (method, path, operation) in operations(&described) {
        let bodies = operation["responses"].as_object().unwrap().values();
        for body in bodies.chain([&operation["requestBody"]]) {
            for (media_type, content) in body["content"].as_object().into_iter().flatten() {
                let named = content["schema"]
                    .to_string()
                    .contains("#/components/schemas/");
                assert!(
                    named || bytes.contains(&media_type.as_str()),
                    "{method} {path}: {content}"
                );
            }
        }
    }
    let schemas = described["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        let says = ["properties", "enum", "oneOf", "type", "anyOf"];
        assert!(
            says.iter().any(|word| schema.get(word).is_some()),
            "{name}: {schema}"
        );
    }
}

#[test]
fn requests_as_the_apps_send_them_fit_and_others_do_not() {
    let described = describe();
    let fits = |method: &str, path: &str, body: Value| {
        let request = &described["paths"][path][method]["requestBody"];
        let schema = &request["content"]["application/json"]["schema"];
        validator(schema, &described["components"]).is_valid(&body)
    };
    let site = json!({ "version": 0, "name": "示例厂", "address": "", "region": "shili-1" });
    assert!(fits("post", "/api/v1/sites", site));
    assert!(!fits("post", "/api/v1/sites", json!({ "name": "示例厂" })));
    let push =
        json!({ "protocol": 1, "certificate": "a.b.c", "first_seq": 1, "events": ["a.b.c"] });
    assert!(fits("post", "/api/v1/sync/push", push));
    assert!(!fits(
        "post",
        "/api/v1/sync/push",
        json!({ "events": "a.b.c" })
    ));
    assert!(fits(
        "post",
        "/api/v1/export",
        json!({ "record_ids": [crate::world::id()] })
    ));
    assert!(!fits(
        "post",
        "/api/v1/export",
        json!({ "record_ids": ["1"] })
    ));
    let invite = json!({ "name": "示例", "login": "bea", "role": "inspector", "grants": [] });
    assert!(fits("post", "/api/v1/invites", invite.clone()));
    let mut other = invite;
    other["role"] = json!("emperor");
    assert!(!fits("post", "/api/v1/invites", other));
}

// `Name`, `[Name]` or the plain type.
fn schema_name(schema: &Value) -> String {
    let name = |schema: &Value| {
        let reference = schema["$ref"].as_str()?;
        reference.rsplit('/').next().map(str::to_owned)
    };
    match (&schema["type"], schema["allOf"].as_array()) {
        (Value::String(kind), _) if kind == "array" => {
            format!("[{}]", schema_name(&schema["items"]))
        }
        (_, Some(parts)) => {
            let codes = &parts[1]["properties"]["code"]["enum"];
            format!("{} {codes}", schema_name(&parts[0]))
        }
        _ => match schema["anyOf"].as_array() {
            Some(kinds) => kinds
                .iter()
                .map(schema_name)
                .collect::<Vec<_>>()
                .join(" or "),
            None => name(schema).unwrap_or_else(|| schema["type"].to_string()),
        },
    }
}

fn body_name(body: &Value) -> Option<String> {
    let (_, content) = body["content"].as_object()?.iter().next()?;
    Some(schema_name(&content["schema"]))
}

#[test]
fn the_operations_with_what_they_take_and_give() {
    let mut lines = Vec::new();
    for (method, path, operation) in operations(&describe()) {
        lines.push(format!("{method} {path}"));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let need = if parameter["required"] == true {
                ""
            } else {
                "?"
            };
            let (place, name) = (&parameter["in"], &parameter["name"]);
            let schema = schema_name(&parameter["schema"]);
            lines.push(format!(
                "  {} {}{need}: {schema}",
                place.as_str().unwrap(),
                name.as_str().unwrap()
            ));
        }
        lines.extend(body_name(&operation["requestBody"]).map(|name| format!("  takes {name}")));
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let body = body_name(answer).unwrap_or_else(|| "nothing".to_owned());
            lines.push(format!("  {status} {body}"));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}
