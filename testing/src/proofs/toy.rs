//! A circuit with any number of public inputs, all bound by one constraint whatever their values, and real keys, words,
//! inputs and proofs of the solo shape's sizes over it. A prover can state anything by it: a test that changes an
//! input still has a valid proof, and sees the check that it is after.
//!
//! No type of the verifier is here, so that its unit tests can use it too.

use crate::rules::Generator;
use ark_bn254::Bn254;
use ark_groth16::{Groth16, Proof, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::consent::{Nullifier, RequestDigest};
use sealroot_protocol::date::Date;
use sealroot_protocol::field::F;
use sealroot_protocol::machine::{PublicInputs, Shape, ValidWords};
use sealroot_protocol::scope::Scope;
use sealroot_protocol::tree::Root;
use std::sync::OnceLock;

/// `x = 1 + Σ (i + 1)·input_i`, `x·x = y`, with x and y private.
pub struct Toy<'a>(pub &'a [F]);

impl ConstraintSynthesizer<F> for Toy<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let mut lc = LinearCombination::from((F::from(1u8), Variable::One));
        let mut x = F::from(1u8);
        for (i, value) in (1u64..).zip(self.0) {
            lc += (F::from(i), cs.new_input_variable(|| Ok(*value))?);
            x += F::from(i) * value;
        }
        let (x_var, y) = (cs.new_witness_variable(|| Ok(x))?, cs.new_witness_variable(|| Ok(x * x))?);
        cs.enforce_r1cs_constraint(|| lc, || Variable::One.into(), || x_var.into())?;
        cs.enforce_r1cs_constraint(|| x_var.into(), || x_var.into(), || y.into())
    }
}

/// Randomness for setups and proofs.
pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A setup for `inputs` public inputs.
pub fn setup(inputs: usize, seed: u64) -> ProvingKey<Bn254> {
    let blank = vec![F::from(0u8); inputs];
    Groth16::<Bn254, LibsnarkReduction>::generate_random_parameters_with_reduction(Toy(&blank), &mut rng(seed)).unwrap()
}

/// A proof for these inputs.
pub fn prove(key: &ProvingKey<Bn254>, inputs: &[F], seed: u64) -> Proof<Bn254> {
    Groth16::<Bn254, LibsnarkReduction>::create_random_proof_with_reduction(Toy(inputs), key, &mut rng(seed)).unwrap()
}

/// A setup of the solo shape's size.
pub struct Solo {
    /// With the universal verifying key in it.
    pub proving: ProvingKey<Bn254>,
}

/// Made once per test process.
pub fn solo() -> &'static Solo {
    static SOLO: OnceLock<Solo> = OnceLock::new();
    SOLO.get_or_init(|| make_solo(20))
}

/// From another seed, another setup.
pub fn make_solo(seed: u64) -> Solo {
    let d = Shape::Solo.dimensions();
    Solo { proving: setup(d.input_count() + d.word_count(), seed) }
}

/// Some valid words of the solo shape.
pub fn words(seed: u64) -> ValidWords {
    Generator::new(seed).rules(Shape::Solo)
}

/// Public inputs of an approval; no field element occurs under two seeds.
pub fn inputs(seed: u64) -> PublicInputs {
    let f = |i: u64| F::from(1000 * seed + i);
    PublicInputs {
        roots: vec![Root(f(1))],
        as_of: Date::from_yyyymmdd(20_260_401).unwrap(),
        scope: Scope(f(2)),
        request: RequestDigest(f(3)),
        applicant: Applicant(f(4)),
        nullifier: Nullifier(f(5)),
        decision: true,
        outputs: [41_200 + seed, 0],
        reasons: 0,
    }
}

impl Solo {
    /// A proof of these inputs under these words.
    pub fn prove(&self, words: &ValidWords, inputs: &PublicInputs, seed: u64) -> Proof<Bn254> {
        let all = [inputs.to_fields().unwrap(), words.words().as_slice().to_vec()].concat();
        prove(&self.proving, &all, seed)
    }
}
