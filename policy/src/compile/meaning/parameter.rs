//! Named constants: their values, units, and the days for which the law fixes them.

use super::value::Value;
use crate::compile::rules::{Formula, Linear};
use crate::language::{Finding, ParameterText, Unit};
use sealroot_protocol::currency;
use sealroot_protocol::date::Date;
use sealroot_protocol::field;
use sealroot_protocol::policy::InForce;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::AttributeKind;
use std::collections::BTreeMap;

/// What a parameter is worth.
pub(crate) fn parameter_value(parameter: &ParameterText) -> Result<Value, Finding> {
    constant(parameter.value.get_ref(), parameter.unit.as_deref())
}

/// Why a parameter doesn't hold on every day on which the policy is in force.
pub(crate) fn uncovered(parameter: &ParameterText, in_force: &InForce) -> Option<Finding> {
    if !in_order(parameter.from.unwrap_or(in_force.from), parameter.until) {
        return Some(Finding::new("the parameter ends before it begins"));
    }
    let help = "end the policy with it, and enact a version with the next value";
    match (parameter.from, parameter.until, in_force.until) {
        (Some(from), _, _) if in_force.from < from => Some(
            Finding::new(format!("the parameter begins on {from}, the policy already on {}", in_force.from))
                .help("begin the policy with it, or write the value that holds before"),
        ),
        (_, Some(until), None) => {
            Some(Finding::new(format!("the parameter ends on {until}, the policy has no end")).help(help))
        }
        (_, Some(until), Some(end)) if until < end => {
            Some(Finding::new(format!("the parameter ends on {until}, the policy only on {end}")).help(help))
        }
        _ => None,
    }
}

/// The day on which something begins must not be after the one on which it ends.
pub(crate) fn in_order(from: Date, until: Option<Date>) -> bool {
    until.is_none_or(|until| from <= until)
}

fn constant(value: &toml::Value, unit: Option<&str>) -> Result<Value, Finding> {
    let kind = match unit {
        Some(text) if currency::looks_like_one(text.split_once(" per ").map_or(text, |(code, _)| code)) => {
            let (code, each) = text.split_once(" per ").map_or((text, None), |(code, each)| (code, Some(each)));
            let known = code.parse::<currency::Currency>();
            known.map_err(|e| Finding::new(e.to_string()).help("what is no money is counted in lower-case words"))?;
            let money = Unit::Money(code.to_owned());
            Some((
                AttributeKind::Money { currency: code.to_owned(), min: None, max: None },
                each.map_or(money.clone(), |each| Unit::Per(Box::new(money), each.to_owned())),
            ))
        }
        Some("date") => Some((AttributeKind::Date {}, Unit::Date)),
        Some("day-number") => Some((AttributeKind::DayNumber {}, Unit::Day)),
        _ => None,
    };
    match (value, kind) {
        (toml::Value::Array(values), _) => {
            values.iter().map(|v| constant(v, unit)).collect::<Result<_, _>>().map(Value::List)
        }
        (toml::Value::Table(entries), _) => table(entries, unit),
        (toml::Value::String(text), Some((kind, unit))) => {
            let parsed = kind.parse(text).map_err(|e| Finding::new(e.to_string()))?;
            match field::to_i128(parsed) {
                Some(x) => Ok(Value::Integer(Linear::constant(x), unit)),
                None => Err(Finding::new("not a number")),
            }
        }
        (toml::Value::Datetime(_), Some((_, unit))) => Err(Finding::new(format!("{unit} is written as a text"))
            .help("write the date with quotation marks: value = \"2026-01-31\"")),
        (_, Some((_, unit))) => Err(Finding::new(format!("{unit} is written as a text"))
            .help("value = \"412.00\" for euros, value = \"2026-01-31\" for dates")),
        (toml::Value::Integer(x), None) => {
            let unit = unit.map_or(Unit::Plain, Unit::named);
            Ok(Value::Integer(Linear::constant(i128::from(*x)), unit))
        }
        (toml::Value::String(text), None) if unit.is_none() => Ok(Value::Literal(text.clone())),
        (toml::Value::Boolean(b), None) if unit.is_none() => Ok(Value::Truth(Formula::Constant(*b))),
        (toml::Value::String(_) | toml::Value::Boolean(_), None) => {
            let finding = Finding::new("a text or truth value has no unit");
            Err(match unit.and_then(small_currency) {
                Some(code) => {
                    finding.help(format!("currencies are written in capital letters: unit = {}", quoted(code)))
                }
                None => finding.help("leave the unit out; what is counted is a whole number without quotation marks"),
            })
        }
        (toml::Value::Float(_), None) => Err(Finding::new("a parameter can't have a fraction")
            .help("amounts have a currency as unit and are texts: \"412.50\"")),
        (toml::Value::Datetime(_), None) => {
            Err(Finding::new("a parameter is a number, a text, true or false, a list or a table")
                .help("a date is a text, with its unit: value = \"2026-01-31\" and unit = \"date\""))
        }
    }
}

/// The currency that a unit names in other letters: `eur`, `Eur per m²`.
fn small_currency(unit: &str) -> Option<String> {
    let (code, each) = unit.split_once(" per ").map_or((unit, None), |(code, each)| (code, Some(each)));
    let large = code.to_ascii_uppercase();
    (large != code && large.parse::<currency::Currency>().is_ok()).then(|| match each {
        Some(each) => format!("{large} per {each}"),
        None => large,
    })
}

/// Numbers by the values of an enum, or rows of numbers.
fn table(entries: &toml::Table, unit: Option<&str>) -> Result<Value, Finding> {
    if entries.values().any(|value| matches!(value, toml::Value::Table(_) | toml::Value::Array(_))) {
        let row = |(key, value): (&String, &toml::Value)| match constant(value, unit)? {
            row @ (Value::List(_) | Value::Table(..)) => Ok((key.clone(), row)),
            other => Err(Finding::new(format!("a table of rows holds rows, not {}", other.describe()))),
        };
        return entries.iter().map(row).collect::<Result<_, _>>().map(Value::Rows);
    }
    let mut table = BTreeMap::new();
    let mut common = None;
    for (key, value) in entries {
        match constant(value, unit)? {
            Value::Integer(line, unit) => {
                table.insert(key.clone(), line.constant);
                common = Some(unit);
            }
            other => return Err(Finding::new(format!("a table holds numbers, not {}", other.describe()))),
        }
    }
    match common {
        Some(unit) => Ok(Value::Table(table, unit)),
        None => Err(Finding::new("an empty table")),
    }
}
