//! The names that expressions may use: attributes, dates, parameters and definitions, each once.

use crate::call::RESERVED;
use crate::diagnostic::{Diagnostic, Finding, Located};
use crate::expression::Expression;
use crate::formula::Formula;
use crate::graph::{Atom, Graph, Linear};
use crate::lower::Name;
use crate::text::{ParameterText, PolicyText};
use crate::unit::Unit;
use crate::value::Value;
use sealroot_protocol::date::Date;
use sealroot_protocol::field;
use sealroot_protocol::machine::Entry;
use sealroot_protocol::schema::{Attribute, AttributeKind, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

const DATES: (i128, i128) = (10_101, 99_991_231);
const DAYS: (i128, i128) = (-719_162, 2_932_896);

/// Collects the names of a policy.
pub(crate) struct Names<'a> {
    located: Located<'a>,
    pub graph: Graph,
    pub names: BTreeMap<String, Name>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Names<'a> {
    pub fn new(located: Located<'a>) -> Self {
        let mut names = Self { located, graph: Graph::default(), names: BTreeMap::new(), diagnostics: Vec::new() };
        for (name, entry, unit, range) in [
            ("as_of", Entry::AsOf, Unit::Date, DATES),
            ("as_of_day", Entry::AsOfDay, Unit::Day, DAYS),
            ("period_start", Entry::PeriodStart, Unit::Date, DATES),
            ("period_end", Entry::PeriodEnd, Unit::Date, DATES),
        ] {
            names.graph.declare(entry, range, name);
            let value = Value::Integer(Linear::atom(Atom::Fact(entry)), unit);
            names.names.insert(name.to_owned(), Name::Value(value));
        }
        names
    }

    /// The attributes of the record. A repeated one is also a list under its own name.
    pub fn attributes(&mut self, schema: &Schema, attributes: &[Attribute], offset: usize) {
        for (i, attribute) in attributes.iter().enumerate() {
            let value = match unit_of(&attribute.kind) {
                None => Value::Text(i),
                Some(unit) => {
                    if let Some((low, high)) = attribute.kind.range() {
                        let range = (i128::from(low), i128::from(high));
                        self.graph.declare(Entry::Attribute(i), range, &attribute.name);
                    }
                    Value::Integer(Linear::atom(Atom::Fact(Entry::Attribute(i))), unit)
                }
            };
            self.add(&attribute.name, Name::Value(value), offset);
        }
        for declaration in schema.declarations.iter().filter(|d| d.repeat.is_some()) {
            let members = (1..=declaration.repeat.unwrap_or(0)).map(|i| format!("{}_{i:02}", declaration.name));
            let values = members.filter_map(|name| match self.names.get(&name) {
                Some(Name::Value(value)) => Some(value.clone()),
                _ => None,
            });
            let list = Name::Value(Value::List(values.collect()));
            self.add(&declaration.name, list, offset);
        }
    }

    /// Parameters and definitions of the file.
    pub fn declared(&mut self, text: &PolicyText, source_names: &[String]) {
        for (name, parameter) in &text.parameters {
            match parameter_value(parameter) {
                Ok(value) => self.add(name.get_ref(), Name::Value(value), name.span().start),
                Err(finding) => {
                    self.diagnostics.push(self.located.at(parameter.value.span().start, finding));
                }
            }
        }
        for (name, definition) in &text.definitions {
            match Expression::parse(self.located, &definition.value, source_names) {
                Ok(expression) => self.add(name.get_ref(), Name::Definition(expression), name.span().start),
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
    }

    fn add(&mut self, name: &str, value: Name, offset: usize) {
        let shaped = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let problem = if !shaped {
            Some(format!("{name:?} can't be used in expressions: a-z, 0-9 and '_', beginning with a letter"))
        } else if RESERVED.contains(&name) {
            Some(format!("{name:?} has a meaning in the policy language already"))
        } else if self.names.contains_key(name) {
            Some(format!("{name:?} is already an attribute, parameter or definition"))
        } else {
            None
        };
        match problem {
            Some(message) => {
                let finding = Finding::new(message).help("choose another name");
                self.diagnostics.push(self.located.at(offset, finding));
            }
            None => _ = self.names.insert(name.to_owned(), value),
        }
    }
}

/// `None` for text.
fn unit_of(kind: &AttributeKind) -> Option<Unit> {
    Some(match kind {
        AttributeKind::Integer { unit: Some(unit), .. } => Unit::Named(unit.clone()),
        AttributeKind::Integer { unit: None, .. } => Unit::Plain,
        AttributeKind::Money { currency, .. } => Unit::Money(currency.clone()),
        AttributeKind::Date {} => Unit::Date,
        AttributeKind::DayNumber {} => Unit::Day,
        AttributeKind::Boolean {} => Unit::Truth,
        AttributeKind::Enum { values } => Unit::Enum(Arc::new(values.clone())),
        AttributeKind::Text {} | AttributeKind::Member {} => return None,
    })
}

pub(crate) fn parameter_value(parameter: &ParameterText) -> Result<Value, Finding> {
    constant(parameter.value.get_ref(), parameter.unit.as_deref())
}

fn constant(value: &toml::Value, unit: Option<&str>) -> Result<Value, Finding> {
    let kind = match unit {
        Some(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => Some((
            AttributeKind::Money { currency: code.to_owned(), min: None, max: None },
            Unit::Money(code.to_owned()),
        )),
        Some("date") => Some((AttributeKind::Date {}, Unit::Date)),
        Some("day-number") => Some((AttributeKind::DayNumber {}, Unit::Day)),
        _ => None,
    };
    match (value, kind) {
        (toml::Value::Array(values), _) => {
            values.iter().map(|v| constant(v, unit)).collect::<Result<_, _>>().map(Value::List)
        }
        (toml::Value::String(text), Some((kind, unit))) => {
            let parsed = kind.parse(text).map_err(|e| Finding::new(e.to_string()))?;
            match field::to_i128(parsed) {
                Some(x) => Ok(Value::Integer(Linear::constant(x), unit)),
                None => Err(Finding::new("not a number")),
            }
        }
        (_, Some((_, unit))) => Err(Finding::new(format!("{unit} is written as a text"))
            .help("value = \"412.00\" for money, value = \"2026-01-31\" for dates")),
        (toml::Value::Integer(x), None) => {
            let unit = unit.map_or(Unit::Plain, |unit| Unit::Named(unit.to_owned()));
            Ok(Value::Integer(Linear::constant(i128::from(*x)), unit))
        }
        (toml::Value::String(text), None) if unit.is_none() => Ok(Value::Literal(text.clone())),
        (toml::Value::Boolean(b), None) if unit.is_none() => Ok(Value::Truth(Formula::Constant(*b))),
        (toml::Value::String(_) | toml::Value::Boolean(_), None) => {
            Err(Finding::new("a text or truth value has no unit"))
        }
        (toml::Value::Float(_), None) => Err(Finding::new("a parameter can't have a fraction")
            .help("amounts have a currency as unit and are texts: \"412.50\"")),
        (toml::Value::Datetime(_) | toml::Value::Table(_), None) => {
            Err(Finding::new("a parameter is a number, a text, true or false, or a list")
                .help("a date is a text with unit = \"date\""))
        }
    }
}

/// The day on which a policy begins must not be after the one on which it ends.
pub(crate) fn in_order(from: Date, until: Option<Date>) -> bool {
    until.is_none_or(|until| from <= until)
}
