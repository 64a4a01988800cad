//! Checking many proofs at once: one pairing per proof and three per universal key, instead of four per proof.
//!
//! `Π e(r_i·A_i, B_i) · e(−(Σ r_i)·alpha, beta) · e(−Σ r_i·X_i, gamma) · e(−Σ r_i·C_i, delta) = 1`, X_i the combined inputs.
//! The r_i are one of 2^128 scalars each, chosen by the operating system: a batch with a wrong proof passes with a probability of at most
//! 2^-128, whatever the proofs are. With predictable ones, two wrong proofs whose errors cancel out would pass. A batch that fails is
//! halved until the culprits stand alone and are checked by themselves.
//!
//! Soundness rests on two properties of [`Proof`]: B is in G2 and no point is infinity.

use crate::policy_key::PolicyKey;
use crate::proof::Proof;
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ff::Zero;
use ark_std::rand::RngCore;
use ark_std::rand::rngs::OsRng;
use sealroot_lanes::Instructions;
use sealroot_lanes::glv::{self, ShortScalar};
use sealroot_lanes::pairing::multi_miller_loop;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::PublicInputs;
use std::collections::{BTreeMap, HashMap};

type Points = ark_groth16::Proof<Bn254>;

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
#[error("{} of the batch's proofs don't hold: number {}", culprits.len(), culprits.iter().map(|place| (place + 1).to_string()).collect::<Vec<_>>().join(", "))]
pub struct BatchRejected {
    /// Positions in the batch, ascending, never empty.
    pub culprits: Vec<usize>,
}

impl Coded for BatchRejected {
    fn code(&self) -> Code {
        Code::ProofInvalid
    }
}

