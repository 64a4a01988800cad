//! The proof of a part, from records that were checked.

use crate::records::CheckedRecords;
use sealroot_circuits::Witness;
use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    bundle::Part,
    canonical::DocumentError,
    code::{Code, Coded},
    machine::Shape,
};
use sealroot_prover::{ProveError, Prover, Statement};
use std::borrow::Borrow;

/// Where loaded proving keys come from: files that are read when they are needed, or what a service keeps in memory.
pub trait ProvingKeys {
    /// The prover of a shape.
    fn prover(&self, shape: Shape) -> Result<impl Borrow<Prover>, HostError>;
}

/// What a prover is doing. They come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Getting the proving key.
    Key,
    /// Checking the statement natively and computing all values.
    Witness,
    /// Making the proof; takes longest.
    Proof,
    /// Verifying what was made.
    Verify,
}

/// Why there is no part.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// No proving key.
    #[error(transparent)]
    Key(#[from] HostError),
    /// The policy has no digest.
    #[error(transparent)]
    Policy(#[from] DocumentError),
    /// The statement doesn't hold, or the prover failed.
    #[error(transparent)]
    Unprovable(#[from] ProveError),
    /// Somebody else's record.
    #[error("the record is not the applicant's whom the request names")]
    OtherApplicant,
}

impl Coded for PartError {
    fn code(&self) -> Code {
        match self {
            Self::Key(error) => error.code(),
            Self::Policy(_) => Code::BadPolicy,
            Self::Unprovable(error) => error.code(),
            Self::OtherApplicant => Code::ApplicantMismatch,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Key(error) => error.advice(),
            Self::OtherApplicant => {
                Some("check whose record it is, and that the case secret in the consent is the office's".to_owned())
            }
            _ => None,
        }
    }
}

impl CheckedRecords {
    /// Proves the part. Takes a second of all processors or more, and waits for nothing: run it where blocking is allowed.
    pub fn prove(self, keys: &impl ProvingKeys, progress: &mut dyn FnMut(Stage)) -> Result<Part, PartError> {
        let Self { request, assembled } = self;
        progress(Stage::Key);
        let prover = keys.prover(request.document.policy.shape)?;
        let asked = &request.signed.request;
        let witness = Witness {
            record: assembled.record,
            members: assembled.members,
            opening: asked.scope_opening(),
            case_secret: request.consent.case_secret,
            consent: request.consent.consent,
        };
        let statement = Statement {
            policy: request.document.policy.digest()?,
            words: &request.words,
            as_of: request.program.as_of(asked.period),
            request: asked.digest(),
        };
        let part = prover.borrow().prove(statement, &witness, &mut |stage| {
            progress(match stage {
                sealroot_prover::Stage::Witness => Stage::Witness,
                sealroot_prover::Stage::Prove => Stage::Proof,
                sealroot_prover::Stage::Verify => Stage::Verify,
            });
        })?;
        // A verifier would reject it: the office asked about somebody else.
        if part.inputs.applicant != asked.applicant {
            return Err(PartError::OtherApplicant);
        }
        Ok(part)
    }
}
