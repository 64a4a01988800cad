//! Dating refusals in one batch, so that the chain shows the public neither how many there were nor whose.

use crate::{
    batch::{BatchStore, BegunBatch},
    verify::{VerifyError, verify, verify_at},
};
use alloy_primitives::Address;
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    bundle::Bundle,
    canonical::DocumentError,
    code::{Code, Coded},
    field::Digest,
    name::Name,
    printable::counted,
    refusals::{BatchError, BatchRoot, RefusalBatch},
    signature::Signer,
    snapshot::{RefusalsEntry, SnapshotQuery},
};
use sealroot_verifier::{Rejection, VerifiedDecision, universal_key::UniversalKeys, verify::query};
use std::collections::BTreeSet;

/// A bundle and what messages call it: a file's name.
#[derive(Debug, Clone)]
pub struct NamedBundle {
    /// Its name.
    pub label: String,
    /// The bundle.
    pub bundle: Bundle,
}

/// A dated batch.
#[derive(Debug)]
pub struct Dated {
    /// The refusals with their evidence, in the order in which they were given.
    pub refusals: Vec<NamedBundle>,
    /// Refusals of the batch that don't hold at its time, and so are dated to no purpose.
    pub void: Vec<(String, Rejection)>,
    /// How many the batch holds.
    pub count: usize,
    /// How many were given and are not in the batch, because it was begun without them.
    pub left_out: usize,
    /// Height of the block that dates them.
    pub block: u64,
}

