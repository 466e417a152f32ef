//! JSON into our types by one way: text to [`Value`], value to type. Each further way of reading would be compiled anew for
//! each type, and the field app has to stay small.

mod reader;

use reader::Reader;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Error, Map, Value};

/// Reads JSON bytes.
///
/// # Errors
/// The parser's words for what is no JSON, or lacks something.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    from_value(value(bytes)?)
}

/// Reads a JSON text.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_slice(text.as_bytes())
}

/// Reads what was parsed already.
///
/// # Errors
/// The parser's words for what is lacking.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Reader(value))
}

fn value(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes)
}

/// An object of which one field says which variant of an enum it is. What `#[derive(Deserialize)]` writes for such enums
/// (`#[serde(tag = "…")]`) is many times as long.
pub(crate) struct Tagged {
    variant: String,
    fields: Map<String, Value>,
}

impl Tagged {
    /// Reads an enum by its variant's fields; `tag` is the field that names the variant. A field that is not taken is an
    /// error where `strict`.
    pub(crate) fn read<'de, D: Deserializer<'de>, T>(
        given: D,
        tag: &str,
        strict: bool,
        read: fn(&str, &mut Self) -> Result<T, Error>,
    ) -> Result<T, D::Error> {
        let given = Value::deserialize(given)?;
        Self::of(given, tag, strict, read).map_err(D::Error::custom)
    }

    fn of<T>(
        given: Value,
        tag: &str,
        strict: bool,
        read: fn(&str, &mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Value::Object(mut fields) = given else {
            return Err(Error::custom("no object"));
        };
        let Some(Value::String(variant)) = fields.remove(tag) else {
            return Err(Error::custom(format!("no text `{tag}`")));
        };
        let mut tagged = Self { variant, fields };
        let variant = tagged.variant.clone();
        let value = read(&variant, &mut tagged)?;
        match tagged.fields.keys().next() {
            Some(other) if strict => Err(Error::custom(format!("unknown field `{other}`"))),
            _ => Ok(value),
        }
    }

    /// A field of the variant.
    pub(crate) fn field<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        let given = self.optional(name)?;
        given.ok_or_else(|| Error::custom(format!("missing field `{name}`")))
    }

    /// A field that may be missing.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Error> {
        self.fields.remove(name).map(from_value).transpose()
    }

    /// The error for a variant that is not known.
    pub(crate) fn unknown<T>(&self) -> Result<T, Error> {
        let variant = &self.variant;
        Err(Error::custom(format!("unknown variant `{variant}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        answer::AnswerValue,
        checklist::{AnswerKind, Condition},
    };
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Plain {
        count: u8,
        #[serde(default)]
        words: Option<Vec<String>>,
        #[serde(default)]
        pairs: BTreeMap<String, (i64, bool)>,
    }

    #[test]
    fn objects_are_read_and_arrays_in_their_place_are_not() {
        let read = from_value::<Plain>(
            json!({ "count": 3, "words": ["一"], "pairs": { "a": [-1, true] }, "other": [{}] }),
        );
        let expected = Plain {
            count: 3,
            words: Some(vec!["一".to_owned()]),
            pairs: BTreeMap::from([("a".to_owned(), (-1, true))]),
        };
        assert_eq!(read.unwrap(), expected);
        for wrong in [
            json!([3, null, {}]),
            json!({}),
            json!({ "count": 300 }),
            json!({ "count": "3" }),
            json!({ "count": 3, "words": "一" }),
            json!({ "count": 3, "pairs": { "a": [1, true, 2] } }),
            json!({ "count": 3, "pairs": { "a": [1] } }),
        ] {
            assert!(from_value::<Plain>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn variants_are_told_by_their_field_and_take_their_own_fields_only() {
        let read = |value| from_value::<AnswerValue>(value);
        assert_eq!(read(json!({ "kind": "pass" })).unwrap(), AnswerValue::Pass);
        for wrong in [
            json!({ "kind": "pass", "value": "x" }),
            json!({ "kind": "passed" }),
            json!({ "kind": 1 }),
            json!({ "value": "x" }),
            json!({ "kind": "choice" }),
            json!({ "kind": "choices", "value": "x" }),
            json!("pass"),
            json!(["pass"]),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        let kind = from_value::<AnswerKind>(json!({ "kind": "text" })).unwrap();
        assert_eq!(kind, AnswerKind::Text { max_chars: 500 });
    }

    #[test]
    fn an_enum_may_be_a_name_or_a_name_with_its_content() {
        let given = json!({ "all": [{ "compare": { "item": "a", "op": "eq", "value": "fail" } }] });
        let read = from_value::<Condition>(given.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), given);
        for wrong in [
            json!({ "all": [], "any": [] }),
            json!({}),
            json!("all"),
            json!(null),
        ] {
            assert!(from_value::<Condition>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
