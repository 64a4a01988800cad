//! What one policy reads and what it discloses, taken from its words (which are what is proved) and named by its manifest.
//!
//! Guarantee: an output or reason that the words disclose is in the list, whatever the manifest calls it, and the labels fit the words
//! one to one. Non-guarantee: that a label, a title or a message says the truth; they stand in an enacted document that anybody can compare with the text.

use crate::told;
use sealroot_protocol::{
    code::{Code, Coded},
    date::{FactsPeriod, NotADate, Period},
    machine::{Entry, Line, NullifierMode, Rules, Selector, TextOperand},
    name::Name,
    policy::PolicyDocument,
    policy_check::PolicyFault,
    schema::{ATTRIBUTES, Declaration, MEMBERS, Schema, SchemaId},
    titles::{Reason, Titles},
};
use std::collections::{BTreeMap, BTreeSet};

/// What one policy reads and discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The policy.
    pub policy: Name,
    /// Whose records it is decided on, in the policy's order.
    pub sources: Vec<SourceDisclosure>,
    /// What is disclosed with an approval, in the manifest's order.
    pub outputs: Vec<Output>,
    /// The reasons that a refusal shows.
    pub reasons: Vec<Reason>,
    /// Whether the proof shows that the record is the applicant's.
    pub names_applicant: bool,
    /// What the nullifier is computed from.
    pub nullifier: NullifierMode,
}

/// One source of a policy: a record, or in the household shape one record of each member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDisclosure {
    /// The agency that holds the record.
    pub agency: Name,
    /// What the record is called, by language tag; empty if the schema has no title.
    pub record_title: BTreeMap<String, String>,
    /// The schema's name.
    pub record: Name,
    /// The schema.
    pub schema: SchemaId,
    /// Which period the record must be about.
    pub facts: FactsPeriod,
    /// What of the record is read, in the record's order. It stays with the prover.
    pub reads: Vec<Fact>,
    /// All that the record holds: what the recipient of a release learns.
    pub holds: Vec<Fact>,
}

/// What an approval shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The manifest's label.
    pub name: String,
    /// What the policy's text calls it, by language tag; empty if it has no title.
    pub title: BTreeMap<String, String>,
    /// What it is computed from, and so tells something of, by source. Empty where it is the same for everybody.
    pub tells: Vec<Fact>,
    /// Whether it is one of these as it stands in the record.
    pub is_attribute: bool,
}

/// An attribute, or a repeated one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name in the schema.
    pub name: String,
    /// Its title by language tag; empty if it has none.
    pub title: BTreeMap<String, String>,
    /// How many of a repeated attribute.
    pub count: usize,
}

