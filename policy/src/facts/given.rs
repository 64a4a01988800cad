//! Facts as people give them: by attribute name, in the spelling of CSV files.

use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::date::Date;
use sealroot_protocol::printable::{counted, quoted};
use sealroot_protocol::schema::ValueError;
use std::collections::BTreeMap;

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

/// Facts that a policy can't be applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// No such attribute.
    #[error("the schema has no attribute {}", quoted(.0))]
    Unknown(String),
    /// Both of a member's records have it.
    #[error("both of a member's records have {}; give it under the source's name", quoted(.0))]
    Shared(String),
    /// Needed and not given.
    #[error("the policy reads {}, which is not among the facts", quoted(.0))]
    Missing(String),
    /// Not a value of its attribute.
    #[error("{}: {problem}", quoted(.name))]
    Value {
        /// The attribute.
        name: String,
        /// What is wrong.
        problem: ValueError,
    },
    /// Another number of values than the attribute is repeated.
    #[error("{} has {} where the schema repeats it {expected} times", quoted(.name), counted(*.found, "value", "values"))]
    Count {
        /// The attribute.
        name: String,
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// The same member's attribute under its own name and within its source's table.
    #[error("{} is given twice", quoted(.0))]
    Twice(String),
    /// A table where a value is needed, a number with a fraction, and the like.
    #[error("{} is written as in CSV: a text, a whole number, true or false; a date is a text, \"2026-01-31\"", quoted(.0))]
    Spelling(String),
    /// A period that ends before it starts.
    #[error("the period ends on {end}, before it starts on {start}")]
    Period {
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
    },
    /// Another version of the law decides the period, or none.
    #[error("the policy is in force from {from}{}, and the period begins on {start}", until.map(|day| format!(" until {day}")).unwrap_or_default())]
    NotInForce {
        /// First day of the claimed period.
        start: Date,
        /// First day of the policy.
        from: Date,
        /// Its last day.
        until: Option<Date>,
    },
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

impl Coded for FactsError {
    fn code(&self) -> Code {
        Code::BadFact
    }
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
    let mut give = |name: String, value: &toml::Value| {
        let texts = texts(&name, value)?;
        if member.insert(name.clone(), texts).is_some() { Err(FactsError::Twice(name)) } else { Ok(()) }
    };
    for (name, value) in table {
        match value {
            toml::Value::Table(of_source) => {
                of_source.iter().try_for_each(|(field, value)| give(format!("{name}.{field}"), value))?;
            }
            value => give(name.clone(), value)?,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_members_fact_is_given_once() {
        let facts = |text: &str| GivenFacts::from_table(&toml::from_str(text).unwrap());
        assert!(facts("members = [{ tax = { income = 1 }, income = 2 }]").is_ok());
        let twice = facts("members = [{ tax = { income = 1 }, \"tax.income\" = 2 }]");
        assert_eq!(twice.err(), Some(FactsError::Twice("tax.income".into())));
    }
}
