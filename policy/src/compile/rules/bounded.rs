//! Choices by tests that take no register: `test ? x : y` is `y + max(0, (x − y) − M·(how many tests fail))`, where M is as much as `x − y` can
//! be. So a choice takes one register where a gate takes two.
//!
//! Guarantee: the value is the chosen one for every admissible record. What would leave the machine's range is left to gates.

use super::formula::Formula;
use super::graph::{Graph, NodeLine};
use super::linear::Linear;
use crate::language::Finding;
use sealroot_protocol::machine::Op;

impl Graph {
    /// `x` where the test holds, else `y`; `None` where a gate takes no more, or only a gate can choose.
    pub fn bounded_choice(&mut self, test: &Formula, x: &Linear, y: &Linear) -> Result<Option<Linear>, Finding> {
        let difference = x.minus(y)?;
        if let Some((failing, is_one)) = self.free_failures(&test.clone().normal(false))
            && let Some(chosen) = self.where_none_fails(&difference, &failing, is_one)?
        {
            return y.plus(&chosen).map(Some);
        }
        if let Some((failing, is_one)) = self.free_failures(&test.clone().normal(true))
            && let Some(chosen) = self.where_none_fails(&difference.scale(-1)?, &failing, is_one)?
        {
            return x.plus(&chosen).map(Some);
        }
        Ok(None)
    }

    /// How many tests of a conjunction fail, and whether it is one test.
    fn free_failures(&self, formula: &Formula) -> Option<(Linear, bool)> {
        let failing = |part: &Formula| Linear::constant(1).minus(&self.free_indicator(part)?).ok();
        match formula {
            Formula::All(parts) => {
                let all = parts.iter().try_fold(Linear::default(), |all, part| all.plus(&failing(part)?).ok());
                all.map(|failing| (failing, false))
            }
            part => failing(part).map(|failing| (failing, true)),
        }
    }

    /// A value where no test fails, else 0.
    fn where_none_fails(&mut self, value: &Linear, failing: &Linear, is_one: bool) -> Result<Option<Linear>, Finding> {
        let (low, high) = self.range(value)?;
        if low >= 0 {
            return self.limited(value, high, failing);
        }
        if high <= 0 {
            let limited = self.limited(&value.scale(-1)?, -low, failing)?;
            return limited.map(|limited| limited.scale(-1)).transpose();
        }
        if !is_one || self.is_computed(value) {
            return Ok(None);
        }
        match self.limited(&value.plus_constant(-low)?, high - low, failing)? {
            Some(limited) => limited.plus(&Linear::constant(1).minus(failing)?.scale(low)?).map(Some),
            None => Ok(None),
        }
    }

    /// `max(0, value − most·failing)`, for a value from 0 to `most`.
    fn limited(&mut self, value: &Linear, most: i128, failing: &Linear) -> Result<Option<Linear>, Finding> {
        if self.is_computed(value) {
            return Ok(None);
        }
        // max(0, max(0, L) − M·n) is max(0, L − M·n)
        let inner = match self.under(value) {
            Some((node, 0)) => match (&node.line, node.op) {
                (NodeLine::Integer(line), Op::Max0 | Op::Identity) => line,
                _ => value,
            },
            _ => value,
        };
        let line = failing.scale(-most).and_then(|penalties| inner.plus(&penalties));
        match line.ok().filter(|line| self.range(line).is_ok()) {
            Some(line) => self.max0(line).map(Some),
            None => Ok(None),
        }
    }

    /// Whether a gate takes no more, because it can gate the operation itself.
    fn is_computed(&self, value: &Linear) -> bool {
        matches!(self.under(value), Some((node, 0)) if matches!(node.op, Op::Floor(_) | Op::Min(_)))
    }
}
