//! The plain evaluator: the circuit's native twin for the obligations *attributes*, *member registers*, *registers*, *conditions* and
//! *decision* of `docs/spec/statement.md`.
//!
//! Guarantee: for valid words it answers [`Evaluation`] exactly for the facts for which the circuit is satisfiable, with
//! the values that the circuit computes, and [`Unprovable`] for all others. It computes in the field, as the circuit
//! does, and becomes an integer only where the circuit checks a range.

use super::rules::{Condition, Line, Op, Register, Selector, Test, TextOperand};
use super::shape::{Dimensions, Entry, Level};
use super::valid::ValidWords;
use super::{ATTRIBUTE_BITS, ATTRIBUTES, LINE_BITS, OUTPUT_BITS};
use crate::code::{Code, Coded};
use crate::date::{Date, Period};
use crate::field::{self, F};
use ark_ff::{AdditiveGroup, One, Zero};
use std::fmt;

/// What rules are applied to.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// The attributes of the (household) record.
    pub attributes: [F; ATTRIBUTES],
    /// The household's members in the order in which it names them; none in the solo shape.
    pub members: Vec<Member>,
    /// The reference day.
    pub as_of: Date,
    /// The scope's period.
    pub period: Period,
}

/// A member of a household. No `Debug`, as for [`Facts`].
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The attributes of their records, one per member source of the policy.
    pub records: Vec<[F; ATTRIBUTES]>,
}

/// Everything that the machine computes about facts. It reveals them: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// All entries of `v`: fixed ones, then registers (0 where unused).
    pub vector: Vec<F>,
    /// The member registers of each slot, unused ones included; nothing for an empty slot, which counts as 0.
    pub slots: Vec<Option<Vec<RegisterTrace>>>,
    /// One per register of the shape, unused ones included.
    pub registers: Vec<RegisterTrace>,
    /// One per condition of the shape, unused ones included.
    pub conditions: Vec<ConditionTrace>,
    /// Whether each requirement of the shape holds; unused ones do.
    pub requirements: Vec<bool>,
    /// Whether all hold.
    pub decision: bool,
    /// 0 unless the decision is 1.
    pub outputs: [u64; 2],
    /// Bit i: requirement i failed, and is revealed.
    pub reasons: u32,
}

/// How a register came about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RegisterTrace {
    /// The line as its words spell it: for min the line `K − L`.
    pub line: F,
    /// What is range-checked: the line, the quotient for floor, 0 for a text line.
    pub checked: i128,
    /// `⌊line / divisor⌋` for floor, else 0.
    pub quotient: i128,
    /// `line − quotient · divisor` for floor, else 0.
    pub remainder: u64,
    /// Whether the line is 0.
    pub zero: bool,
    /// The gate's value; 1 where there is none.
    pub gate: bool,
    /// The register's value.
    pub value: F,
}

/// How a condition came about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ConditionTrace {
    /// The line.
    pub line: F,
    /// What is range-checked: the line, 0 for a text line.
    pub checked: i128,
    /// Whether the line is 0.
    pub zero: bool,
    /// The condition's value; `false` where unused.
    pub holds: bool,
}

/// The facts have no proof under these rules, neither of an approval nor of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unprovable: {what} is out of range")]
pub struct Unprovable {
    /// What is out of range.
    pub what: OutOfRange,
}

impl Coded for Unprovable {
    fn code(&self) -> Code {
        Code::Unprovable
    }
}

/// What a machine can find out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfRange {
    /// An integer attribute is not in [−2^63, 2^63).
    Attribute(usize),
    /// The number of members in the household's record is not that of the members, or more than the policy's slots
    /// can hold.
    Members,
    /// A member register's line, or its quotient, is not in [−2^79, 2^79).
    Slot {
        /// The slot.
        slot: usize,
        /// The member register.
        register: usize,
    },
    /// A register's line, or its quotient, is not in [−2^79, 2^79).
    Register(usize),
    /// A condition's line is not in [−2^79, 2^79).
    Condition(usize),
    /// An output of an approval is not in [0, 2^63).
    Output(usize),
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutOfRange::Attribute(i) => write!(f, "attribute {i}"),
            OutOfRange::Members => f.write_str("the number of members"),
            OutOfRange::Slot { slot, register } => write!(f, "the line of member register {register} in slot {slot}"),
            OutOfRange::Register(i) => write!(f, "the line of register {i}"),
            OutOfRange::Condition(i) => write!(f, "the line of condition {i}"),
            OutOfRange::Output(i) => write!(f, "output {i}"),
        }
    }
}

