//! Plain facts: what a record says, by attribute name and in the spelling of CSV files, and the answer in words.

use crate::compile::Compiled;
use crate::unit::{Unit, show_money};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::{
    ATTRIBUTES, Entry, Evaluation, Facts, Line, Selector, TextOperand, Unprovable, evaluate,
};
use sealroot_protocol::schema::{AttributeKind, ValueError, text_value};
use std::collections::{BTreeMap, BTreeSet};

/// A record's facts before they are field elements.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainFacts {
    pub(crate) values: Vec<PlainValue>,
    /// The day on which they are judged.
    pub as_of: Date,
    /// The claimed period.
    pub period: Period,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PlainValue {
    Integer(i64),
    Text(String),
}

/// Facts that a policy can't be applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// No such attribute.
    #[error("the schema has no attribute {0:?}")]
    Unknown(String),
    /// Needed and not given.
    #[error("the policy reads {0:?}, which is not among the facts")]
    Missing(String),
    /// Not a value of its attribute.
    #[error("{name:?}: {problem}")]
    Value {
        /// The attribute.
        name: String,
        /// What is wrong.
        problem: ValueError,
    },
    /// Another number of values than the attribute is repeated.
    #[error("{name:?} has {found} values where the schema repeats it {expected} times")]
    Count {
        /// The attribute.
        name: String,
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
}

/// The answer to plain facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether all requirements hold.
    pub decision: bool,
    /// Names and values of the outputs; empty unless the decision is true.
    pub outputs: Vec<ShownOutput>,
    /// Codes of the failed requirements, revealed or not.
    pub failed: Vec<String>,
    /// Of these, the codes that the requester learns.
    pub revealed: Vec<String>,
}

/// An output as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownOutput {
    /// Its name in the manifest.
    pub name: String,
    /// The public input.
    pub value: u64,
    /// In the output's unit: `412.00`, `2026-01-31`, a value of an enum.
    pub shown: String,
}

impl PlainFacts {
    /// As the machine takes them.
    pub fn machine(&self) -> Facts {
        let mut attributes = [F::from(0u8); ATTRIBUTES];
        for (attribute, value) in attributes.iter_mut().zip(&self.values) {
            *attribute = match value {
                PlainValue::Integer(x) => field::from_i128(i128::from(*x)),
                PlainValue::Text(text) => text_value(text),
            };
        }
        Facts { attributes, members: Vec::new(), as_of: self.as_of, period: self.period }
    }
}

impl Compiled {
    /// Reads facts by attribute name, one text each, or for a repeated attribute under its own name one for all or one
    /// for each. Attributes that the policy doesn't read may be left out.
    pub fn facts(
        &self,
        given: &BTreeMap<String, Vec<String>>,
        as_of: Date,
        period: Period,
    ) -> Result<PlainFacts, FactsError> {
        let mut values: Vec<Option<PlainValue>> = vec![None; self.attributes.len()];
        for (name, texts) in given {
            let targets = self.targets(name);
            if targets.is_empty() {
                return Err(FactsError::Unknown(name.clone()));
            }
            if texts.len() != 1 && texts.len() != targets.len() {
                let (expected, found) = (targets.len(), texts.len());
                return Err(FactsError::Count { name: name.clone(), expected, found });
            }
            for (k, i) in targets.into_iter().enumerate() {
                let text = if texts.len() == 1 { &texts[0] } else { &texts[k] };
                // a name of its own goes before the name of the repeated attribute
                if self.attributes[i].name == *name || !given.contains_key(&self.attributes[i].name) {
                    values[i] = Some(self.value(i, text)?);
                }
            }
        }
        let read = self.reads();
        let mut complete = Vec::with_capacity(values.len());
        for (i, value) in values.into_iter().enumerate() {
            complete.push(match value {
                Some(value) => value,
                None if read.contains(&i) => return Err(FactsError::Missing(self.attributes[i].name.clone())),
                None => neutral(&self.attributes[i].kind),
            });
        }
        Ok(PlainFacts { values: complete, as_of, period })
    }

    /// Applies the compiled rules.
    pub fn evaluate(&self, facts: &PlainFacts) -> Result<Outcome, Unprovable> {
        evaluate(self.words(), &facts.machine()).map(|evaluation| self.outcome(&evaluation))
    }

