//! The development setup: keys whose secrets the process that makes them knows for a moment.
//!
//! Non-guarantee: soundness. A person that ran it, or read that process's memory, can prove anything. The keys say so in
//! their header, which is inside their hash, and loading rejects them unless insecure keys are allowed explicitly.

use crate::proving_key::{self, ProvingKeyError, ProvingKeyFile};
use ark_bn254::Bn254;
use ark_groth16::{Groth16, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::SynthesisError;
use ark_std::rand::{CryptoRng, RngCore};
use sealroot_circuits::{EligibilityCircuit, matrices};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::Shape;
use sealroot_verifier::universal_key::{KeyError, UniversalKey};

/// Why a setup made no keys.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The library failed.
    #[error("the setup library failed: {0}")]
    Library(#[from] SynthesisError),
    /// The verifying key is not usable.
    #[error(transparent)]
    VerifyingKey(#[from] KeyError),
    /// The proving key can't be written.
    #[error(transparent)]
    ProvingKey(#[from] ProvingKeyError),
}

impl Coded for SetupError {
    fn code(&self) -> Code {
        Code::SetupFailed
    }
}

/// The two key files of a setup.
pub struct KeyFiles {
    /// The universal key, marked insecure.
    pub universal: UniversalKey,
    /// The proving key file's bytes.
    pub proving_key: Vec<u8>,
    /// SHA-256 of these bytes, to be pinned by provers.
    pub proving_key_hash: Digest,
}

/// Keys for a shape, marked insecure.
pub fn insecure_dev_setup(shape: Shape, rng: &mut (impl RngCore + CryptoRng)) -> Result<KeyFiles, SetupError> {
    let blank = EligibilityCircuit::blank(shape);
    let key = Groth16::<Bn254, LibsnarkReduction>::generate_random_parameters_with_reduction(blank, rng)?;
    let universal = UniversalKey::from_setup(shape, matrices(shape).digest(), true, key.vk.clone())?;
    let proving_key = ProvingKeyFile::from_setup(&universal, key).to_bytes()?;
    let proving_key_hash = proving_key::hash(&proving_key);
    Ok(KeyFiles { universal, proving_key, proving_key_hash })
}
