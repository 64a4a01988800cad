//! The Groth16 engine: from the values of a circuit's variables to a proof.
//!
//! The rest of the crate knows only [`ProvingEngine`], so that a faster engine can take ark-groth16's place. An engine draws its own
//! randomness from the operating system: two proofs with the same `r` and `s` would show which values they share.
//!
//! Non-guarantee: arkworks is not constant-time and keeps copies of the values in memory that it frees without wiping.

mod preprocess;
mod quotient;
mod table_engine;
mod tables;

pub use preprocess::Progress;
pub use table_engine::{Options, Phases, TableEngine};
pub use tables::{TableError, TooLittleMemory};

use ark_bn254::Bn254;
use ark_ff::UniformRand;
use ark_groth16::{Groth16, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::{Matrix, SynthesisError};
use ark_std::rand::rngs::{OsRng, StdRng};
use ark_std::rand::{RngCore, SeedableRng};
use sealroot_circuits::system::{self, Matrices};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::F;
use zeroize::{Zeroize, Zeroizing};

/// Makes proofs for one circuit and proving key.
pub trait ProvingEngine: Send + Sync {
    /// A proof for `values`: 1, the public inputs, the words, the witness. They satisfy the circuit. Blinding is fresh for every call.
    fn prove(&self, values: &[F]) -> Result<ark_groth16::Proof<Bn254>, EngineError>;
}

/// Why an engine made no proof.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    Randomness(String),
    /// Another number of values than the circuit has variables.
    #[error("the circuit has {expected} as its number of variables, and of values there are {found}")]
    Variables {
        /// Of the circuit.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// What was made does not verify.
    #[error(
        "the engine made a proof that does not verify: the values don't satisfy the circuit, or tables or memory are damaged; delete the table file and try again"
    )]
    Invalid,
    /// The library failed.
    #[error("the proving library failed: {0}")]
    Library(#[from] SynthesisError),
}

impl Coded for EngineError {
    fn code(&self) -> Code {
        Code::ProvingFailed
    }
}

/// ark-groth16, with matrices that are brought into its form once.
pub struct ArkEngine {
    key: ProvingKey<Bn254>,
    abc: [Matrix<F>; 3],
    instance: usize,
    variables: usize,
}

impl ArkEngine {
    /// An engine for a proving key that belongs to these matrices, as
    /// [`ProvingKeyFile::into_key_for`](crate::proving_key::ProvingKeyFile::into_key_for) has found.
    pub fn new(key: ProvingKey<Bn254>, matrices: &Matrices) -> Self {
        let abc = [&matrices.a, &matrices.b, &matrices.c].map(rows);
        Self { key, abc, instance: matrices.instance, variables: matrices.variables }
    }
}

impl ProvingEngine for ArkEngine {
    fn prove(&self, values: &[F]) -> Result<ark_groth16::Proof<Bn254>, EngineError> {
        if values.len() != self.variables {
            return Err(EngineError::Variables { expected: self.variables, found: values.len() });
        }
        let mut rng = os_seeded_rng()?;
        let (mut r, mut s) = (F::rand(&mut rng), F::rand(&mut rng));
        let proof = Groth16::<Bn254, LibsnarkReduction>::create_proof_with_reduction_and_matrices(
            &self.key,
            r,
            s,
            &self.abc,
            self.instance,
            self.abc[0].len(),
            values,
        );
        r.zeroize();
        s.zeroize();
        Ok(proof?)
    }
}

fn rows(matrix: &system::Matrix) -> Matrix<F> {
    let row = |i| matrix.row(i).iter().map(|(variable, coefficient)| (*coefficient, *variable as usize)).collect();
    (0..matrix.rows()).map(row).collect()
}

/// A generator of arkworks' family, seeded from the operating system.
fn os_seeded_rng() -> Result<StdRng, EngineError> {
    let mut seed = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(seed.as_mut()).map_err(|error| EngineError::Randomness(error.to_string()))?;
    Ok(StdRng::from_seed(*seed))
}
