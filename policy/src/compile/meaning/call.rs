//! Functions of the policy language: ages and other readings of dates, `sum`, `size`, `min`, `max`, rounding divisions.

use super::lower::{At, Lowered, Lowering};
use super::value::Value;
use crate::compile::rules::{Atom, Formula, Graph, Linear};
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::date::Date;
use sealroot_protocol::machine::{DIVISOR_BITS, Entry};
use sealroot_protocol::printable::quoted;

impl Lowering<'_> {
    pub(crate) fn function(&mut self, name: &str, args: &[IdedExpr], id: u64) -> Lowered<Value> {
        match (name, args) {
            ("age" | "age_in_months" | "month_number" | "year", [date]) => self.calendar(name, date, id),
            ("date" | "day", [text]) => self.date(name, text),
            ("size", [list]) => self.size(list, id),
            ("sum", args) => self.sum_of(args, id),
            ("min", args) => self.fold(args, id, |graph, a, b| graph.min(a, b)),
            ("max", args) => self.fold(args, id, |graph, a, b| graph.max(a, b)),
            ("floor" | "ceil" | "round_half_up", [a, d]) => self.rounded(name, a, d, id),
            ("floor" | "ceil" | "round_half_up", _) => {
                Err(Finding::new(format!("{name} rounds a division")).help(format!("write {name}(a / b)"))).at(id)
            }
            ("age" | "age_in_months" | "month_number" | "year" | "date" | "day" | "size", _) => Err(Finding::new(format!("{name} takes one argument"))).at(id),
            _ => Err(Finding::new(format!("there is no function {}", quoted(name))).help(
                "there are sum, size, min, max, floor, ceil, round_half_up, age, age_in_months, month_number, year, date \
                 and day",
            ))
            .at(id),
        }
    }

    /// Readings of a date `YYYYMMDD`.
    fn calendar(&mut self, function: &str, date: &IdedExpr, id: u64) -> Lowered<Value> {
        let line = match self.value(date)? {
            Value::Integer(line, Unit::Date) => line,
            other => {
                return Err(Finding::new(format!("{function} needs a date, this is {}", other.describe()))
                    .help("the attribute must have kind = \"date\" in the schema"))
                .at(date.id);
            }
        };
        let today = Linear::atom(Atom::Fact(Entry::AsOf));
        let (line, unit) = match function {
            "age" => (age(&mut self.graph, &today, &line), Unit::Named("years".to_owned())),
            "age_in_months" => (age_in_months(&mut self.graph, &today, &line), Unit::Named("months".to_owned())),
            "month_number" => (month_number(&mut self.graph, line), Unit::Month),
            _ => (self.graph.floor(line, 10_000), Unit::Plain),
        };
        Ok(Value::Integer(line.at(id)?, unit))
    }

    fn date(&mut self, name: &str, text: &IdedExpr) -> Lowered<Value> {
        let Value::Literal(written) = self.value(text)? else {
            return Err(Finding::new(format!("{name} takes a written date")).help(format!("{name}(\"2026-01-31\")")))
                .at(text.id);
        };
        let date: Date =
            written.parse().map_err(|e: sealroot_protocol::date::NotADate| Finding::new(e.to_string())).at(text.id)?;
        Ok(if name == "date" {
            Value::Integer(Linear::constant(i128::from(date.yyyymmdd())), Unit::Date)
        } else {
            Value::Integer(Linear::constant(i128::from(date.day_number())), Unit::Day)
        })
    }

    /// All arguments, or the one list, each with what it needs to be there.
    fn arguments(&mut self, args: &[IdedExpr]) -> Lowered<Vec<(Formula, Value)>> {
        let mut values = args.iter().map(|arg| self.value(arg)).collect::<Lowered<Vec<_>>>()?;
        let always = |values: Vec<Value>| values.into_iter().map(|value| (Formula::Constant(true), value)).collect();
        Ok(match (values.len(), values.pop()) {
            (1, Some(Value::List(list))) => always(list),
            (1, Some(Value::Filtered(items))) => items,
            (_, last) => {
                values.extend(last);
                always(values)
            }
        })
    }

    fn sum_of(&mut self, args: &[IdedExpr], id: u64) -> Lowered<Value> {
        let arguments = self.arguments(args)?;
        if let [(_, Value::Members { which, item })] = arguments.as_slice() {
            return self.sum_over_members(which.clone(), item.as_deref().cloned(), id);
        }
        let mut sum = Linear::default();
        let mut common = None;
        for (which, value) in arguments {
            let (line, unit) = number(value, Unit::is_quantity).at(id)?;
            let line = self.choose(which, line, Linear::default()).at(id)?;
            common = Some(match common {
                None => unit,
                Some(common) => {
                    let zero = (sum.as_constant() == Some(0), line.as_constant() == Some(0));
                    Unit::unify(&common, &unit, zero).at(id)?
                }
            });
            sum = sum.plus(&line).at(id)?;
        }
        match common {
            Some(unit) => Ok(Value::Integer(sum, unit)),
            None => Err(Finding::new("this needs at least one number")).at(id),
        }
    }

    /// All arguments, or the one list, folded from left to right.
    fn fold(
        &mut self,
        args: &[IdedExpr],
        id: u64,
        step: impl Fn(&mut Graph, Linear, Linear) -> Result<Linear, Finding>,
    ) -> Lowered<Value> {
        let mut result: Option<(Linear, Unit)> = None;
        for (which, value) in self.arguments(args)? {
            if which != Formula::Constant(true) {
                let finding = Finding::new("a filtered list may be empty, and then has no smallest or largest");
                return Err(finding.help("use map(x, test ? value : otherwise)")).at(id);
            }
            if matches!(value, Value::Members { .. }) {
                let finding = Finding::new("the smallest or largest over the members can't be computed");
                return Err(finding.help("ask of each: members.exists(m, m.x > limit), members.all(m, m.x <= limit)"))
                    .at(id);
            }
            let (line, unit) = number(value, Unit::is_ordered).at(id)?;
            result = Some(match result {
                None => (line, unit),
                Some((so_far, common)) => {
                    let zero = (so_far.as_constant() == Some(0), line.as_constant() == Some(0));
                    let unit = common.unify(&unit, zero).at(id)?;
                    (step(&mut self.graph, so_far, line).at(id)?, unit)
                }
            });
        }
        match result {
            Some((line, unit)) => Ok(Value::Integer(line, unit)),
            None => Err(Finding::new("this needs at least one number")).at(id),
        }
    }

    fn rounded(&mut self, name: &str, a: &IdedExpr, d: &IdedExpr, id: u64) -> Lowered<Value> {
        let ((line, unit), (by, per)) = (self.quantity(a)?, self.quantity(d)?);
        let divisor =
            by.as_constant().and_then(|d| u64::try_from(d).ok()).filter(|d| (1..1 << DIVISOR_BITS).contains(d));
        let Some(divisor) = divisor else {
            return Err(Finding::new("a divisor must be a constant between 1 and 2^40 − 1")
                .help("divide by a number or a parameter, not by a fact"))
            .at(d.id);
        };
        let unit = match per {
            Unit::Literal | Unit::Plain => unit,
            _ if per == unit => Unit::Plain,
            _ => return Err(Finding::new(format!("{unit} divided by {per} has no meaning here"))).at(id),
        };
        let d = i128::from(divisor);
        let (line, divisor) = match name {
            "ceil" => (line.plus_constant(d - 1).at(id)?, divisor),
            // an odd divisor needs the doubling, an even one doesn't: ⌊(x + d/2) / d⌋ is the same
            "round_half_up" if divisor % 2 == 0 => (line.plus_constant(d / 2).at(id)?, divisor),
            "round_half_up" if divisor < 1 << (DIVISOR_BITS - 1) => {
                (line.scale(2).and_then(|l| l.plus_constant(d)).at(id)?, 2 * divisor)
            }
            "round_half_up" => {
                return Err(Finding::new("an odd divisor of round_half_up must be less than 2^39")).at(id);
            }
            _ => (line, divisor),
        };
        Ok(Value::Integer(self.graph.floor(line, divisor).at(id)?, unit))
    }
}

