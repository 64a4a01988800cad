//! The form of what a holder is shown: headings and sentences in one language, of cleaned text.

use crate::disclosure::Fact;
use sealroot_protocol::{date::FactsPeriod, moment::Moment, printable::printable};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

pub use sealroot_protocol::language::{Language, UnknownLanguage};

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
    language.pick(texts).unwrap_or_else(|| printable(name))
}

/// Titles of facts, and how many each is.
pub(crate) fn titles(facts: &[Fact], language: Language) -> Vec<(String, usize)> {
    facts.iter().map(|fact| (title(&fact.title, &fact.name, language), fact.count)).collect()
}

/// The month from which facts are; none if they are timeless.
pub(crate) fn month(facts: FactsPeriod) -> Option<String> {
    (facts.value() != 0).then(|| facts.to_string())
}

/// `YYYY-MM-DD hh:mm UTC`.
pub(crate) fn minute(time: u64) -> String {
    let moment = Moment::from_unix(time).to_string();
    // Seconds are no help to a person.
    match moment.rsplit_once(':') {
        Some((minute, rest)) => format!("{minute}{}", rest.get(2..).unwrap_or_default()),
        None => moment,
    }
}
