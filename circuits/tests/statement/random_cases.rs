//! Native check = circuit, on random policies, records, consents and ways to be wrong.
//!
//! `SEALROOT_CASES=10000 SEALROOT_SEED=1 cargo test -p sealroot-circuits --test statement random_cases` is the full
//! run.

use crate::{natively_violated, violated};
use rand::RngExt;
use sealroot_circuits::{Assignment, Obligation, RecordWitness, WitnessError, wires::Place};
use sealroot_protocol::{
    applicant::Applicant,
    consent::{Nullifier, RequestDigest},
    date::FactsPeriod,
    field::F,
    machine::{Facts, Member, NullifierMode, Shape, evaluate},
    record::Leaf,
    schema::SchemaId,
};
use sealroot_testing::{cases, random::Random, rules::Generator, seed, statement::Case};
use std::collections::BTreeSet;

#[test]
fn native_check_and_circuit_agree_on_random_cases() {
    let (cases, seed) = (cases(24), seed(1));
    let mut valid = 0u64;
    let mut approved = 0u64;
    for i in 0..cases {
        let number = seed.wrapping_mul(1_000_003).wrapping_add(i);
        let mut random = Random::new(number);
        let mut generator = Generator::new(number);
        let words = generator.rules(if i % 6 == 5 { Shape::Household } else { Shape::Solo });
        let facts = generator.facts(&words);
        let mut case = Case::new(words, &facts, &mut random);
        let expected = go_wrong(&mut case, &mut random);

        let assignment = case.assignment();
        let violations = violated(&assignment);
        assert_eq!(violations, natively_violated(&assignment), "case {number}: circuit and twins disagree");
        check_machine(&case, &assignment, &violations, number);
        check_identity(&case, &assignment, &violations, number);
        if let Some(obligation) = expected {
            assert!(violations.contains(&obligation), "case {number}: {obligation} accepted what is wrong");
        }

        let generated = Assignment::generate(&case.words, case.as_of, case.request, &case.witness);
        match (violations.first(), generated.map(|a| a.public_inputs())) {
            (None, Ok(inputs)) => {
                assert!(expected.is_none());
                approved += u64::from(inputs.unwrap().decision);
                valid += 1;
            }
            (Some(first), Err(WitnessError::Violated { obligation })) => assert_eq!(*first, obligation),
            (Some(_), Err(WitnessError::Unprovable(_))) => {}
            _ => panic!("case {number}: generating and checking disagree"),
        }
    }
    println!("{cases} cases, {valid} true statements, {approved} of them approvals");
    assert!(cases < 20 || (valid > cases / 10 && valid < cases * 9 / 10), "the sample has both kinds: {valid}");
}

/// In half of the cases something is wrong; says what must notice.
fn go_wrong(case: &mut Case, random: &mut Random) -> Option<Obligation> {
    match random.0.random_range(0..18) {
        0 => {
            case.record().schema_id = SchemaId(random.field());
            case.replant(random);
            // The leaf is computed with the policy's schema, and so is not in the tree. Likewise the period below.
            Some(Obligation::Path)
        }
        1 => {
            let other = FactsPeriod::from_value(1999_12).unwrap();
            case.record().period = other;
            case.replant(random);
            Some(Obligation::Path)
        }
        2 => {
            case.request = RequestDigest(random.field());
            Some(Obligation::Consent)
        }
        3 => {
            case.witness.opening.program = "heating-aid".parse().unwrap();
            Some(Obligation::Consent)
        }
        4 => {
            case.key = random.key();
            case.consent_again(random);
            Some(Obligation::Consent)
        }
        5 => {
            let next = case.witness.opening.period.start.plus_days(1).unwrap();
            case.record().holder_since = Some(next);
            case.replant(random);
            let holder = case.words.rules().nullifier == NullifierMode::Holder;
            (holder || case.words.shape() == Shape::Household).then_some(Obligation::Nullifier)
        }
        6 => {
            let level = random.0.random_range(0..16);
            // Siblings decide the root only: the case is a true statement about another tree.
            case.witness.record.path.siblings[level][1] = random.field();
            None
        }
        7 => {
            case.record().holder = None;
            case.replant(random);
            Some(Obligation::Consent)
        }
        8 => {
            case.record().attributes.0[0] += F::from(1u8);
            None
        }
        9 if case.witness.members.len() > 1 => {
            case.witness.members.swap(0, 1);
            Some(Obligation::Path)
        }
        _ => None,
    }
}

