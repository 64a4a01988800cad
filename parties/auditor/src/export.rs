//! A bundle's parts for other people's verifiers.

use sealroot_protocol::{
    bundle::Bundle,
    code::{Code, Coded},
    field::Digest,
    machine::{Shape, ValidWords, WordsError},
    name::Name,
};
use sealroot_verifier::{
    policy_key::{DeriveError, PolicyKey, ProofRejected},
    proof::{Proof, ProofError},
    snarkjs::{self, SnarkjsFiles},
    universal_key::UniversalKeys,
};

/// One part.
pub struct ExportedPart {
    /// Its policy.
    pub policy: Name,
    /// What snarkjs reads.
    pub files: SnarkjsFiles,
}

/// Why a part can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The policy's words are invalid.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The universal key that it is enacted under is missing.
    #[error("there is no {0} key with the hash {1}, under which the policy is enacted")]
    NoKey(Shape, Digest),
    /// Its key can't be derived.
    #[error(transparent)]
    Key(#[from] DeriveError),
    /// The proof's bytes are no points.
    #[error(transparent)]
    Malformed(#[from] ProofError),
    /// Its inputs are inconsistent.
    #[error(transparent)]
    Inputs(#[from] ProofRejected),
}

impl Coded for ExportError {
    fn code(&self) -> Code {
        match self {
            Self::Words(_) => Code::InvalidWords,
            Self::NoKey(..) => Code::NoKey,
            Self::Key(_) => Code::UnderivablePolicyKey,
            Self::Malformed(_) => Code::ProofMalformed,
            Self::Inputs(_) => Code::ProofInvalid,
        }
    }
}

/// Turns every part into snarkjs's files. Nothing is verified: that is what the other verifier does.
pub fn export(bundle: &Bundle, keys: &UniversalKeys) -> Result<Vec<ExportedPart>, ExportError> {
    let parts = bundle.parts.iter().zip(&bundle.policies);
    let exported = parts.map(|(part, document)| {
        let policy = &document.policy;
        let words = ValidWords::check(policy.shape, policy.words.clone())?;
        let universal = keys.get(policy.universal_key).ok_or(ExportError::NoKey(policy.shape, policy.universal_key))?;
        let key = PolicyKey::derive(universal, &words)?;
        let files = snarkjs::export(&key, &part.inputs, &Proof::from_bytes(&part.proof.0)?)?;
        Ok(ExportedPart { policy: policy.id.clone(), files })
    });
    exported.collect()
}
