//! Plain facts: what records say, by attribute name and in the spelling of CSV files, and the answer in words.

use crate::compiled::Compiled;
use crate::reads::{Fact, reads};
use crate::unit::{Unit, show_money};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::{ATTRIBUTES, Evaluation, Facts, Member, Unprovable, evaluate};
use sealroot_protocol::schema::{Attribute, AttributeKind, MEMBERS, ValueError, text_value};
use std::collections::{BTreeMap, BTreeSet};

/// Facts of one record by attribute name, one text each, or for a repeated attribute under its own name one for all or
/// one for each. Of a member with two records, `source.attribute` says which.
pub type GivenRecord = BTreeMap<String, Vec<String>>;

/// Facts as people give them.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GivenFacts {
    /// Of the person's or household's record.
    pub record: GivenRecord,
    /// Of each member of the household; empty in the solo shape.
    pub members: Vec<GivenRecord>,
}

/// Records' facts before they are field elements.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainFacts {
    pub(crate) record: Vec<PlainValue>,
    pub(crate) members: Vec<PlainMember>,
    /// The day on which they are judged.
    pub as_of: Date,
    /// The claimed period.
    pub period: Period,
}

/// A member's records, one per member source.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PlainMember {
    pub records: Vec<Vec<PlainValue>>,
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
    /// Both of a member's records have it.
    #[error("both of a member's records have {0:?}; give it under the source's name")]
    Shared(String),
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
    /// A table where a value is needed, a number with a fraction, and the like.
    #[error("{0:?} is written as in CSV: a text, a whole number, true or false")]
    Spelling(String),
    /// Members of one person.
    #[error("a policy about one person has no members")]
    NotAHousehold,
    /// A household of nobody, or of more than fit.
    #[error("a household under this policy has 1 to {most} members, not {found}; larger ones take the manual path")]
    Members {
        /// As many fit.
        most: usize,
        /// As many are given.
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

impl GivenFacts {
    /// From a table as it stands in a case or in a file: values by name; `members`, if there, is a list of tables in which
    /// a source's name may hold a table of its own.
    pub fn from_table(table: &BTreeMap<String, toml::Value>) -> Result<Self, FactsError> {
        let mut facts = Self::default();
        for (name, value) in table {
            match value {
                toml::Value::Array(members) if name == "members" => {
                    for member in members {
                        let toml::Value::Table(member) = member else {
                            return Err(FactsError::Spelling(name.clone()));
                        };
                        facts.members.push(given_member(member)?);
                    }
                }
                value => _ = facts.record.insert(name.clone(), texts(name, value)?),
            }
        }
        Ok(facts)
    }
}

fn given_member(table: &toml::Table) -> Result<GivenRecord, FactsError> {
    let mut member = GivenRecord::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(of_source) => {
                for (field, value) in of_source {
                    let name = format!("{name}.{field}");
                    let texts = texts(&name, value)?;
                    member.insert(name, texts);
                }
            }
            value => _ = member.insert(name.clone(), texts(name, value)?),
        }
    }
    Ok(member)
}

fn texts(name: &str, value: &toml::Value) -> Result<Vec<String>, FactsError> {
    let texts = match value {
        toml::Value::Array(values) => values.iter().map(as_in_csv).collect(),
        value => as_in_csv(value).map(|text| vec![text]),
    };
    texts.ok_or_else(|| FactsError::Spelling(name.to_owned()))
}

