//! Evidence: what the chain said at one block, checked offline against the trust file.
//!
//! Guarantee: a [`Snapshot`] that [`check`] returns is what the pinned contracts held at a block that a pinned sealer sealed, that as many pinned organisations signed as
//! the trust file asks for, or whose hash is pinned, and every byte of the evidence took part: nothing in it can be changed, dropped or added.
//! Non-guarantee: a single sealer can seal two histories; pinning block hashes, or a chain with many validators, prevents that.

mod checkpoint;
mod header;
mod known;
mod proofs;

use crate::trust::Trust;
use alloy_primitives::{Address, B256};
use header::Header;
use known::{Known, KnownBlock};
use proofs::Proven;
use sealroot_protocol::{
    code::{Code, Coded},
    evidence::{Evidence, seal_hash},
    signature::EthereumSignature,
    snapshot::{BlockRef, Revision, Snapshot, SnapshotError, SnapshotQuery},
};
use serde::Serialize;
use std::fmt;

/// Why evidence is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The header isn't one.
    #[error("the evidence's block header is not a canonical Ethereum header: {0}")]
    Header(&'static str),
    /// The auditor knows another block of this height.
    #[error(
        "block {number} has hash {found}, the trust file pins {pinned}: the evidence is from another chain or history"
    )]
    OtherBlock {
        /// Height.
        number: u64,
        /// In the evidence.
        found: B256,
        /// In the trust file.
        pinned: B256,
    },
    /// No seal, no checkpoint, and no pinned hash.
    #[error(
        "block {0} has neither a seal nor a checkpoint, and its hash is not pinned: pin it in the trust file if you know it from elsewhere"
    )]
    Unsealed(u64),
    /// Organisations signed that nobody named.
    #[error("organisations signed block {0}, and the trust file names none whose signatures count")]
    UnaskedCheckpoint(u64),
    /// Not in the one order, one twice, or no signature.
    #[error(
        "the organisations' signatures under block {number} are not canonical, each once, in the order of their addresses"
    )]
    Checkpoint {
        /// Height.
        number: u64,
    },
    /// Signed by somebody else, or another block.
    #[error(
        "a signature under block {number} is by no organisation that the trust file names (it recovers to {found}); header, signature or chain id is another"
    )]
    CheckpointSigner {
        /// Height.
        number: u64,
        /// The address that it recovers to.
        found: Address,
    },
    /// Fewer than the trust file asks for.
    #[error(
        "block {number} is signed by {signed} of the organisations that the trust file names, and it asks for {needed}"
    )]
    TooFewCheckpoints {
        /// Height.
        number: u64,
        /// How many signed.
        signed: u8,
        /// How many are needed.
        needed: u8,
    },
    /// One in the header and one beside it.
    #[error("block {0} has its seal in the header, and the evidence has another one beside it")]
    SecondSeal(u64),
    /// The seal isn't a signature.
    #[error("the seal of block {0} is not a canonical signature")]
    Seal(u64),
    /// Sealed by somebody else, for another chain id, or over another header.
    #[error(
        "block {number} is not sealed by a sealer that the trust file names for its height (the seal recovers to {found}); header, seal or chain id is another"
    )]
    Sealer {
        /// Height.
        number: u64,
        /// The address that the seal recovers to.
        found: Address,
    },
    /// Not exactly the pinned contracts, in their order.
    #[error(
        "the evidence does not hold exactly the contracts that the trust file pins: {0} is missing, out of its place or too many"
    )]
    Accounts(Address),
    /// Another contract at the address.
    #[error("contract {address} has code {found}, the trust file pins {pinned}")]
    Code {
        /// Where.
        address: Address,
        /// In the evidence.
        found: B256,
        /// In the trust file.
        pinned: B256,
    },
    /// An account isn't under the state root.
    #[error("the proof of contract {0} does not lead from the block's state root to its account")]
    AccountProof(Address),
    /// A word isn't under the storage root.
    #[error(
        "{holds}: the evidence's value is not the one that was on chain (the proof of storage slot {slot} of contract {contract} leads elsewhere)"
    )]
    StorageProof {
        /// What the contract holds.
        holds: &'static str,
        /// Of which contract.
        contract: Address,
        /// Which slot.
        slot: B256,
    },
    /// A zero word proves nothing.
    #[error(
        "{holds}: the evidence says that nothing was on chain, which it can't show (storage slot {slot} of contract {contract} is 0)"
    )]
    Absence {
        /// What the contract holds.
        holds: &'static str,
        /// Of which contract.
        contract: Address,
        /// Which slot.
        slot: B256,
    },
    /// Another entry than needed.
    #[error(
        "{holds}: what the bundle names is not what its evidence shows, so the bundle was edited after its evidence was collected, or the evidence is another decision's \
         (storage slot {needed} of contract {contract} is needed next)"
    )]
    OtherEntry {
        /// What the contract holds.
        holds: &'static str,
        /// Of which contract.
        contract: Address,
        /// Which slot.
        needed: B256,
    },
    /// More than needed.
    #[error(
        "{holds}: the evidence shows an entry that the bundle doesn't name, so the bundle was edited after its evidence was collected, or the evidence is another \
         decision's (storage slot {slot} of contract {contract} is left)"
    )]
    Unneeded {
        /// What the contract holds.
        holds: &'static str,
        /// Of which contract.
        contract: Address,
        /// Which slot.
        slot: B256,
    },
    /// A path in a batch where nothing is said about batches.
    #[error("the evidence has a path in a batch of refusals, but no batch is needed here")]
    UnneededPath,
    /// The trust file pins contracts of this revision, and names another one's.
    #[error("{}", other_revision(*.0))]
    OtherRevision(Revision),
    /// The words aren't what the contracts write.
    #[error(transparent)]
    Entry(SnapshotError),
}

