//! Lists: CEL's macros over lists of values and over the members of a household, sums and counts. Tables are in `table.rs`.

use super::lower::{At, Lowered, Lowering};
use super::relation::undecided;
use super::value::Value;
use crate::compile::rules::{Atom, Formula, Linear};
use crate::language::{Action, Finding, MEMBERS, Macro, Unit};
use cel::common::ast::{ComprehensionExpr, IdedExpr};
use sealroot_protocol::machine::Entry;
use sealroot_protocol::printable::quoted;

impl Lowering<'_> {
    pub(crate) fn comprehension(&mut self, expansion: &ComprehensionExpr, id: u64) -> Lowered<Value> {
        let Some(macro_call) = Macro::of(expansion) else {
            return Err(
                Finding::new("this can't be compiled").help("there are all, exists, exists_one, map and filter")
            )
            .at(id);
        };
        let variable = macro_call.variable;
        if self.is_known(variable) || variable == MEMBERS || self.locals.iter().any(|(local, _)| local == variable) {
            return Err(Finding::new(format!("{} means something else already", quoted(variable)))
                .help("choose another letter"))
            .at(id);
        }
        match self.value(macro_call.list)? {
            Value::List(values) => {
                let items = values.into_iter().map(|value| (Formula::Constant(true), value)).collect();
                self.over_items(&macro_call, items, id)
            }
            Value::Filtered(items) => self.over_items(&macro_call, items, id),
            Value::Members { which, item } => self.over_members(&macro_call, which, item, id),
            other => {
                let message = format!("this is {}, where a list is needed", other.describe());
                Err(Finding::new(message)).at(macro_call.list.id)
            }
        }
    }

    /// Every item in turn.
    fn over_items(&mut self, call: &Macro<'_>, items: Vec<(Formula, Value)>, id: u64) -> Lowered<Value> {
        let mut answers = Vec::new();
        let mut kept = Vec::new();
        for (which, item) in items {
            let (test, value) = match call.action {
                Action::All(test) | Action::Exists(test) | Action::ExistsOne(test) => (Some(test), None),
                Action::Filter(test) => (Some(test), None),
                Action::Map(test, value) => (test, Some(value)),
            };
            let holds = match test {
                Some(test) => self.within(call.variable, item.clone(), |l| l.truth_of(test))?,
                None => Formula::Constant(true),
            };
            answers.push((which.clone(), holds.clone()));
            let value = match value {
                Some(value) => self.within(call.variable, item, |l| l.value(value))?,
                None => item,
            };
            kept.push((Formula::all([which, holds]), value));
        }
        Ok(match call.action {
            Action::All(_) => {
                Value::Truth(Formula::all(answers.into_iter().map(|(which, holds)| Formula::any([which.not(), holds]))))
            }
            Action::Exists(_) => Value::Truth(Formula::any(kept.into_iter().map(|(both, _)| both))),
            Action::ExistsOne(_) => {
                let both: Vec<_> = kept.into_iter().map(|(both, _)| both).collect();
                let sum = self.graph.sum_of_indicators(&both).and_then(|sum| sum.plus_constant(-1)).at(id)?;
                Value::Truth(self.graph.zero(sum).and_then(undecided).at(id)?)
            }
            Action::Filter(_) | Action::Map(..) => {
                if kept.iter().all(|(which, _)| *which == Formula::Constant(true)) {
                    Value::List(kept.into_iter().map(|(_, value)| value).collect())
                } else {
                    Value::Filtered(kept)
                }
            }
        })
    }

    /// Every member at once: what is computed is computed in every slot.
    fn over_members(&mut self, call: &Macro<'_>, which: Formula, item: Option<Box<Value>>, id: u64) -> Lowered<Value> {
        self.alone(id)?;
        let bound = item.as_deref().cloned().unwrap_or(Value::Member);
        self.in_member = true;
        let lowered = self.said_of_member(call, bound);
        self.in_member = false;
        let (holds, value) = lowered?;
        let both = Formula::all([which.clone(), holds.clone()]);
        Ok(match call.action {
            Action::All(_) => {
                let not_all = self.some_member(Formula::all([which, holds.not()])).at(id)?;
                Value::Truth(undecided(not_all).at(id)?.not())
            }
            Action::Exists(_) => Value::Truth(self.some_member(both).and_then(undecided).at(id)?),
            Action::ExistsOne(_) => {
                let count = self.count_members(&both).and_then(|count| count.plus_constant(-1)).at(id)?;
                Value::Truth(self.graph.zero(count).and_then(undecided).at(id)?)
            }
            Action::Filter(_) => Value::Members { which: both, item },
            Action::Map(..) => Value::Members { which: both, item: value.map(Box::new) },
        })
    }

    fn said_of_member(&mut self, call: &Macro<'_>, bound: Value) -> Lowered<(Formula, Option<Value>)> {
        let (test, value) = match call.action {
            Action::All(test) | Action::Exists(test) | Action::ExistsOne(test) | Action::Filter(test) => {
                (Some(test), None)
            }
            Action::Map(test, value) => (test, Some(value)),
        };
        let holds = match test {
            Some(test) => self.within(call.variable, bound.clone(), |l| l.truth_of(test))?,
            None => Formula::Constant(true),
        };
        let value = match value {
            Some(value) => Some(self.within(call.variable, bound, |l| l.value(value))?),
            None => None,
        };
        Ok((holds, value))
    }

    fn within<T>(&mut self, name: &str, value: Value, lower: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<T> {
        self.locals.push((name.to_owned(), value));
        let lowered = lower(self);
        self.locals.pop();
        lowered
    }

    /// Two members at once would be one to the compiler.
    fn alone(&self, id: u64) -> Lowered<()> {
        if self.in_member {
            return Err(Finding::new("what is said of one member can't speak of the other members").help(
                "count or sum each by itself, outside: size(members.filter(m, …)) == 1 && members.exists(m, …)",
            ))
            .at(id);
        }
        Ok(())
    }

    fn count_members(&mut self, which: &Formula) -> Result<Linear, Finding> {
        if *which == Formula::Constant(true) {
            return Ok(Linear::atom(Atom::Fact(Entry::Attribute(0))));
        }
        let one = self.graph.indicator(which)?;
        self.graph.total(&one)
    }

    fn some_member(&mut self, which: Formula) -> Result<Formula, Finding> {
        let count = self.count_members(&which)?.plus_constant(-1)?;
        self.graph.nonnegative(count)
    }

    /// `size(list)`.
    pub(crate) fn size(&mut self, list: &IdedExpr, id: u64) -> Lowered<Value> {
        let size = match self.value(list)? {
            Value::List(values) => Linear::constant(i128::try_from(values.len()).unwrap_or(i128::MAX)),
            Value::Filtered(items) => {
                let which: Vec<_> = items.into_iter().map(|(which, _)| which).collect();
                self.graph.sum_of_indicators(&which).at(id)?
            }
            Value::Members { which, .. } => {
                self.alone(id)?;
                self.count_members(&which).at(id)?
            }
            other => {
                let finding = Finding::new(format!("this is {}, which has no size", other.describe()));
                return Err(finding.help("size counts lists and members")).at(list.id);
            }
        };
        Ok(Value::Integer(size, Unit::Literal))
    }

    /// `sum(members.map(m, …))`.
    pub(crate) fn sum_over_members(&mut self, which: Formula, item: Option<Value>, id: u64) -> Lowered<Value> {
        self.alone(id)?;
        match item {
            Some(Value::Integer(line, unit)) if unit.is_quantity() => {
                let counted = self.choose(which, line, Linear::default()).at(id)?;
                Ok(Value::Integer(self.graph.total(&counted).at(id)?, unit))
            }
            Some(other) => {
                let message = format!("this sums {} of each member, where numbers are needed", other.describe());
                Err(Finding::new(message).help("count with size(members.filter(m, …))")).at(id)
            }
            None => Err(Finding::new("members can't be summed")
                .help("sum(members.map(m, m.attribute)), or size(members) for their number"))
            .at(id),
        }
    }
}
