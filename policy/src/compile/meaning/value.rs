//! What an expression means to the compiler.

use crate::compile::rules::{Formula, Linear, TextFact};
use crate::language::{Finding, Unit};
use cel::common::ast::LiteralValue;
use sealroot_protocol::printable::quoted;
use std::collections::BTreeMap;

/// A typed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// An integer of some unit; booleans of the schema are integers of unit `Truth`, enums of unit `Enum`.
    Integer(Linear, Unit),
    /// A truth value.
    Truth(Formula),
    /// A text written in the policy.
    Literal(String),
    /// A text attribute.
    Text(TextFact),
    /// Several values.
    List(Vec<Value>),
    /// Several values, each there only where its formula holds.
    Filtered(Vec<(Formula, Value)>),
    /// Constants of one unit by the values of an enum.
    Table(BTreeMap<String, i128>, Unit),
    /// Rows of a table by the values of an enum: each a list or a table.
    Rows(BTreeMap<String, Value>),
    /// The rows of a table, and which of them: a number from 0.
    Row { index: Linear, rows: Vec<Value> },
    /// All members of whom something holds, or for each what was computed of that member.
    Members { which: Formula, item: Option<Box<Value>> },
    /// One member.
    Member,
    /// The member's record in one of two sources: its name.
    MemberSource(String),
}

impl Value {
    /// What is written in an expression.
    pub fn of_literal(literal: &LiteralValue) -> Result<Self, Finding> {
        match literal {
            LiteralValue::Int(x) => Ok(Value::Integer(Linear::constant(i128::from(*x.inner())), Unit::Literal)),
            LiteralValue::Boolean(b) => Ok(Value::Truth(Formula::Constant(*b.inner()))),
            LiteralValue::String(text) => Ok(Value::Literal(text.inner().to_owned())),
            LiteralValue::Double(_) => Err(Finding::new("numbers with a fraction can't be compiled")
                .help("amounts are parameters with a currency; 30 % is x * 30 / 100, rounded")),
            LiteralValue::UInt(_) => Err(Finding::new("unsigned numbers can't be compiled").help("leave out the u")),
            LiteralValue::Bytes(_) | LiteralValue::Null => Err(Finding::new("bytes and null can't be compiled")),
        }
    }

    /// How many values are in it.
    pub fn size(&self) -> usize {
        match self {
            Value::List(values) => values.iter().map(Self::size).sum::<usize>() + 1,
            Value::Filtered(items) => items.iter().map(|(which, value)| which.size() + value.size()).sum::<usize>() + 1,
            Value::Rows(rows) => rows.values().map(Self::size).sum::<usize>() + 1,
            Value::Row { rows, .. } => rows.iter().map(Self::size).sum::<usize>() + 1,
            Value::Members { which, item } => which.size() + item.as_ref().map_or(1, |item| item.size()),
            _ => 1,
        }
    }

    /// In words, for messages.
    pub fn describe(&self) -> String {
        match self {
            Value::Integer(_, unit) => unit.to_string(),
            Value::Truth(_) => "true or false".to_owned(),
            Value::Literal(text) => format!("the text {}", quoted(text)),
            Value::Text(_) => "a text of the record".to_owned(),
            Value::List(values) => format!("a list of {}", values.len()),
            Value::Filtered(_) => "a filtered list".to_owned(),
            Value::Table(..) | Value::Rows(_) => "a table".to_owned(),
            Value::Row { .. } => "a row of a table".to_owned(),
            Value::Members { item: None, .. } => "a list of members".to_owned(),
            Value::Members { item: Some(_), .. } => "a list with a value for each member".to_owned(),
            Value::Member | Value::MemberSource(_) => "a member".to_owned(),
        }
    }
}
