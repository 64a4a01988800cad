//! The law that a policy cites: one text for all, or one in each language.

use super::text::Texts;
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::printable;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;

/// Act, section, version: `"SGB II, § 20"`, or `{ en = "…", zh = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegalReference {
    /// In the law's own language, for every reader.
    One(String),
    /// By language tag.
    ByLanguage(Texts),
}

impl LegalReference {
    /// In this language, else in English, else in any.
    pub fn pick(&self, language: Language) -> String {
        match self {
            Self::One(text) => printable(text),
            Self::ByLanguage(texts) => language.pick(texts).unwrap_or_default(),
        }
    }
}

impl<'de> Deserialize<'de> for LegalReference {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = LegalReference;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or texts by language: { en = \"…\", zh = \"…\" }")
            }
            fn visit_str<E>(self, text: &str) -> Result<LegalReference, E> {
                Ok(LegalReference::One(text.to_owned()))
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<LegalReference, M::Error> {
                Texts::deserialize(MapAccessDeserializer::new(map)).map(LegalReference::ByLanguage)
            }
        }
        d.deserialize_any(Either)
    }
}