/// A fact as CSV spells it.
pub(crate) fn as_in_csv(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(x) => Some(x.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

impl PlainFacts {
    /// As the machine takes them.
    pub fn machine(&self) -> Facts {
        let members =
            self.members.iter().map(|member| Member { records: member.records.iter().map(|r| elements(r)).collect() });
        Facts { attributes: elements(&self.record), members: members.collect(), as_of: self.as_of, period: self.period }
    }
}

fn elements(values: &[PlainValue]) -> [F; ATTRIBUTES] {
    let mut attributes = [F::from(0u8); ATTRIBUTES];
    for (attribute, value) in attributes.iter_mut().zip(values) {
        *attribute = match value {
            PlainValue::Integer(x) => field::from_i128(i128::from(*x)),
            PlainValue::Text(text) => text_value(text),
        };
    }
    attributes
}

/// The number of a household's members and names for them: the rules can't tell them from pseudonyms.
pub(crate) fn named_members(members: usize) -> impl Iterator<Item = PlainValue> {
    let name = move |i: usize| if i <= members { i64::try_from(i).unwrap_or(0) } else { 0 };
    std::iter::once(members).chain(1..=MEMBERS).map(move |i| PlainValue::Integer(name(i)))
}

impl Compiled {
    /// Reads given facts. Attributes that the policy doesn't read may be left out.
    pub fn facts(&self, given: &GivenFacts, as_of: Date, period: Period) -> Result<PlainFacts, FactsError> {
        let read = reads(self.words.rules());
        let first = if self.is_household() { 1 + MEMBERS } else { 0 };
        let mut record = self.record(0, first, &given.record, &read)?;
        let (most, found) = (self.most_members(), given.members.len());
        if !self.is_household() && found > 0 {
            return Err(FactsError::NotAHousehold);
        }
        if self.is_household() {
            if !(1..=most).contains(&found) {
                return Err(FactsError::Members { most, found });
            }
            record.splice(..first, named_members(found));
        }
        let members = given.members.iter().map(|member| self.member(member, &read)).collect::<Result<_, _>>()?;
        Ok(PlainFacts { record, members, as_of, period })
    }

    /// Applies the compiled rules.
    pub fn evaluate(&self, facts: &PlainFacts) -> Result<Outcome, Unprovable> {
        evaluate(self.words(), &facts.machine()).map(|evaluation| self.outcome(&evaluation))
    }

    pub(crate) fn most_members(&self) -> usize {
        let d = self.shape().dimensions();
        if self.words.rules().is_paired() { d.group_slots } else { d.slots() }
    }

    fn outcome(&self, evaluation: &Evaluation) -> Outcome {
        let outputs = self.text.outputs.iter().zip(&self.output_units).zip(evaluation.outputs);
        let parts = self.requirement_of.iter().zip(&evaluation.requirements);
        let failing: BTreeSet<usize> = parts.filter(|(_, holds)| !**holds).map(|(i, _)| *i).collect();
        let failed: Vec<_> = failing.iter().map(|i| &self.text.requirements[*i]).collect();
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

    fn member(&self, given: &GivenRecord, read: &BTreeSet<Fact>) -> Result<PlainMember, FactsError> {
        let names: Vec<&str> = self.text.sources.iter().skip(1).map(|s| s.name.get_ref().as_str()).collect();
        let mut by_source = vec![GivenRecord::new(); names.len()];
        for (name, texts) in given {
            let (sources, field): (Vec<usize>, &str) = match name.split_once('.') {
                Some((source, field)) => (names.iter().position(|n| *n == source).into_iter().collect(), field),
                None => ((0..names.len()).filter(|i| !self.targets(1 + i, name).is_empty()).collect(), name),
            };
            match sources.as_slice() {
                [] => return Err(FactsError::Unknown(name.clone())),
                [source] => _ = by_source[*source].insert(field.to_owned(), texts.clone()),
                _ => return Err(FactsError::Shared(name.clone())),
            }
        }
        let records = by_source.iter().enumerate().map(|(i, given)| self.record(1 + i, 0, given, read));
        Ok(PlainMember { records: records.collect::<Result<_, _>>()? })
    }

    /// One record's values; what nothing reads may be left out. Attributes before `first` are not given.
    fn record(
        &self,
        source: usize,
        first: usize,
        given: &GivenRecord,
        read: &BTreeSet<Fact>,
    ) -> Result<Vec<PlainValue>, FactsError> {
        let attributes = &self.attributes[source];
        let mut values: Vec<Option<PlainValue>> = vec![None; attributes.len()];
        for (name, texts) in given {
            let targets: Vec<usize> = self.targets(source, name).into_iter().filter(|i| *i >= first).collect();
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
                if attributes[i].name == *name || !given.contains_key(&attributes[i].name) {
                    values[i] = Some(value(&attributes[i], text)?);
                }
            }
        }
        let mut complete = Vec::with_capacity(values.len());
        for (attribute, value) in values.into_iter().enumerate() {
            let needed = attribute >= first && read.contains(&Fact { source, attribute });
            complete.push(match value {
                Some(value) => value,
                None if needed => return Err(FactsError::Missing(attributes[attribute].name.clone())),
                None => neutral(&attributes[attribute].kind),
            });
        }
        Ok(complete)
    }

    fn targets(&self, source: usize, name: &str) -> Vec<usize> {
        let attributes = &self.attributes[source];
        if let Some(i) = attributes.iter().position(|a| a.name == name) {
            return vec![i];
        }
        let repeated = self.schemas[source].declarations.iter().find(|d| d.name == name && d.repeat.is_some());
        let names: BTreeSet<String> = match repeated {
            Some(declaration) => (1..=declaration.repeat.unwrap_or(0)).map(|i| format!("{name}_{i:02}")).collect(),
            None => BTreeSet::new(),
        };
        (0..attributes.len()).filter(|i| names.contains(&attributes[*i].name)).collect()
    }
}

fn value(attribute: &Attribute, text: &str) -> Result<PlainValue, FactsError> {
    let fail = |problem| FactsError::Value { name: attribute.name.clone(), problem };
    let parsed = attribute.kind.parse(text).map_err(fail)?;
    if attribute.kind.is_text() {
        return Ok(PlainValue::Text(text.to_owned()));
    }
    let integer = field::to_i128(parsed).and_then(|x| i64::try_from(x).ok());
    integer.map(PlainValue::Integer).ok_or_else(|| fail(ValueError::Syntax("a 64-bit integer".to_owned())))
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
        Unit::Month => format!("{:04}-{:02}", value / 12, value % 12 + 1),
        Unit::Enum(values) => {
            let text = usize::try_from(value).ok().and_then(|i| values.get(i));
            text.cloned().unwrap_or_else(|| value.to_string())
        }
        Unit::Literal | Unit::Plain | Unit::Named(_) => value.to_string(),
    }
}
