//! Batches hold where each of their proofs does, and name those that don't.

#![allow(clippy::unwrap_used)]

use sealroot_lanes::Instructions;
use sealroot_protocol::machine::PublicInputs;
use sealroot_testing::bundle::prove;
use sealroot_testing::toy;
use sealroot_verifier::batch::{BatchRejected, Claim, verify_batch, verify_batch_on};
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_verifier::proof::Proof;

struct Made {
    key: PolicyKey,
    inputs: PublicInputs,
    proof: Proof,
}

impl Made {
    fn claim(&self) -> Claim<'_> {
        Claim { key: &self.key, inputs: &self.inputs, proof: &self.proof }
    }
}

fn made(solo: &toy::Solo, policy: u64, seed: u64) -> Made {
    let inputs = toy::inputs(seed);
    let (key, proof) = prove(solo, &toy::words(policy), &inputs, seed);
    Made { key, inputs, proof }
}

fn claims(made: &[Made]) -> Vec<Claim<'_>> {
    made.iter().map(Made::claim).collect()
}

#[test]
fn proofs_of_several_policies_and_keys_hold_together() {
    let other = toy::make_solo(22);
    let all = [
        made(toy::solo(), 1, 1),
        made(toy::solo(), 2, 2),
        made(&other, 1, 3),
        made(toy::solo(), 1, 4),
        made(&other, 2, 5),
    ];
    assert_eq!(verify_batch(&claims(&all)), Ok(()));
    assert_eq!(verify_batch(&claims(&all[..1])), Ok(()));
    assert_eq!(verify_batch(&[]), Ok(()));
}

/// A batch of copies: equal and opposite points meet in every sum.
#[test]
fn a_batch_of_one_proof_many_times_holds() {
    let one = made(toy::solo(), 1, 1);
    let mut opposite = made(toy::solo(), 1, 1);
    let mut points = opposite.proof.points().clone();
    (points.a, points.b) = (-points.a, -points.b);
    opposite.proof = Proof::from_points(points).unwrap();
    for instructions in Instructions::all() {
        for n in [2, 8, 9, 20] {
            let mut all: Vec<_> = (0..n).map(|i| if i % 3 == 1 { opposite.claim() } else { one.claim() }).collect();
            assert_eq!(verify_batch_on(instructions, &all), Ok(()), "{}, {n}", instructions.name());
            let mut wrong = made(toy::solo(), 1, 1);
            let mut points = wrong.proof.points().clone();
            points.c = -points.c;
            wrong.proof = Proof::from_points(points).unwrap();
            all[1] = wrong.claim();
            assert_eq!(
                verify_batch_on(instructions, &all),
                Err(BatchRejected { culprits: vec![1] }),
                "{}, {n}",
                instructions.name()
            );
        }
    }
}

#[test]
fn culprits_are_named() {
    let mut all: Vec<Made> = (1..=5).map(|i| made(toy::solo(), i % 2, i)).collect();
    all[3].inputs.outputs[0] += 1;
    all[1].inputs.roots.clear();
    assert_eq!(verify_batch(&claims(&all)), Err(BatchRejected { culprits: vec![1, 3] }));
    assert_eq!(verify_batch(&claims(&all[3..4])), Err(BatchRejected { culprits: vec![0] }));
}