/// Why refusals were not dated.
#[derive(Debug, thiserror::Error)]
pub enum DateError {
    /// None.
    #[error("there is no refusal to date")]
    NoRefusals,
    /// An approval.
    #[error("{0} is an approval: decide it by itself, it spends its nullifier")]
    NotARefusal(String),
    /// In a batch already.
    #[error("{0} is dated by a batch already")]
    AlreadyDated(String),
    /// The same bundle under two names.
    #[error("{0} is the same bundle as another")]
    Twice(String),
    /// A bundle has no digest.
    #[error("{label}: {error}")]
    Unreadable {
        /// Which.
        label: String,
        /// Why.
        error: DocumentError,
    },
    /// Of several offices.
    #[error("{label} was asked by {other}, others by {first}")]
    SeveralRequesters {
        /// One of them.
        label: String,
        /// The office that asked for it.
        other: Name,
        /// The office that asked for others.
        first: Name,
    },
    /// The key is another's, or counts no more.
    #[error("{address} is not an active key of {requester}, and nothing was begun")]
    NotTheRequester {
        /// The key's.
        address: Address,
        /// Who asked for the refusals.
        requester: Name,
    },
    /// The kept batch was changed.
    #[error("the begun batch's root is not that of its refusals")]
    Changed,
    /// Refusals make no batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Some of the begun batch are missing.
    #[error("of the batch's {} {missing} can't be found", counted(*of, "refusal", "refusals"))]
    Incomplete {
        /// How many.
        missing: usize,
        /// Of how many.
        of: usize,
    },
    /// One doesn't hold now.
    #[error("{label}: {error}")]
    Refused {
        /// Which.
        label: String,
        /// Why.
        error: VerifyError,
        /// Whether its batch was begun already, and so can't be without it.
        begun: bool,
    },
    /// The batch was sent and isn't there.
    #[error("the chain took the batch and doesn't show it")]
    NotOnChain,
    /// The host can't keep the batch.
    #[error(transparent)]
    Store(#[from] HostError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for DateError {
    fn code(&self) -> Code {
        match self {
            Self::NoRefusals => Code::NoRefusals,
            Self::NotARefusal(_) => Code::NotARefusal,
            Self::AlreadyDated(_) => Code::AlreadyDated,
            Self::Twice(_) => Code::RefusalTwice,
            Self::Unreadable { .. } => Code::BadDocument,
            Self::SeveralRequesters { .. } => Code::SeveralRequesters,
            Self::NotTheRequester { .. } => Code::NotTheRequester,
            Self::Changed | Self::Batch(_) => Code::BadBatch,
            Self::Incomplete { .. } => Code::BatchIncomplete,
            Self::Refused { error, .. } => error.code(),
            Self::NotOnChain => Code::NotRecorded,
            Self::Store(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::AlreadyDated(_) => "leave it out: it needs no second date",
            Self::Twice(_) => "leave the copy out: counted twice, it would hide one that is missing",
            Self::SeveralRequesters { .. } => "date each requester's refusals by themselves",
            Self::Changed => "begin another batch, kept in another place (--out)",
            Self::Incomplete { .. } => "put them back: their batch was begun, and they are dated by no other file",
            Self::Refused { begun: true, .. } => {
                "nothing of this batch is on chain: leave out what doesn't hold, and begin another batch in another place (--out)"
            }
            Self::Refused { error, begun: false, .. } => return error.advice(),
            Self::Store(error) => return error.advice(),
            Self::Chain(error) => return error.advice(),
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

/// A refused bundle with its digest.
struct Refusal {
    label: String,
    bundle: Bundle,
    digest: Digest,
}

/// Verifies every refusal as things are now, dates the root of all, and gives each its evidence.
///
/// What it was interrupted at, it finishes when it is run again with the same store, which remembers what the batch consists of: refusals that came later are
/// left for another batch, and a batch that is on chain keeps its date.
pub async fn date_refusals(
    given: Vec<NamedBundle>,
    store: &impl BatchStore,
    chain: &impl Chain,
    keys: &UniversalKeys,
    signer: &dyn Signer,
) -> Result<Dated, DateError> {
    let mut refusals = given.into_iter().map(Refusal::new).collect::<Result<Vec<_>, _>>()?;
    of_one_requester(&refusals)?;
    each_once(&refusals)?;
    let found = refusals.len();
    let (begun, mut verified) = match store.begun().await? {
        Some(begun) => (begun, None),
        None => {
            signs_for(&refusals, chain, signer).await?;
            let verified = hold_now(&refusals, false, chain, keys).await?;
            let begun = BegunBatch::new(verified.iter().map(|decision| decision.bundle).collect())?;
            store.begin(&begun).await?;
            (begun, Some(verified))
        }
    };
    let tree = begun.tree().ok_or(DateError::Changed)?;
    refusals.retain(|refusal| begun.holds(&refusal.digest));
    if refusals.len() < begun.count() {
        return Err(DateError::Incomplete { missing: begun.count() - refusals.len(), of: begun.count() });
    }
    let entry = match entry(&refusals[0], tree.root(), chain).await? {
        Some(entry) => entry,
        None => {
            let verified = match verified.take() {
                Some(verified) => verified,
                None => hold_now(&refusals, true, chain, keys).await?,
            };
            date(&verified, chain, signer).await?;
            entry(&refusals[0], tree.root(), chain).await?.ok_or(DateError::NotOnChain)?
        }
    };
    let mut dated = Dated {
        refusals: Vec::new(),
        void: Vec::new(),
        count: begun.count(),
        left_out: found - begun.count(),
        block: entry.block,
    };
    for refusal in refusals {
        dated.add(refusal, &tree, &entry, chain, keys).await?;
    }
    Ok(dated)
}

impl Refusal {
    fn new(NamedBundle { label, bundle }: NamedBundle) -> Result<Self, DateError> {
        if bundle.decision.approved {
            return Err(DateError::NotARefusal(label));
        }
        if bundle.evidence.as_ref().is_some_and(|evidence| evidence.refusals.is_some()) {
            return Err(DateError::AlreadyDated(label));
        }
        match bundle.digest() {
            Ok(digest) => Ok(Self { label, bundle, digest }),
            Err(error) => Err(DateError::Unreadable { label, error }),
        }
    }

    fn refused(&self, error: impl Into<VerifyError>, begun: bool) -> DateError {
        DateError::Refused { label: self.label.clone(), error: error.into(), begun }
    }
}

impl Dated {
    /// Auditors judge a refusal by the batch's block. What doesn't hold there is dated to no purpose.
    async fn add(
        &mut self,
        Refusal { label, bundle, digest }: Refusal,
        tree: &RefusalBatch,
        entry: &RefusalsEntry,
        chain: &impl Chain,
        keys: &UniversalKeys,
    ) -> Result<(), DateError> {
        let query = match query(&bundle) {
            Ok(query) => query.in_batch(tree.root()),
            Err(rejection) => {
                self.void.push((label, rejection));
                return Ok(());
            }
        };
        let (at, usual) = ((entry.block, entry.dated_at), bundle.program.decided_by.usual());
        let verified = match verify_at(bundle, &query, at, chain, keys, usual).await {
            Ok(verified) => verified,
            Err(VerifyError::Rejected(rejection)) => {
                self.void.push((label, rejection));
                return Ok(());
            }
            Err(VerifyError::Chain(error)) => return Err(error.into()),
        };
        let mut evidence = chain.collect_evidence(&query, entry.block).await?;
        evidence.refusals = tree.path(&digest);
        self.refusals.push(NamedBundle { label, bundle: verified.with_evidence(evidence) });
        Ok(())
    }
}

/// Every refusal holds as things are now.
async fn hold_now(
    refusals: &[Refusal],
    begun: bool,
    chain: &impl Chain,
    keys: &UniversalKeys,
) -> Result<Vec<VerifiedDecision>, DateError> {
    let mut decisions = Vec::new();
    for refusal in refusals {
        let usual = refusal.bundle.program.decided_by.usual();
        let verified = verify(refusal.bundle.clone(), chain, keys, usual).await;
        decisions.push(verified.map_err(|error| refusal.refused(error, begun))?.decision().clone());
    }
    Ok(decisions)
}

/// Dates the root over what was verified, in the name of the office that asked.
async fn date(verified: &[VerifiedDecision], chain: &impl Chain, signer: &dyn Signer) -> Result<(), DateError> {
    let requester = &verified.first().ok_or(DateError::NoRefusals)?.requester;
    let digests: Vec<Digest> = verified.iter().map(|decision| decision.bundle).collect();
    chain.date_refusals(signer, requester, RefusalBatch::new(&digests)?.root()).await?;
    Ok(())
}

/// Before anything is kept: a batch that was begun with a key that can't date it would lie in the way of the right one.
async fn signs_for(refusals: &[Refusal], chain: &impl Chain, signer: &dyn Signer) -> Result<(), DateError> {
    let requester = &refusals.first().ok_or(DateError::NoRefusals)?.bundle.request.request.requester;
    let (address, now) = (signer.address(), chain.now().await?);
    let query = SnapshotQuery { requester: Some(requester.clone()), signer: Some(address), ..SnapshotQuery::default() };
    let key = chain.snapshot(&query).await?.signer;
    let ended = |at: Option<u64>| at.is_some_and(|at| at <= now);
    match key {
        Some(key) if key.owner == *requester && !ended(key.retired_at) && !ended(key.revoked_at) => Ok(()),
        _ => Err(DateError::NotTheRequester { address, requester: requester.clone() }),
    }
}

/// One batch is one requester's.
fn of_one_requester(refusals: &[Refusal]) -> Result<(), DateError> {
    let asked = |refusal: &Refusal| refusal.bundle.request.request.requester.clone();
    let first = asked(refusals.first().ok_or(DateError::NoRefusals)?);
    match refusals.iter().find(|refusal| asked(refusal) != first) {
        None => Ok(()),
        Some(other) => Err(DateError::SeveralRequesters { label: other.label.clone(), other: asked(other), first }),
    }
}

/// A copy would stand in the count for a refusal that is missing.
fn each_once(refusals: &[Refusal]) -> Result<(), DateError> {
    let mut seen = BTreeSet::new();
    match refusals.iter().find(|refusal| !seen.insert(refusal.digest)) {
        None => Ok(()),
        Some(copy) => Err(DateError::Twice(copy.label.clone())),
    }
}

/// The requester's entry of a batch; none if it isn't on chain.
async fn entry(any: &Refusal, batch: BatchRoot, chain: &impl Chain) -> Result<Option<RefusalsEntry>, DateError> {
    let query = query(&any.bundle).map_err(|rejection| any.refused(rejection, true))?.in_batch(batch);
    Ok(chain.snapshot(&query).await?.refusals)
}
