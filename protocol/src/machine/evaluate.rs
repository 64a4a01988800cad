//! The plain evaluator: the circuit's native twin for the obligations *attributes*, *registers*, *conditions* and
//! *decision* of `docs/spec/statement.md`.
//!
//! Guarantee: for valid words it answers [`Evaluation`] exactly for the facts for which the circuit is satisfiable, with
//! the values that the circuit computes, and [`Unprovable`] for all others. It computes in the field, as the circuit
//! does, and becomes an integer only where the circuit checks a range.

use super::rules::{Condition, Line, Op, Register, Selector, Test, TextOperand};
use super::shape::{Dimensions, Entry};
use super::valid::ValidWords;
use super::{ATTRIBUTE_BITS, ATTRIBUTES, LINE_BITS, OUTPUT_BITS};
use crate::date::{Date, Period};
use crate::field::{self, F};
use ark_ff::{AdditiveGroup, One, Zero};
use std::fmt;

/// What rules are applied to.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    /// The record's attributes.
    pub attributes: [F; ATTRIBUTES],
    /// The day on which they are judged.
    pub as_of: Date,
    /// The scope's period.
    pub period: Period,
}

/// Everything that the machine computes about facts. It reveals them: not for logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// All entries of `v`: fixed ones, then registers (0 where unused).
    pub vector: Vec<F>,
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
#[error("unprovable: {place} is out of range")]
pub struct Unprovable {
    /// What is out of range.
    pub place: Place,
}

/// A place in the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An integer attribute is not in [−2^63, 2^63).
    Attribute(usize),
    /// A register's line, or its quotient, is not in [−2^79, 2^79).
    Register(usize),
    /// A condition's line is not in [−2^79, 2^79).
    Condition(usize),
    /// An output of an approval is not in [0, 2^63).
    Output(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Attribute(i) => write!(f, "attribute {i}"),
            Place::Register(i) => write!(f, "the line of register {i}"),
            Place::Condition(i) => write!(f, "the line of condition {i}"),
            Place::Output(i) => write!(f, "output {i}"),
        }
    }
}

