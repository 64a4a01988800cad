//! From typed rules to words. This file and [`Layout`] are the encoding; [`decode`](super::decode) asks them.

use super::layout::Layout;
use super::rules::{
    Condition, FactsPeriodRule, Gate, Line, NullifierMode, Op, Register, Rules, Selector, Test, TextOperand,
};
use super::shape::{Dimensions, Entry, Level, Shape};
use super::words::Words;
use super::words_error::WordsError;
use crate::field::{self, F};
use ark_ff::{One, Zero};
use std::ops::Range;

/// The words of rules. Checks capacities and references, not validity.
pub fn encode(rules: &Rules, shape: Shape) -> Result<Words, WordsError> {
    Encoder { d: shape.dimensions(), layout: Layout::new(shape.dimensions()), shape, out: Vec::new() }.run(rules)
}

struct Encoder {
    d: Dimensions,
    layout: Layout,
    shape: Shape,
    out: Vec<F>,
}

impl Encoder {
    fn run(mut self, rules: &Rules) -> Result<Words, WordsError> {
        let (d, layout) = (self.d, self.layout);
        self.out = vec![F::zero(); layout.len()];
        self.fits("sources", rules.sources.len(), d.sources)?;
        self.fits("groups of member registers", rules.members.len(), d.groups)?;
        for registers in &rules.members {
            self.fits("member registers", registers.len(), d.member_registers)?;
        }
        self.fits("registers", rules.registers.len(), d.registers)?;
        self.fits("set constants", rules.pool.len(), d.pool)?;
        self.fits("conditions", rules.conditions.len(), d.conditions)?;
        self.fits("requirements", rules.requirements.len(), d.requirements)?;

        for (i, source) in rules.sources.iter().enumerate() {
            let at = layout.source(i);
            self.out[at.schema_id] = source.schema_id.0;
            match source.facts_period {
                FactsPeriodRule::Constant(period) => self.out[at.period_constant] = F::from(period.value()),
                FactsPeriodRule::MonthsBefore(months) => {
                    self.out[at.period_relative] = F::one();
                    self.out[at.months_before] = F::from(months);
                }
            }
        }
        for i in &rules.ranged_attributes {
            self.select(layout.ranged_attributes(), *i, "ranged_attributes", "attribute")?;
        }
        if let Some(i) = rules.identity {
            self.select(layout.identity(), i, "identity", "attribute")?;
        }
        self.out[layout.holder()] = F::from(rules.nullifier == NullifierMode::Holder);
        self.out[layout.once()] = F::from(rules.nullifier == NullifierMode::RecordOnce);
        for index in layout.paired() {
            self.out[index] = F::from(rules.is_paired());
        }
        for level in d.levels() {
            for i in 0..d.registers_of(level) {
                self.register(level, i, rules.registers_of(level).get(i))?;
            }
        }
        self.out[layout.pool()][..rules.pool.len()].copy_from_slice(&rules.pool);
        for (i, condition) in rules.conditions.iter().enumerate() {
            self.condition(i, condition)?;
        }
        for i in 0..d.requirements {
            let at = layout.requirement(i);
            match rules.requirements.get(i) {
                None => self.out[at.unused] = F::one(),
                Some(requirement) => {
                    for j in &requirement.any_of {
                        self.select(at.any_of.clone(), *j, &format!("requirement {i}"), "condition")?;
                    }
                    self.out[at.reveal] = F::from(requirement.reveal);
                }
            }
        }
        for (i, output) in rules.outputs.iter().enumerate() {
            let at = layout.output(i);
            match output {
                None => {}
                Some(Selector::Attribute(j)) => self.select(at.attributes, *j, &format!("output {i}"), "attribute")?,
                Some(Selector::Register(j)) => self.select(at.registers, *j, &format!("output {i}"), "register")?,
            }
        }
        Ok(Words(self.out))
    }

    fn fits(&self, what: &'static str, has: usize, capacity: usize) -> Result<(), WordsError> {
        if has <= capacity { Ok(()) } else { Err(WordsError::Capacity { what, has, capacity, shape: self.shape }) }
    }

