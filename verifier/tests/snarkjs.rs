//! What is exported for snarkjs has its form, and snarkjs decides by it as this verifier does.

#![allow(clippy::unwrap_used)]

use sealroot_protocol::field::F;
use sealroot_testing::bundle::prove;
use sealroot_testing::toy;
use sealroot_verifier::snarkjs::export;

#[test]
fn snarkjs_accepts_the_export_and_rejects_every_change() {
    let inputs = toy::inputs(1);
    let (key, proof) = prove(toy::solo(), &toy::words(1), &inputs, 1);
    sealroot_testing::snarkjs::judge(&key, &inputs, &proof);
}

/// snarkjs's order of Fp2 coordinates is the reverse of EIP-197's.
#[test]
fn the_files_have_snarkjs_s_form() {
    let inputs = toy::inputs(1);
    let (key, proof) = prove(toy::solo(), &toy::words(1), &inputs, 1);
    let files = export(&key, &inputs, &proof).unwrap();
    assert_eq!(files.verification_key["nPublic"], 11);
    assert_eq!(files.verification_key["IC"].as_array().map(Vec::len), Some(12));
    assert_eq!(files.public[1], "20260401");
    assert_eq!(files.public[7], "1");
    assert_eq!(files.proof["pi_b"][0][0], proof.points().b.x.c0.to_string());
    let mut broken = inputs;
    broken.roots[0].0 = F::from(0u8);
    broken.decision = false;
    assert!(export(&key, &broken, &proof).is_err());
}
