//! Brackets: a value by bounds that only rise. `step` gives what the bracket says, `marginal` adds up what each bracket takes of its part.

use super::lower::{At, Lowered, Lowering};
use super::value::Value;
use crate::compile::rules::Linear;
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::printable::counted;

/// Most brackets of a table.
const MAX_BRACKETS: usize = 64;

impl Lowering<'_> {
    /// `step(x, bounds, values)`: the value of the last bound that `x` reaches. `marginal(x, bounds, rates)`: of each bracket the part of `x` that lies in it, times its
    /// rate. One register a bracket.
    pub(crate) fn bracketed(
        &mut self,
        function: &str,
        of: &IdedExpr,
        bounds: &IdedExpr,
        values: &IdedExpr,
        id: u64,
    ) -> Lowered<Value> {
        let (x, unit) = match self.value(of)? {
            // a difference of dates is no number of days, so their parts aren't multiplied
            Value::Integer(line, unit) if unit.is_quantity() || function == "step" && unit.is_ordered() => (line, unit),
            other => {
                let finding = Finding::new(format!("{function} is of a number, this is {}", other.describe()));
                return Err(finding.help("of dates, take years_between, months_between or days_between")).at(of.id);
            }
        };
        let (from, bounds_unit) = self.constants(bounds)?;
        let (values_of, values_unit) = self.constants(values)?;
        if function == "marginal" && !values_unit.is_quantity() {
            return Err(Finding::new(format!("a rate is a number, this is {values_unit}"))).at(values.id);
        }
        unit.unify(&bounds_unit, (false, from.iter().all(|bound| *bound == 0))).at(bounds.id)?;
        if from.len() != values_of.len() || from.len() > MAX_BRACKETS {
            let (bounds_of, values_of) =
                (counted(from.len(), "bound", "bounds"), counted(values_of.len(), "value", "values"));
            let message = format!("{bounds_of} and {values_of}: each bound begins a bracket");
            return Err(Finding::new(message).help(format!("write as many of each, at most {MAX_BRACKETS}")))
                .at(values.id);
        }
        if let Some(i) = from.windows(2).position(|pair| pair[0] >= pair[1]) {
            let message = format!("bound {} is not above bound {}", i + 2, i + 1);
            return Err(Finding::new(message).help("bounds rise from the first bracket to the last")).at(bounds.id);
        }
        let (lowest, _) = self.graph.range(&x).at(of.id)?;
        let first = from.first().copied().unwrap_or_default();
        if function == "step" && lowest < first {
            let message = "this can be below the first bound, where no bracket says what it is";
            return Err(Finding::new(message).help("begin with the smallest value that it can have, often 0"))
                .at(of.id);
        }
        let changes = || std::iter::once(0).chain(values_of.iter().copied()).zip(values_of.iter().copied());
        let mut sum = Linear::default();
        for (bound, (before, value)) in from.iter().zip(changes()) {
            let above = x.plus_constant(-bound).at(id)?;
            let part = match function {
                "marginal" => self.graph.max0(above).and_then(|part| part.scale(value - before)),
                _ => {
                    let reached = self.graph.nonnegative(above).at(id)?;
                    self.choose(reached, Linear::constant(value - before), Linear::default())
                }
            };
            sum = part.and_then(|part| sum.plus(&part)).at(id)?;
        }
        if function == "step" {
            let range = (values_of.iter().min().copied(), values_of.iter().max().copied());
            if let (Some(low), Some(high)) = range {
                self.graph.remember(&sum, (low, high));
            }
            return Ok(Value::Integer(sum, values_unit));
        }
        if values_of.iter().all(|rate| *rate >= 0) {
            let (_, high) = self.graph.range(&sum).at(id)?;
            self.graph.remember(&sum, (0, high));
        }
        Ok(Value::Integer(sum, unit.times(&values_unit).at(values.id)?))
    }

    /// A list of constants of one unit.
    fn constants(&mut self, list: &IdedExpr) -> Lowered<(Vec<i128>, Unit)> {
        let Value::List(items) = self.value(list)? else {
            let finding = Finding::new("brackets are two lists: where each begins, and what it says");
            return Err(finding.help("name list parameters: value = [\"0.00\", \"1000.00\"]")).at(list.id);
        };
        let (mut constants, mut common) = (Vec::new(), None::<Unit>);
        for item in items {
            match item {
                Value::Integer(line, unit) if line.as_constant().is_some() && unit.is_ordered() => {
                    let zero = (constants.iter().all(|constant| *constant == 0), line.constant == 0);
                    let unified = common.as_ref().map_or(Ok(unit.clone()), |c| c.unify(&unit, zero));
                    common = Some(unified.at(list.id)?);
                    constants.push(line.constant);
                }
                other => {
                    let message = format!("brackets are made of constants, and this list holds {}", other.describe());
                    return Err(Finding::new(message).help("write numbers or parameters")).at(list.id);
                }
            }
        }
        match common {
            Some(unit) => Ok((constants, unit)),
            None => Err(Finding::new("an empty list of brackets")).at(list.id),
        }
    }
}
