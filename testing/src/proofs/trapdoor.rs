//! Keys whose trapdoor is known: a proof of anything costs three multiplications, where the prover of the toy circuit takes a second for twenty.
//!
//! To a verifier key and proofs are as good as any: Groth16 is zero-knowledge because the maker of a setup can do this, and nobody can tell. So a test can make
//! true proofs of many thousands of statements, of every shape's size, and see the check that it is after.

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::Field;
use ark_groth16::{Proof, VerifyingKey};
use ark_std::{
    UniformRand,
    rand::{SeedableRng, rngs::StdRng},
};
use sealroot_protocol::{
    field::Digest,
    machine::{PublicInputs, Shape, ValidWords},
};
use sealroot_verifier::universal_key::UniversalKey;

/// See the module.
pub struct Trapdoor {
    shape: Shape,
    alpha: Fr,
    beta: Fr,
    gamma: Fr,
    delta: Fr,
    /// Discrete logarithms of the input points.
    points: Vec<Fr>,
    key: VerifyingKey<Bn254>,
}

impl Trapdoor {
    /// A setup of a shape's size.
    pub fn new(shape: Shape, seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let [alpha, beta, gamma, delta] = [0; 4].map(|_| Fr::rand(rng));
        let d = shape.dimensions();
        let points: Vec<Fr> = (0..=d.input_count() + d.word_count()).map(|_| Fr::rand(rng)).collect();
        let on_curve: Vec<_> = points.iter().map(|point| G1Projective::generator() * point).collect();
        let in_g2 = |scalar| (G2Projective::generator() * scalar).into_affine();
        let key = VerifyingKey {
            alpha_g1: (G1Projective::generator() * alpha).into_affine(),
            beta_g2: in_g2(beta),
            gamma_g2: in_g2(gamma),
            delta_g2: in_g2(delta),
            gamma_abc_g1: G1Projective::normalize_batch(&on_curve),
        };
        Self { shape, alpha, beta, gamma, delta, points, key }
    }

    /// What a verifier pins.
    pub fn universal_key(&self) -> UniversalKey {
        UniversalKey::from_setup(self.shape, Digest([7; 32]), true, self.key.clone()).unwrap()
    }

    /// The verifying key over inputs and words.
    pub fn verifying_key(&self) -> &VerifyingKey<Bn254> {
        &self.key
    }

    /// A proof of these inputs under these words: `C = (ab − αβ − γx) / δ`.
    pub fn prove(&self, words: &ValidWords, inputs: &PublicInputs, seed: u64) -> Proof<Bn254> {
        let rng = &mut StdRng::seed_from_u64(seed);
        let (a, b) = (Fr::rand(rng), Fr::rand(rng));
        let all = inputs.to_fields().unwrap().into_iter().chain(words.words().as_slice().iter().copied());
        let x = self.points[1..].iter().zip(all).fold(self.points[0], |sum, (point, value)| sum + *point * value);
        let c = (a * b - self.alpha * self.beta - self.gamma * x) * self.delta.inverse().unwrap();
        Proof {
            a: (G1Projective::generator() * a).into_affine(),
            b: (G2Projective::generator() * b).into_affine(),
            c: (G1Projective::generator() * c).into_affine(),
        }
    }
}
