//! Arithmetic that takes registers: smallest, largest, rounded quotients, choices and tables.

use super::formula::{Formula, Test};
use super::graph::{Graph, Node, NodeLine};
use super::linear::{Atom, Linear, Range, gcd};
use crate::language::Finding;
use sealroot_protocol::machine::{DIVISOR_BITS, Op, WEIGHT_BITS};
use std::collections::BTreeMap;

impl Graph {
    /// `max(0, L)`.
    pub fn max0(&mut self, line: Linear) -> Result<Linear, Finding> {
        match self.range(&line)? {
            (low, _) if low >= 0 => Ok(line),
            (_, high) if high <= 0 => Ok(Linear::default()),
            _ if self.forms.through
                && let Some(inner) = self.under_maximum(&line) =>
            {
                self.max0(inner)
            }
            _ => self.node(NodeLine::Integer(line), Op::Max0, None),
        }
    }

    /// `min(a, b)`.
    pub fn min(&mut self, a: Linear, b: Linear) -> Result<Linear, Finding> {
        let (low, high) = self.range(&a.minus(&b)?)?;
        if high <= 0 {
            return Ok(a);
        }
        if low >= 0 {
            return Ok(b);
        }
        match (a.as_constant(), b.as_constant()) {
            (None, Some(bound)) => self.node(NodeLine::Integer(a), Op::Min(bound), None),
            (Some(bound), None) => self.node(NodeLine::Integer(b), Op::Min(bound), None),
            _ => {
                let ((p, q), (x, y)) = (self.range(&a)?, self.range(&b)?);
                let excess = self.max0(a.minus(&b)?)?;
                let smaller = a.minus(&excess)?;
                self.remember(&smaller, (p.min(x), q.min(y)));
                Ok(smaller)
            }
        }
    }

    /// `max(a, b)`.
    pub fn max(&mut self, a: Linear, b: Linear) -> Result<Linear, Finding> {
        // over a constant b: max(a, b) = b + max(0, a − b)
        let (a, b) = if a.as_constant().is_some() { (b, a) } else { (a, b) };
        let ((p, q), (x, y)) = (self.range(&a)?, self.range(&b)?);
        let excess = self.max0(a.minus(&b)?)?;
        let larger = b.plus(&excess)?;
        self.remember(&larger, (p.max(x), q.max(y)));
        Ok(larger)
    }

    /// `⌊L / d⌋`, 1 ≤ d < 2^40.
    pub fn floor(&mut self, line: Linear, divisor: u64) -> Result<Linear, Finding> {
        let d = i128::from(divisor);
        if self.forms.primitive {
            return self.reduced_floor(line, d);
        }
        if line.weights.values().all(|w| w % d == 0) {
            let weights = line.weights.iter().map(|(a, w)| (*a, w / d)).collect();
            return Ok(Linear { weights, constant: line.constant.div_euclid(d) });
        }
        self.node(NodeLine::Integer(line), Op::Floor(divisor), None)
    }

    /// `⌊L / d⌋` with the least weights; of a floor, the floor of the line under it.
    fn reduced_floor(&mut self, line: Linear, d: i128) -> Result<Linear, Finding> {
        let factor = gcd(line.common_factor(), d);
        let (line, d) = (line.divided(factor), d / factor);
        if d == 1 {
            return Ok(line);
        }
        let inner = match self.under(&line).filter(|_| self.forms.through) {
            Some((Node { line: NodeLine::Integer(inner), op: Op::Floor(by), .. }, more)) => {
                let by = i128::from(*by);
                let inner = more.checked_mul(by).and_then(|more| inner.plus_constant(more).ok());
                let d = d.checked_mul(by).filter(|d| *d < 1 << DIVISOR_BITS);
                inner.zip(d).filter(|(inner, _)| self.range(inner).is_ok())
            }
            _ => None,
        };
        match inner {
            Some((inner, d)) => self.reduced_floor(inner, d),
            // divided by a divisor's divisor, it is below 2^40
            None => self.node(NodeLine::Integer(line), Op::Floor(u64::try_from(d).unwrap_or(1)), None),
        }
    }

    /// `L + c` of the line `max(0, L) + c`, where c is below 0 and so the maximum of both is the same.
    fn under_maximum(&self, line: &Linear) -> Option<Linear> {
        match self.under(line)? {
            (Node { line: NodeLine::Integer(inner), op: Op::Max0, .. }, more) if more < 0 => {
                inner.plus_constant(more).ok().filter(|inner| self.range(inner).is_ok())
            }
            _ => None,
        }
    }

    /// `b` where the gate is 0, `a` where it is 1; both lie in the range wherever they are chosen.
    pub fn choice(&mut self, gate: usize, a: &Linear, b: &Linear, range: Range) -> Result<Linear, Finding> {
        let difference = a.minus(b)?;
        let computed = match difference.as_atom() {
            Some(Atom::Node(node)) => self.gated(node, gate)?,
            _ => None,
        };
        let chosen = match computed {
            Some(computed) => computed,
            None => self.node(NodeLine::Integer(difference), Op::Identity, Some(gate))?,
        };
        let chosen = b.plus(&chosen)?;
        self.remember(&chosen, range);
        Ok(chosen)
    }

