//! Plain facts: what records say, each attribute with its value.

use super::given::{FactsError, GivenFacts, GivenRecord};
use super::reads::{Fact, reads};
use crate::compile::Compiled;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::{ATTRIBUTES, Facts, Member};
use sealroot_protocol::schema::{Attribute, AttributeKind, MEMBERS, ValueError, text_value};
use std::collections::BTreeSet;

/// Records' facts before they are field elements.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainFacts {
    pub(crate) record: Vec<PlainValue>,
    pub(crate) members: Vec<PlainMember>,
    /// The reference day.
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
        if period.end < period.start {
            return Err(FactsError::Period { start: period.start, end: period.end });
        }
        let in_force = *self.text.in_force.get_ref();
        if !in_force.contains(period.start) {
            return Err(FactsError::NotInForce { start: period.start, from: in_force.from, until: in_force.until });
        }
        self.facts_whenever(given, as_of, period)
    }

    /// Whether or not this version is in force then: for comparing it with another one.
    pub(crate) fn facts_whenever(
        &self,
        given: &GivenFacts,
        as_of: Date,
        period: Period,
    ) -> Result<PlainFacts, FactsError> {
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

    /// The facts without attributes that this version's schemas don't have.
    pub(crate) fn known_to(&self, given: &GivenFacts) -> GivenFacts {
        let of = |sources: std::ops::Range<usize>, record: &GivenRecord| -> GivenRecord {
            let known = |name: &str| {
                let field = name.rsplit_once('.').map_or(name, |(_, field)| field);
                sources.clone().any(|source| !self.targets(source, field).is_empty())
            };
            record.iter().filter(|(name, _)| known(name)).map(|(name, texts)| (name.clone(), texts.clone())).collect()
        };
        GivenFacts {
            record: of(0..1, &given.record),
            members: given.members.iter().map(|member| of(1..self.schemas.len(), member)).collect(),
        }
    }

    pub(crate) fn most_members(&self) -> usize {
        let d = self.shape().dimensions();
        if self.words.rules().is_paired() { d.group_slots } else { d.slots() }
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
