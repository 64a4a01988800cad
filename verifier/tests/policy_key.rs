//! A policy key accepts proofs of its policy and of the stated inputs only.

#![allow(clippy::unwrap_used)]

use sealroot_protocol::date::Date;
use sealroot_protocol::field::F;
use sealroot_protocol::machine::PublicInputs;
use sealroot_testing::bundle::{prove, universal_key};
use sealroot_testing::toy;
use sealroot_verifier::policy_key::{PolicyKey, ProofRejected};

#[test]
fn a_proof_holds_for_its_policy_and_inputs_only() {
    let solo = toy::solo();
    let (words, inputs) = (toy::words(1), toy::inputs(1));
    let (key, proof) = prove(solo, &words, &inputs, 1);
    assert_eq!(key.verify(&inputs, &proof), Ok(()));

    type Change = fn(&mut PublicInputs);
    let table: [(&str, Change); 9] = [
        ("root", |i| i.roots[0].0 += F::from(1u8)),
        ("as_of", |i| i.as_of = Date::from_yyyymmdd(20_260_402).unwrap()),
        ("scope", |i| i.scope.0 += F::from(1u8)),
        ("request", |i| i.request.0 += F::from(1u8)),
        ("applicant", |i| i.applicant.0 += F::from(1u8)),
        ("nullifier", |i| i.nullifier.0 = -i.nullifier.0),
        ("decision", |i| (i.decision, i.outputs) = (false, [0; 2])),
        ("output_0", |i| i.outputs[0] += 1),
        ("output_1", |i| i.outputs[1] += 1),
    ];
    for (name, change) in table {
        let mut changed = inputs.clone();
        change(&mut changed);
        assert_eq!(key.verify(&changed, &proof), Err(ProofRejected::Equation), "{name}");
    }
    let other_policy = PolicyKey::derive(universal_key(), &toy::words(2)).unwrap();
    assert_eq!(other_policy.verify(&inputs, &proof), Err(ProofRejected::Equation));
    assert_ne!(other_policy.hash(), key.hash());
}

#[test]
fn a_proof_under_another_universal_key_is_rejected() {
    let (words, inputs) = (toy::words(1), toy::inputs(1));
    let other = toy::make_solo(21);
    let (other_key, other_proof) = prove(&other, &words, &inputs, 1);
    let (key, proof) = prove(toy::solo(), &words, &inputs, 1);
    assert_eq!(other_key.verify(&inputs, &other_proof), Ok(()));
    assert_eq!(other_key.verify(&inputs, &proof), Err(ProofRejected::Equation));
    assert_eq!(key.verify(&inputs, &other_proof), Err(ProofRejected::Equation));
}

#[test]
fn inconsistent_inputs_never_reach_the_equation() {
    let (words, inputs) = (toy::words(1), toy::inputs(1));
    let (key, proof) = prove(toy::solo(), &words, &inputs, 1);
    let table: [fn(&mut PublicInputs); 5] = [
        |i| i.roots.clear(),
        |i| i.roots.push(i.roots[0]),
        |i| i.outputs[0] = 1 << 63,
        |i| i.decision = false,
        |i| i.reasons = 1,
    ];
    for change in table {
        let mut changed = inputs.clone();
        change(&mut changed);
        assert!(matches!(key.verify(&changed, &proof), Err(ProofRejected::Inputs(_))));
    }
}

/// EIP-197: alpha, three G2 points, then 1 + 11 input points.
#[test]
fn the_encoding_has_the_documented_size() {
    let key = PolicyKey::derive(universal_key(), &toy::words(1)).unwrap();
    assert_eq!(key.to_bytes().len(), 64 + 3 * 128 + 12 * 64);
    assert_eq!(key.universal_key(), universal_key().hash());
}