/// The code hashes are the pinned ones by now, so it is the trust file that is wrong about its own contracts.
fn other_revision(found: Revision) -> &'static str {
    match found {
        Revision::First => {
            "the trust file pins the first contracts, and names a revision of them: take the line `revision = …` out of [contracts]"
        }
        Revision::Second => {
            "the trust file pins contracts of revision 2, and reads them as the first ones: write the line `revision = 2` under [contracts]"
        }
    }
}

impl From<SnapshotError> for EvidenceError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::OtherRevision(found) => Self::OtherRevision(found),
            error => Self::Entry(error),
        }
    }
}

impl Coded for EvidenceError {
    fn code(&self) -> Code {
        match self {
            // The evidence may be in order: another copy of it would say the same.
            Self::OtherRevision(_) => Code::BadTrustFile,
            _ => Code::EvidenceInvalid,
        }
    }
}

/// How an auditor knows that a block is the chain's. A chain with validators will be a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BlockAuthentication {
    /// The trust file pins the block's hash. A seal, where there is one, was checked as well.
    PinnedHash,
    /// One sealer that the trust file names for this height signed it. A single sealer can seal two histories.
    SingleSealer {
        /// The sealer's address.
        sealer: Address,
    },
    /// So many of the organisations that the trust file names signed it.
    Checkpoint {
        /// How many.
        signed: u8,
    },
}

impl fmt::Display for BlockAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PinnedHash => f.write_str("its hash, which the trust file pins"),
            Self::SingleSealer { sealer } => write!(f, "the seal of a single sealer, {sealer}"),
            Self::Checkpoint { signed: 1 } => {
                f.write_str("the signature of one organisation that the trust file names")
            }
            Self::Checkpoint { signed } => {
                write!(f, "the signatures of {signed} organisations that the trust file names")
            }
        }
    }
}

/// Checks evidence for the entries of `query` and returns what the chain said, by [`check_authenticated`].
pub fn check(evidence: &Evidence, query: &SnapshotQuery, trust: &Trust) -> Result<Snapshot, EvidenceError> {
    check_authenticated(evidence, query, trust).map(|(snapshot, _)| snapshot)
}

/// Checks evidence for the entries of `query` and returns what the chain said, and how its block is known to be the chain's. That a path in a batch of refusals leads from
/// the bundle to the batch of the query is the caller's to check ([`RefusalPath::root`](sealroot_protocol::refusals::RefusalPath::root)).
pub fn check_authenticated(
    evidence: &Evidence,
    query: &SnapshotQuery,
    trust: &Trust,
) -> Result<(Snapshot, BlockAuthentication), EvidenceError> {
    Checker::new(trust).check(evidence, query)
}

