//! What holders ask of organisations, and what these answer.

use crate::{
    content::Kind,
    message::Body,
    plain_text::{Letter, Objection},
};
use sealroot_handover::LogExport;
use sealroot_protocol::{consent::RequestDigest, date::FactsPeriod, name::Name, record::Record, schema::Schema};
use serde::{Deserialize, Serialize};

/// What a holder asks of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HolderRequest {
    /// What was logged about me.
    AccessLog {
        /// Entries from this position on; 0: all.
        #[serde(with = "sealroot_protocol::decimal")]
        from: u64,
    },
    /// My own record.
    Record {
        /// Name of its schema.
        schema: Name,
        /// Which period it is about.
        period: FactsPeriod,
        /// In a schema that has many: which of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        business_key: Option<String>,
    },
    /// The agency's data about me are wrong.
    Contest {
        /// What is wrong, and how it should be.
        text: Objection,
    },
}

impl Body for HolderRequest {
    const KIND: Kind = Kind::HolderRequest;
}

/// What an agency answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "with", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HolderReply {
    /// The entries, each sealed to the holder's reading key as it stands in the log. Where not all fit, the rest is asked for by position.
    AccessLog(LogExport),
    /// The record as the agency holds it.
    Record(Box<OwnRecord>),
    /// The contest was received: under which number, and what happens next.
    Received(Letter),
    /// It isn't answered.
    Rejected(Rejected),
}

/// A record with what its attributes mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRecord {
    /// The agency.
    pub agency: Name,
    /// What the attributes mean.
    pub schema: Schema,
    /// The record.
    pub record: Record,
}

/// Why nothing was done: a code of the catalogue, and a text for the holder where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// The code.
    pub code: CodeText,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Objection>,
}

/// A code as it is written: lower-case words joined by `-`. One that this version doesn't know is shown as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CodeText(String);

impl CodeText {
    /// The longest.
    pub const MAX: usize = 64;

    /// Reads one; none where the text isn't one.
    pub fn new(text: &str) -> Option<Self> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        (text.len() <= Self::MAX && text.split('-').all(word)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl<'de> Deserialize<'de> for CodeText {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom("a code is lower-case words joined by '-'"))
    }
}

/// A holder contests a decision at the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// The request that was decided. The office compares the signing key with the contest key that came with it.
    pub request: RequestDigest,
    /// What is contested, and why.
    pub text: Objection,
}

impl Body for Contest {
    const KIND: Kind = Kind::Contest;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::code::Code;

    #[test]
    fn every_code_is_a_code() {
        assert!(Code::ALL.iter().all(|code| CodeText::new(code.as_str()).is_some()));
        for bad in ["", "-", "a-", "A", "a b", "<b>", &"a".repeat(65)] {
            assert!(CodeText::new(bad).is_none(), "{bad}");
        }
    }
}
