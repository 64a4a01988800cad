//! How a requirement becomes conditions: as machine requirements of plain tests where its normal form is small, and
//! with registers for truth values otherwise.

use super::formula::{Formula, Test};
use super::graph::Graph;
use super::linear::{Atom, Linear};
use crate::language::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// Most machine requirements that one requirement of the policy is split into.
const MAX_SPLIT: usize = 6;
/// Most conditions of a machine requirement that came from splitting.
const MAX_CLAUSE: usize = 8;
/// Most ways to say one requirement, before the one that says it in a single condition.
const MAX_WAYS: usize = 16;

/// A machine condition to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub test: Test,
    pub negated: bool,
}

/// Conditions of which one must hold.
pub(crate) type Clause = Vec<Literal>;

/// Ways to say one requirement, each a list of clauses that must all hold. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ways(pub Vec<Vec<Clause>>);

impl Graph {
    /// The ways to say a requirement; `Err` of a truth value if it turns out to be constant. It may be split into
    /// several machine requirements only if nobody is told which of them failed.
    pub fn ways(&mut self, formula: Formula, may_split: bool) -> Result<Result<Ways, bool>, Finding> {
        let formula = formula.normal(false);
        if self.forms.searched {
            return self.all_ways(formula, may_split);
        }
        let split = if may_split { split(&formula) } else { None };
        Ok(self.joined(formula)?.map(|clause| {
            let joined = vec![clause];
            match split {
                Some(split) if split != joined => Ways(vec![split, joined]),
                _ => Ways(vec![joined]),
            }
        }))
    }

    /// Each part of a conjunction has its own ways, if it may be split; they are combined, and the last way is a single condition.
    fn all_ways(&mut self, formula: Formula, may_split: bool) -> Result<Result<Ways, bool>, Finding> {
        let parts = match &formula {
            Formula::All(parts) if may_split => parts.clone(),
            whole => vec![whole.clone()],
        };
        let mut of_parts: Vec<Vec<Vec<Clause>>> = Vec::new();
        for part in parts {
            match self.ways_of_part(part, may_split)? {
                Ok(ways) => of_parts.push(ways),
                // it always holds
                Err(true) => {}
                Err(false) => return Ok(Err(false)),
            }
        }
        let mut ways: Vec<Vec<Clause>> = Vec::new();
        let mut add = |way: Vec<Clause>| {
            if !ways.contains(&way) {
                ways.push(way);
            }
        };
        for choice in combinations(&of_parts) {
            let clauses = of_parts.iter().zip(choice).flat_map(|(ways, i)| ways[i].iter().cloned());
            add(without_implied(clauses.collect()));
        }
        let whole = self.as_test(&formula)?;
        match (literal(&whole), whole) {
            (Some(literal), _) => add(vec![vec![literal]]),
            (None, Formula::Constant(always)) => return Ok(Err(always)),
            (None, _) => {}
        }
        Ok(if of_parts.is_empty() { Err(true) } else { Ok(Ways(ways)) })
    }

    /// Split as far as it is small; one clause; one condition.
    fn ways_of_part(&mut self, part: Formula, may_split: bool) -> Result<Result<Vec<Vec<Clause>>, bool>, Finding> {
        let mut ways = Vec::new();
        match split(&part).filter(|_| may_split) {
            // each clause has a test beside its opposite
            Some(clauses) if clauses.is_empty() => return Ok(Err(true)),
            clauses => ways.extend(clauses),
        }
        match self.joined(part.clone())? {
            Ok(clause) => ways.push(vec![clause]),
            Err(always) => return Ok(Err(always)),
        }
        let whole = self.as_test(&part)?;
        ways.extend(literal(&whole).map(|literal| vec![vec![literal]]));
        let mut distinct: Vec<Vec<Clause>> = Vec::new();
        for way in ways {
            if !distinct.contains(&way) {
                distinct.push(way);
            }
        }
        Ok(Ok(distinct))
    }

    /// One clause, with registers for what is no single test.
    fn joined(&mut self, formula: Formula) -> Result<Result<Clause, bool>, Finding> {
        let parts = match formula {
            Formula::Any(parts) => parts,
            other => vec![other],
        };
        let mut clause = Vec::new();
        for part in parts {
            let part = if literal(&part).is_some() { part } else { self.joined_test(&part)? };
            match (literal(&part), part) {
                (Some(literal), _) if !clause.contains(&literal) => clause.push(literal),
                (None, Formula::Constant(true)) => return Ok(Err(true)),
                _ => {}
            }
        }
        Ok(if clause.is_empty() { Err(false) } else { Ok(clause) })
    }

    /// One test for a formula that is none: `Σ indicators ≥ how many must hold`.
    fn joined_test(&mut self, formula: &Formula) -> Result<Formula, Finding> {
        if self.forms.carried {
            return self.as_test(formula);
        }
        let line = match formula {
            Formula::All(parts) => {
                let count = i128::try_from(parts.len()).unwrap_or(i128::MAX);
                self.sum_of_indicators(parts)?.plus_constant(-count)?
            }
            other => self.indicator(other)?.plus_constant(-1)?,
        };
        self.nonnegative(line)
    }
}

