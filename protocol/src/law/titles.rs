//! The words of the law: what a policy's text calls itself, its outputs and each reason of a refusal, in every language that it has.
//!
//! The text stands in the document and is hashed into what was enacted, so that people read what the law says, not what an office makes of it. Only the
//! words are read: a wallet shows them without a compiler. Non-guarantee: that they fit what the policy's words compute; the text is public to compare.

use crate::{language::Language, policy::PolicyDocument, printable::printable, toml_text};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// One reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The code, as the manifest has it.
    pub code: String,
    /// What the policy's text says about it, by language; empty if the text can't be read.
    pub message: BTreeMap<String, String>,
}

impl Reason {
    /// The messages for some codes of a policy.
    pub fn of(document: &PolicyDocument, codes: &[String]) -> Vec<Self> {
        Self::of_text(&document.text, codes)
    }

    /// The messages that a policy's text has for some codes.
    pub fn of_text(text: &str, codes: &[String]) -> Vec<Self> {
        let requirements = Text::read(text).requirement;
        let message = |code: &String| {
            let found = requirements.iter().find(|requirement| requirement.code == *code);
            clean(found.map(|requirement| requirement.message.clone()).unwrap_or_default())
        };
        codes.iter().map(|code| Self { code: printable(code), message: message(code) }).collect()
    }

    /// The messages for the codes that a part's `reasons` have bits for.
    pub fn of_bits(document: &PolicyDocument, bits: u32) -> Vec<Self> {
        let codes = document.policy.reasons.iter().enumerate();
        let failed: Vec<String> = codes
            .filter(|(i, _)| bits.checked_shr(*i as u32).is_some_and(|rest| rest & 1 == 1))
            .map(|(_, c)| c.clone())
            .collect();
        Self::of(document, &failed)
    }
}

impl Reason {
    /// The law's words in a language, or in one that it has; the code alone where the text has none.
    pub fn words(&self, language: Language) -> String {
        language.pick(&self.message).unwrap_or_else(|| printable(&self.code))
    }
}

/// What a policy's text calls itself and its outputs, by language; empty where the text can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Titles {
    /// The policy's.
    pub policy: BTreeMap<String, String>,
    /// Its outputs', by their names in the manifest.
    pub outputs: BTreeMap<String, BTreeMap<String, String>>,
}

impl Titles {
    /// Those of a policy.
    pub fn of(document: &PolicyDocument) -> Self {
        Self::of_text(&document.text)
    }

    /// Those that a policy's text has.
    pub fn of_text(text: &str) -> Self {
        let text = Text::read(text);
        let outputs = text.output.into_iter().map(|output| (output.name, clean(output.title)));
        Self { policy: clean(text.title), outputs: outputs.collect() }
    }
}

impl Titles {
    /// What an output is, in a language; its name where the text says nothing.
    pub fn output(&self, name: &str, language: Language) -> String {
        self.outputs.get(name).and_then(|texts| language.pick(texts)).unwrap_or_else(|| printable(name))
    }
}

/// What a policy's text says to people. All else in it is for the compiler.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Text {
    title: BTreeMap<String, String>,
    requirement: Vec<Requirement>,
    output: Vec<Output>,
}

#[derive(Deserialize)]
struct Requirement {
    code: String,
    #[serde(default)]
    message: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Output {
    name: String,
    #[serde(default)]
    title: BTreeMap<String, String>,
}

impl Text {
    fn read(text: &str) -> Self {
        toml_text::read(text).unwrap_or_default()
    }
}

fn clean(texts: BTreeMap<String, String>) -> BTreeMap<String, String> {
    texts.into_iter().map(|(language, text)| (language, printable(&text))).collect()
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        for (i, text) in self.message.values().enumerate() {
            write!(f, "{}{text}", if i == 0 { ": " } else { " / " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        id = "income"
        shape = "solo"
        title = { en = "Income", zh = "收入" }
        [[requirement]]
        code = "over"
        when = "income <= 10"
        message = { en = "Your income is above the ceiling.\u001b[8m", zh = "您的收入超过上限。" }
        [[output]]
        name = "amount"
        value = "10 - income"
        title = { en = "amount per month", zh = "每月金额" }
    "#;

    #[test]
    fn the_law_speaks_in_the_readers_language() {
        let titles = Titles::of_text(TEXT);
        assert_eq!(titles.output("amount", Language::Zh), "每月金额");
        assert_eq!(titles.output("other", Language::Zh), "other");
        let reasons = Reason::of_text(TEXT, &["over".into(), "gone".into()]);
        assert_eq!(reasons[0].words(Language::Zh), "您的收入超过上限。");
        assert_eq!(reasons[0].words(Language::En), "Your income is above the ceiling.\u{fffd}[8m");
        assert_eq!(reasons[1].words(Language::En), "gone");
        assert_eq!(Titles::of_text("no text"), Titles::default());
    }
}