/// Applies rules to facts.
pub fn evaluate(words: &ValidWords, facts: &Facts) -> Result<Evaluation, Unprovable> {
    let rules = words.rules();
    let d = words.shape().dimensions();
    for i in &rules.ranged_attributes {
        signed(facts.attributes[*i], ATTRIBUTE_BITS).ok_or(Unprovable { place: Place::Attribute(*i) })?;
    }
    let mut v = Vector { d, values: facts.fixed_entries() };

    let mut registers = Vec::with_capacity(d.registers);
    for i in 0..d.registers {
        let trace = match rules.registers.get(i) {
            Some(register) => v.register(register).ok_or(Unprovable { place: Place::Register(i) })?,
            None => RegisterTrace::UNUSED,
        };
        v.values.push(trace.value);
        registers.push(trace);
    }
    let mut conditions = Vec::with_capacity(d.conditions);
    for i in 0..d.conditions {
        conditions.push(match rules.conditions.get(i) {
            Some(condition) => v.condition(condition, &rules.pool).ok_or(Unprovable { place: Place::Condition(i) })?,
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
        outputs[i] = output_value(shown).ok_or(Unprovable { place: Place::Output(i) })?;
    }
    let failed = rules.requirements.iter().enumerate().filter(|(i, r)| r.reveal && !requirements[*i]);
    let reasons = failed.fold(0, |mask, (i, _)| mask | 1 << i);
    Ok(Evaluation { vector: v.values, registers, conditions, requirements, decision, outputs, reasons })
}

impl Facts {
    /// The entries of `v` before the registers.
    pub fn fixed_entries(&self) -> Vec<F> {
        let mut v = self.attributes.to_vec();
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

/// The vector `v` as far as it is computed.
struct Vector {
    d: Dimensions,
    values: Vec<F>,
}

impl Vector {
    /// Valid words read only entries that are computed.
    fn get(&self, entry: Entry) -> F {
        self.d.index_of(entry).and_then(|i| self.values.get(i)).copied().unwrap_or_default()
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
        let gate = register.gate.is_none_or(|j| self.get(Entry::Register(j)).is_one());
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::machine::testing::Generator;
    use crate::machine::{
        FactsPeriodRule, IntegerLine, NullifierMode, Requirement, Rules, Shape, SourceRule, TextLine, Words, encode,
    };
    use crate::schema::{SchemaId, text_value};
    use ark_ff::Field;

    fn facts(values: &[i128], as_of: u32) -> Facts {
        let mut attributes = [F::ZERO; ATTRIBUTES];
        for (attribute, value) in attributes.iter_mut().zip(values) {
            *attribute = field::from_i128(*value);
        }
        let as_of = Date::from_yyyymmdd(as_of).unwrap();
        Facts { attributes, as_of, period: Period { start: as_of, end: as_of } }
    }

    fn line(constant: i128, weights: &[(Entry, i64)]) -> Line {
        Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
    }

    fn rules(registers: Vec<Register>, conditions: Vec<Condition>) -> ValidWords {
        let rules = Rules {
            sources: vec![SourceRule { schema_id: SchemaId(F::ONE), facts_period: FactsPeriodRule::MonthsBefore(0) }],
            ranged_attributes: (0..30).collect(),
            identity: None,
            nullifier: NullifierMode::Holder,
            pool: vec![-F::ONE, F::from(5u8), text_value("north")],
            requirements: vec![Requirement { any_of: [0].into(), reveal: true }],
            outputs: [registers.first().map(|_| Selector::Register(0)), None],
            registers,
            conditions,
        };
        let rules = if rules.conditions.iter().any(|c| matches!(c.test, Test::In(_))) {
            rules
        } else {
            Rules { pool: Vec::new(), ..rules }
        };
        ValidWords::from_rules(Shape::Solo, &rules).unwrap()
    }

    /// One register over `weight · a_0 + constant`; its value, or `None` if unprovable.
    fn register(op: Op, weight: i64, constant: i128, a: i128) -> Option<i128> {
        let always = Condition { line: line(0, &[(Entry::AsOf, 1)]), test: Test::Zero, negated: false };
        let register = Register { line: line(constant, &[(Entry::Attribute(0), weight)]), op, gate: None };
        let words = rules(vec![register], vec![always]);
        evaluate(&words, &facts(&[a], 20_260_101)).ok().map(|e| field::to_i128(e.registers[0].value).unwrap())
    }

    const MOST: i128 = (1 << 63) - 1;

    #[test]
    fn operations_at_every_boundary() {
        for a in [-MOST - 1, -MOST, -1, 0, 1, 499, 500, 501, MOST - 1, MOST] {
            assert_eq!(register(Op::Identity, 1, 0, a), Some(a));
            assert_eq!(register(Op::Max0, 1, 0, a), Some(a.max(0)));
            assert_eq!(register(Op::Max0, -1, 0, a), Some((-a).max(0)));
            assert_eq!(register(Op::Min(500), 1, 0, a), Some(a.min(500)));
            assert_eq!(register(Op::Min(-1), 2, 7, a), Some((2 * a + 7).min(-1)));
            assert_eq!(register(Op::NonNegative, 1, 0, a), Some(i128::from(a >= 0)));
            assert_eq!(register(Op::Zero, 1, -500, a), Some(i128::from(a == 500)));
            // 64 bits would already fail this at 2^63 − 1
            assert_eq!(register(Op::NonNegative, 1, 1, a), Some(i128::from(a >= -1)));
            for d in [1, 2, 3, 100, (1 << 40) - 1] {
                assert_eq!(register(Op::Floor(d), 1, 0, a), Some(a.div_euclid(i128::from(d))), "{a} / {d}");
            }
        }
        assert_eq!(register(Op::Floor(2), 1, 0, -1), Some(-1));
        assert_eq!(register(Op::Floor(100), -1, 0, 1), Some(-1));
    }

    /// The range of a line is [−2^79, 2^79); of a floor line, that of its quotient.
    #[test]
    fn beyond_eighty_bits_is_unprovable_never_false() {
        let half = 1i128 << 79;
        for op in [Op::Identity, Op::Max0, Op::NonNegative, Op::Zero] {
            assert!(register(op, 1, half - 1, 0).is_some());
            assert_eq!(register(op, 1, half - 1, 1), None, "{op:?}");
            assert!(register(op, 1, -half, 0).is_some());
            assert_eq!(register(op, 1, -half, -1), None, "{op:?}");
        }
        // for min it is K − L that is checked
        assert_eq!(register(Op::Min(0), 1, half, 0), Some(0));
        assert_eq!(register(Op::Min(0), 1, half, 1), None);
        assert_eq!(register(Op::Min(-1), 1, half, -1), Some(-1));
        assert_eq!(register(Op::Floor(4), 1, 4 * half - 1, 0), Some(half - 1));
        assert_eq!(register(Op::Floor(4), 1, 4 * half - 1, 1), None);
        assert_eq!(register(Op::Floor(4), 1, -4 * half, 0), Some(-half));
        assert_eq!(register(Op::Floor(4), 1, -4 * half, -1), None);
    }

    /// p − 1 is −1, and −2^63 − 1, 2^63 and a text are no integers.
    #[test]
    fn attributes_are_signed_64_bits() {
        let always = Condition { line: line(0, &[(Entry::Attribute(0), 1)]), test: Test::NonNegative, negated: false };
        let words = rules(vec![], vec![always]);
        let judge = |x: F| {
            let mut facts = facts(&[0; 32], 20_260_101);
            facts.attributes[0] = x;
            evaluate(&words, &facts).map(|e| e.decision)
        };
        assert_eq!(judge(-F::ONE), Ok(false));
        assert_eq!(judge(F::ZERO), Ok(true));
        assert_eq!(judge(field::from_i128(-MOST - 1)), Ok(false));
        let out = Err(Unprovable { place: Place::Attribute(0) });
        for x in [-MOST - 2, MOST + 1, 1 << 100] {
            assert_eq!(judge(field::from_i128(x)), out);
        }
        assert_eq!(judge(text_value("x")), out);
    }

    /// `as_of − birth ≥ 180000`: the eighteenth birthday, the day before, and 29 February.
    #[test]
    fn age_turns_on_the_birthday() {
        let weights = [(Entry::AsOf, 1), (Entry::Attribute(0), -1)];
        let adult = Condition { line: line(-180_000, &weights), test: Test::NonNegative, negated: false };
        let words = rules(vec![], vec![adult]);
        for (birth, as_of, expected) in [
            (20_080_615, 20_260_614, false),
            (20_080_615, 20_260_615, true),
            (20_080_229, 20_260_228, false),
            (20_080_229, 20_260_301, true),
            (20_081_231, 20_261_230, false),
            (20_090_101, 20_261_231, false),
            (19_051_231, 20_260_101, true),
            (20_260_101, 20_260_101, false),
        ] {
            assert_eq!(evaluate(&words, &facts(&[birth], as_of)).unwrap().decision, expected, "{birth} {as_of}");
        }
    }

    #[test]
    fn sets_match_their_members_only() {
        let set =
            |negated| Condition { line: line(0, &[(Entry::Attribute(0), 1)]), test: Test::In([0, 1].into()), negated };
        let text = Condition {
            line: Line::Text(TextLine { attribute: 30, minus: TextOperand::Constant(F::ZERO) }),
            test: Test::In([2].into()),
            negated: false,
        };
        let words = rules(vec![], vec![set(false), set(true), text]);
        for (a, member) in [(-1, true), (5, true), (0, false), (1, false), (-2, false), (4, false), (MOST, false)] {
            let e = evaluate(&words, &facts(&[a], 20_260_101)).unwrap();
            assert_eq!((e.conditions[0].holds, e.conditions[1].holds), (member, !member), "{a}");
            assert_eq!((e.decision, e.reasons), (member, u32::from(!member)));
            // an unused pool entry would match this 0
            assert!(!e.conditions[2].holds);
        }
        let mut north = facts(&[5], 20_260_101);
        north.attributes[30] = text_value("north");
        assert!(evaluate(&words, &north).unwrap().conditions[2].holds);
    }

    /// An approval whose output is negative or reaches 2^63 has no proof; a refusal shows nothing and has one.
    #[test]
    fn outputs_are_in_range_or_not_provable() {
        let amount = Register { line: line(0, &[(Entry::Attribute(0), 2)]), op: Op::Identity, gate: None };
        let approve = Condition { line: line(-1, &[(Entry::Attribute(1), 1)]), test: Test::Zero, negated: false };
        let words = rules(vec![amount], vec![approve]);
        let judge = |a, b| evaluate(&words, &facts(&[a, b], 20_260_101)).map(|e| (e.decision, e.outputs[0]));
        assert_eq!(judge(1 << 61, 1), Ok((true, 1 << 62)));
        assert_eq!(judge(1 << 62, 1), Err(Unprovable { place: Place::Output(0) }));
        assert_eq!(judge(-1, 1), Err(Unprovable { place: Place::Output(0) }));
        assert_eq!(judge(-1, 0), Ok((false, 0)));
    }

    /// The words, read the way the circuit reads them, give the evaluator's values: the formulas of the specification
    /// over all entries, against the typed interpretation.
    #[test]
    fn words_and_rules_agree() {
        let mut generator = Generator::new(2);
        let (mut provable, mut approved) = (0, 0);
        for _ in 0..300 {
            let words = generator.rules(Shape::Solo);
            assert_eq!(&encode(words.rules(), Shape::Solo).unwrap(), words.words());
            for _ in 0..10 {
                let facts = generator.facts(&words);
                let Ok(e) = evaluate(&words, &facts) else { continue };
                provable += 1;
                approved += usize::from(e.decision);
                by_the_words(&words, words.words(), &e);
            }
        }
        assert!(provable > 1000 && approved > 100, "{provable} provable, {approved} approved of 3000");
    }

    fn by_the_words(valid: &ValidWords, words: &Words, e: &Evaluation) {
        let (layout, w) = (valid.layout(), words.as_slice());
        let d = valid.shape().dimensions();
        let bit = |b: bool| F::from(b);
        let dot = |range: std::ops::Range<usize>| -> F { w[range].iter().zip(&e.vector).map(|(w, v)| *w * v).sum() };
        for (i, trace) in e.registers.iter().enumerate() {
            let at = layout.register(i);
            let line = w[at.constant] + dot(at.weights.clone());
            assert_eq!(line, trace.line);
            let quotient = field::from_i128(trace.quotient);
            assert_eq!(w[at.floor] * (line - quotient * w[at.divisor] - F::from(trace.remainder)), F::ZERO);
            assert_eq!(w[at.ranged] * line + w[at.floor] * quotient, field::from_i128(trace.checked));
            let sign = bit(trace.checked >= 0);
            let gates: F = w[at.gates.clone()].iter().zip(&e.registers).map(|(g, r)| *g * r.value).sum();
            let sum = w[at.offset]
                + w[at.identity] * line
                + w[at.max0] * sign * line
                + w[at.nonnegative] * sign
                + w[at.zero] * bit(trace.zero)
                + w[at.floor] * quotient;
            assert_eq!((w[at.ungated] + gates) * sum, trace.value);
            assert_eq!(w[at.ungated] + gates, bit(trace.gate));
        }
        for (i, trace) in e.conditions.iter().enumerate() {
            let at = layout.condition(i);
            let line = w[at.constant] + dot(at.weights.clone());
            assert_eq!((line, w[at.ranged] * line), (trace.line, field::from_i128(trace.checked)));
            let factors =
                w[at.mask.clone()].iter().zip(&w[layout.pool()]).map(|(m, c)| F::ONE + *m * (line - c - F::ONE));
            let member = at.member.map_or(F::ZERO, |m| w[m] * bit(factors.product::<F>().is_zero()));
            let tests = w[at.nonnegative] * bit(trace.checked >= 0) + w[at.zero] * bit(trace.zero);
            assert_eq!(w[at.offset] + tests + member, bit(trace.holds));
        }
        let mut decision = true;
        let mut reasons = F::ZERO;
        for i in 0..d.requirements {
            let at = layout.requirement(i);
            let any: F = w[at.any_of].iter().zip(&e.conditions).map(|(s, c)| *s * bit(c.holds)).sum();
            let holds = !any.is_zero() || w[at.unused].is_one();
            decision &= holds;
            reasons += F::from(1u64 << i) * w[at.reveal] * bit(!holds);
        }
        assert_eq!((decision, reasons), (e.decision, F::from(e.reasons)));
        for i in 0..d.outputs {
            let at = layout.output(i);
            let attributes: F = w[at.attributes].iter().zip(&e.vector).map(|(s, v)| *s * v).sum();
            let registers: F = w[at.registers].iter().zip(&e.registers).map(|(s, r)| *s * r.value).sum();
            assert_eq!(bit(decision) * (attributes + registers), F::from(e.outputs[i]));
        }
    }
}
