//! Any formula as one test: one part of a conjunction carries the others, `L − M·(how many of the others fail) ≥ 0`, where M is more than L can
//! be. So n comparisons take n − 1 registers, and truth values of a record take none.
//!
//! Guarantee: the test holds exactly where the formula does, for every admissible record.

use super::formula::{Formula, Test};
use super::graph::{Graph, NodeLine};
use super::linear::Linear;
use crate::language::Finding;
use sealroot_protocol::machine::{Op, WEIGHT_BITS};

/// A part that carries the others.
struct Carrier {
    part: usize,
    op: Op,
    line: Linear,
    /// What each of the others adds where it fails.
    penalty: i128,
}

impl Graph {
    /// A test, the opposite of one, or a constant.
    pub fn as_test(&mut self, formula: &Formula) -> Result<Formula, Finding> {
        match formula {
            Formula::Constant(_) | Formula::Test(_) => Ok(formula.clone()),
            Formula::Not(inner) => Ok(self.as_test(inner)?.not()),
            Formula::All(parts) => self.conjunction(parts),
            Formula::Any(parts) => {
                let opposites: Vec<Formula> = parts.iter().map(|part| part.clone().not()).collect();
                Ok(self.conjunction(&opposites)?.not())
            }
        }
    }

    /// The indicator of a test that a fact answers by itself.
    pub fn free_indicator(&self, formula: &Formula) -> Option<Linear> {
        match formula {
            Formula::Not(inner) => Linear::constant(1).minus(&self.free_indicator(inner)?).ok(),
            Formula::Test(Test::NonNegative(line)) if self.range(line).ok()? == (-1, 0) => line.plus_constant(1).ok(),
            _ => None,
        }
    }

    fn conjunction(&mut self, parts: &[Formula]) -> Result<Formula, Finding> {
        let tests = parts.iter().map(|part| self.as_test(part)).collect::<Result<Vec<_>, _>>()?;
        let parts = match Formula::all(tests) {
            Formula::All(parts) => parts,
            single => return Ok(single),
        };
        let carrier = self.carrier(&parts)?;
        let mut failing = Linear::default();
        for (_, part) in parts.iter().enumerate().filter(|(i, _)| carrier.as_ref().is_none_or(|c| c.part != *i)) {
            failing = failing.plus(&self.failing(part)?)?;
        }
        if let Some(Carrier { part, op, line, penalty }) = carrier {
            let carrying = failing.scale(penalty).and_then(|penalties| line.plus(&penalties));
            if let Some(carrying) = carrying.ok().filter(|carrying| self.range(carrying).is_ok()) {
                return if op == Op::Zero { self.zero(carrying) } else { self.nonnegative(carrying) };
            }
            failing = failing.plus(&self.failing(&parts[part])?)?;
        }
        self.nonnegative(failing.scale(-1)?)
    }

    /// 1 where a part fails, else 0.
    fn failing(&mut self, part: &Formula) -> Result<Linear, Finding> {
        Linear::constant(1).minus(&self.indicator(part)?)
    }

    /// The first comparison that can carry and has no register, or else the first that can: one with a register costs nothing where it is
    /// counted.
    fn carrier(&self, parts: &[Formula]) -> Result<Option<Carrier>, Finding> {
        let mut found = None;
        for op in [Op::NonNegative, Op::Zero] {
            for (part, formula) in parts.iter().enumerate() {
                let Some((asked, carrier)) = self.as_carrier(part, formula, op)? else { continue };
                let asked = NodeLine::Integer(asked.clone());
                if !self.nodes.iter().any(|node| node.op == op && node.gate.is_none() && node.line == asked) {
                    return Ok(Some(carrier));
                }
                found = found.or(Some(carrier));
            }
        }
        Ok(found)
    }

    /// A part as carrier, with the line that its register would have.
    fn as_carrier<'f>(
        &self,
        part: usize,
        formula: &'f Formula,
        op: Op,
    ) -> Result<Option<(&'f Linear, Carrier)>, Finding> {
        let (test, negated) = match formula {
            Formula::Not(inner) => (inner.as_ref(), true),
            test => (test, false),
        };
        let (asked, line, penalty) = match (test, op) {
            (Formula::Test(Test::NonNegative(asked)), Op::NonNegative) => {
                let line = if negated { asked.scale(-1)?.plus_constant(-1)? } else { asked.clone() };
                match self.range(&line)? {
                    // it is an indicator itself
                    (-1, 0) => return Ok(None),
                    (low, high) if low < 0 && high >= 0 => (asked, line, -1 - high),
                    // what was remembered since decides it
                    _ => return Ok(None),
                }
            }
            (Formula::Test(Test::Zero(asked)), Op::Zero) if !negated => match self.range(asked)? {
                (low, _) if low <= 0 => (asked, asked.clone(), 1 - low),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let fits = penalty.unsigned_abs() < 1 << WEIGHT_BITS;
        Ok(fits.then_some((asked, Carrier { part, op, line, penalty })))
    }
}
