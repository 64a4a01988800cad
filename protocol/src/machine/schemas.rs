//! Words against the schemas that a policy is published with: what the words alone can't say.
//!
//! Guarantee: every attribute that a rule reads exists in its schema and is of the kind that the rule takes it for.

use super::rules::{FactsPeriodRule, IntegerLine, Line, NullifierMode, TextLine, TextOperand};
use super::shape::{Entry, Level};
use super::valid::{ValidWords, lines};
use super::words_error::{WordProblem, WordsError, word};
use crate::code::{Code, Coded};
use crate::printable::counted;
use crate::schema::{Attribute, AttributeKind, Schema, SchemaError};

/// The words and the schemas that a policy is published with don't belong together.
#[derive(Debug, thiserror::Error)]
pub enum SchemaMismatch {
    /// Another number of schemas than of sources.
    #[error("{} for {}", counted(*found, "schema", "schemas"), counted(*expected, "source", "sources"))]
    Count {
        /// Sources of the shape.
        expected: usize,
        /// Schemas given.
        found: usize,
    },
    /// A word disagrees with its schema.
    #[error(transparent)]
    Word(#[from] WordsError),
    /// The schema itself is not valid.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl Coded for SchemaMismatch {
    fn code(&self) -> Code {
        Code::PolicySchemasMismatch
    }
}

impl ValidWords {
    /// Checks the words against the schemas that the policy is published with, one per source: same ids, the same
    /// attributes are integers, no attribute is read that the schema doesn't have, records can have the period that is asked for, a household names its members, a person
    /// has one record wherever the person has one approval, and *once ever* means once.
    pub fn check_schemas(&self, schemas: &[Schema]) -> Result<(), SchemaMismatch> {
        let layout = self.layout();
        if schemas.len() != self.rules().sources.len() {
            return Err(SchemaMismatch::Count { expected: self.rules().sources.len(), found: schemas.len() });
        }
        for (i, (schema, source)) in schemas.iter().zip(&self.rules().sources).enumerate() {
            if schema.id()? != source.schema_id {
                return Err(word(&layout, layout.source(i).schema_id, WordProblem::OtherSchema).into());
            }
            if !source.facts_period.is_possible(schema) {
                return Err(word(&layout, layout.source(i).period_constant, WordProblem::NoSuchPeriod).into());
            }
        }
        let Some((first, members)) = schemas.split_first() else { return Ok(()) };
        self.check_record_schema(first)?;
        for (i, schema) in members.iter().enumerate() {
            // Two live records of one person would let the applicant choose which one counts.
            if schema.many || schema.household {
                return Err(word(&layout, layout.source(i + 1).schema_id, WordProblem::NotAPerson).into());
            }
        }
        for group in 0..self.shape().dimensions().groups {
            let source = if self.rules().is_paired() { group } else { 0 };
            if let Some(schema) = members.get(source) {
                let attributes = schema.attributes()?;
                for read in Reads::of_members(self, group) {
                    read.check(&attributes).map_err(|problem| word(&layout, read.word, problem))?;
                }
            }
        }
        Ok(())
    }

    /// The first source's record is the one whose attributes lines read, and whose serial the nullifier may use.
    fn check_record_schema(&self, schema: &Schema) -> Result<(), SchemaMismatch> {
        let layout = self.layout();
        let household = self.shape().dimensions().groups > 0;
        if household != schema.household {
            let problem = if household { WordProblem::NotAHousehold } else { WordProblem::AHousehold };
            return Err(word(&layout, layout.source(0).schema_id, problem).into());
        }
        // One approval per person, and many records to choose it from: the largest would be paid.
        if self.rules().nullifier == NullifierMode::Holder && schema.many {
            return Err(word(&layout, layout.holder(), WordProblem::HolderMany).into());
        }
        let relative =
            self.rules().sources.first().is_some_and(|s| matches!(s.facts_period, FactsPeriodRule::MonthsBefore(_)));
        if self.rules().nullifier == NullifierMode::RecordOnce && relative && !schema.many {
            return Err(word(&layout, layout.once(), WordProblem::Once).into());
        }
        let attributes = schema.attributes()?;
        for i in 0..self.shape().dimensions().attributes {
            let integer = attributes.get(i).is_some_and(|attribute| attribute.kind.is_integer());
            if integer != self.rules().ranged_attributes.contains(&i) {
                return Err(word(&layout, layout.ranged_attributes().start + i, WordProblem::OtherKind).into());
            }
        }
        for read in Reads::of_record(self) {
            read.check(&attributes).map_err(|problem| word(&layout, read.word, problem))?;
        }
        Ok(())
    }
}

/// An attribute that a rule reads.
struct Reads {
    attribute: usize,
    /// As text; else as an integer.
    text: bool,
    /// The word that says so.
    word: usize,
}

impl Reads {
    /// Of the (household) record. Integers are not among them: `ranged_attributes` holds them to the schema.
    fn of_record(words: &ValidWords) -> impl Iterator<Item = Self> {
        let (rules, layout) = (words.rules(), words.layout());
        let lines = lines(rules, layout, Level::Record).flat_map(|(at, line)| match line {
            Line::Integer(_) => Vec::new(),
            Line::Text(line) => Self::of_text(line, at),
        });
        let identity = layout.identity().start;
        lines.chain(rules.identity.map(move |i| Self { attribute: i, text: true, word: identity + i }))
    }

    /// Of the members' records in a group: by its registers, and by sums in the record's lines.
    fn of_members(words: &ValidWords, group: usize) -> impl Iterator<Item = Self> {
        let (rules, layout, d) = (words.rules(), words.layout(), words.shape().dimensions());
        let own = lines(rules, layout, Level::Member(group)).flat_map(|(at, line)| match line {
            Line::Integer(IntegerLine { weights, .. }) => {
                let read = |entry: &Entry| match entry {
                    Entry::Attribute(i) => Some(Self { attribute: *i, text: false, word: at + i }),
                    _ => None,
                };
                weights.keys().filter_map(read).collect()
            }
            Line::Text(line) => Self::of_text(line, at),
        });
        let sums = lines(rules, layout, Level::Record).flat_map(move |(at, line)| {
            let Line::Integer(IntegerLine { weights, .. }) = line else { return Vec::new() };
            let read = |entry: &Entry| match entry {
                Entry::AttributeSum { group: of, attribute } if *of == group => {
                    let word = at + d.index_of(Level::Record, *entry).unwrap_or_default();
                    Some(Self { attribute: *attribute, text: false, word })
                }
                _ => None,
            };
            weights.keys().filter_map(read).collect()
        });
        own.chain(sums)
    }

    fn of_text(line: &TextLine, at: usize) -> Vec<Self> {
        let other = if let TextOperand::Attribute(i) = line.minus { Some(i) } else { None };
        [Some(line.attribute), other]
            .into_iter()
            .flatten()
            .map(|i| Self { attribute: i, text: true, word: at + i })
            .collect()
    }

    /// Every record has 0 where its schema has no attribute: a line over it is true or false by default.
    fn check(&self, attributes: &[Attribute]) -> Result<(), WordProblem> {
        match attributes.get(self.attribute).map(|attribute| &attribute.kind) {
            None => Err(WordProblem::NoAttribute),
            Some(kind) if self.text && kind.is_text() || !self.text && kind.is_integer() => Ok(()),
            Some(AttributeKind::Member {}) => Err(WordProblem::MemberName),
            Some(_) => Err(WordProblem::OtherKind),
        }
    }
}
