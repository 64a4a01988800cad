//! Truth values: formulas over tests, and how they become conditions (no register needed) or 0/1 values.

use super::graph::{Graph, Node, NodeLine, TextFact, TextSide};
use super::linear::{Atom, Linear};
use crate::language::Finding;
use sealroot_protocol::machine::Op;
use std::collections::BTreeSet;

/// Most tests in a formula before it becomes a register.
const MAX_SIZE: usize = 100;

/// A truth value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula {
    Constant(bool),
    Test(Test),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// What a condition can ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Test {
    /// `L ≥ 0`.
    NonNegative(Linear),
    /// `L = 0`.
    Zero(Linear),
    /// Two texts are the same.
    SameText(TextFact, TextSide),
    /// An integer is one of at least two.
    OneOf(Linear, BTreeSet<i128>),
    /// A text is one of at least two.
    OneOfTexts(TextFact, BTreeSet<String>),
}

impl Formula {
    pub fn not(self) -> Self {
        match self {
            Formula::Constant(value) => Formula::Constant(!value),
            Formula::Not(inner) => *inner,
            other => Formula::Not(Box::new(other)),
        }
    }

    /// True where all are.
    pub fn all(parts: impl IntoIterator<Item = Formula>) -> Self {
        Self::join(parts, true)
    }

    /// True where any is.
    pub fn any(parts: impl IntoIterator<Item = Formula>) -> Self {
        Self::join(parts, false)
    }

