//! Dates: what is read from one, and the time between two.
//!
//! Dates are `YYYYMMDD`, in the proleptic Gregorian calendar. What is computed needs registers, and no table of months.

use super::lower::{At, Lowered, Lowering};
use super::value::Value;
use crate::compile::rules::{Atom, Graph, Linear};
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::date::Date;
use sealroot_protocol::machine::Entry;

/// Years that a date can have.
const YEARS: (i128, i128) = (1, 9_999);

impl Lowering<'_> {
    /// `age(d)`, `day(d)`, … of a date, and the written dates `date("…")` and `day("…")`.
    pub(crate) fn of_date(&mut self, function: &str, date: &IdedExpr, id: u64) -> Lowered<Value> {
        let line = match (function, self.value(date)?) {
            ("date" | "day", Value::Literal(text)) => return written(function, &text).at(date.id),
            ("date", _) => {
                let finding = Finding::new("date takes a written date");
                return Err(finding.help("date(\"2026-01-31\")")).at(date.id);
            }
            (_, value) => a_date(function, value).at(date.id)?,
        };
        let graph = &mut self.graph;
        let (line, unit) = match function {
            "age" => (years(graph, &line, &as_of()), named("years")),
            "age_in_months" => (months(graph, &line, &as_of()), named("months")),
            "month_number" => (month_number(graph, line), Unit::Month),
            "month" => (month(graph, line), Unit::Plain),
            "day" => (day(graph, line), Unit::Plain),
            "day_number" => (day_number(graph, line), Unit::Day),
            _ => (graph.floor(line, 10_000), Unit::Plain),
        };
        Ok(Value::Integer(line.at(id)?, unit))
    }

    /// `years_between(from, to)`, and in months and days: complete ones, fewer than 0 where `to` is before `from`.
    pub(crate) fn between(&mut self, function: &str, from: &IdedExpr, to: &IdedExpr, id: u64) -> Lowered<Value> {
        let first = self.value(from)?;
        let first = a_date(function, first).at(from.id)?;
        let last = self.value(to)?;
        let last = a_date(function, last).at(to.id)?;
        let graph = &mut self.graph;
        let (line, unit) = match function {
            "years_between" => (years(graph, &first, &last), "years"),
            "months_between" => (months(graph, &first, &last), "months"),
            _ => {
                let last = day_number(graph, last).at(id)?;
                (day_number(graph, first).and_then(|first| last.minus(&first)), "days")
            }
        };
        Ok(Value::Integer(line.at(id)?, named(unit)))
    }
}

fn a_date(function: &str, value: Value) -> Result<Linear, Finding> {
    match value {
        Value::Integer(line, Unit::Date) => Ok(line),
        other => Err(Finding::new(format!("{function} needs a date, this is {}", other.describe()))
            .help("the attribute must have kind = \"date\" in the schema; a written date is date(\"2026-01-31\")")),
    }
}

fn written(function: &str, text: &str) -> Result<Value, Finding> {
    let date: Date = text.parse().map_err(|e: sealroot_protocol::date::NotADate| Finding::new(e.to_string()))?;
    Ok(match function {
        "date" => Value::Integer(Linear::constant(i128::from(date.yyyymmdd())), Unit::Date),
        _ => Value::Integer(Linear::constant(i128::from(date.day_number())), Unit::Day),
    })
}

fn named(unit: &str) -> Unit {
    Unit::Named(unit.to_owned())
}

fn as_of() -> Linear {
    Linear::atom(Atom::Fact(Entry::AsOf))
}

/// Whole years: `⌊(to − from) / 10000⌋`. Someone born on 29 February turns a year older on 1 March of a common year.
fn years(graph: &mut Graph, from: &Linear, to: &Linear) -> Result<Linear, Finding> {
    graph.floor(to.minus(from)?, 10_000)
}

/// Whole months: `⌊((to − 8800·year) − (from − 8800·year)) / 100⌋`, for `date − 8800·year = 1200·year + 100·month + day`.
fn months(graph: &mut Graph, from: &Linear, to: &Linear) -> Result<Linear, Finding> {
    let hundredths = |graph: &mut Graph, date: &Linear| {
        let year = graph.floor(date.clone(), 10_000)?;
        let line = date.minus(&year.scale(8_800)?)?;
        graph.remember(&line, (1_200 + 101, 1_200 * YEARS.1 + 1_231));
        Ok(line)
    };
    let (to, from) = (hundredths(graph, to)?, hundredths(graph, from)?);
    graph.floor(to.minus(&from)?, 100)
}

/// `12·year + month − 1 = ⌊date / 100⌋ − 88·⌊date / 10000⌋ − 1`.
fn month_number(graph: &mut Graph, date: Linear) -> Result<Linear, Finding> {
    let year = graph.floor(date.clone(), 10_000)?;
    let month = graph.floor(date, 100)?.minus(&year.scale(88)?)?.plus_constant(-1)?;
    graph.remember(&month, (12, 12 * YEARS.1 + 11));
    Ok(month)
}

/// `⌊date / 100⌋ − 100·⌊date / 10000⌋`.
fn month(graph: &mut Graph, date: Linear) -> Result<Linear, Finding> {
    let year = graph.floor(date.clone(), 10_000)?;
    let month = graph.floor(date, 100)?.minus(&year.scale(100)?)?;
    graph.remember(&month, (1, 12));
    Ok(month)
}

/// `date − 100·⌊date / 100⌋`.
fn day(graph: &mut Graph, date: Linear) -> Result<Linear, Finding> {
    let day = date.minus(&graph.floor(date.clone(), 100)?.scale(100)?)?;
    graph.remember(&day, (1, 31));
    Ok(day)
}

/// Days since 1970-01-01, by years that begin in March: the leap day is the last one (Howard Hinnant, `days_from_civil`).
///
/// The reference day has its day number among the facts.
fn day_number(graph: &mut Graph, date: Linear) -> Result<Linear, Finding> {
    if date == as_of() {
        return Ok(Linear::atom(Atom::Fact(Entry::AsOfDay)));
    }
    let written = date.as_constant().and_then(|d| u32::try_from(d).ok()).and_then(|d| Date::from_yyyymmdd(d).ok());
    if let Some(written) = written {
        return Ok(Linear::constant(i128::from(written.day_number())));
    }
    // Months since March of the year 0.
    let months = month_number(graph, date.clone())?.plus_constant(-2)?;
    graph.remember(&months, (10, 12 * YEARS.1 + 9));
    let year = graph.floor(months.clone(), 12)?;
    let month = months.minus(&year.scale(12)?)?;
    graph.remember(&month, (0, 11));
    let before_month = graph.floor(month.scale(153)?.plus_constant(2)?, 5)?;
    let century = graph.floor(year.clone(), 100)?;
    let leap_days = graph.floor(year.clone(), 4)?.minus(&century)?.plus(&graph.floor(century, 4)?)?;
    let number = year.scale(365)?.plus(&leap_days)?.plus(&before_month)?.plus(&day(graph, date)?)?;
    let number = number.plus_constant(-719_469)?;
    graph.remember(&number, (-719_162, 2_932_896));
    Ok(number)
}