    fn outcome(&self, evaluation: &Evaluation) -> Outcome {
        let outputs = self.text.outputs.iter().zip(&self.output_units).zip(evaluation.outputs);
        let requirements = self.text.requirements.iter().zip(&evaluation.requirements);
        let failed: Vec<_> = requirements.filter(|(_, holds)| !**holds).map(|(r, _)| r).collect();
        Outcome {
            decision: evaluation.decision,
            outputs: outputs
                .filter(|_| evaluation.decision)
                .map(|((output, unit), value)| ShownOutput {
                    name: output.name.get_ref().clone(),
                    value,
                    shown: show(value, unit),
                })
                .collect(),
            failed: failed.iter().map(|r| r.code.get_ref().clone()).collect(),
            revealed: failed.iter().filter(|r| r.reveal).map(|r| r.code.get_ref().clone()).collect(),
        }
    }

    /// Positions of the attributes that the rules read, the identity aside.
    pub(crate) fn reads(&self) -> BTreeSet<usize> {
        let rules = self.words().rules();
        let mut read = BTreeSet::new();
        let lines = rules.registers.iter().map(|r| &r.line).chain(rules.conditions.iter().map(|c| &c.line));
        for line in lines {
            read.extend(line_reads(line));
        }
        for output in rules.outputs.iter().flatten() {
            if let Selector::Attribute(i) = output {
                read.insert(*i);
            }
        }
        read
    }

    fn targets(&self, name: &str) -> Vec<usize> {
        if let Some(i) = self.attributes.iter().position(|a| a.name == name) {
            return vec![i];
        }
        let repeated = self.schemas.iter().flat_map(|s| &s.declarations).find(|d| d.name == name && d.repeat.is_some());
        let names: BTreeSet<String> = match repeated {
            Some(declaration) => (1..=declaration.repeat.unwrap_or(0)).map(|i| format!("{name}_{i:02}")).collect(),
            None => BTreeSet::new(),
        };
        (0..self.attributes.len()).filter(|i| names.contains(&self.attributes[*i].name)).collect()
    }

    fn value(&self, i: usize, text: &str) -> Result<PlainValue, FactsError> {
        let attribute = &self.attributes[i];
        let fail = |problem| FactsError::Value { name: attribute.name.clone(), problem };
        let parsed = attribute.kind.parse(text).map_err(fail)?;
        if attribute.kind.is_text() {
            return Ok(PlainValue::Text(text.to_owned()));
        }
        let integer = field::to_i128(parsed).and_then(|x| i64::try_from(x).ok());
        integer.map(PlainValue::Integer).ok_or_else(|| fail(ValueError::Syntax("a 64-bit integer".to_owned())))
    }
}

/// Attributes that a line reads.
pub(crate) fn line_reads(line: &Line) -> Vec<usize> {
    match line {
        Line::Integer(line) => {
            line.weights.keys().filter_map(|e| if let Entry::Attribute(i) = e { Some(*i) } else { None }).collect()
        }
        Line::Text(line) => match line.minus {
            TextOperand::Attribute(j) => vec![line.attribute, j],
            TextOperand::Constant(_) => vec![line.attribute],
        },
    }
}

/// A value that the schema admits, for attributes that nothing reads.
fn neutral(kind: &AttributeKind) -> PlainValue {
    match kind.range() {
        Some((low, high)) => PlainValue::Integer(0.clamp(low, high)),
        None => PlainValue::Text(String::new()),
    }
}

fn show(value: u64, unit: &Unit) -> String {
    let as_date = |date: Option<Date>| date.map_or_else(|| value.to_string(), |date| date.to_string());
    match unit {
        Unit::Money(_) => show_money(i128::from(value)),
        Unit::Truth => (value == 1).to_string(),
        Unit::Date => as_date(u32::try_from(value).ok().and_then(|v| Date::from_yyyymmdd(v).ok())),
        Unit::Day => as_date(i64::try_from(value).ok().and_then(|v| Date::from_day_number(v).ok())),
        Unit::Enum(values) => {
            let text = usize::try_from(value).ok().and_then(|i| values.get(i));
            text.cloned().unwrap_or_else(|| value.to_string())
        }
        Unit::Literal | Unit::Plain | Unit::Named(_) => value.to_string(),
    }
}
