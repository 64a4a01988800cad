//! How many values something can take while one fact varies and all others stay: an upper bound, carried from attributes through lines and
//! registers.
//!
//! Guarantee: no two records that differ in this fact alone give more results than said. Several ways on which a fact reaches a value add up:
//! many tests of yes or no can tell a number exactly.
//!
//! Non-guarantee: the bound needn't be reached. Constants of the policy may hide what is said to show.

use sealroot_protocol::machine::{Op, Register};
use std::collections::BTreeMap;

/// Sums of shares that should be 1 may miss it by this much.
const SLACK: f64 = 1e-9;

/// At most `per_unit · n + in_all` among facts that lie in `n` consecutive integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Most {
    pub per_unit: f64,
    pub in_all: f64,
}

/// A register: its level's place, and its own.
pub(crate) type Place = (usize, usize);

/// How a value moves with a fact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    /// It grows by so much for each unit, at least and at most, give or take `jump` over any distance.
    slope: (f64, f64),
    jump: f64,
    /// By how much it changes when the fact grows by one.
    step: (f64, f64),
    /// How often it changes.
    changes: Most,
    /// How many values it takes.
    pub values: Most,
    /// Whether it moves only between limits, or only where some condition holds.
    pub bounded: bool,
    /// Registers through which alone it moves: it changes only where such a one does, and takes no more values. `max(a, b)` is compiled as
    /// `a + max(0, b - a)`, which is one value's function, and not two that add up.
    only: BTreeMap<Place, (Most, Most)>,
}

impl Most {
    fn in_all(count: f64) -> Self {
        Self { per_unit: 0.0, in_all: count }
    }

    /// The bound that is less for many facts.
    fn or(self, other: Self) -> Self {
        let less = if (self.per_unit - other.per_unit).abs() <= SLACK * self.per_unit.max(other.per_unit) {
            self.in_all <= other.in_all
        } else {
            self.per_unit < other.per_unit
        };
        if less { self } else { other }
    }

    fn plus(self, other: Self) -> Self {
        Self { per_unit: self.per_unit + other.per_unit, in_all: self.in_all + other.in_all }
    }

    /// Of pairs of values; none that could be said if both grow.
    fn times(self, other: Self) -> Option<Self> {
        match (self.per_unit > 0.0, other.per_unit > 0.0) {
            (true, true) => None,
            (_, false) => Some(Self { per_unit: self.per_unit * other.in_all, in_all: self.in_all * other.in_all }),
            (false, true) => other.times(self),
        }
    }

    /// Among facts that lie in `width` consecutive integers.
    pub fn among(self, width: f64) -> f64 {
        // texts have no width
        let grows = if self.per_unit > 0.0 { self.per_unit * width } else { 0.0 };
        (grows + self.in_all).min(width) * (1.0 + SLACK)
    }

    /// How many neighbouring facts look alike at best; 1 where each has a value of its own.
    pub fn step(self) -> u128 {
        // A float that is too large saturates.
        if self.per_unit > 0.0 { (((1.0 + SLACK) / self.per_unit) as u128).max(1) } else { u128::MAX }
    }

    /// Whether some neighbouring facts look alike.
    pub fn is_rounded(self) -> bool {
        self.per_unit < 1.0 - SLACK
    }
}

impl Path {
    /// A number of a record.
    pub const NUMBER: Self = Self {
        slope: (1.0, 1.0),
        jump: 0.0,
        step: (1.0, 1.0),
        changes: Most { per_unit: 1.0, in_all: 0.0 },
        values: Most { per_unit: 1.0, in_all: 0.0 },
        bounded: false,
        only: BTreeMap::new(),
    };

    /// Whether a text is another text. Texts have no order, so this may change with each.
    pub const TEXT: Self = Self {
        slope: (0.0, 0.0),
        jump: 1.0,
        step: (-1.0, 1.0),
        changes: Most { per_unit: 1.0, in_all: 0.0 },
        values: Most { per_unit: 0.0, in_all: 2.0 },
        bounded: false,
        only: BTreeMap::new(),
    };

    /// As the value of a register.
    pub fn at(mut self, place: Place) -> Self {
        self.only.insert(place, (self.changes, self.values));
        self
    }

    /// Times a constant.
    pub fn scaled(self, weight: f64) -> Self {
        let both = |(low, high): (f64, f64)| {
            let (a, b) = (low * weight, high * weight);
            (a.min(b), a.max(b))
        };
        Self { slope: both(self.slope), jump: self.jump * weight.abs(), step: both(self.step), ..self }
    }

    /// The sum of two values that both depend on the fact.
    pub fn plus(self, other: &Self) -> Self {
        let both = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
        let slope = both(self.slope, other.slope);
        let sum = Self {
            slope,
            jump: self.jump + other.jump,
            step: both(self.step, other.step),
            changes: self.changes_together(other),
            values: self.together(other),
            bounded: self.bounded || other.bounded || (slope.0 <= 0.0 && slope.1 >= 0.0),
            only: self.common(other),
        };
        Self { values: sum.values.or(sum.by_range(1.0)), ..sum }
    }

