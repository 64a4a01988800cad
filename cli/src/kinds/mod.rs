//! What a file is: every kind that the product writes, told by its content alone, and what is safe to say about it.
//!
//! Guarantee: nothing secret is shown, not even in part; of a secret file its kind is named, and what is public about it. Nothing is verified.

mod binaries;
mod documents;
mod secrets;
mod texts;

pub use documents::CONSENT;
pub use texts::{POLICY_TEXT, SCHEMA, TRUST};

use sealroot_protocol::{amount::Amount, language::Language, moment::Moment, printable::printable};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// What a file is.
#[derive(Debug)]
pub struct Found {
    /// In the words of the glossary.
    pub kind: &'static str,
    /// What is said about it, in order.
    pub lines: Vec<Line>,
}

/// One thing that is said: for people, and as a value for programs.
#[derive(Debug)]
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// For people.
    pub said: String,
    /// For programs.
    pub value: Value,
}

/// Tells what a file is; none if it is no file of this version.
pub fn identify(bytes: &[u8], language: Language) -> Option<Found> {
    documents::identify(bytes, language)
        .or_else(|| binaries::identify(bytes))
        .or_else(|| secrets::identify(bytes))
        .or_else(|| texts::identify(bytes, language))
}

/// A document in canonical JSON. Its name is what `inspect` calls it, and what a message says where another kind of file was given.
pub trait Document: Serialize + DeserializeOwned {
    /// In the words of the glossary.
    const KIND: &'static str;
}

/// What to say where a file is of another kind than what is needed; none if it is of no kind that is known.
pub fn wrong_kind(bytes: &[u8], needed: &str) -> Option<String> {
    let found = identify(bytes, Language::En)?;
    (found.kind != needed)
        .then(|| format!("this is {}, and {} is needed", with_article(found.kind), with_article(needed)))
}

/// `a bundle`, for messages that name a file of the wrong kind.
fn with_article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'e', 'i', 'o']) && !kind.starts_with("one") || kind.starts_with("SQL");
    format!("{} {kind}", if an { "an" } else { "a" })
}

impl Found {
    fn new(kind: &'static str) -> Self {
        Self { kind, lines: Vec::new() }
    }

    /// A text.
    fn text(self, name: &'static str, text: impl ToString) -> Self {
        let text = printable(&text.to_string());
        self.line(name, text.clone(), Value::String(text))
    }

    /// A number or a truth value.
    fn number(self, name: &'static str, number: impl ToString + Into<Value>) -> Self {
        let said = number.to_string();
        self.line(name, said, number.into())
    }

    /// A moment, from Unix seconds.
    fn moment(self, name: &'static str, seconds: u64) -> Self {
        let moment = Moment::from_unix(seconds);
        self.line(name, moment.to_string(), Value::String(moment.rfc3339()))
    }

    /// An amount, where one is paid.
    fn amount(self, name: &'static str, amount: Option<Amount>) -> Self {
        match amount {
            Some(amount) => {
                let value = serde_json::to_value(&amount).unwrap_or_default();
                self.line(name, amount.to_string(), value)
            }
            None => self,
        }
    }

    /// Several texts.
    fn list(self, name: &'static str, items: impl IntoIterator<Item = impl ToString>) -> Self {
        let items: Vec<String> = items.into_iter().map(|item| printable(&item.to_string())).collect();
        self.line(name, items.join(", "), Value::from(items))
    }

    /// Several lines under one name.
    fn lines(mut self, name: &'static str, items: Vec<String>) -> Self {
        let items: Vec<String> = items.iter().map(|item| printable(item)).collect();
        if !items.is_empty() {
            self = self.line(name, items.join("\n               "), Value::from(items));
        }
        self
    }

    fn optional(self, name: &'static str, text: Option<impl ToString>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    fn line(mut self, name: &'static str, said: String, value: Value) -> Self {
        self.lines.push(Line { name, said, value });
        self
    }
}

impl Serialize for Found {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            kind: &'a str,
            /// Always: `inspect` reads, and checks nothing.
            verified: bool,
            fields: Map<String, Value>,
        }
        let name = |line: &Line| line.name.replace([' ', '-'], "_");
        let fields = self.lines.iter().map(|line| (name(line), line.value.clone())).collect();
        Shape { kind: self.kind, verified: false, fields }.serialize(s)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn kind(bytes: &[u8]) -> Option<&'static str> {
        identify(bytes, Language::En).map(|found| found.kind)
    }

    /// Secrets are named, and none of their digits is shown.
    #[test]
    fn secrets_are_named_and_not_shown() {
        let digits = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
        let words = "abandon ".repeat(23) + "art";
        for (text, expected) in [
            (format!("0x{digits}\n"), "signing key"),
            (format!("0x{digits}\r\n"), "signing key"),
            (format!("x25519:0x{digits}\n"), "recipient key"),
            (format!("{}\n", &digits[..32]), "case secret"),
            (format!("{words}\n"), "recovery phrase"),
        ] {
            let found = identify(text.as_bytes(), Language::En).unwrap();
            assert_eq!(found.kind, expected);
            let shown = serde_json::to_string(&found).unwrap();
            assert!(!shown.contains(&digits[..32]) && !shown.contains("abandon"), "{shown}");
        }
        assert_eq!(kind(&[7; 32]), Some("key of 32 bytes"));
    }

    #[test]
    fn what_is_nothing_of_ours_is_nothing() {
        for bytes in [&b""[..], b"hello", b"{}", b"[]", b"# Title\n\ntext", &[0; 31], b"\xff\xfe\x00"] {
            assert_eq!(kind(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn articles_follow_the_sound() {
        assert_eq!(with_article("bundle"), "a bundle");
        assert_eq!(with_article("enrolment answer"), "an enrolment answer");
        assert_eq!(with_article("universal key"), "a universal key");
    }
}
