//! Functions of the policy language: `age`, `sum`, `min`, `max`, rounding divisions, dates.

use crate::diagnostic::Finding;
use crate::graph::{Atom, Linear};
use crate::lower::{At, Lowered, Lowering};
use crate::unit::Unit;
use crate::value::Value;
use cel::common::ast::IdedExpr;
use sealroot_protocol::date::Date;
use sealroot_protocol::machine::{DIVISOR_BITS, Entry};

/// Names that no attribute, parameter or definition may take.
pub(crate) const RESERVED: [&str; 16] = [
    "age",
    "sum",
    "min",
    "max",
    "floor",
    "ceil",
    "round_half_up",
    "date",
    "day",
    "as_of",
    "as_of_day",
    "period_start",
    "period_end",
    "true",
    "false",
    "in",
];

impl Lowering<'_> {
    pub(crate) fn function(&mut self, name: &str, args: &[IdedExpr], id: u64) -> Lowered<Value> {
        match (name, args) {
            ("age", [date]) => self.age(date, id),
            ("date" | "day", [text]) => self.date(name, text),
            ("sum", args) => self.fold(args, id, |_, a, b| a.plus(&b)),
            ("min", args) => self.fold(args, id, |graph, a, b| graph.min(a, b)),
            ("max", args) => self.fold(args, id, |graph, a, b| graph.max(a, b)),
            ("floor" | "ceil" | "round_half_up", [a, d]) => self.rounded(name, a, d, id),
            ("floor" | "ceil" | "round_half_up", _) => {
                Err(Finding::new(format!("{name} rounds a division")).help(format!("write {name}(a / b)"))).at(id)
            }
            ("age" | "date" | "day", _) => Err(Finding::new(format!("{name} takes one argument"))).at(id),
            _ => Err(Finding::new(format!("there is no function {name:?}"))
                .help("there are age, sum, min, max, floor, ceil, round_half_up, date and day"))
            .at(id),
        }
    }

    /// Whole years from a date to `as_of`: `⌊(as_of − date) / 10000⌋` over `YYYYMMDD`. Someone born on 29 February
    /// turns a year older on 1 March of a common year.
    fn age(&mut self, date: &IdedExpr, id: u64) -> Lowered<Value> {
        match self.value(date)? {
            Value::Integer(line, Unit::Date) => {
                let years = Linear::atom(Atom::Fact(Entry::AsOf)).minus(&line).at(id)?;
                Ok(Value::Integer(self.graph.floor(years, 10_000).at(id)?, Unit::Named("years".to_owned())))
            }
            other => Err(Finding::new(format!("age needs a date, this is {}", other.describe()))
                .help("the attribute must have kind = \"date\" in the schema"))
            .at(date.id),
        }
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

    /// All arguments, or the members of the one list, folded from left to right.
    fn fold(
        &mut self,
        args: &[IdedExpr],
        id: u64,
        step: impl Fn(&mut crate::graph::Graph, Linear, Linear) -> Result<Linear, Finding>,
    ) -> Lowered<Value> {
        let mut values = args.iter().map(|arg| self.value(arg)).collect::<Lowered<Vec<_>>>()?;
        if let [Value::List(list)] = values.as_slice() {
            values = list.clone();
        }
        let mut result: Option<(Linear, Unit)> = None;
        for value in values {
            let (line, unit) = match value {
                Value::Integer(line, unit) if unit.is_quantity() => (line, unit),
                other => {
                    return Err(Finding::new(format!(
                        "this is applied to {}, where numbers are needed",
                        other.describe()
                    )))
                    .at(id);
                }
            };
            result = Some(match result {
                None => (line, unit),
                Some((sum, common)) => {
                    let zero = (sum.as_constant() == Some(0), line.as_constant() == Some(0));
                    let unit = common.unify(&unit, zero).at(id)?;
                    (step(&mut self.graph, sum, line).at(id)?, unit)
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