/// Why a policy document can't be shown, and so not consented to.
#[derive(Debug, thiserror::Error)]
pub enum Unshowable {
    /// The document isn't what a compiler makes: the check is the verifier's own.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
    /// The period of the facts would be outside the calendar.
    #[error(transparent)]
    Facts(#[from] NotADate),
}

impl Coded for Unshowable {
    fn code(&self) -> Code {
        match self {
            Self::Policy(fault) => fault.code(),
            Self::Facts(_) => Code::TimeOutOfRange,
        }
    }
}

impl Disclosure {
    /// Reads a policy document for a period.
    pub fn of(document: &PolicyDocument, period: Period) -> Result<Self, Unshowable> {
        let (policy, words) = (&document.policy, document.check()?);
        let rules = words.rules();
        let sources = policy.sources.iter().zip(&document.schemas).zip(&rules.sources).enumerate();
        let sources = sources.map(|(i, ((source, schema), rule))| {
            let period = rule.facts_period.resolve(&period)?;
            Ok(SourceDisclosure::of(source.agency.clone(), schema, rule.schema_id, period, &attributes_read(rules, i)))
        });
        let revealed = rules.requirements.iter().zip(&policy.reasons).filter(|(requirement, _)| requirement.reveal);
        let codes: Vec<String> = revealed.map(|(_, code)| code.clone()).collect();
        let titles = Titles::of(document);
        let output = |(name, selector): (&String, &Selector)| {
            let told = told::told(rules, *selector);
            let of_source = |(i, schema): (usize, &Schema)| {
                let positions = told.iter().filter(|(source, _)| *source == i).map(|(_, position)| *position);
                facts_among(&schema.declarations, &positions.collect())
            };
            Output {
                name: name.clone(),
                title: titles.outputs.get(name).cloned().unwrap_or_default(),
                tells: document.schemas.iter().enumerate().flat_map(of_source).collect(),
                is_attribute: told::shown(rules, *selector).is_some(),
            }
        };
        Ok(Self {
            policy: policy.id.clone(),
            sources: sources.collect::<Result<_, Unshowable>>()?,
            outputs: policy.outputs.iter().zip(rules.outputs.iter().flatten()).map(output).collect(),
            reasons: Reason::of(document, &codes),
            names_applicant: rules.identity.is_some(),
            nullifier: rules.nullifier,
        })
    }
}

impl SourceDisclosure {
    fn of(agency: Name, schema: &Schema, id: SchemaId, facts: FactsPeriod, read: &BTreeSet<usize>) -> Self {
        Self {
            agency,
            record_title: schema.title.clone(),
            record: schema.name.clone(),
            schema: id,
            facts,
            reads: facts_among(&schema.declarations, read),
            holds: facts_among(&schema.declarations, &(0..ATTRIBUTES).collect()),
        }
    }
}

/// Positions of all attributes of a source's records that rules look at.
fn attributes_read(rules: &Rules, source: usize) -> BTreeSet<usize> {
    let record_lines =
        || rules.registers.iter().map(|r| &r.line).chain(rules.conditions.iter().map(|condition| &condition.line));
    let Some(member_source) = source.checked_sub(1) else {
        let mut read: BTreeSet<usize> = rules.identity.into_iter().collect();
        read.extend(record_lines().flat_map(own_attributes));
        read.extend(rules.outputs.iter().flatten().filter_map(|output| match output {
            Selector::Attribute(i) => Some(*i),
            Selector::Register(_) => None,
        }));
        if rules.sources.len() > 1 {
            // How many people a household has, and who they are, is what every household policy reads.
            read.extend(0..=MEMBERS);
        }
        return read;
    };
    // With one member source all groups of slots hold its records, with two each holds one source's.
    let of_source = |group: usize| !rules.is_paired() || group == member_source;
    let mut read: BTreeSet<usize> = record_lines().flat_map(|line| sums(line, of_source)).collect();
    for (_, registers) in rules.members.iter().enumerate().filter(|(group, _)| of_source(*group)) {
        read.extend(registers.iter().flat_map(|register| own_attributes(&register.line)));
    }
    read
}

/// Attributes that a line reads of the record it is about.
fn own_attributes(line: &Line) -> Vec<usize> {
    match line {
        Line::Integer(line) => {
            let attribute = |entry: &Entry| if let Entry::Attribute(i) = entry { Some(*i) } else { None };
            line.weights.keys().filter_map(attribute).collect()
        }
        Line::Text(line) => {
            let other = if let TextOperand::Attribute(other) = line.minus { Some(other) } else { None };
            [Some(line.attribute), other].into_iter().flatten().collect()
        }
    }
}

/// Attributes whose sum over the members in some groups of slots a line reads.
fn sums(line: &Line, of_source: impl Fn(usize) -> bool) -> Vec<usize> {
    let Line::Integer(line) = line else { return Vec::new() };
    let sum = |entry: &Entry| match entry {
        Entry::AttributeSum { group, attribute } if of_source(*group) => Some(*attribute),
        _ => None,
    };
    line.weights.keys().filter_map(sum).collect()
}

fn facts_among(declarations: &[Declaration], read: &BTreeSet<usize>) -> Vec<Fact> {
    let mut position = 0;
    let mut facts = Vec::new();
    for declaration in declarations {
        let end = position + declaration.repeat.map_or(1, usize::from);
        let count = read.range(position..end).count();
        if count > 0 {
            facts.push(Fact { name: declaration.name.clone(), title: declaration.title.clone(), count });
        }
        position = end;
    }
    facts
}
