//! For tests: a circuit with any number of public inputs, all bound by one constraint whatever their values, and real
//! keys, words, inputs and proofs of the solo shape's sizes over it.

use crate::policy_key::PolicyKey;
use crate::proof::Proof as CheckedProof;
use crate::universal_key::UniversalKey;
use ark_bn254::Bn254;
use ark_groth16::{Groth16, Proof, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::consent::{Nullifier, RequestDigest};
use sealroot_protocol::date::Date;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::machine::testing::Generator;
use sealroot_protocol::machine::{PublicInputs, Shape, ValidWords};
use sealroot_protocol::scope::Scope;
use sealroot_protocol::tree::Root;
use std::sync::OnceLock;

/// `x = 1 + Σ (i + 1)·input_i`, `x·x = y`, with x and y private.
pub(crate) struct Toy<'a>(pub(crate) &'a [F]);

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

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A setup for `inputs` public inputs.
pub(crate) fn setup(inputs: usize, seed: u64) -> ProvingKey<Bn254> {
    let blank = vec![F::from(0u8); inputs];
    Groth16::<Bn254, LibsnarkReduction>::generate_random_parameters_with_reduction(Toy(&blank), &mut rng(seed)).unwrap()
}

/// A proof for these inputs.
pub(crate) fn prove(key: &ProvingKey<Bn254>, inputs: &[F], seed: u64) -> Proof<Bn254> {
    Groth16::<Bn254, LibsnarkReduction>::create_random_proof_with_reduction(Toy(inputs), key, &mut rng(seed)).unwrap()
}

/// Keys of the solo shape over the toy circuit.
pub(crate) struct Solo {
    pub(crate) proving: ProvingKey<Bn254>,
    pub(crate) universal: UniversalKey,
}

/// Made once per test process and seed.
pub(crate) fn solo() -> &'static Solo {
    static SOLO: OnceLock<Solo> = OnceLock::new();
    SOLO.get_or_init(|| make_solo(20))
}

pub(crate) fn make_solo(seed: u64) -> Solo {
    let d = Shape::Solo.dimensions();
    let proving = setup(d.input_count() + d.word_count(), seed);
    let universal = UniversalKey::from_setup(Shape::Solo, Digest([7; 32]), true, proving.vk.clone()).unwrap();
    Solo { proving, universal }
}

pub(crate) fn words(seed: u64) -> ValidWords {
    Generator::new(seed).rules(Shape::Solo)
}

pub(crate) fn inputs(seed: u64) -> PublicInputs {
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
    /// A policy key, and a proof under it of these inputs.
    pub(crate) fn prove(&self, words: &ValidWords, inputs: &PublicInputs, seed: u64) -> (PolicyKey, CheckedProof) {
        let all = [inputs.to_fields().unwrap(), words.words().as_slice().to_vec()].concat();
        let proof = CheckedProof::from_points(prove(&self.proving, &all, seed)).unwrap();
        (PolicyKey::derive(&self.universal, words).unwrap(), proof)
    }
}
