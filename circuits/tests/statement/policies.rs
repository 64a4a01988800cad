//! One question, three answers: cel's interpreter on a policy's text, the plain evaluator on its words, the circuit on
//! a record that says the same.
//!
//! `SEALROOT_CASES=100000 SEALROOT_SEED=1 cargo test --release -p sealroot-circuits --test statement policies` is the
//! full run: so many pairs of policy and facts, half of them of households.

use crate::{
    case::{Case, Random},
    random_cases::{check_machine, setting},
    violated,
};
use sealroot_circuits::Obligation;
use sealroot_policy::{
    Sampler,
    testing::{Comparison, Generator, laws},
};
use sealroot_protocol::{
    field::F,
    machine::{Facts, Shape, ValidWords},
};
use std::collections::BTreeSet;

/// Facts per policy.
const FACTS: usize = 5;

/// The circuit is satisfied by what the evaluator says, and by no other decision.
fn circuit_agrees(words: &ValidWords, facts: &Facts, random: &mut Random, number: u64) {
    let case = Case::new(words.clone(), facts, random);
    let mut assignment = case.assignment();
    assert_eq!(violated(&assignment), BTreeSet::new(), "case {number}: {words:?}");
    check_machine(&case, &assignment, &BTreeSet::new(), number);
    // Rows are checked once for the truth; one lie in sixteen keeps the full run short.
    if number.is_multiple_of(16) {
        assignment.public.decision = F::from(1u8) - assignment.public.decision;
        assert!(violated(&assignment).contains(&Obligation::Decision), "case {number}: the other decision");
    }
}

fn compare(shape: Shape) {
    let pairs = setting("SEALROOT_CASES", 60) / 2;
    let seed = setting("SEALROOT_SEED", 1);
    let mut generator = Generator::new(seed);
    let (mut policies, mut compared, mut approved, mut overflowed) = (0u64, 0u64, 0u64, 0u64);
    while compared < pairs {
        let (compiled, _) = generator.compiled(shape);
        policies += 1;
        let comparison = Comparison::new(&compiled).unwrap();
        let mut sampler = Sampler::new(&compiled, seed + policies);
        let mut random = Random::new(seed.wrapping_mul(1_000_003) + policies);
        for _ in 0..FACTS {
            let facts = sampler.facts();
            let by_cel = comparison.agrees(&facts).unwrap_or_else(|e| panic!("seed {seed}, policy {policies}: {e}"));
            overflowed += u64::from(!by_cel);
            compared += u64::from(by_cel);
            approved += u64::from(compiled.evaluate(&facts).unwrap().decision);
            circuit_agrees(compiled.words(), &facts.machine(), &mut random, compared);
        }
    }
    println!(
        "{shape}: {compared} pairs of {policies} policies, {approved} approvals, {overflowed} beyond cel's 64 bits"
    );
    assert!(approved * 10 > compared && approved * 10 < compared * 9, "both decisions: {approved} of {compared}");
}

#[test]
fn cel_evaluator_and_circuit_agree_about_persons() {
    compare(Shape::Solo);
}

#[test]
fn cel_evaluator_and_circuit_agree_about_households() {
    compare(Shape::Household);
}

/// The laws' own cases, boundary pairs among them.
#[test]
fn the_circuit_decides_every_case_of_every_law() {
    let mut random = Random::new(2026);
    let mut decisions = [0; 2];
    for name in laws::names().unwrap() {
        let law = laws::compiled(&name).unwrap();
        for (number, (_, facts)) in (1..).zip(laws::cases(&law).unwrap()) {
            decisions[usize::from(law.evaluate(&facts).unwrap().decision)] += 1;
            circuit_agrees(law.words(), &facts.machine(), &mut random, number);
        }
    }
    assert!(decisions.iter().all(|count| *count >= 30), "{decisions:?}");
}
