//! What the sentences about a request speak of, as cleaned text.

use super::summary::{Language, minute, month, title, titles};
use crate::{
    check::CheckedRequest,
    disclosure::{Disclosure, Output, SourceDisclosure},
    history::Earlier,
};
use sealroot_protocol::{machine::NullifierMode, printable::printable, program::DecidedBy};
use std::collections::BTreeMap;

/// All of them.
pub(crate) struct Facts {
    pub requester: String,
    pub program: String,
    pub period: (String, String),
    pub purpose: String,
    pub parts: Vec<PartFacts>,
    /// Title and currency of what is paid.
    pub paid: Option<(String, String)>,
    pub anonymous: bool,
    pub recipient: Option<String>,
    pub corrects: bool,
    pub expiry: String,
    pub last_claim_day: String,
    /// The day since which records must have been confirmed, if the program demands one.
    pub fresh_since: Option<String>,
    /// Whether the contract may check the proofs, which everybody can read then.
    pub by_proof: bool,
    /// Policies that were made for this period after it had begun.
    pub retroactive: Vec<String>,
    pub manual_path: String,
    pub earlier: Earlier,
    pub last: Option<String>,
    pub last_asked: Option<String>,
    pub nullifier: NullifierMode,
}

pub(crate) struct PartFacts {
    /// One, or those of a household.
    pub sources: Vec<SourceFacts>,
    pub outputs: Vec<OutputFacts>,
    pub reasons: Vec<String>,
}

pub(crate) struct OutputFacts {
    pub title: String,
    /// Title and how many of what it is computed from.
    pub tells: Vec<(String, usize)>,
    /// Whether it is one of these as it stands in the record.
    pub is_attribute: bool,
}

pub(crate) struct SourceFacts {
    pub agency: String,
    pub record: String,
    pub facts: Option<String>,
    /// Title and how many.
    pub reads: Vec<(String, usize)>,
}

impl Facts {
    pub(super) fn of(checked: &CheckedRequest, language: Language, earlier: Earlier) -> Self {
        let (request, program) = (checked.request(), checked.program());
        let said = |texts: &BTreeMap<String, String>, id: &str| title(texts, id, language);
        let paid = program.pays.as_ref().and_then(|pays| {
            let output = checked.disclosures().get(usize::from(pays.part))?.outputs.get(usize::from(pays.output))?;
            Some((title(&output.title, &output.name, language), printable(&pays.currency)))
        });
        let last_claim_day = match request.corrects {
            Some(_) => program.correctable_until(request.period),
            None => program.claim_days(request.period).map(|(_, closes)| closes),
        };
        let last_claim_day = last_claim_day.map(|day| day.to_string());
        Self {
            requester: request.requester.to_string(),
            program: said(&program.title, program.id.as_str()),
            period: (request.period.start.to_string(), request.period.end.to_string()),
            purpose: printable(&request.purpose),
            parts: checked.disclosures().iter().map(|d| PartFacts::of(d, language)).collect(),
            paid,
            anonymous: program.anonymous,
            recipient: request.recipient.map(|address| address.to_string()),
            corrects: request.corrects.is_some(),
            expiry: minute(request.expiry),
            last_claim_day: last_claim_day.unwrap_or_default(),
            fresh_since: program.fresh_since(request.period).ok().flatten().map(|day| day.to_string()),
            by_proof: program.decided_by != DecidedBy::Office,
            retroactive: checked.retroactive().iter().map(ToString::to_string).collect(),
            manual_path: said(&program.manual_path, ""),
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
            outputs: disclosure.outputs.iter().map(|output| OutputFacts::of(output, language)).collect(),
            reasons: disclosure.reasons.iter().map(|reason| reason.words(language)).collect(),
        }
    }
}

impl OutputFacts {
    fn of(output: &Output, language: Language) -> Self {
        Self {
            title: title(&output.title, &output.name, language),
            tells: titles(&output.tells, language),
            is_attribute: output.is_attribute,
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
