//! Every operation at its boundaries, and the quotient that is no integer.

use crate::{natively_violated, violated};
use sealroot_circuits::{Obligation, matrices, obligation::registers};
use sealroot_protocol::{
    date::FactsPeriod,
    field::{F, from_i128},
    machine::{
        Condition, Entry, Facts, FactsPeriodRule, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules,
        Selector, Shape, SourceRule, Test, ValidWords,
    },
    schema::SchemaId,
};
use sealroot_testing::{
    random::Random,
    statement::{Case, rich_facts},
};
use std::collections::BTreeSet;

fn line(constant: i128, entry: Entry, weight: i64) -> Line {
    Line::Integer(IntegerLine::new(constant, [(entry, weight)]).unwrap())
}

/// These registers, a condition on one, output 0 the first.
fn rules(registers: Vec<Register>, test: Test, negated: bool, tested: usize) -> ValidWords {
    let rules = Rules {
        sources: vec![SourceRule {
            schema_id: SchemaId(F::from(1u8)),
            facts_period: FactsPeriodRule::Constant(FactsPeriod::Timeless),
        }],
        ranged_attributes: (0..32).collect(),
        identity: None,
        nullifier: NullifierMode::RecordPerScope,
        members: Vec::new(),
        registers,
        pool: match test {
            Test::In(_) => vec![from_i128(-1), F::from(0u8), from_i128((1 << 63) - 1)],
            _ => Vec::new(),
        },
        conditions: vec![Condition { line: line(0, Entry::Register(tested), 1), test, negated }],
        requirements: vec![Requirement { any_of: BTreeSet::from([0]), reveal: true }],
        outputs: [Some(Selector::Register(0)), None],
    };
    ValidWords::from_rules(Shape::Solo, &rules).unwrap()
}

fn facts(attribute: F) -> Facts {
    let mut facts = rich_facts();
    facts.attributes = [F::from(0u8); 32];
    facts.attributes[0] = attribute;
    facts
}

/// An operation, and what it does to an integer.
type Operation = (Op, fn(i128) -> i128);

/// −1 and p − 1 are the same value and negative; nothing near 2^63 wraps; the answer is that of integers.
#[test]
fn operations_at_their_boundaries() {
    let mut random = Random::new(31);
    let (least, most) = (-(1i128 << 63), (1i128 << 63) - 1);
    let operations: [Operation; 7] = [
        (Op::Identity, |x| x),
        (Op::Max0, |x| x.max(0)),
        (Op::Min(5), |x| x.min(5)),
        (Op::Floor(1), |x| x),
        (Op::Floor((1 << 40) - 1), |x| x.div_euclid((1 << 40) - 1)),
        (Op::NonNegative, |x| i128::from(x >= 0)),
        (Op::Zero, |x| i128::from(x == 0)),
    ];
    for (op, expected) in operations {
        let register = Register { line: line(0, Entry::Attribute(0), 1), op, gate: None };
        let words = rules(vec![register], Test::In(BTreeSet::from([0, 1, 2])), true, 0);
        for x in [least, -1, 0, 1, most] {
            let a = Case::new(words.clone(), &facts(from_i128(x)), &mut random).assignment();
            let value = expected(x);
            assert_eq!(a.registers[0].value, from_i128(value), "{op:?} of {x}");
            let approved = ![-1, 0, most].contains(&value);
            assert_eq!(a.public.decision, F::from(approved), "{op:?} of {x}");
            // Shown only if approved: a negative value then has no place.
            let provable = !approved || value >= 0;
            assert_eq!(violated(&a).is_empty(), provable, "{op:?} of {x}: {:?}", violated(&a));
            assert_eq!(violated(&a), natively_violated(&a));
        }
        for x in [most + 1, least - 1, 1 << 80, (1 << 125)] {
            let a = Case::new(words.clone(), &facts(from_i128(x)), &mut random).assignment();
            assert!(violated(&a).contains(&Obligation::Attributes), "{op:?} of {x}");
            assert_eq!(violated(&a), natively_violated(&a));
        }
    }
}

/// 80 signed bits and no more, for registers and conditions; x + 1 ≥ 0 holds at 2^63 − 1.
#[test]
fn lines_at_their_boundaries() {
    let mut random = Random::new(32);
    let half = 1i128 << 79;
    for (constant, fits) in [(half - 2, true), (half - 1, false), (-half - 1, true), (-half - 2, false), (0, true)] {
        let register = Register { line: line(constant, Entry::Attribute(0), 1), op: Op::NonNegative, gate: None };
        let words = rules(vec![register], Test::NonNegative, false, 0);
        let a = Case::new(words, &facts(F::from(1u8)), &mut random).assignment();
        assert_eq!(violated(&a).is_empty(), fits, "1 + {constant}");
        assert_eq!(violated(&a), natively_violated(&a));
    }
    let register = Register { line: line(1, Entry::Attribute(0), 1), op: Op::NonNegative, gate: None };
    let words = rules(vec![register], Test::Zero, true, 0);
    let a = Case::new(words, &facts(from_i128((1 << 63) - 1)), &mut random).assignment();
    assert_eq!((violated(&a).is_empty(), a.public.decision), (true, F::from(1u8)));
}

/// q·d = L − r has a solution in the field for every r in [0, d), and a later line with a weight divisible by d hides
/// that q is no small integer. Of all constraints only the quotient's range refuses it.
#[test]
fn every_remainder_but_one_is_refused_by_the_range_of_the_quotient() {
    let mut random = Random::new(33);
    let d = 12i64;
    let registers = vec![
        Register { line: line(0, Entry::Attribute(1), 1), op: Op::Identity, gate: None },
        Register { line: line(0, Entry::Attribute(0), 1), op: Op::Floor(d as u64), gate: None },
        Register { line: line(-2_000, Entry::Register(1), d), op: Op::NonNegative, gate: None },
    ];
    let words = rules(registers, Test::NonNegative, false, 2);
    for x in [2_011i128, -2_011] {
        let honest = Case::new(words.clone(), &facts(from_i128(x)), &mut random).assignment();
        assert!(violated(&honest).is_empty());
        for r in 0..i128::from(d) {
            let mut a = honest.clone();
            let quotient = from_i128(x - r) / F::from(d as u64);
            (a.registers[1].quotient, a.registers[1].remainder) = (quotient, from_i128(r));
            a.registers[1].value = quotient;
            registers::derive_from(&mut a, sealroot_circuits::wires::Place::Record, 2);
            let at = Obligation::ALL.iter().position(|o| *o == Obligation::Conditions).unwrap();
            a.derive_all(&Obligation::ALL[at..]);
            if r == x.rem_euclid(i128::from(d)) {
                assert!(a == honest);
                continue;
            }
            assert_eq!(natively_violated(&a), BTreeSet::from([Obligation::Registers]), "{x}, remainder {r}");
            let rows = matrices(Shape::Solo).unsatisfied(&a.full());
            assert_eq!(rows.len(), 1, "{x}, remainder {r}");
            assert_eq!(matrices(Shape::Solo).obligation_of(rows[0]), Some(Obligation::Registers));
        }
    }
}