    fn common(&self, other: &Self) -> BTreeMap<Place, (Most, Most)> {
        self.only
            .iter()
            .filter(|(place, _)| other.only.contains_key(place))
            .map(|(place, most)| (*place, *most))
            .collect()
    }

    fn changes_together(&self, other: &Self) -> Most {
        let common = self.common(other);
        common.values().fold(self.changes.plus(other.changes), |least, (changes, _)| least.or(*changes))
    }

    /// How many pairs of values there are.
    pub fn together(&self, other: &Self) -> Most {
        let changes = self.changes_together(other);
        let one_more = Most { in_all: changes.in_all + 1.0, ..changes };
        let least = self.values.times(other.values).map_or(one_more, |pairs| pairs.or(one_more));
        self.common(other).values().fold(least, |least, (_, values)| least.or(*values))
    }

    /// Both values at once, as one.
    pub fn beside(self, other: &Self) -> Self {
        let (changes, values, only) = (self.changes_together(other), self.together(other), self.common(other));
        Self { changes, values, only, ..self }
    }

    /// Whether one of two conditions holds.
    pub fn or(self, other: &Self) -> Self {
        Self { values: Most::in_all(2.0), ..self.beside(other) }
    }

    /// Integers within the distance that the value can go, in steps of `d`.
    fn by_range(&self, d: f64) -> Most {
        let per_unit = self.slope.0.abs().max(self.slope.1.abs()) / d;
        Most { per_unit, in_all: self.jump / d + if d > 1.0 { 2.0 } else { 1.0 } }
    }

    fn is_monotone(&self) -> bool {
        self.step.0 >= 0.0 || self.step.1 <= 0.0
    }

    fn hull_with_zero(self) -> Self {
        let hull = |(low, high): (f64, f64)| (low.min(0.0), high.max(0.0));
        Self { slope: hull(self.slope), step: hull(self.step), bounded: true, ..self }
    }

    /// What a register's operation makes of its line.
    pub fn through(self, register: &Register) -> Self {
        match register.op {
            Op::Identity => self,
            Op::Max0 | Op::Min(_) => self.hull_with_zero(),
            Op::Floor(d) => self.divided(d as f64),
            Op::NonNegative => self.tested(1.0),
            // a value that only grows is 0 on one stretch
            Op::Zero => Self { step: (-1.0, 1.0), ..self.tested(2.0) },
        }
    }

    fn divided(self, d: f64) -> Self {
        let levels = self.by_range(d);
        let crossed = Most { in_all: levels.in_all - 1.0, ..levels };
        let is_monotone = self.is_monotone();
        Self {
            slope: (self.slope.0 / d, self.slope.1 / d),
            jump: self.jump / d + 1.0,
            step: ((self.step.0 / d).floor(), (self.step.1 / d).ceil()),
            changes: if is_monotone { self.changes.or(crossed) } else { self.changes },
            values: self.values.or(levels),
            ..self
        }
    }

    /// Whether a condition holds that turns so often where the value only grows, or only falls.
    pub fn tested(self, turns: f64) -> Self {
        let changes = if self.is_monotone() { self.changes.or(Most::in_all(turns)) } else { self.changes };
        Self {
            slope: (0.0, 0.0),
            jump: 1.0,
            step: (if self.step.0 >= 0.0 { 0.0 } else { -1.0 }, if self.step.1 <= 0.0 { 0.0 } else { 1.0 }),
            changes,
            values: Most::in_all(2.0),
            bounded: false,
            only: self.only,
        }
    }

    /// A value in a range where a gate is open, else 0.
    pub fn gated(value: Option<Self>, gate: Option<Self>, range: (f64, f64)) -> Option<Self> {
        let largest = range.0.abs().max(range.1.abs());
        match (value, gate) {
            (None, None) => None,
            (Some(value), None) => Some(value.hull_with_zero()),
            (None, Some(gate)) => {
                let ends = [gate.step.0 * range.0, gate.step.0 * range.1, gate.step.1 * range.0, gate.step.1 * range.1];
                let (low, high) = ends.iter().fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(*x), high.max(*x)));
                let values = gate.values.or(Most::in_all(2.0));
                Some(Self { slope: (0.0, 0.0), jump: largest, step: (low, high), values, ..gate })
            }
            (Some(value), Some(gate)) => {
                let (both, only) = (value.clone().hull_with_zero(), value.common(&gate));
                let together = value.together(&gate).or(Most { in_all: value.values.in_all + 1.0, ..value.values });
                let (low, high) = (both.step.0 - largest, both.step.1 + largest);
                let step = match range.0 >= 0.0 {
                    true if value.step.0 >= 0.0 && gate.step.0 >= 0.0 => (0.0, high),
                    true if value.step.1 <= 0.0 && gate.step.1 <= 0.0 => (low, 0.0),
                    _ => (low, high),
                };
                let gated = Self {
                    jump: value.jump + largest,
                    step,
                    changes: value.changes_together(&gate),
                    values: together,
                    only,
                    ..both
                };
                Some(Self { values: together.or(gated.by_range(1.0)), ..gated })
            }
        }
    }
}
