//! Every law decides its own cases, and facts around its boundaries, with proofs that anybody can check.
//!
//! `SEALROOT_CASES=200 cargo test --release -p sealroot-prover --test proofs laws` proves them all; CI a sample.

use crate::{keys, statement};
use sealroot_policy::{Compiled, Sampler};
use sealroot_protocol::{
    field::F,
    machine::{Facts, evaluate},
};
use sealroot_testing::{cases, policies::laws, random::Random, statement::Case};
use sealroot_verifier::{policy_key::PolicyKey, proof::Proof};

/// Of each decision, so many facts beyond the law's own cases.
const SAMPLED: usize = 3;

/// The law's cases, then facts around its boundaries, of both decisions.
fn facts(law: &Compiled) -> Vec<Facts> {
    let mut facts: Vec<Facts> = laws::cases(law).unwrap().iter().map(|(_, facts)| facts.machine()).collect();
    let mut sampler = Sampler::new(law, 2026);
    let mut wanted = [SAMPLED; 2];
    // A law that few random facts satisfy has its own cases.
    for _ in 0..2_000 {
        let sampled = sampler.facts();
        let wanted = &mut wanted[usize::from(law.evaluate(&sampled).unwrap().decision)];
        if *wanted > 0 {
            *wanted -= 1;
            facts.push(sampled.machine());
        }
    }
    facts
}

#[test]
fn laws_are_proved_and_verified() {
    let proofs: usize = cases(6);
    let laws: Vec<Compiled> = laws::names().unwrap().iter().map(|name| laws::compiled(name).unwrap()).collect();
    let all = laws.iter().flat_map(|law| facts(law).into_iter().map(move |facts| (law, facts)));
    let decided = all.map(|(law, facts)| (law, evaluate(law.words(), &facts).unwrap(), facts));
    let (approved, refused): (Vec<_>, Vec<_>) = decided.partition(|(_, evaluation, _)| evaluation.decision);
    let mut random = Random::new(7);
    let mut decisions = [0; 2];
    let sample = [approved, refused].into_iter().flat_map(|each| {
        let step = each.len().div_ceil(proofs.div_ceil(2));
        each.into_iter().step_by(step)
    });
    for (law, expected, facts) in sample {
        let case = Case::new(law.words().clone(), &facts, &mut random);
        let (universal, prover) = keys(law.shape());
        let part = prover.prove(statement(&case), &case.witness, &mut |_| ()).unwrap();
        let inputs = &part.inputs;
        assert_eq!(
            (inputs.decision, inputs.outputs, F::from(inputs.reasons)),
            (expected.decision, expected.outputs, F::from(expected.reasons))
        );
        decisions[usize::from(inputs.decision)] += 1;

        let key = PolicyKey::derive(universal, law.words()).unwrap();
        let proof = Proof::try_from(&part.proof).unwrap();
        key.verify(inputs, &proof).unwrap();
        let mut other = inputs.clone();
        other.decision = !other.decision;
        assert!(key.verify(&other, &proof).is_err(), "the other decision");
    }
    println!(
        "{} proofs of {} laws' facts: {} refusals, {} approvals",
        decisions[0] + decisions[1],
        laws.len(),
        decisions[0],
        decisions[1]
    );
    assert!(decisions.iter().all(|count| *count * 5 > decisions[0] + decisions[1]), "both decisions: {decisions:?}");
}
