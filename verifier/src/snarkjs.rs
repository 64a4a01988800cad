//! A part in snarkjs's JSON files: `verification_key.json`, `proof.json`, `public.json`.
//!
//! The verifying key is the policy key, so that `snarkjs groth16 verify` checks the part as it is. snarkjs can't know whether
//! the key belongs to the policy, nor whether the inputs belong to a request: that is what `verify` and `audit` are for.

use crate::policy_key::{PolicyKey, ProofRejected};
use crate::proof::Proof;
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use sealroot_protocol::machine::PublicInputs;
use serde_json::{Value, json};

/// The three files' contents.
#[derive(Debug, Clone, PartialEq)]
pub struct SnarkjsFiles {
    /// `verification_key.json`.
    pub verification_key: Value,
    /// `proof.json`.
    pub proof: Value,
    /// `public.json`: the public inputs as decimal strings, in their order.
    pub public: Value,
}

/// Writes a part as snarkjs's files. Fails only if the inputs are inconsistent or of another shape.
pub fn export(key: &PolicyKey, inputs: &PublicInputs, proof: &Proof) -> Result<SnarkjsFiles, ProofRejected> {
    let public: Vec<String> = key.fields(inputs)?.iter().map(ToString::to_string).collect();
    let vk = key.folded().verifying_key();
    let points = proof.points();
    Ok(SnarkjsFiles {
        verification_key: json!({
            "protocol": "groth16",
            "curve": "bn128",
            "nPublic": public.len(),
            "vk_alpha_1": g1(&vk.alpha_g1),
            "vk_beta_2": g2(&vk.beta_g2),
            "vk_gamma_2": g2(&vk.gamma_g2),
            "vk_delta_2": g2(&vk.delta_g2),
            "IC": vk.gamma_abc_g1.iter().map(g1).collect::<Vec<_>>(),
        }),
        proof: json!({
            "pi_a": g1(&points.a),
            "pi_b": g2(&points.b),
            "pi_c": g1(&points.c),
            "protocol": "groth16",
            "curve": "bn128",
        }),
        public: json!(public),
    })
}

fn g1(point: &G1Affine) -> Value {
    json!([decimal(point.x), decimal(point.y), "1"])
}

/// snarkjs writes Fp2 as [c0, c1], EIP-197 as c1, c0.
fn g2(point: &G2Affine) -> Value {
    json!([pair(point.x), pair(point.y), ["1", "0"]])
}

fn pair(x: Fq2) -> Value {
    json!([decimal(x.c0), decimal(x.c1)])
}

fn decimal(x: Fq) -> String {
    x.to_string()
}
