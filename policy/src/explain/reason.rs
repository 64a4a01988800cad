//! A refusal in the words of the law: the message that the policy's text has for each reason code, in every language that it has.
//!
//! The text stands in the bundle and is hashed into what was enacted, so that the applicant reads what the law says, not what an office makes of it.

use crate::language::PolicySource;
use sealroot_protocol::{language::Language, policy::PolicyDocument, printable::printable};
use serde::Serialize;
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
        let source = PolicySource { file: document.policy.id.to_string(), text: document.text.clone() };
        let requirements = source.parse().map(|text| text.requirements).unwrap_or_default();
        let message = |code: &String| {
            let found = requirements.iter().find(|requirement| requirement.code.get_ref() == code);
            let texts = found.map(|requirement| requirement.message.clone()).unwrap_or_default();
            texts.into_iter().map(|(language, text)| (language, printable(&text))).collect()
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
        let source = PolicySource { file: document.policy.id.to_string(), text: document.text.clone() };
        let Ok(text) = source.parse() else { return Self::default() };
        let outputs = text.outputs.into_iter().map(|output| (output.name.into_inner(), clean(output.title)));
        Self { policy: clean(text.title), outputs: outputs.collect() }
    }
}

impl Titles {
    /// What an output is, in a language; its name where the text says nothing.
    pub fn output(&self, name: &str, language: Language) -> String {
        self.outputs.get(name).and_then(|texts| language.pick(texts)).unwrap_or_else(|| printable(name))
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