/// Checks that every claim holds, else names those that don't. An empty batch holds.
pub fn verify_batch(claims: &[Claim<'_>]) -> Result<(), BatchRejected> {
    verify_batch_on(Instructions::detect(), claims)
}

/// [`verify_batch`] with a given way of computing: for comparisons.
pub fn verify_batch_on(instructions: Instructions, claims: &[Claim<'_>]) -> Result<(), BatchRejected> {
    let mut groups: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    let mut culprits = Vec::new();
    for (i, claim) in claims.iter().enumerate() {
        // Inputs that don't fit their key are this claim's fault, and must not cost the others their equation.
        match claim.key.fields(claim.inputs) {
            Ok(_) => groups.entry(claim.key.universal_key()).or_default().push(i),
            Err(_) => culprits.push(i),
        }
    }
    for group in groups.values() {
        search(instructions, claims, group, &mut culprits);
    }
    culprits.sort_unstable();
    if culprits.is_empty() { Ok(()) } else { Err(BatchRejected { culprits }) }
}

/// Halves what doesn't hold, with fresh coefficients for each half, until the culprits stand alone: one among a thousand costs a few more batches, not a
/// thousand single checks.
fn search(instructions: Instructions, claims: &[Claim<'_>], group: &[usize], culprits: &mut Vec<usize>) {
    if group_holds(instructions, &group.iter().map(|i| claims[*i]).collect::<Vec<_>>()) {
        return;
    }
    match group {
        [] => {}
        [culprit] => culprits.push(*culprit),
        _ => {
            let (first, second) = group.split_at(group.len() / 2);
            search(instructions, claims, first, culprits);
            search(instructions, claims, second, culprits);
        }
    }
}

/// The batch equation over claims of one universal key. False also where the equation can't be set up: the caller then asks about fewer.
fn group_holds(instructions: Instructions, claims: &[Claim<'_>]) -> bool {
    match claims {
        [] => true,
        [claim] => claim.holds(),
        _ => random_coefficients(claims.len()).and_then(|r| equation(instructions, claims, &r)).unwrap_or(false),
    }
}

fn equation(instructions: Instructions, claims: &[Claim<'_>], r: &[ShortScalar]) -> Option<bool> {
    let key = claims.first()?.key.folded().verifying_key();
    let proofs: Vec<_> = claims.iter().map(|claim| claim.proof.points()).collect();
    let [a, c] = [|p: &Points| p.a, |p: &Points| p.c].map(|of| proofs.iter().map(|p| of(p)).collect::<Vec<_>>());
    let mut left = glv::scale_short(instructions, &a, r);
    left.extend(key_terms(instructions, claims, r)?);
    left.push(-glv::sum_short(instructions, &c, r));
    let right = proofs.iter().map(|p| p.b).chain([key.beta_g2, key.gamma_g2, key.delta_g2]);
    let pairs: Vec<_> = G1Projective::normalize_batch(&left).into_iter().zip(right).collect();
    let value = Bn254::final_exponentiation(MillerLoopOutput(multi_miller_loop(instructions, &pairs)))?;
    Some(value.is_zero())
}

/// `−(Σ r_i)·alpha` and `−Σ r_i·X_i`: what the key contributes is summed over the scalar field first. Policies of one universal key differ
/// in `IC'_0` only, so this takes one product per public input and policy, however many claims there are.
fn key_terms(instructions: Instructions, claims: &[Claim<'_>], r: &[ShortScalar]) -> Option<[G1Projective; 2]> {
    let key = claims.first()?.key.folded().verifying_key();
    let (_, input_points) = key.gamma_abc_g1.split_first()?;
    let mut r_sum = Fr::zero();
    let mut inputs = vec![Fr::zero(); input_points.len()];
    let mut policies: HashMap<G1Affine, Fr> = HashMap::new();
    for (claim, r) in claims.iter().zip(r) {
        let (r, fields) = (r.value(), claim.key.fields(claim.inputs).ok()?);
        let (constant, points) = claim.key.folded().verifying_key().gamma_abc_g1.split_first()?;
        if points != input_points || fields.len() != inputs.len() {
            return None;
        }
        r_sum += r;
        inputs.iter_mut().zip(fields).for_each(|(sum, field)| *sum += r * field);
        *policies.entry(*constant).or_default() += r;
    }
    let (mut points, mut scalars) = (vec![key.alpha_g1], vec![r_sum]);
    points.extend(input_points);
    scalars.extend(inputs);
    for (constant, r) in policies {
        points.push(constant);
        scalars.push(r);
    }
    let products = glv::scale(instructions, &points, &scalars);
    let (alpha, products) = products.split_first()?;
    Some([-*alpha, -products.iter().sum::<G1Projective>()])
}

/// 128 random bits each from the operating system, each value another coefficient and none 0; none if it has no randomness to give.
fn random_coefficients(n: usize) -> Option<Vec<ShortScalar>> {
    let mut bytes = vec![0; 16 * n];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(bytes.as_chunks().0.iter().map(|chunk| ShortScalar::from_bits(u128::from_le_bytes(*chunk))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::universal_key::UniversalKey;
    use ark_bn254::G2Affine;
    use ark_ec::AffineRepr;
    use sealroot_protocol::field::Digest;
    use sealroot_protocol::machine::Shape;
    use sealroot_testing::toy;
    use std::sync::OnceLock;

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

    fn made(policy: u64, seed: u64) -> Made {
        static UNIVERSAL: OnceLock<UniversalKey> = OnceLock::new();
        let solo = toy::solo();
        let universal = || UniversalKey::from_setup(Shape::Solo, Digest([7; 32]), true, solo.proving.vk.clone());
        let universal = UNIVERSAL.get_or_init(|| universal().unwrap());
        let (words, inputs) = (toy::words(policy), toy::inputs(seed));
        let proof = Proof::from_points(solo.prove(&words, &inputs, seed)).unwrap();
        Made { key: PolicyKey::derive(universal, &words).unwrap(), inputs, proof }
    }

    fn claims(made: &[Made]) -> Vec<Claim<'_>> {
        made.iter().map(Made::claim).collect()
    }

    /// One wrong proof is named at every place of every pack, whichever of its points is wrong.
    #[test]
    fn a_single_wrong_proof_is_named_wherever_it_is() {
        let good: Vec<Made> = (1..=17).map(|i| made(i % 3, i)).collect();
        let wrong: Vec<Made> = (1..=17)
            .map(|i| {
                let mut made = made(i % 3, i);
                let mut points = made.proof.points().clone();
                match i % 3 {
                    0 => points.a = (points.a + G1Affine::generator()).into_affine(),
                    1 => points.b = (points.b + G2Affine::generator()).into_affine(),
                    _ => points.c = -points.c,
                }
                made.proof = Proof::from_points(points).unwrap();
                made
            })
            .collect();
        for instructions in Instructions::all() {
            // Each length once with the fast instructions, and every position of the longest; the scalar ones take a sample.
            for n in 1..=17 {
                let mut all = claims(&good[..n]);
                assert_eq!(verify_batch_on(instructions, &all), Ok(()), "{}, {n}", instructions.name());
                for place in (0..n).filter(|place| instructions != Instructions::scalar() || (place + n) % 8 == 0) {
                    all[place] = wrong[place].claim();
                    let r = random_coefficients(n).unwrap();
                    assert_eq!(
                        equation(instructions, &all, &r),
                        Some(false),
                        "{}, {place} of {n}",
                        instructions.name()
                    );
                    all[place] = good[place].claim();
                }
                all[n - 1] = wrong[n - 1].claim();
                let rejected = Err(BatchRejected { culprits: vec![n - 1] });
                assert_eq!(verify_batch_on(instructions, &all), rejected, "{}, {n}", instructions.name());
            }
        }
    }

    /// C shifted by +D in one proof and by −D in the other: with equal coefficients the errors cancel out.
    #[test]
    fn two_wrong_proofs_that_cancel_out_are_rejected() {
        let mut all = [made(1, 1), made(1, 2)];
        for (i, made) in all.iter_mut().enumerate() {
            let mut points = made.proof.points().clone();
            let shift = if i == 0 { G1Affine::generator() } else { -G1Affine::generator() };
            points.c = (points.c + shift).into_affine();
            made.proof = Proof::from_points(points).unwrap();
        }
        let claims = claims(&all);
        let equal = [ShortScalar::from_bits(1); 2];
        for instructions in Instructions::all() {
            let fooled = equation(instructions, &claims, &equal);
            assert_eq!(fooled, Some(true), "the attack works on predictable coefficients");
            assert_eq!(verify_batch_on(instructions, &claims), Err(BatchRejected { culprits: vec![0, 1] }));
        }
    }

    #[test]
    fn coefficients_are_fresh_and_not_zero() {
        let (a, b) = (random_coefficients(50).unwrap(), random_coefficients(50).unwrap());
        let mut all: Vec<Fr> = [a, b].concat().into_iter().map(ShortScalar::value).collect();
        assert!(all.iter().all(|r| !r.is_zero()));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100);
    }
}
