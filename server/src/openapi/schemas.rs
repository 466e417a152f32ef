//! The one adapter from the types of `core` and this server, whose schemas `schemars` derives, to the components of the
//! description. OpenAPI 3.1 takes JSON Schema 2020-12 as it is, so nothing is translated: a component is the schema itself.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, schema};

/// Collects the schemas of what is taken and of what is given. They differ: a field with a default may be left out of a
/// request, but stands in every answer.
pub struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

/// A member of an object.
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it may not be left out.
    pub required: bool,
    /// Its schema.
    pub schema: RefOr<schema::Schema>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|s| {
                s.definitions_path = "/components/schemas".into();
                s.meta_schema = None;
            })
        };
        Self {
            taken: settings().for_deserialize().into_generator(),
            given: settings().for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    /// The schema of something that a request holds.
    pub fn taken<T: JsonSchema>(&mut self) -> RefOr<schema::Schema> {
        adapted(self.taken.subschema_for::<T>().to_value())
    }

    /// The schema of something that an answer holds.
    pub fn given<T: JsonSchema>(&mut self) -> RefOr<schema::Schema> {
        adapted(self.given.subschema_for::<T>().to_value())
    }

    /// The members of a query.
    pub fn members<T: JsonSchema>(&mut self) -> Vec<Member> {
        let object: Schema = T::json_schema(&mut self.taken);
        let required = |name: &str| {
            let names = object.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|n| n == name))
        };
        let properties = object.get("properties").and_then(Value::as_object);
        let member = |(name, property): (&String, &Value)| {
            let mut property = property.clone();
            let description = property
                .as_object_mut()
                .and_then(|p| p.remove("description"))
                .and_then(|text| text.as_str().map(str::to_owned));
            Member {
                required: required(name),
                schema: adapted(without_null(property)),
                name: name.clone(),
                description,
            }
        };
        properties.into_iter().flatten().map(member).collect()
    }

    /// All schemas that have a name.
    pub fn components(mut self) -> Map<String, Value> {
        let mut all = self.taken.take_definitions(true);
        all.extend(self.given.take_definitions(true));
        all
    }
}

// What stands in an operation itself is small: a reference, a list of references, a plain type. All else is a component
// and never passes through utoipa's types, which would lose what they do not know (`const`, for example).
fn adapted(schema: Value) -> RefOr<schema::Schema> {
    serde_json::from_value(schema).expect("references, lists and plain types are known to utoipa")
}

// A query has no null; what may be null in the type may be left out.
fn without_null(mut schema: Value) -> Value {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            schema["type"] = one.clone();
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router;

    #[test]
    fn a_name_means_one_thing_whichever_way_it_goes() {
        let mut schemas = Schemas::default();
        for route in router::table().routes() {
            (route.sketch)(&mut super::super::sketch::Sketch::default(), &mut schemas);
        }
        let taken = schemas.taken.take_definitions(true);
        let given = schemas.given.take_definitions(true);
        let both: Vec<&String> = taken.keys().filter(|k| given.contains_key(*k)).collect();
        assert!(!both.is_empty());
        for name in both {
            assert_eq!(taken[name], given[name], "{name}");
        }
    }

    #[test]
    fn what_stands_in_an_operation_loses_nothing_on_its_way() {
        let mut generator = Schemas::default().given;
        for schema in [
            generator.subschema_for::<Vec<zhicha_core::api::Person>>(),
            generator.subschema_for::<zhicha_core::sync::wire::PullPage>(),
            generator.subschema_for::<String>(),
            generator.subschema_for::<bool>(),
        ] {
            let schema = schema.to_value();
            let there = serde_json::to_value(adapted(schema.clone())).unwrap();
            assert_eq!(there, schema);
        }
    }
}