/// A single test, possibly negated.
fn literal(formula: &Formula) -> Option<Literal> {
    match formula {
        Formula::Test(test) => Some(Literal { test: test.clone(), negated: false }),
        Formula::Not(inner) => match inner.as_ref() {
            Formula::Test(test) => Some(Literal { test: test.clone(), negated: true }),
            _ => None,
        },
        _ => None,
    }
}

/// Which way of each part: the first parts change first. Where these are too many, all parts take their first way, their second, their third.
fn combinations(of_parts: &[Vec<Vec<Clause>>]) -> Vec<Vec<usize>> {
    let all = of_parts.iter().try_fold(1_usize, |all, ways| all.checked_mul(ways.len()).filter(|all| *all <= MAX_WAYS));
    match all {
        Some(all) => (0..all).map(|choice| digits(choice, of_parts.iter().map(Vec::len))).collect(),
        None => {
            let most = of_parts.iter().map(Vec::len).max().unwrap_or(0);
            (0..most).map(|i| of_parts.iter().map(|ways| i.min(ways.len() - 1)).collect()).collect()
        }
    }
}

/// A number in mixed radix, its lowest digit first.
pub(crate) fn digits(mut number: usize, radices: impl Iterator<Item = usize>) -> Vec<usize> {
    let digit = |radix: usize| {
        let digit = number % radix;
        number /= radix;
        digit
    };
    radices.map(digit).collect()
}

/// Conjunctive normal form, if it is small. The formula has its negations at the tests.
fn split(formula: &Formula) -> Option<Vec<Clause>> {
    let clauses = without_implied(normal_form(formula)?);
    (clauses.len() <= MAX_SPLIT && clauses.iter().all(|clause| clause.len() <= MAX_CLAUSE)).then_some(clauses)
}

/// A clause that another one implies says nothing, and of equal ones the first is enough.
fn without_implied(mut clauses: Vec<Clause>) -> Vec<Clause> {
    let all = clauses.clone();
    let within = |a: &Clause, b: &Clause| a.iter().all(|literal| b.contains(literal));
    clauses.retain(|clause| !all.iter().any(|other| within(other, clause) && !within(clause, other)));
    let mut seen = BTreeSet::new();
    clauses.retain(|clause| seen.insert(clause.iter().cloned().collect::<BTreeSet<_>>()));
    clauses
}

fn normal_form(formula: &Formula) -> Option<Vec<Clause>> {
    /// Enough for anything that ends up small.
    const LARGEST: usize = 64;
    let clauses = match formula {
        Formula::All(parts) => parts.iter().map(normal_form).collect::<Option<Vec<_>>>()?.concat(),
        Formula::Any(parts) => {
            let mut product: Vec<Clause> = vec![Vec::new()];
            for part in parts {
                let part = normal_form(part)?;
                product = product.iter().flat_map(|a| part.iter().map(|b| union(a, b))).flatten().collect();
                if product.len() > LARGEST {
                    return None;
                }
            }
            product
        }
        other => vec![vec![literal(other)?]],
    };
    (clauses.len() <= LARGEST).then_some(clauses)
}

/// The literals of both; `None` if one stands beside its opposite, so that the clause always holds.
fn union(a: &Clause, b: &Clause) -> Option<Clause> {
    let mut all = a.clone();
    for literal in b {
        let opposite = Literal { test: literal.test.clone(), negated: !literal.negated };
        if all.contains(&opposite) {
            return None;
        }
        if !all.contains(literal) {
            all.push(literal.clone());
        }
    }
    Some(all)
}

/// The bounds that clauses of one comparison put on lines; tells when no record can keep within all of them.
#[derive(Debug, Default)]
pub(crate) struct Bounds(BTreeMap<BTreeMap<Atom, i128>, (i128, i128)>);

impl Bounds {
    /// Adds what a requirement demands without alternative. `false` if that contradicts what earlier ones demand.
    pub fn narrow(&mut self, ways: &Ways, graph: &Graph) -> bool {
        let alone = ways.0.iter().flatten().filter(|clause| clause.len() == 1).flatten();
        let mut possible = true;
        for literal in alone {
            let (line, low, high) = match (&literal.test, literal.negated) {
                (Test::NonNegative(line), false) => (line, -line.constant, i128::MAX),
                (Test::NonNegative(line), true) => (line, i128::MIN, -line.constant - 1),
                (Test::Zero(line), false) => (line, -line.constant, -line.constant),
                _ => continue,
            };
            let bare = Linear { weights: line.weights.clone(), constant: 0 };
            let Ok(range) = graph.range(&bare) else { continue };
            let bounds = self.0.entry(bare.weights).or_insert(range);
            *bounds = (bounds.0.max(low), bounds.1.min(high));
            possible &= bounds.0 <= bounds.1;
        }
        possible
    }
}
