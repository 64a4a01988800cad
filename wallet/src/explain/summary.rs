//! The form of what a holder is shown: headings and sentences in one language, of cleaned text.

use crate::disclosure::Fact;
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    printable::printable,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Language of the summary. Titles that a document doesn't have in it are shown in English, or else in what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, `en`.
    #[default]
    En,
    /// Chinese, `zh`.
    Zh,
}

impl Language {
    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        match text {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}

/// Not a language of this wallet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language of this wallet; use en or zh")]
pub struct UnknownLanguage(pub String);

/// What the holder is shown. `Display` for people, `Serialize` for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// In order.
    pub sections: Vec<Section>,
}

/// One heading with its sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Heading.
    pub heading: String,
    /// Sentences.
    pub lines: Vec<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, section) in self.sections.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}", section.heading)?;
            for line in &section.lines {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}

/// The title, or else the name.
pub(crate) fn title(texts: &BTreeMap<String, String>, name: &str, language: Language) -> String {
    pick(texts, language).unwrap_or_else(|| printable(name))
}

/// Titles of facts, and how many each is.
pub(crate) fn titles(facts: &[Fact], language: Language) -> Vec<(String, usize)> {
    facts.iter().map(|fact| (title(&fact.title, &fact.name, language), fact.count)).collect()
}

/// The month from which facts are; none if they are timeless.
pub(crate) fn month(facts: FactsPeriod) -> Option<String> {
    (facts.value() != 0).then(|| facts.to_string())
}

/// The text in the language, or in English, or in the first language there is.
fn pick(texts: &BTreeMap<String, String>, language: Language) -> Option<String> {
    let text = texts.get(language.tag()).or_else(|| texts.get("en")).or_else(|| texts.values().next())?;
    Some(printable(text))
}

/// `YYYY-MM-DD hh:mm UTC`.
pub(crate) fn minute(time: u64) -> String {
    let day = Date::from_unix_time(time).map(|date| date.to_string()).unwrap_or_default();
    format!("{day} {:02}:{:02} UTC", time / 3600 % 24, time / 60 % 60)
}