    /// `neutral` parts vanish, the opposite constant decides, and so does a part beside its opposite; nested joins of the
    /// same kind flatten.
    fn join(parts: impl IntoIterator<Item = Formula>, neutral: bool) -> Self {
        let mut flat: Vec<Formula> = Vec::new();
        for part in parts {
            match part {
                Formula::Constant(value) if value == neutral => {}
                Formula::Constant(value) => return Formula::Constant(value),
                Formula::All(inner) if neutral => flat.extend(inner),
                Formula::Any(inner) if !neutral => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let mut distinct: Vec<Formula> = Vec::new();
        for part in flat {
            if !distinct.contains(&part) {
                distinct.push(part);
            }
        }
        if distinct.iter().any(|part| distinct.contains(&part.clone().not())) {
            return Formula::Constant(!neutral);
        }
        if distinct.len() == 1 {
            return distinct.remove(0);
        }
        match (distinct.is_empty(), neutral) {
            (true, _) => Formula::Constant(neutral),
            (false, true) => Formula::All(distinct),
            (false, false) => Formula::Any(distinct),
        }
    }

    /// How many tests stand in it.
    pub fn size(&self) -> usize {
        match self {
            Formula::Constant(_) => 0,
            Formula::Test(_) => 1,
            Formula::Not(inner) => inner.size(),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().map(Self::size).sum(),
        }
    }

    /// Negations pushed down to the tests.
    pub fn normal(self, negated: bool) -> Self {
        match self {
            Formula::Constant(value) => Formula::Constant(value != negated),
            Formula::Test(_) if !negated => self,
            Formula::Test(_) => self.not(),
            Formula::Not(inner) => inner.normal(!negated),
            Formula::All(parts) if !negated => Formula::all(parts.into_iter().map(|p| p.normal(false))),
            Formula::Any(parts) if negated => Formula::all(parts.into_iter().map(|p| p.normal(true))),
            Formula::All(parts) | Formula::Any(parts) => Formula::any(parts.into_iter().map(|p| p.normal(negated))),
        }
    }
}

impl Graph {
    /// `L ≥ 0`, in the one form that makes equal questions equal.
    pub fn nonnegative(&self, line: Linear) -> Result<Formula, Finding> {
        let (low, high) = self.range(&line)?;
        if low >= 0 || high < 0 {
            return Ok(Formula::Constant(low >= 0));
        }
        if line.is_flipped() {
            // L ≥ 0 is the opposite of −L − 1 ≥ 0
            return Ok(self.nonnegative(line.scale(-1)?.plus_constant(-1)?)?.not());
        }
        let line = if self.forms.primitive { line.divided(line.common_factor()) } else { line };
        match self.asked_of(&line)? {
            Some(inner) => Ok(inner),
            None => Ok(Formula::Test(Test::NonNegative(line))),
        }
    }

    /// `L ≥ 0` of a register as a question to the line under it: `⌊L / d⌋ + c ≥ 0` is `L + c·d ≥ 0`.
    fn asked_of(&self, line: &Linear) -> Result<Option<Formula>, Finding> {
        if !self.forms.through {
            let inner = match self.under(line) {
                Some((Node { line: NodeLine::Integer(inner), op: Op::Floor(d), .. }, more)) => {
                    more.checked_mul(i128::from(*d)).and_then(|more| inner.plus_constant(more).ok())
                }
                _ => None,
            };
            return inner.map(|inner| self.nonnegative(inner)).transpose();
        }
        let inner = match self.under(line) {
            // what is neither always nor never is asked of the line where it isn't cut off
            Some((Node { line: NodeLine::Integer(inner), op: Op::Max0 | Op::Min(_) | Op::Identity, .. }, more)) => {
                inner.plus_constant(more).ok()
            }
            Some((Node { line: NodeLine::Integer(inner), op: Op::NonNegative, .. }, _)) => Some(inner.clone()),
            Some((Node { line: NodeLine::Integer(inner), op: Op::Zero, .. }, _)) => {
                return self.zero(inner.clone()).map(Some);
            }
            Some((Node { line: NodeLine::Text { fact, minus }, .. }, _)) => {
                return Ok(Some(Formula::Test(Test::SameText(*fact, minus.clone()))));
            }
            _ => self.without_floor(line),
        };
        let fits = |inner: &Linear| self.range(inner).is_ok() && self.reach(inner).member != [true; 2];
        inner.filter(fits).map(|inner| self.nonnegative(inner)).transpose()
    }

    /// A line that is at least 0 where this one is, without its first floor of weight 1 or −1: `⌊L / d⌋ + R ≥ 0` is `L + d·R ≥ 0`, and
    /// `R − ⌊L / d⌋ ≥ 0` is `d·R + d − 1 − L ≥ 0`.
    fn without_floor(&self, line: &Linear) -> Option<Linear> {
        line.weights.iter().find_map(|(atom, weight)| {
            let (Atom::Node(node), 1 | -1) = (atom, weight) else { return None };
            let Node { line: NodeLine::Integer(inner), op: Op::Floor(d), gate: None, .. } = &self.nodes[*node] else {
                return None;
            };
            let d = i128::from(*d);
            let rest = line.minus(&Linear::atom(*atom).scale(*weight).ok()?).and_then(|rest| rest.scale(d)).ok()?;
            let floor = if *weight > 0 { inner.clone() } else { inner.scale(-1).ok()?.plus_constant(d - 1).ok()? };
            rest.plus(&floor).ok()
        })
    }

    /// `L = 0`.
    pub fn zero(&self, line: Linear) -> Result<Formula, Finding> {
        let (low, high) = self.range(&line)?;
        if low > 0 || high < 0 || (low, high) == (0, 0) {
            return Ok(Formula::Constant((low, high) == (0, 0)));
        }
        let mut line = if line.is_flipped() { line.scale(-1)? } else { line };
        if self.forms.primitive {
            let factor = line.common_factor();
            if line.constant % factor != 0 {
                return Ok(Formula::Constant(false));
            }
            line = line.divided(factor);
        }
        if self.forms.ends {
            // the line may have been turned over
            match self.range(&line)? {
                (0, _) => return self.nonnegative(line.scale(-1)?),
                (_, 0) => return self.nonnegative(line),
                _ => {}
            }
        }
        let inner = match self.under(&line).filter(|_| self.forms.through) {
            Some((Node { line: NodeLine::Integer(inner), op: Op::Max0 | Op::Min(_) | Op::Identity, .. }, more)) => {
                inner.plus_constant(more).ok()
            }
            _ => None,
        };
        match inner.filter(|inner| self.range(inner).is_ok()) {
            Some(inner) => self.zero(inner),
            None => Ok(Formula::Test(Test::Zero(line))),
        }
    }

    /// The formula as an integer that is 0 or 1. Takes registers only where no line will do.
    pub fn indicator(&mut self, formula: &Formula) -> Result<Linear, Finding> {
        match formula {
            Formula::Constant(value) => Ok(Linear::constant(i128::from(*value))),
            Formula::Not(inner) => Linear::constant(1).minus(&self.indicator(inner)?),
            Formula::All(_) | Formula::Any(_) if self.forms.carried => {
                let test = self.as_test(formula)?;
                self.indicator(&test)
            }
            Formula::All(parts) => {
                let count = i128::try_from(parts.len()).unwrap_or(i128::MAX);
                let sum = self.sum_of_indicators(parts)?;
                let all = self.nonnegative(sum.plus_constant(-count)?)?;
                self.indicator(&all)
            }
            Formula::Any(parts) => {
                let sum = self.sum_of_indicators(parts)?;
                let any = self.nonnegative(sum.plus_constant(-1)?)?;
                self.indicator(&any)
            }
            Formula::Test(test) => self.test_indicator(test),
        }
    }

    /// The formula as an integer that an output shows, in one register.
    pub fn shown(&mut self, formula: &Formula) -> Result<Linear, Finding> {
        if !self.forms.turned {
            return self.indicator(formula);
        }
        let test = self.as_test(formula)?;
        if let Formula::Not(inner) = &test
            && let Formula::Test(Test::NonNegative(line)) = inner.as_ref()
            && self.free_indicator(&test).is_none()
        {
            let opposite = line.scale(-1)?.plus_constant(-1)?;
            return self.node(NodeLine::Integer(opposite), Op::NonNegative, None);
        }
        self.indicator(&test)
    }

    /// The formula as one test, for one that has grown large: what doubles with every definition would have no end.
    pub fn compact(&mut self, formula: Formula) -> Result<Formula, Finding> {
        match formula.size() {
            0..=MAX_SIZE => Ok(formula),
            _ if self.forms.carried => self.as_test(&formula),
            _ => {
                let at_least_one = self.indicator(&formula)?.plus_constant(-1)?;
                self.nonnegative(at_least_one)
            }
        }
    }

    pub fn sum_of_indicators(&mut self, parts: &[Formula]) -> Result<Linear, Finding> {
        let mut sum = Linear::default();
        for part in parts {
            sum = sum.plus(&self.indicator(part)?)?;
        }
        Ok(sum)
    }

    fn test_indicator(&mut self, test: &Test) -> Result<Linear, Finding> {
        match test {
            Test::NonNegative(line) => match self.range(line)? {
                (-1, 0) => line.plus_constant(1),
                _ => self.node(NodeLine::Integer(line.clone()), Op::NonNegative, None),
            },
            Test::Zero(line) => match self.range(line)? {
                (-1, 0) => line.plus_constant(1),
                (0, 1) => Linear::constant(1).minus(line),
                _ => self.node(NodeLine::Integer(line.clone()), Op::Zero, None),
            },
            Test::SameText(fact, minus) => {
                self.node(NodeLine::Text { fact: *fact, minus: minus.clone() }, Op::Zero, None)
            }
            Test::OneOf(line, members) => self.membership(line, members),
            Test::OneOfTexts(fact, members) => {
                let mut sum = Linear::default();
                for member in members {
                    let minus = TextSide::Constant(member.clone());
                    let line = NodeLine::Text { fact: *fact, minus };
                    sum = sum.plus(&self.node(line, Op::Zero, None)?)?;
                }
                Ok(sum)
            }
        }
    }

    /// A node that is 1 where the formula holds (`true`) or where it fails (`false`), whichever costs less.
    pub fn gate(&mut self, formula: &Formula) -> Result<(usize, bool), Finding> {
        let indicator = self.indicator(formula)?;
        let boolean = |graph: &Self, line: &Linear| match line.as_atom() {
            Some(Atom::Node(node)) if graph.nodes[node].op.is_boolean() => Some(node),
            _ => None,
        };
        if let Some(node) = boolean(self, &indicator) {
            return Ok((node, true));
        }
        if let Some(node) = boolean(self, &Linear::constant(1).minus(&indicator)?) {
            return Ok((node, false));
        }
        let at_least_one = NodeLine::Integer(indicator.plus_constant(-1)?);
        let node = self.node(at_least_one, Op::NonNegative, None)?;
        match node.as_atom() {
            Some(Atom::Node(node)) => Ok((node, true)),
            _ => Err(Finding::new("this condition can't be computed as a gate")),
        }
    }
}
