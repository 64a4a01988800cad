//! Proving one part: native check, values, proof, and a look at the result before it leaves.
//!
//! Guarantees: a statement that doesn't hold is rejected with the obligation that fails, before any proving; a [`Part`] that is
//! returned verifies. The circuit's values are wiped when they are no longer needed.
//! Non-guarantee: time. How long proving takes depends on the witness, so it stays inside the agency's boundary.

use crate::engine::{ArkEngine, EngineError, Options, Progress, ProvingEngine, TableEngine, TableError};
use crate::proving_key::{ProvingKeyError, ProvingKeyFile};
use sealroot_circuits::{Assignment, Obligation, Witness, WitnessError, matrices};
use sealroot_protocol::bundle::{Part, ProofBytes};
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::Date;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{InputsError, Shape, ValidWords};
use sealroot_protocol::policy::PolicyDigest;
use sealroot_verifier::key_header::KeySecurity;
use sealroot_verifier::policy_key::{DeriveError, PolicyKey, ProofRejected};
use sealroot_verifier::proof::{Proof, ProofError};
use sealroot_verifier::universal_key::UniversalKey;

/// What is to be proved, without the witness.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// The policy version, as the part names it.
    pub policy: PolicyDigest,
    /// Its words.
    pub words: &'a ValidWords,
    /// The reference day: the program's rule for the period.
    pub as_of: Date,
    /// What the holder consented to.
    pub request: RequestDigest,
}

/// What a prover is doing, for a progress display. They come in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Checking the statement natively and computing all values.
    Witness,
    /// Making the proof; takes longest.
    Prove,
    /// Verifying what was made.
    Verify,
}

/// Why no part was made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The policy is of another shape than the loaded key.
    #[error(
        "the policy is of the {policy} shape, the loaded keys are of the {keys} shape: load the keys of that shape"
    )]
    Shape {
        /// The policy's shape.
        policy: Shape,
        /// The keys' shape.
        keys: Shape,
    },
    /// The statement doesn't hold for this witness.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The witness's public inputs are inconsistent.
    #[error(transparent)]
    Inputs(#[from] InputsError),
    /// The native check accepts what the circuit rejects: a mistake of this software.
    #[error("the native check and the circuit disagree on {}: please report this", obligation.map_or("an unnamed constraint", Obligation::name))]
    Disagreement {
        /// Whose constraint is not satisfied.
        obligation: Option<Obligation>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine's points are not a proof.
    #[error("the engine made no valid proof: {0}")]
    Points(#[from] ProofError),
    /// No policy key.
    #[error(transparent)]
    PolicyKey(#[from] DeriveError),
    /// What the engine made doesn't verify.
    #[error("the engine made a proof that doesn't verify: {0}; the proving key is damaged or the engine is faulty")]
    Unverified(#[from] ProofRejected),
}

impl Coded for ProveError {
    fn code(&self) -> Code {
        match self {
            Self::Shape { .. } => Code::BadProvingKey,
            Self::Witness(error) => error.code(),
            Self::Inputs(_) => Code::Unprovable,
            Self::PolicyKey(error) => error.code(),
            // A mistake of this software, or damaged memory: what holds natively must have a proof that verifies.
            Self::Disagreement { .. } | Self::Engine(_) | Self::Points(_) | Self::Unverified(_) => Code::ProvingFailed,
        }
    }
}

/// Why a prover with tables was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The proving key is rejected.
    #[error(transparent)]
    Key(#[from] ProvingKeyError),
    /// There are no tables.
    #[error(transparent)]
    Tables(#[from] TableError),
}

impl Coded for LoadError {
    fn code(&self) -> Code {
        match self {
            Self::Key(error) => error.code(),
            Self::Tables(error) => error.code(),
        }
    }
}

/// The proving keys of one shape, loaded and compared with the universal key and the circuit.
pub struct Prover {
    universal: UniversalKey,
    engine: Box<dyn ProvingEngine>,
}

impl Prover {
    /// Loads a proving key file whose SHA-256 must be `pinned`, for a universal key.
    pub fn load(
        universal: UniversalKey,
        proving_key: &[u8],
        pinned: Digest,
        security: KeySecurity,
    ) -> Result<Self, ProvingKeyError> {
        let matrices = matrices(universal.shape());
        let key = ProvingKeyFile::from_pinned(proving_key, pinned, security)?.into_key_for(&universal, matrices)?;
        Ok(Self::with_engine(universal, Box::new(ArkEngine::new(key, matrices))))
    }

    /// As [`load`](Self::load), with the table engine: proofs are made several times faster, from tables that are made or read first.
    pub fn load_with_tables(
        universal: UniversalKey,
        proving_key: &[u8],
        pinned: Digest,
        security: KeySecurity,
        options: Options,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, LoadError> {
        let matrices = matrices(universal.shape());
        let key = ProvingKeyFile::from_pinned(proving_key, pinned, security)?.into_key_for(&universal, matrices)?;
        let engine = TableEngine::new(&key, pinned, matrices, options, progress)?;
        Ok(Self::with_engine(universal, Box::new(engine)))
    }

    /// A prover with another engine.
    pub fn with_engine(universal: UniversalKey, engine: Box<dyn ProvingEngine>) -> Self {
        Self { universal, engine }
    }

    /// The universal key under which parts verify.
    pub fn universal_key(&self) -> &UniversalKey {
        &self.universal
    }

    /// Proves one part. `progress` is told each stage as it begins.
    pub fn prove(
        &self,
        statement: Statement<'_>,
        witness: &Witness,
        progress: &mut dyn FnMut(Stage),
    ) -> Result<Part, ProveError> {
        let (policy, keys) = (statement.words.shape(), self.universal.shape());
        if policy != keys {
            return Err(ProveError::Shape { policy, keys });
        }
        progress(Stage::Witness);
        let policy_key = PolicyKey::derive(&self.universal, statement.words)?;
        let assignment = Assignment::generate(statement.words, statement.as_of, statement.request, witness)?;
        let inputs = assignment.public_inputs()?;
        let values = assignment.full();
        let matrices = matrices(keys);
        if let Some(constraint) = matrices.unsatisfied(&values).first() {
            return Err(ProveError::Disagreement { obligation: matrices.obligation_of(*constraint) });
        }
        drop(assignment);

        progress(Stage::Prove);
        let proof = Proof::from_points(self.engine.prove(&values)?)?;
        drop(values);

        progress(Stage::Verify);
        policy_key.verify(&inputs, &proof)?;
        Ok(Part {
            suite: Suite,
            policy: statement.policy,
            universal_key: self.universal.hash(),
            inputs,
            proof: ProofBytes::from(&proof),
        })
    }
}
