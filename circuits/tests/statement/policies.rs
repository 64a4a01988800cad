//! One question, three answers: cel's interpreter on a policy's text, the plain evaluator on its words, the circuit on
//! a record that says the same.
//!
//! `SEALROOT_CASES=100000 SEALROOT_SEED=1 cargo test --release -p sealroot-circuits --test statement policies` is the
//! full run: so many pairs of policy and facts, a fifth of them of households.

use crate::{
    random_cases::{MACHINE, check_machine},
    violated,
};
use sealroot_circuits::{Assignment, Obligation, matrices};
use sealroot_policy::{Sampler, SecondOpinion};
use sealroot_protocol::{
    field::F,
    machine::{Facts, Shape, ValidWords},
};
use sealroot_testing::{
    cases,
    policies::{laws, random::Generator},
    random::Random,
    seed,
    statement::Case,
};
use std::collections::BTreeSet;

/// Facts per policy.
const FACTS: usize = 5;

/// The circuit is satisfied by what the evaluator says, and by no other decision.
///
/// All rows are checked of one case in sixteen, of the others those of the policy machine: what they have in common is tried elsewhere, and a full run
/// is to take less than an hour.
fn circuit_agrees(words: &ValidWords, facts: &Facts, random: &mut Random, number: u64) {
    let case = Case::new(words.clone(), facts, random);
    let mut assignment = case.assignment();
    let machine: BTreeSet<Obligation> = violated_of(&assignment, &MACHINE).collect();
    assert_eq!(machine, BTreeSet::new(), "case {number}: {words:?}");
    check_machine(&case, &assignment, &BTreeSet::new(), number);
    if number.is_multiple_of(16) {
        assert_eq!(violated(&assignment), BTreeSet::new(), "case {number}");
        assignment.public.decision = F::from(1u8) - assignment.public.decision;
        assert!(violated(&assignment).contains(&Obligation::Decision), "case {number}: the other decision");
    }
}

/// Which of these obligations have a row that the assignment doesn't satisfy.
fn violated_of(assignment: &Assignment, of: &[Obligation]) -> impl Iterator<Item = Obligation> {
    let (matrices, values) = (matrices(assignment.shape()), assignment.full());
    let holds = move |row: usize| {
        let [a, b, c] = [&matrices.a, &matrices.b, &matrices.c].map(|matrix| matrix.dot(row, &values));
        a * b == c
    };
    let sections = matrices.sections.iter().filter(|section| of.contains(&section.obligation));
    sections.filter(move |section| !section.constraints.clone().all(&holds)).map(|section| section.obligation)
}

fn compare(shape: Shape, share: u64) {
    let pairs = cases(100) * share / 5;
    let seed = seed(1);
    let mut generator = Generator::new(seed);
    let (mut policies, mut compared, mut approved, mut overflowed) = (0u64, 0u64, 0u64, 0u64);
    while compared < pairs {
        let (compiled, _) = generator.compiled(shape);
        policies += 1;
        let second = SecondOpinion::new(&compiled).unwrap();
        let mut sampler = Sampler::new(&compiled, seed + policies);
        let mut random = Random::new(seed.wrapping_mul(1_000_003) + policies);
        for _ in 0..FACTS {
            let facts = sampler.facts();
            let by_cel = second.agrees(&facts).unwrap_or_else(|e| panic!("seed {seed}, policy {policies}: {e}"));
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
    compare(Shape::Solo, 4);
}

#[test]
fn cel_evaluator_and_circuit_agree_about_households() {
    compare(Shape::Household, 1);
}

/// The laws' own cases, boundary pairs among them: all in the full run, of each law a few in CI.
#[test]
fn the_circuit_decides_cases_of_every_law() {
    let mut random = Random::new(2026);
    let mut decisions = [0; 2];
    for name in laws::names().unwrap() {
        let law = laws::compiled(&name).unwrap();
        let all = laws::cases(&law).unwrap();
        let step = all.len().div_ceil(cases(12));
        for (number, (_, facts)) in (1..).zip(all).step_by(step) {
            decisions[usize::from(law.evaluate(&facts).unwrap().decision)] += 1;
            circuit_agrees(law.words(), &facts.machine(), &mut random, number);
        }
    }
    assert!(decisions.iter().all(|count| *count >= 30), "{decisions:?}");
}
