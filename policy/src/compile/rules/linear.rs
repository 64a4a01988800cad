//! Linear combinations: what lines of the machine will be.

use crate::language::Finding;
use sealroot_protocol::machine::Entry;
use std::collections::BTreeMap;

/// An attribute of each member's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MemberFact {
    /// Position of the source, 1 or 2.
    pub source: usize,
    pub attribute: usize,
}

/// What a linear combination is over. The order decides which of two equal questions is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    /// An attribute of the person's or household's record, or a date.
    Fact(Entry),
    /// An attribute of the member that is spoken of.
    Member(MemberFact),
    /// Its sum over all members.
    Total(MemberFact),
    /// A node.
    Node(usize),
    /// The sum over all members of a node that speaks of one.
    NodeTotal(usize),
}

/// `constant + Σ weight · atom`; no weight is 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Linear {
    pub weights: BTreeMap<Atom, i128>,
    pub constant: i128,
}

/// Smallest and largest value.
pub(crate) type Range = (i128, i128);

impl Linear {
    pub fn constant(constant: i128) -> Self {
        Self { weights: BTreeMap::new(), constant }
    }

    pub fn atom(atom: Atom) -> Self {
        Self { weights: [(atom, 1)].into(), constant: 0 }
    }

    pub fn as_constant(&self) -> Option<i128> {
        self.weights.is_empty().then_some(self.constant)
    }

    /// The single atom of weight 1 without constant that this is, if it is.
    pub fn as_atom(&self) -> Option<Atom> {
        match self.weights.iter().next() {
            Some((atom, 1)) if self.weights.len() == 1 && self.constant == 0 => Some(*atom),
            _ => None,
        }
    }

    pub fn scale(&self, factor: i128) -> Result<Self, Finding> {
        if factor == 0 {
            return Ok(Self::default());
        }
        let weights = self.weights.iter().map(|(a, w)| Some((*a, w.checked_mul(factor)?))).collect::<Option<_>>();
        let constant = self.constant.checked_mul(factor);
        match (weights, constant) {
            (Some(weights), Some(constant)) => Ok(Self { weights, constant }),
            _ => Err(Finding::new("the constants in this expression are too large")),
        }
    }

    pub fn plus(&self, other: &Self) -> Result<Self, Finding> {
        let too_large = || Finding::new("the constants in this expression are too large");
        let mut sum = self.clone();
        sum.constant = sum.constant.checked_add(other.constant).ok_or_else(too_large)?;
        for (atom, weight) in &other.weights {
            let entry = sum.weights.entry(*atom).or_insert(0);
            *entry = entry.checked_add(*weight).ok_or_else(too_large)?;
        }
        sum.weights.retain(|_, weight| *weight != 0);
        Ok(sum)
    }

    pub fn plus_constant(&self, constant: i128) -> Result<Self, Finding> {
        self.plus(&Self::constant(constant))
    }

    pub fn minus(&self, other: &Self) -> Result<Self, Finding> {
        self.plus(&other.scale(-1)?)
    }

    /// The greatest common divisor of all weights; 0 if there are none.
    pub fn common_factor(&self) -> i128 {
        self.weights.values().fold(0, |factor, weight| gcd(factor, *weight))
    }

    /// `⌊L / divisor⌋`, for one that divides all weights.
    pub fn divided(&self, divisor: i128) -> Self {
        let weights = self.weights.iter().map(|(atom, weight)| (*atom, weight / divisor)).collect();
        Self { weights, constant: self.constant.div_euclid(divisor) }
    }

    /// Whether the first weight is below 0: of a line and its opposite, the other one is asked.
    pub fn is_flipped(&self) -> bool {
        self.weights.values().next().is_some_and(|weight| *weight < 0)
    }

    /// How many times another line's weights this one's are, where they are.
    pub fn multiple_of(&self, other: &Self) -> Option<i128> {
        let (atom, weight) = other.weights.iter().next()?;
        let factor = self.weights.get(atom)?.checked_div(*weight)?;
        let is_multiple =
            |(atom, weight): (&Atom, &i128)| self.weights.get(atom) == weight.checked_mul(factor).as_ref();
        (self.weights.len() == other.weights.len() && other.weights.iter().all(is_multiple)).then_some(factor)
    }
}

/// The greatest common divisor, not below 0.
pub(super) fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.saturating_abs()
}
