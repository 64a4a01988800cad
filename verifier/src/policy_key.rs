//! The policy key: the universal key specialised to one policy, an ordinary Groth16 verifying key.
//!
//! Guarantee: a [`PolicyKey`] exists only if it was derived here, from valid words and a checked universal key. There is no
//! decoder: a key that was received proves nothing about the policy it claims to belong to.

use crate::groth16::{self, FoldedKey, UnsafeKey};
use crate::proof::Proof;
use crate::universal_key::UniversalKey;
use alloy_primitives::keccak256;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::machine::{InputsError, PublicInputs, Shape, ValidWords};
use std::fmt;

/// Why no policy key can be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The words are of another shape than the key.
    #[error("the policy is of the {words} shape, the universal key of the {key} shape")]
    Shape {
        /// The words' shape.
        words: Shape,
        /// The universal key's shape.
        key: Shape,
    },
    /// The folded key would be unusable.
    #[error("unsafe policy key: {0}")]
    Unsafe(#[from] UnsafeKey),
}

impl Coded for DeriveError {
    fn code(&self) -> Code {
        Code::UnderivablePolicyKey
    }
}

/// Why a proof isn't one of the statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofRejected {
    /// The public inputs contradict each other.
    #[error(transparent)]
    Inputs(#[from] InputsError),
    /// The public inputs are of another shape than the key.
    #[error("the public inputs are of the {inputs} shape, the policy key of the {key} shape")]
    Shape {
        /// The inputs' shape.
        inputs: Shape,
        /// The key's shape.
        key: Shape,
    },
    /// The pairing equation doesn't hold.
    #[error("the proof doesn't hold for this policy and these public inputs")]
    Equation,
}

impl Coded for ProofRejected {
    fn code(&self) -> Code {
        Code::ProofInvalid
    }
}

/// A verifying key over the public inputs per proof of one policy.
#[derive(Clone)]
pub struct PolicyKey {
    shape: Shape,
    key: FoldedKey,
    universal_key: Digest,
}

impl fmt::Debug for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyKey").field("shape", &self.shape).field("hash", &self.hash()).finish_non_exhaustive()
    }
}

impl PolicyKey {
    /// Folds the words into the constant input point: `IC'_0 = IC_0 + Σ word_i · IC_i`.
    pub fn derive(universal: &UniversalKey, words: &ValidWords) -> Result<Self, DeriveError> {
        let shape = universal.shape();
        if words.shape() != shape {
            return Err(DeriveError::Shape { words: words.shape(), key: shape });
        }
        let key = universal.foldable().fold(words.words().as_slice())?;
        Ok(Self { shape, key, universal_key: universal.hash() })
    }

    /// Checks a proof for exactly these public inputs.
    pub fn verify(&self, inputs: &PublicInputs, proof: &Proof) -> Result<(), ProofRejected> {
        let fields = self.fields(inputs)?;
        if self.key.holds(&fields, proof.points()) { Ok(()) } else { Err(ProofRejected::Equation) }
    }

    /// EIP-197 encoding: alpha, beta, gamma, delta, `IC'_0`, then one point per public input.
    pub fn to_bytes(&self) -> Vec<u8> {
        groth16::encode(self.key.verifying_key())
    }

    /// Keccak-256 of [`PolicyKey::to_bytes`]: what the chain stores when a policy is enacted.
    pub fn hash(&self) -> Digest {
        Digest(keccak256(self.to_bytes()).0)
    }

    /// The shape of the policy.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Hash of the universal key it was derived from.
    pub fn universal_key(&self) -> Digest {
        self.universal_key
    }

    /// The inputs as field elements, if they are consistent and of this key's shape.
    pub(crate) fn fields(&self, inputs: &PublicInputs) -> Result<Vec<F>, ProofRejected> {
        let fields = inputs.to_fields()?;
        let (inputs, key) = (inputs.shape()?, self.shape);
        if inputs == key { Ok(fields) } else { Err(ProofRejected::Shape { inputs, key }) }
    }

    pub(crate) fn folded(&self) -> &FoldedKey {
        &self.key
    }
}
