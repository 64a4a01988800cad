//! Functions of the policy language: `sum`, `size`, `min`, `max`, rounding divisions. Dates are in `calendar.rs`, brackets in `bracket.rs`.

use super::lower::{At, Lowered, Lowering};
use super::names::distance;
use super::value::Value;
use crate::compile::rules::{Formula, Graph, Linear};
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::machine::DIVISOR_BITS;
use sealroot_protocol::printable::quoted;

impl Lowering<'_> {
    pub(crate) fn function(&mut self, name: &str, args: &[IdedExpr], id: u64) -> Lowered<Value> {
        match (name, args) {
            ("age" | "age_in_months" | "month_number" | "year" | "month" | "day" | "day_number" | "date", [date]) => {
                self.of_date(name, date, id)
            }
            ("years_between" | "months_between" | "days_between", [from, to]) => self.between(name, from, to, id),
            ("marginal" | "step", [of, bounds, values]) => self.bracketed(name, of, bounds, values, id),
            ("size", [list]) => self.size(list, id),
            ("sum", args) => self.sum_of(args, id),
            ("min", args) => self.fold(args, id, |graph, a, b| graph.min(a, b)),
            ("max", args) => self.fold(args, id, |graph, a, b| graph.max(a, b)),
            ("floor" | "ceil" | "round_half_up", [a, d]) => self.rounded(name, a, d, id),
            ("floor" | "ceil" | "round_half_up", _) => {
                Err(Finding::new(format!("{name} rounds a division")).help(format!("write {name}(a / b)"))).at(id)
            }
            _ => Err(misused(name)).at(id),
        }
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
        let unit = unit.over(&per).at(id)?;
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

/// Every function, with how it is written.
const FUNCTIONS: [(&str, &str); 20] = [
    ("sum", "sum(a, b), sum(list)"),
    ("size", "size(list)"),
    ("min", "min(a, b), min(list)"),
    ("max", "max(a, b), max(list)"),
    ("floor", "floor(a / b)"),
    ("ceil", "ceil(a / b)"),
    ("round_half_up", "round_half_up(a / b)"),
    ("marginal", "marginal(x, bounds, rates)"),
    ("step", "step(x, bounds, values)"),
    ("age", "age(date)"),
    ("age_in_months", "age_in_months(date)"),
    ("years_between", "years_between(from, to)"),
    ("months_between", "months_between(from, to)"),
    ("days_between", "days_between(from, to)"),
    ("day", "day(date)"),
    ("month", "month(date)"),
    ("year", "year(date)"),
    ("month_number", "month_number(date)"),
    ("day_number", "day_number(date)"),
    ("date", "date(\"2026-01-31\")"),
];

/// A function with another number of arguments than it takes, or one that isn't there.
fn misused(name: &str) -> Finding {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, written)) => Finding::new(format!("{name} is given other arguments than it takes"))
            .help(format!("it is written {written}")),
        None => {
            let names: Vec<_> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
            let close = FUNCTIONS.iter().map(|(known, _)| (distance(known, name), *known)).min();
            let finding = Finding::new(format!("there is no function {}", quoted(name)));
            match close {
                Some((1..=2, close)) => finding.help(format!("did you mean {close}?")),
                _ => finding.help(format!("there are {}", names.join(", "))),
            }
        }
    }
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
