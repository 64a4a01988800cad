//! The plain evaluator at its boundaries, and against the formulas of the specification.

use ark_ff::{AdditiveGroup, Field, One, Zero};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::*;
use sealroot_protocol::schema::{SchemaId, text_value};
use sealroot_testing::rules::Generator;

fn facts(values: &[i128], as_of: u32) -> Facts {
    let mut attributes = [F::ZERO; ATTRIBUTES];
    for (attribute, value) in attributes.iter_mut().zip(values) {
        *attribute = field::from_i128(*value);
    }
    let as_of = Date::from_yyyymmdd(as_of).unwrap();
    Facts { attributes, members: Vec::new(), as_of, period: Period { start: as_of, end: as_of } }
}

fn line(constant: i128, weights: &[(Entry, i64)]) -> Line {
    Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
}

fn rules(registers: Vec<Register>, conditions: Vec<Condition>) -> ValidWords {
    let rules = Rules {
        sources: vec![SourceRule { schema_id: SchemaId(F::ONE), facts_period: FactsPeriodRule::MonthsBefore(0) }],
        members: Vec::new(),
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
    let out = Err(Unprovable { what: OutOfRange::Attribute(0) });
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
    assert_eq!(judge(1 << 62, 1), Err(Unprovable { what: OutOfRange::Output(0) }));
    assert_eq!(judge(-1, 1), Err(Unprovable { what: OutOfRange::Output(0) }));
    assert_eq!(judge(-1, 0), Ok((false, 0)));
}

/// The words, read the way the circuit reads them, give the evaluator's values: the formulas of the specification
/// over all entries, against the typed interpretation.
#[test]
fn words_and_rules_agree() {
    for (shape, seed, rules) in [(Shape::Solo, 2, 300), (Shape::Household, 3, 150)] {
        let mut generator = Generator::new(seed);
        let (mut provable, mut approved) = (0, 0);
        for _ in 0..rules {
            let words = generator.rules(shape);
            assert_eq!(&encode(words.rules(), shape).unwrap(), words.words());
            for _ in 0..10 {
                let facts = generator.facts(&words);
                let Ok(e) = evaluate(&words, &facts) else { continue };
                provable += 1;
                approved += usize::from(e.decision);
                by_the_words(&words, &facts, &e);
            }
        }
        assert!(provable > rules && approved > rules / 4, "{shape}: {provable} provable, {approved} approved");
    }
}

fn bit(b: bool) -> F {
    F::from(b)
}

fn by_the_words(valid: &ValidWords, facts: &Facts, e: &Evaluation) {
    let (layout, w) = (valid.layout(), valid.words().as_slice());
    let d = valid.shape().dimensions();
    let dot = |range: std::ops::Range<usize>| -> F { w[range].iter().zip(&e.vector).map(|(w, v)| *w * v).sum() };
    registers_by_the_words(valid, Level::Record, &e.vector, &e.registers);
    let mut sums = vec![F::ZERO; d.entries()];
    for (slot, traces) in e.slots.iter().enumerate() {
        let Some(traces) = traces else { continue };
        let (group, place) = (slot / d.group_slots, slot % d.group_slots);
        let paired = valid.rules().is_paired();
        let attributes = &facts.members[if paired { place } else { slot }].records[if paired { group } else { 0 }];
        let mut u = facts.fixed_entries(attributes);
        if group == 1 {
            // Without pairs the counterpart is somebody else, and no line reads that member.
            u.extend(e.slots[place].iter().flatten().map(|trace| trace.value));
        }
        u.extend(traces.iter().map(|trace| trace.value));
        registers_by_the_words(valid, Level::Member(group), &u, traces);
        for (attribute, value) in attributes.iter().enumerate() {
            sums[d.index_of(Level::Record, Entry::AttributeSum { group, attribute }).unwrap()] += value;
        }
        for (register, trace) in traces.iter().enumerate() {
            sums[d.index_of(Level::Record, Entry::MemberSum { group, register }).unwrap()] += trace.value;
        }
    }
    assert_eq!(sums[36..d.fixed_entries(Level::Record)], e.vector[36..d.fixed_entries(Level::Record)]);
    for (i, trace) in e.conditions.iter().enumerate() {
        let at = layout.condition(i);
        let line = w[at.constant] + dot(at.weights.clone());
        assert_eq!((line, w[at.ranged] * line), (trace.line, field::from_i128(trace.checked)));
        let factors = w[at.mask.clone()].iter().zip(&w[layout.pool()]).map(|(m, c)| F::ONE + *m * (line - c - F::ONE));
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

fn registers_by_the_words(valid: &ValidWords, level: Level, vector: &[F], registers: &[RegisterTrace]) {
    let (layout, w) = (valid.layout(), valid.words().as_slice());
    let d = valid.shape().dimensions();
    assert_eq!(vector.len(), d.entries_before(level, registers.len()));
    for (i, trace) in registers.iter().enumerate() {
        let at = layout.register(level, i);
        let dot = |words: &[F], entries: &[F]| words.iter().zip(entries).map(|(w, v)| *w * v).sum::<F>();
        let line = w[at.constant] + dot(&w[at.weights.clone()], vector);
        assert_eq!(line, trace.line);
        let quotient = field::from_i128(trace.quotient);
        assert_eq!(w[at.floor] * (line - quotient * w[at.divisor] - F::from(trace.remainder)), F::ZERO);
        assert_eq!(w[at.ranged] * line + w[at.floor] * quotient, field::from_i128(trace.checked));
        let sign = bit(trace.checked >= 0);
        let gates = dot(&w[at.gates.clone()], &vector[at.weights.len() - at.gates.len()..]);
        let sum = w[at.offset]
            + w[at.identity] * line
            + w[at.max0] * sign * line
            + w[at.nonnegative] * sign
            + w[at.zero] * bit(trace.zero)
            + w[at.floor] * quotient;
        assert_eq!((w[at.ungated] + gates) * sum, trace.value);
        assert_eq!(w[at.ungated] + gates, bit(trace.gate));
    }
}

/// Two people with two records each: incomes count for adults only, which the other record says.
#[test]
fn a_household_counts_each_member_once() {
    let adult = Register {
        line: line(-180_000, &[(Entry::AsOf, 1), (Entry::Attribute(0), -1)]),
        op: Op::NonNegative,
        gate: None,
    };
    let income =
        Register { line: line(0, &[(Entry::Attribute(3), 1)]), op: Op::Identity, gate: Some(Gate::Counterpart(0)) };
    let one = |group, register| (Entry::MemberSum { group, register }, 1);
    let source =
        |id: u8| SourceRule { schema_id: SchemaId(F::from(id)), facts_period: FactsPeriodRule::MonthsBefore(0) };
    let condition = |line| Condition { line, test: Test::NonNegative, negated: false };
    let rules = Rules {
        sources: vec![source(1), source(2), source(3)],
        ranged_attributes: [0].into(),
        identity: None,
        nullifier: NullifierMode::RecordPerScope,
        members: vec![vec![adult], vec![income]],
        registers: vec![
            Register { line: line(0, &[one(1, 0)]), op: Op::Identity, gate: None },
            Register { line: line(0, &[one(0, 0)]), op: Op::Identity, gate: None },
        ],
        pool: vec![],
        conditions: vec![condition(line(0, &[(Entry::AttributeSum { group: 1, attribute: 3 }, 1)]))],
        requirements: vec![Requirement { any_of: [0].into(), reveal: false }],
        outputs: [Some(Selector::Register(0)), Some(Selector::Register(1))],
    };
    let words = ValidWords::from_rules(Shape::Household, &rules).unwrap();
    let person = |birth: u32, income: u32| {
        let (mut civil, mut tax) = ([F::ZERO; ATTRIBUTES], [F::ZERO; ATTRIBUTES]);
        (civil[0], tax[3]) = (F::from(birth), F::from(income));
        Member { records: vec![civil, tax] }
    };
    let household = |members: Vec<Member>| {
        let mut facts = facts(&[members.len() as i128], 20_260_615);
        facts.members = members;
        facts
    };
    let three = vec![person(19_900_101, 100), person(20_080_615, 20), person(20_080_616, 3)];
    let judged = |facts: &Facts| evaluate(&words, facts).map(|e| e.outputs);
    assert_eq!(judged(&household(three.clone())), Ok([120, 2]));
    assert_eq!(judged(&household(three[..1].to_vec())), Ok([100, 1]));
    let out = Err(Unprovable { what: OutOfRange::Members });
    assert_eq!(judged(&household(vec![])), out);
    assert_eq!(judged(&household(vec![three[0].clone(); 5])), out, "five people with two records each");
    let mut miscounted = household(three.clone());
    miscounted.attributes[0] = F::from(2u8);
    assert_eq!(judged(&miscounted), out);
    let mut incomplete = household(three);
    incomplete.members[1].records.pop();
    assert_eq!(judged(&incomplete), out);
}