/// Applies rules to facts.
pub fn evaluate(words: &ValidWords, facts: &Facts) -> Result<Evaluation, Unprovable> {
    let rules = words.rules();
    let d = words.shape().dimensions();
    for i in &rules.ranged_attributes {
        signed(facts.attributes[*i], ATTRIBUTE_BITS).ok_or(Unprovable { what: OutOfRange::Attribute(*i) })?;
    }
    let slots = slots(words, facts)?;
    let traces = slots.iter().map(|slot| slot.as_ref().map(|slot| slot.registers.clone())).collect();
    let mut v = Vector { d, level: Level::Record, values: facts.fixed_entries(&facts.attributes) };
    v.values.extend(sums(&d, &slots));
    let registers = v.registers(&rules.registers).map_err(|i| Unprovable { what: OutOfRange::Register(i) })?;
    let mut conditions = Vec::with_capacity(d.conditions);
    for i in 0..d.conditions {
        conditions.push(match rules.conditions.get(i) {
            Some(condition) => {
                v.condition(condition, &rules.pool).ok_or(Unprovable { what: OutOfRange::Condition(i) })?
            }
            None => ConditionTrace::UNUSED,
        });
    }
    let holds = |i: usize| match rules.requirements.get(i) {
        Some(requirement) => requirement.any_of.iter().any(|j| conditions[*j].holds),
        None => true,
    };
    let requirements: Vec<bool> = (0..d.requirements).map(holds).collect();
    let decision = requirements.iter().all(|holds| *holds);

    let mut outputs = [0; 2];
    for (i, output) in rules.outputs.iter().enumerate() {
        let shown = match output {
            Some(selector) if decision => v.get(match selector {
                Selector::Attribute(j) => Entry::Attribute(*j),
                Selector::Register(j) => Entry::Register(*j),
            }),
            _ => F::zero(),
        };
        outputs[i] = output_value(shown).ok_or(Unprovable { what: OutOfRange::Output(i) })?;
    }
    let failed = rules.requirements.iter().enumerate().filter(|(i, r)| r.reveal && !requirements[*i]);
    let reasons = failed.fold(0, |mask, (i, _)| mask | 1 << i);
    Ok(Evaluation { vector: v.values, slots: traces, registers, conditions, requirements, decision, outputs, reasons })
}

/// A filled member slot.
struct Slot {
    attributes: [F; ATTRIBUTES],
    registers: Vec<RegisterTrace>,
}

/// The member slots in order: with one member source slot i is member i; with two, slot i and its counterpart
/// `group_slots + i` are.
fn slots(words: &ValidWords, facts: &Facts) -> Result<Vec<Option<Slot>>, Unprovable> {
    let (rules, d) = (words.rules(), words.shape().dimensions());
    let paired = rules.is_paired();
    let (most, records) = if paired { (d.group_slots, d.groups) } else { (d.slots(), 1) };
    let count = d.groups > 0 && facts.attributes[0] != F::from(facts.members.len() as u64);
    let present = d.groups == 0 || !facts.members.is_empty();
    let complete = facts.members.iter().all(|member| member.records.len() == records);
    if count || !present || !complete || facts.members.len() > most {
        return Err(Unprovable { what: OutOfRange::Members });
    }
    let mut slots: Vec<Option<Slot>> = Vec::with_capacity(d.slots());
    for slot in 0..d.slots() {
        let group = slot / d.group_slots;
        let (member, record) = if paired { (slot % d.group_slots, group) } else { (slot, 0) };
        let Some(attributes) = facts.members.get(member).and_then(|member| member.records.get(record)) else {
            slots.push(None);
            continue;
        };
        let level = Level::Member(group);
        let mut u = Vector { d, level, values: facts.fixed_entries(attributes) };
        if let Some(first) = slot.checked_sub(d.group_slots) {
            // Without pairs no line reads it, but it is there.
            let counterpart = slots[first].as_ref();
            u.values.extend((0..d.counterparts(group)).map(|i| counterpart.map_or(F::ZERO, |s| s.registers[i].value)));
        }
        let registers = u.registers(rules.registers_of(level));
        let registers = registers.map_err(|register| Unprovable { what: OutOfRange::Slot { slot, register } })?;
        slots.push(Some(Slot { attributes: *attributes, registers }));
    }
    Ok(slots)
}

/// The sums over each group of each attribute, then of each member register.
fn sums(d: &Dimensions, slots: &[Option<Slot>]) -> Vec<F> {
    let sum = |group: usize, value: &dyn Fn(&Slot) -> F| {
        slots.iter().skip(group * d.group_slots).take(d.group_slots).flatten().map(value).sum::<F>()
    };
    let mut sums = Vec::with_capacity(d.groups * (d.attributes + d.member_registers));
    for group in 0..d.groups {
        sums.extend((0..d.attributes).map(|i| sum(group, &|slot| slot.attributes[i])));
    }
    for group in 0..d.groups {
        sums.extend((0..d.member_registers).map(|i| sum(group, &|slot| slot.registers[i].value)));
    }
    sums
}

