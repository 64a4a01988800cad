//! The summary that a holder reads before consenting: who asks what, why, who will learn what, who won't, until when, how often before.
//!
//! Guarantee: it is made from what was checked (the words that are proved, the signed request, the wallet's own history), and no text in
//! it can move the cursor, hide or reorder other text. Titles and labels are the enacted documents'.

use crate::{
    check::CheckedRequest,
    disclosure::{Disclosure, Fact, SourceDisclosure},
    history::{Earlier, History},
    phrases,
};
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    machine::NullifierMode,
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

impl CheckedRequest {
    /// What the holder must see before consenting.
    pub fn summary(&self, language: Language, history: &History) -> Summary {
        let facts = Facts::of(self, language, history.earlier(self.request()));
        Summary { sections: phrases::request(language, &facts) }
    }
}

impl History {
    /// How often each office asked, and what it got.
    pub fn summary(&self, language: Language) -> Summary {
        Summary { sections: phrases::history(language, &self.dealings()) }
    }
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

/// What the sentences speak of, as cleaned text.
pub(crate) struct Facts {
    pub requester: String,
    pub program: String,
    pub period: (String, String),
    pub purpose: String,
    pub parts: Vec<PartFacts>,
    /// Label and currency of what is paid.
    pub paid: Option<(String, String)>,
    pub anonymous: bool,
    pub recipient: Option<String>,
    pub corrects: bool,
    pub expiry: String,
    pub last_claim_day: String,
    pub manual_path: String,
    pub earlier: Earlier,
    pub last: Option<String>,
    pub last_asked: Option<String>,
    pub nullifier: NullifierMode,
}

pub(crate) struct PartFacts {
    /// One, or those of a household.
    pub sources: Vec<SourceFacts>,
    pub outputs: Vec<String>,
    pub reasons: Vec<String>,
}

pub(crate) struct SourceFacts {
    pub agency: String,
    pub record: String,
    pub facts: Option<String>,
    /// Title and how many.
    pub reads: Vec<(String, usize)>,
}

impl Facts {
    fn of(checked: &CheckedRequest, language: Language, earlier: Earlier) -> Self {
        let (request, program) = (checked.request(), checked.program());
        let title = |texts: &BTreeMap<String, String>, id: &str| title(texts, id, language);
        let paid = program.pays.as_ref().and_then(|pays| {
            let label = checked.disclosures().get(usize::from(pays.part))?.outputs.get(usize::from(pays.output))?;
            Some((printable(label), printable(&pays.currency)))
        });
        let last_claim_day = program.claim_days(request.period).map(|(_, closes)| closes.to_string());
        Self {
            requester: request.requester.to_string(),
            program: title(&program.title, program.id.as_str()),
            period: (request.period.start.to_string(), request.period.end.to_string()),
            purpose: printable(&request.purpose),
            parts: checked.disclosures().iter().map(|d| PartFacts::of(d, language)).collect(),
            paid,
            anonymous: program.anonymous,
            recipient: request.recipient.map(|address| address.to_string()),
            corrects: request.corrects.is_some(),
            expiry: minute(request.expiry),
            last_claim_day: last_claim_day.unwrap_or_default(),
            manual_path: title(&program.manual_path, ""),
            last: earlier.last.map(minute),
            last_asked: earlier.last_asked.map(minute),
            earlier,
            // Record modes don't compose: a program has one policy of them, or none.
            nullifier: checked.disclosures().first().map_or(NullifierMode::Holder, |d| d.nullifier),
        }
    }

    /// Whether a household claims.
    pub fn is_of_household(&self) -> bool {
        self.parts.iter().any(|part| part.sources.len() > 1)
    }
}

impl PartFacts {
    fn of(disclosure: &Disclosure, language: Language) -> Self {
        Self {
            sources: disclosure.sources.iter().map(|source| SourceFacts::of(source, language)).collect(),
            outputs: disclosure.outputs.iter().map(|label| printable(label)).collect(),
            reasons: disclosure.reasons.iter().map(|code| printable(code)).collect(),
        }
    }
}

impl SourceFacts {
    fn of(source: &SourceDisclosure, language: Language) -> Self {
        Self {
            agency: source.agency.to_string(),
            record: title(&source.record_title, source.record.as_str(), language),
            facts: month(source.facts),
            reads: titles(&source.reads, language),
        }
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
