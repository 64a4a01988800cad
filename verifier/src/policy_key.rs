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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::toy;
    use sealroot_protocol::date::Date;

    #[test]
    fn a_proof_holds_for_its_policy_and_inputs_only() {
        let solo = toy::solo();
        let (words, inputs) = (toy::words(1), toy::inputs(1));
        let (key, proof) = solo.prove(&words, &inputs, 1);
        assert_eq!(key.verify(&inputs, &proof), Ok(()));

        type Change = fn(&mut PublicInputs);
        let table: [(&str, Change); 9] = [
            ("root", |i| i.roots[0].0 += F::from(1u8)),
            ("as_of", |i| i.as_of = Date::from_yyyymmdd(20_260_402).unwrap()),
            ("scope", |i| i.scope.0 += F::from(1u8)),
            ("request", |i| i.request.0 += F::from(1u8)),
            ("applicant", |i| i.applicant.0 += F::from(1u8)),
            ("nullifier", |i| i.nullifier.0 = -i.nullifier.0),
            ("decision", |i| (i.decision, i.outputs) = (false, [0; 2])),
            ("output_0", |i| i.outputs[0] += 1),
            ("output_1", |i| i.outputs[1] += 1),
        ];
        for (name, change) in table {
            let mut changed = inputs.clone();
            change(&mut changed);
            assert_eq!(key.verify(&changed, &proof), Err(ProofRejected::Equation), "{name}");
        }
        let other_policy = PolicyKey::derive(&solo.universal, &toy::words(2)).unwrap();
        assert_eq!(other_policy.verify(&inputs, &proof), Err(ProofRejected::Equation));
        assert_ne!(other_policy.hash(), key.hash());
    }

    #[test]
    fn a_proof_under_another_universal_key_is_rejected() {
        let (words, inputs) = (toy::words(1), toy::inputs(1));
        let other = toy::make_solo(21);
        let (other_key, other_proof) = other.prove(&words, &inputs, 1);
        let (key, proof) = toy::solo().prove(&words, &inputs, 1);
        assert_eq!(other_key.verify(&inputs, &other_proof), Ok(()));
        assert_eq!(other_key.verify(&inputs, &proof), Err(ProofRejected::Equation));
        assert_eq!(key.verify(&inputs, &other_proof), Err(ProofRejected::Equation));
    }

    #[test]
    fn inconsistent_inputs_never_reach_the_equation() {
        let (words, inputs) = (toy::words(1), toy::inputs(1));
        let (key, proof) = toy::solo().prove(&words, &inputs, 1);
        let table: [fn(&mut PublicInputs); 5] = [
            |i| i.roots.clear(),
            |i| i.roots.push(i.roots[0]),
            |i| i.outputs[0] = 1 << 63,
            |i| i.decision = false,
            |i| i.reasons = 1,
        ];
        for change in table {
            let mut changed = inputs.clone();
            change(&mut changed);
            assert!(matches!(key.verify(&changed, &proof), Err(ProofRejected::Inputs(_))));
        }
    }

    /// EIP-197: alpha, three G2 points, then 1 + 11 input points.
    #[test]
    fn the_encoding_has_the_documented_size() {
        let key = PolicyKey::derive(&toy::solo().universal, &toy::words(1)).unwrap();
        assert_eq!(key.to_bytes().len(), 64 + 3 * 128 + 12 * 64);
        assert_eq!(key.universal_key(), toy::solo().universal.hash());
    }
}