/// Whole years: `⌊(today − date) / 10000⌋`. Someone born on 29 February turns a year older on 1 March of a common year.
fn age(graph: &mut Graph, today: &Linear, date: &Linear) -> Result<Linear, Finding> {
    graph.floor(today.minus(date)?, 10_000)
}

/// Whole months: `⌊((today − 8800·year) − (date − 8800·year)) / 100⌋`, for `date − 8800·year = 1200·year + 100·month + day`.
fn age_in_months(graph: &mut Graph, today: &Linear, date: &Linear) -> Result<Linear, Finding> {
    let hundredths = |graph: &mut Graph, date: &Linear| {
        let year = graph.floor(date.clone(), 10_000)?;
        let line = date.minus(&year.scale(8_800)?)?;
        graph.remember(&line, (1_200 + 101, 1_200 * 9_999 + 1_231));
        Ok(line)
    };
    let (today, date) = (hundredths(graph, today)?, hundredths(graph, date)?);
    graph.floor(today.minus(&date)?, 100)
}

/// `12·year + month − 1 = ⌊date / 100⌋ − 88·⌊date / 10000⌋ − 1`.
fn month_number(graph: &mut Graph, date: Linear) -> Result<Linear, Finding> {
    let year = graph.floor(date.clone(), 10_000)?;
    let month = graph.floor(date, 100)?.minus(&year.scale(88)?)?.plus_constant(-1)?;
    graph.remember(&month, (12, 12 * 9_999 + 11));
    Ok(month)
}

fn number(value: Value, fits: impl Fn(&Unit) -> bool) -> Result<(Linear, Unit), Finding> {
    match value {
        Value::Integer(line, unit) if fits(&unit) => Ok((line, unit)),
        other => {
            let message = format!("this is applied to {}, where numbers are needed", other.describe());
            Err(Finding::new(message))
        }
    }
}