/// The obligations of the policy machine.
pub const MACHINE: [Obligation; 6] = [
    Obligation::Household,
    Obligation::Attributes,
    Obligation::MemberRegisters,
    Obligation::Registers,
    Obligation::Conditions,
    Obligation::Decision,
];

/// The obligations of the policy machine hold exactly where the evaluator answers, with the same answer.
pub fn check_machine(case: &Case, assignment: &Assignment, violations: &BTreeSet<Obligation>, number: u64) {
    let facts = facts(case);
    match evaluate(&case.words, &facts) {
        Err(error) => assert!(MACHINE.iter().any(|o| violations.contains(o)), "case {number}: {error}, but provable"),
        Ok(expected) => {
            assert!(MACHINE.iter().all(|o| !violations.contains(o)), "case {number}: provable natively only");
            assert_eq!(assignment.public.decision, F::from(expected.decision), "case {number}");
            assert_eq!(assignment.public.outputs, expected.outputs.map(F::from), "case {number}");
            assert_eq!(assignment.public.reasons, F::from(expected.reasons), "case {number}");
            assert_eq!(assignment.entries(Place::Record, assignment.registers.len()), expected.vector, "case {number}");
            for (wires, traces) in assignment.household.slots.iter().zip(&expected.slots) {
                let values: Vec<F> = traces.iter().flatten().map(|trace| trace.value).collect();
                let empty = vec![F::from(0u8); wires.values.len()];
                assert_eq!(wires.values, if traces.is_some() { values } else { empty }, "case {number}");
            }
            for (wires, trace) in assignment.conditions.iter().zip(&expected.conditions) {
                assert_eq!(wires.value, F::from(trace.holds), "case {number}");
                assert_eq!(wires.line, trace.line, "case {number}");
            }
        }
    }
}

fn facts(case: &Case) -> Facts {
    let attributes = |witness: &RecordWitness| witness.record.attributes.0;
    let member = |records: &Vec<RecordWitness>| Member { records: records.iter().map(attributes).collect() };
    Facts {
        attributes: attributes(&case.witness.record),
        members: case.witness.members.iter().map(member).collect(),
        as_of: case.as_of,
        period: case.witness.opening.period,
    }
}

/// Consent, applicant, nullifier and root are those of the protocol.
fn check_identity(case: &Case, assignment: &Assignment, violations: &BTreeSet<Obligation>, number: u64) {
    let record = &case.witness.record.record;
    let scope = case.witness.opening.scope();
    let consent = &case.witness.consent;
    let genuine = record.holder.is_some_and(|key| consent.verify(&key, scope, case.request).is_ok());
    assert_eq!(genuine, !violations.contains(&Obligation::Consent), "case {number}: consent");

    let rules = case.words.rules();
    let nullifier = match rules.nullifier {
        NullifierMode::Holder => Nullifier::of_holder(&consent.nullifier_point.point(), record.subject),
        NullifierMode::RecordPerScope => Nullifier::of_record(record.serial, scope.0),
        NullifierMode::RecordOnce => Nullifier::of_record(record.serial, case.witness.opening.program.to_field()),
    };
    assert_eq!(assignment.public.nullifier, nullifier.0, "case {number}");
    let applicant = match (rules.identity, &case.witness.case_secret) {
        (Some(i), Some(secret)) => Applicant::commit(scope, record.attributes.0[i], secret),
        _ => Applicant::ANONYMOUS,
    };
    assert_eq!(assignment.public.applicant, applicant.0, "case {number}");
    assert_eq!(assignment.public.scope, scope.0, "case {number}");
    if !violations.contains(&Obligation::Path) {
        let leaf = Leaf(assignment.record.leaf);
        assert_eq!(assignment.public.roots[0], case.witness.record.path.root(leaf).0, "case {number}");
        assert_eq!(leaf, record.leaf());
    }
}