impl Facts {
    /// The entries of a record's vector that don't come from rules: its attributes and the dates.
    pub fn fixed_entries(&self, attributes: &[F; ATTRIBUTES]) -> Vec<F> {
        let mut v = attributes.to_vec();
        v.push(F::from(self.as_of.yyyymmdd()));
        v.push(field::from_i128(i128::from(self.as_of.day_number())));
        v.push(F::from(self.period.start.yyyymmdd()));
        v.push(F::from(self.period.end.yyyymmdd()));
        v
    }
}

impl RegisterTrace {
    const UNUSED: Self =
        Self { line: F::ZERO, checked: 0, quotient: 0, remainder: 0, zero: true, gate: true, value: F::ZERO };
}

impl ConditionTrace {
    const UNUSED: Self = Self { line: F::ZERO, checked: 0, zero: true, holds: false };
}

/// A level's vector as far as it is computed.
struct Vector {
    d: Dimensions,
    level: Level,
    values: Vec<F>,
}

impl Vector {
    /// Valid words read only entries that are computed.
    fn get(&self, entry: Entry) -> F {
        self.d.index_of(self.level, entry).and_then(|i| self.values.get(i)).copied().unwrap_or_default()
    }

    /// The line's value, and what is range-checked: the line itself over integers, nothing over text.
    fn line(&self, line: &Line) -> (F, bool) {
        match line {
            Line::Integer(line) => {
                let terms = line.weights.iter().map(|(entry, weight)| F::from(*weight) * self.get(*entry));
                (terms.sum::<F>() + field::from_i128(line.constant), true)
            }
            Line::Text(line) => {
                let minus = match line.minus {
                    TextOperand::Constant(text) => text,
                    TextOperand::Attribute(j) => self.get(Entry::Attribute(j)),
                };
                (self.get(Entry::Attribute(line.attribute)) - minus, false)
            }
        }
    }

    /// All registers of the level, in order; where one is out of range, which.
    fn registers(&mut self, registers: &[Register]) -> Result<Vec<RegisterTrace>, usize> {
        let mut traces = Vec::with_capacity(self.d.registers_of(self.level));
        for i in 0..self.d.registers_of(self.level) {
            let trace = match registers.get(i) {
                Some(register) => self.register(register).ok_or(i)?,
                None => RegisterTrace::UNUSED,
            };
            self.values.push(trace.value);
            traces.push(trace);
        }
        Ok(traces)
    }

    /// `None` if out of range.
    fn register(&self, register: &Register) -> Option<RegisterTrace> {
        let (mut line, ranged) = self.line(&register.line);
        if let Op::Min(bound) = register.op {
            line = field::from_i128(bound) - line;
        }
        let (mut quotient, mut remainder) = (0, 0);
        let checked = match register.op {
            Op::Floor(divisor) => {
                // |L| < 2^126 loses nothing: a larger line has a quotient beyond 2^86 for every d < 2^40.
                let dividend = field::to_i128(line)?;
                quotient = dividend.div_euclid(i128::from(divisor));
                remainder = u64::try_from(dividend.rem_euclid(i128::from(divisor))).ok()?;
                in_range(quotient, LINE_BITS)?
            }
            _ if ranged => signed(line, LINE_BITS)?,
            _ => 0,
        };
        let bit = |b: bool| if b { F::one() } else { F::zero() };
        let positive_part = if checked >= 0 { line } else { F::zero() };
        let ungated = match register.op {
            Op::Identity => line,
            Op::Max0 => positive_part,
            Op::Min(bound) => field::from_i128(bound) - positive_part,
            Op::Floor(_) => field::from_i128(quotient),
            Op::NonNegative => bit(checked >= 0),
            Op::Zero => bit(line.is_zero()),
        };
        let gate = register.gate.is_none_or(|gate| self.get(gate.into()).is_one());
        let value = if gate { ungated } else { F::zero() };
        Some(RegisterTrace { line, checked, quotient, remainder, zero: line.is_zero(), gate, value })
    }

    /// `None` if out of range.
    fn condition(&self, condition: &Condition, pool: &[F]) -> Option<ConditionTrace> {
        let (line, ranged) = self.line(&condition.line);
        let checked = if ranged { signed(line, LINE_BITS)? } else { 0 };
        let plain = match &condition.test {
            Test::NonNegative => checked >= 0,
            Test::Zero => line.is_zero(),
            Test::In(set) => set.iter().any(|k| pool[*k] == line),
        };
        Some(ConditionTrace { line, checked, zero: line.is_zero(), holds: plain != condition.negated })
    }
}

fn in_range(x: i128, bits: u32) -> Option<i128> {
    let half = 1i128 << (bits - 1);
    (-half..half).contains(&x).then_some(x)
}

/// The integer in [−2^(bits−1), 2^(bits−1)) that `x` stands for.
fn signed(x: F, bits: u32) -> Option<i128> {
    field::to_i128(x).and_then(|x| in_range(x, bits))
}

fn output_value(x: F) -> Option<u64> {
    let x = field::to_i128(x)?;
    u64::try_from(x).ok().filter(|x| *x < 1 << OUTPUT_BITS)
}