/// Checks much evidence against one trust file. What several have in common, byte for byte, is checked once.
pub(crate) struct Checker<'t> {
    trust: &'t Trust,
    known: Known,
}

impl<'t> Checker<'t> {
    pub(crate) fn new(trust: &'t Trust) -> Self {
        Self { trust, known: Known::default() }
    }

    /// As [`check_authenticated`].
    pub(crate) fn check(
        &mut self,
        evidence: &Evidence,
        query: &SnapshotQuery,
    ) -> Result<(Snapshot, BlockAuthentication), EvidenceError> {
        let trust = self.trust;
        if evidence.refusals.is_some() && query.refusals.is_none() {
            return Err(EvidenceError::UnneededPath);
        }
        let header = Header::decode(&evidence.header)?;
        let authentication = self.authenticate(evidence, &header)?;
        let mut proven = Proven::check(evidence, header.state_root, trust, &mut self.known)?;
        let (addresses, revision) = (trust.addresses(), trust.contracts.revision);
        let snapshot = Snapshot::read(query, trust.chain_id, &addresses, revision, header.block(), &mut proven)?;
        proven.finish()?;
        Ok((snapshot, authentication))
    }

    /// The block of evidence and its parent's hash, if a pinned sealer, pinned organisations or a pinned hash vouch for it. What it holds is not looked at.
    pub(crate) fn authenticated_block(&mut self, evidence: &Evidence) -> Result<(BlockRef, B256), EvidenceError> {
        let header = Header::decode(&evidence.header)?;
        self.authenticate(evidence, &header)?;
        Ok((header.block(), header.parent))
    }

    fn authenticate(&mut self, evidence: &Evidence, header: &Header) -> Result<BlockAuthentication, EvidenceError> {
        let by = KnownBlock { seal: evidence.seal.clone(), checkpoint: evidence.checkpoint.clone() };
        if let Some((_, known)) = self.known.blocks.get(header.hash).filter(|(known, _)| *known == by) {
            return Ok(*known);
        }
        let authentication = authenticate(evidence, header, self.trust)?;
        self.known.blocks.keep(header.hash, (by, authentication));
        Ok(authentication)
    }
}

fn authenticate(evidence: &Evidence, header: &Header, trust: &Trust) -> Result<BlockAuthentication, EvidenceError> {
    let Header { number, hash, .. } = *header;
    let pinned = trust.block(number);
    if let Some(pinned) = pinned.filter(|pinned| *pinned != hash) {
        return Err(EvidenceError::OtherBlock { number, found: hash, pinned });
    }
    let checkpoint = checkpoint::signed(&evidence.checkpoint, header, trust)?;
    let sealer = sealer(evidence, header, trust)?;
    match (pinned, sealer, checkpoint) {
        (Some(_), ..) => Ok(BlockAuthentication::PinnedHash),
        (None, _, Some(signed)) => Ok(BlockAuthentication::Checkpoint { signed }),
        (None, Some(sealer), None) => Ok(BlockAuthentication::SingleSealer { sealer }),
        // Nothing but the auditor's own knowledge says which chain this is.
        (None, None, None) => Err(EvidenceError::Unsealed(number)),
    }
}

/// Whose seal a block has, if it has one. A seal that is there is a pinned sealer's.
fn sealer(evidence: &Evidence, header: &Header, trust: &Trust) -> Result<Option<Address>, EvidenceError> {
    let Header { number, hash, .. } = *header;
    let (seal, sealed) = match (header.seal, evidence.seal.as_ref()) {
        (Some(sealed), []) => sealed,
        // Nothing in evidence is unauthenticated: a second seal would be.
        (Some(_), _) => return Err(EvidenceError::SecondSeal(number)),
        (None, []) => return Ok(None),
        (None, beside) => (beside.try_into().map_err(|_| EvidenceError::Seal(number))?, hash),
    };
    let seal = EthereumSignature::from_bytes(&seal).map_err(|_| EvidenceError::Seal(number))?;
    let found = seal.signer(&seal_hash(trust.chain_id, sealed)).map_err(|_| EvidenceError::Seal(number))?;
    if trust.seals(found, number) { Ok(Some(found)) } else { Err(EvidenceError::Sealer { number, found }) }
}
