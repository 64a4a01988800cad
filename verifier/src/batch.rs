//! Checking many proofs at once: one pairing per proof and three per universal key, instead of four per proof.
//!
//! `Π e(r_i·A_i, B_i) · e(−(Σ r_i)·alpha, beta) · e(−Σ r_i·X_i, gamma) · e(−Σ r_i·C_i, delta) = 1`, X_i the combined inputs.
//! The r_i are 128 random bits from the operating system: with predictable ones, two wrong proofs whose errors cancel out
//! would pass. A batch that fails is searched proof by proof, so the answer always names the culprits.

use crate::policy_key::PolicyKey;
use crate::proof::Proof;
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::Zero;
use ark_std::rand::RngCore;
use ark_std::rand::rngs::OsRng;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::PublicInputs;
use std::collections::BTreeMap;

/// One proof with the statement it is to prove.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// Derived from the policy's words.
    pub key: &'a PolicyKey,
    /// The statement.
    pub inputs: &'a PublicInputs,
    /// What is to prove it.
    pub proof: &'a Proof,
}

impl Claim<'_> {
    fn holds(&self) -> bool {
        self.key.verify(self.inputs, self.proof).is_ok()
    }
}

/// At least one claim of a batch doesn't hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} of the batch's proofs don't hold: {culprits:?}", culprits.len())]
pub struct BatchRefused {
    /// Positions in the batch, ascending, never empty.
    pub culprits: Vec<usize>,
}

/// Checks that every claim holds, else names those that don't. An empty batch holds.
pub fn verify_batch(claims: &[Claim<'_>]) -> Result<(), BatchRefused> {
    let mut groups: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (i, claim) in claims.iter().enumerate() {
        groups.entry(claim.key.universal_key()).or_default().push(i);
    }
    let mut culprits: Vec<usize> = groups
        .values()
        .filter(|group| !group_holds(&group.iter().map(|i| claims[*i]).collect::<Vec<_>>()))
        .flatten()
        .copied()
        .filter(|i| !claims[*i].holds())
        .collect();
    culprits.sort_unstable();
    if culprits.is_empty() { Ok(()) } else { Err(BatchRefused { culprits }) }
}

/// The batch equation over claims of one universal key. False also where the equation can't be set up: the caller then looks one by one.
fn group_holds(claims: &[Claim<'_>]) -> bool {
    match claims {
        [] => true,
        [claim] => claim.holds(),
        [first, ..] => random_coefficients(claims.len()).and_then(|r| equation(first.key, claims, &r)).unwrap_or(false),
    }
}

fn equation(any_key: &PolicyKey, claims: &[Claim<'_>], r: &[Fr]) -> Option<bool> {
    let mut left: Vec<G1Affine> = Vec::with_capacity(claims.len() + 3);
    let mut right: Vec<G2Affine> = Vec::with_capacity(claims.len() + 3);
    let (mut r_sum, mut inputs) = (Fr::zero(), G1Projective::zero());
    for (claim, r) in claims.iter().zip(r) {
        r_sum += r;
        inputs += claim.key.folded().combine(&claim.key.fields(claim.inputs).ok()?)? * r;
        left.push((claim.proof.points().a * r).into_affine());
        right.push(claim.proof.points().b);
    }
    let cs: Vec<G1Affine> = claims.iter().map(|claim| claim.proof.points().c).collect();
    let key = any_key.folded().verifying_key();
    let (negated_gamma, negated_delta) = any_key.folded().negated();
    left.extend([
        (key.alpha_g1 * -r_sum).into_affine(),
        inputs.into_affine(),
        G1Projective::msm(&cs, r).ok()?.into_affine(),
    ]);
    right.extend([key.beta_g2, negated_gamma, negated_delta]);
    Some(Bn254::multi_pairing(left, right).is_zero())
}

/// 128-bit non-zero coefficients from the operating system; none if it has no randomness to give.
fn random_coefficients(n: usize) -> Option<Vec<Fr>> {
    let mut bytes = vec![0; 16 * n];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(bytes.as_chunks().0.iter().map(|chunk| Fr::from(u128::from_le_bytes(*chunk).max(1))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::toy;
    use ark_ec::AffineRepr;

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
        let (key, proof) = solo.prove(&toy::words(policy), &inputs, seed);
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

    #[test]
    fn culprits_are_named() {
        let mut all: Vec<Made> = (1..=5).map(|i| made(toy::solo(), i % 2, i)).collect();
        all[3].inputs.outputs[0] += 1;
        all[1].inputs.roots.clear();
        assert_eq!(verify_batch(&claims(&all)), Err(BatchRefused { culprits: vec![1, 3] }));
        assert_eq!(verify_batch(&claims(&all[3..4])), Err(BatchRefused { culprits: vec![0] }));
    }

    /// C shifted by +D in one proof and by −D in the other: with equal coefficients the errors cancel out.
    #[test]
    fn two_wrong_proofs_that_cancel_out_are_refused() {
        let mut all = [made(toy::solo(), 1, 1), made(toy::solo(), 1, 2)];
        for (i, made) in all.iter_mut().enumerate() {
            let mut points = made.proof.points().clone();
            let shift = if i == 0 { G1Affine::generator() } else { -G1Affine::generator() };
            points.c = (points.c + shift).into_affine();
            made.proof = Proof::from_points(points).unwrap();
        }
        let claims = claims(&all);
        let equal = [Fr::from(1u8), Fr::from(1u8)];
        assert_eq!(
            equation(claims[0].key, &claims, &equal),
            Some(true),
            "the attack works on predictable coefficients"
        );
        assert_eq!(verify_batch(&claims), Err(BatchRefused { culprits: vec![0, 1] }));
    }

    #[test]
    fn coefficients_are_fresh_and_not_zero() {
        let (a, b) = (random_coefficients(50).unwrap(), random_coefficients(50).unwrap());
        assert!(a.iter().chain(&b).all(|r| !r.is_zero()));
        let mut all = [a, b].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100);
    }
}
