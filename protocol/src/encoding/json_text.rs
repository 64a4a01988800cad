//! JSON that people write, in any spacing and order: no name stands twice in an object, and an error never shows the text.
//!
//! The library takes the last of two values with one name, and another reader may take the first: then the same file says two things.
//! Documents that programs exchange are canonical instead ([`canonical`](super::canonical)), where nothing can stand twice.

use super::parser_words::plain;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeSet, fmt};

/// A text isn't JSON, not of this form, or has a name twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct JsonError {
    /// From 1 on.
    pub line: usize,
    /// From 1 on.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let problem = |error: serde_json::Error| JsonError {
        line: error.line(),
        column: error.column(),
        message: plain(&error.to_string()),
    };
    serde_json::from_str::<Distinct>(text).map_err(problem)?;
    serde_json::from_str(text).map_err(problem)
}

/// Any JSON in which no object has a name twice.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                return Err(A::Error::custom("a name stands twice in an object"));
            }
            names.insert(name);
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_name_stands_once_at_every_depth() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "b": [{"c": null, "c": 2}]}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"[{"a": {"b": {"x": 1.5, "y": true, "x": "z"}}}]"#,
        ] {
            let error = read::<Value>(text).unwrap_err();
            assert!(error.message.contains("stands twice"), "{text}: {error}");
        }
        assert!(read::<Value>(r#"{"a": {"a": {"a": -1}}, "b": [{"a": 1}, {"a": 2}]}"#).is_ok());
        assert!(read::<Value>("{} {}").is_err() && read::<Value>("{").is_err());
        let error = read::<Value>("{\n  \"rent\": 1,\n  \"rent\": 2\n}").unwrap_err();
        assert_eq!(error.line, 3, "{error}");
        assert!(!error.to_string().contains("rent"), "facts are what nobody may print: {error}");
    }
}