    fn select(&mut self, group: Range<usize>, i: usize, place: &str, target: &str) -> Result<(), WordsError> {
        match self.out[group].get_mut(i) {
            Some(out) => *out = F::one(),
            None => return Err(WordsError::Reference { place: place.to_owned(), target: format!("{target} {i}") }),
        }
        Ok(())
    }

    /// Writes `sign · line + constant`; returns whether the line itself is range-checked.
    fn line(
        &mut self,
        level: Level,
        weights: Range<usize>,
        constant: usize,
        line: &Line,
        place: &str,
    ) -> Result<bool, WordsError> {
        let mut put = |entry: Entry, weight: F| {
            let slot = self.d.index_of(level, entry).and_then(|i| self.out[weights.clone()].get_mut(i));
            match slot {
                Some(slot) => *slot += weight,
                None => return Err(WordsError::Reference { place: place.to_owned(), target: entry.to_string() }),
            }
            Ok(())
        };
        match line {
            Line::Integer(line) => {
                for (entry, weight) in &line.weights {
                    put(*entry, F::from(*weight))?;
                }
                self.out[constant] = field::from_i128(line.constant);
                Ok(true)
            }
            Line::Text(line) => {
                put(Entry::Attribute(line.attribute), F::one())?;
                match line.minus {
                    TextOperand::Attribute(j) => put(Entry::Attribute(j), -F::one())?,
                    TextOperand::Constant(text) => self.out[constant] = -text,
                }
                Ok(false)
            }
        }
    }

    fn register(&mut self, level: Level, i: usize, register: Option<&Register>) -> Result<(), WordsError> {
        let at = self.layout.register(level, i);
        self.out[at.divisor] = F::one();
        self.out[at.ungated] = F::one();
        let Some(register) = register else { return Ok(()) };
        let place = format!("{level}register {i}");
        let ranged = self.line(level, at.weights.clone(), at.constant, &register.line, &place)?;
        self.out[at.ranged] = F::from(ranged);
        match register.op {
            Op::Identity => self.out[at.identity] = F::one(),
            Op::Max0 => self.out[at.max0] = F::one(),
            Op::NonNegative => self.out[at.nonnegative] = F::one(),
            Op::Zero => self.out[at.zero] = F::one(),
            Op::Min(bound) => {
                // min(L, K) = K − max(0, K − L)
                for weight in &mut self.out[at.weights] {
                    *weight = -*weight;
                }
                let bound = field::from_i128(bound);
                self.out[at.constant] = bound - self.out[at.constant];
                self.out[at.max0] = -F::one();
                self.out[at.offset] = bound;
            }
            Op::Floor(divisor) => {
                self.out[at.floor] = F::one();
                self.out[at.divisor] = F::from(divisor);
                self.out[at.ranged] = F::zero();
            }
        }
        if let Some(gate) = register.gate {
            self.out[at.ungated] = F::zero();
            let first = at.gates.len() - i;
            match gate {
                Gate::Register(j) => self.select(at.gates.start + first..at.gates.end, j, &place, "gate register")?,
                Gate::Counterpart(j) => {
                    self.select(at.gates.start..at.gates.start + first, j, &place, "gate register of the counterpart")?;
                }
            }
        }
        Ok(())
    }

    fn condition(&mut self, i: usize, condition: &Condition) -> Result<(), WordsError> {
        let at = self.layout.condition(i);
        let place = format!("condition {i}");
        let ranged = self.line(Level::Record, at.weights, at.constant, &condition.line, &place)?;
        self.out[at.ranged] = F::from(ranged);
        let selector = match &condition.test {
            Test::NonNegative => at.nonnegative,
            Test::Zero => at.zero,
            Test::In(set) => {
                let Some(member) = at.member else {
                    return Err(WordsError::Capacity {
                        what: "conditions up to the last that tests membership",
                        has: i + 1,
                        capacity: self.d.set_conditions,
                        shape: self.shape,
                    });
                };
                for k in set {
                    self.select(at.mask.clone(), *k, &place, "pool entry")?;
                }
                member
            }
        };
        self.out[selector] = if condition.negated { -F::one() } else { F::one() };
        self.out[at.offset] = F::from(condition.negated);
        Ok(())
    }
}