    /// The range of `test ? a : b`, which may be narrower than both: `x > 0 ? x : 0` is never negative.
    pub fn range_of_choice(&self, test: &Formula, a: &Linear, b: &Linear) -> Result<Range, Finding> {
        let ((p, q), (x, y)) = (self.range_where(a, test, true)?, self.range_where(b, test, false)?);
        Ok((p.min(x), q.max(y)))
    }

    fn range_where(&self, line: &Linear, test: &Formula, holds: bool) -> Result<Range, Finding> {
        let (low, high) = self.range(line)?;
        let (tested, holds) = match test {
            Formula::Not(inner) => (inner.as_ref(), !holds),
            test => (test, holds),
        };
        let Formula::Test(Test::NonNegative(tested)) = tested else { return Ok((low, high)) };
        // the test says that `tested` is at least 0, or at most −1
        match self.value_at(line, tested, if holds { 0 } else { -1 }) {
            Some((value, rising)) if rising == holds => Ok((low.max(value), high)),
            Some((value, _)) => Ok((low, high.min(value))),
            None => Ok((low, high)),
        }
    }

    /// The value of a line where another one has a value, if it depends on nothing else, and whether it rises with it.
    fn value_at(&self, line: &Linear, other: &Linear, value: i128) -> Option<(i128, bool)> {
        match line.multiple_of(other) {
            // in the first version a test's line isn't divided
            Some(factor) if self.forms.primitive || factor.abs() == 1 => {
                let moved = value.checked_sub(other.constant)?.checked_mul(factor)?;
                return Some((moved.checked_add(line.constant)?, factor > 0));
            }
            _ => {}
        }
        match line.weights.iter().next() {
            Some((Atom::Node(node), 1)) if line.weights.len() == 1 => match &self.nodes[*node] {
                Node { line: NodeLine::Integer(inner), op: Op::Floor(d), gate: None, .. } => {
                    let (value, rising) = self.value_at(inner, other, value)?;
                    Some((value.div_euclid(i128::from(*d)).checked_add(line.constant)?, rising))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The same computation under a gate, for one that has none: no register for the value before the gate.
    fn gated(&mut self, node: usize, gate: usize) -> Result<Option<Linear>, Finding> {
        match &self.nodes[node] {
            Node { line: NodeLine::Integer(line), op, gate: None, .. } if !op.is_boolean() => {
                let (line, op) = (NodeLine::Integer(line.clone()), *op);
                self.node(line, op, Some(gate)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A constant where the formula holds, else 0: a multiple of a truth value if the machine can weigh it so much.
    pub fn constant_where(&mut self, formula: &Formula, constant: i128) -> Result<Linear, Finding> {
        if constant.unsigned_abs() < 1 << WEIGHT_BITS {
            return self.indicator(formula)?.scale(constant);
        }
        let (gate, holds) = self.gate(formula)?;
        let gated = self.node(NodeLine::Integer(Linear::constant(constant)), Op::Identity, Some(gate))?;
        if holds { Ok(gated) } else { Linear::constant(constant).minus(&gated) }
    }

    /// The value of a table at an index that is within it: `index` is `first`, … in turn.
    ///
    /// By steps (`a slope, and a jump where a test index ≥ k is 1`) or by equality, whichever takes fewer registers.
    pub fn lookup(&mut self, index: &Linear, first: i128, table: &[i128]) -> Result<Linear, Finding> {
        let position = |i: usize| first + i128::try_from(i).unwrap_or(i128::MAX);
        let differences: Vec<i128> = table.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (slope, same) = most_common(&differences).unwrap_or((0, 0));
        let (common, equal) = most_common(table).unwrap_or((0, 0));
        let (steps, tests) = (differences.len() - same, table.len() - equal);
        let mut value = if steps <= tests {
            let base = table.first().copied().unwrap_or(0);
            index.plus_constant(-first)?.scale(slope)?.plus_constant(base)?
        } else {
            Linear::constant(common)
        };
        if steps <= tests {
            for (i, difference) in differences.iter().enumerate().filter(|(_, d)| **d != slope) {
                let reached = self.nonnegative(index.plus_constant(-position(i + 1))?)?;
                value = value.plus(&self.constant_where(&reached, difference - slope)?)?;
            }
        } else {
            for (i, entry) in table.iter().enumerate().filter(|(_, entry)| **entry != common) {
                let here = self.zero(index.plus_constant(-position(i))?)?;
                value = value.plus(&self.constant_where(&here, entry - common)?)?;
            }
        }
        let range = (table.iter().min().copied().unwrap_or(0), table.iter().max().copied().unwrap_or(0));
        self.remember(&value, range);
        Ok(value)
    }
}

/// The value that stands most often, 0 before others and then the earliest, and how often.
fn most_common(values: &[i128]) -> Option<(i128, usize)> {
    let mut counts: BTreeMap<i128, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_default() += 1;
    }
    let most = counts.values().max().copied()?;
    let candidates = || values.iter().filter(|v| counts[*v] == most);
    let chosen = candidates().find(|v| **v == 0).or_else(|| candidates().next())?;
    Some((*chosen, most))
}
