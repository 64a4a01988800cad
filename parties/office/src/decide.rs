//! Deciding: a verified approval is entered on chain, a verified refusal is not; either comes back with the evidence that an auditor needs.
//!
//! Guarantee: of an approval that was entered before it is said what stands now, if its office lowered it since. Of a correction it is said what stood in its place,
//! whether it is entered now or was by an interrupted run.

use crate::verify::{VerifyError, verify, verify_at};
use sealroot_chain::{Calls, Chain};
use sealroot_protocol::{
    bundle::Bundle,
    code::{Code, Coded},
    signature::Signer,
    snapshot::{Assurance, DecisionEntry, SnapshotQuery},
};
use sealroot_verifier::{Rejection, VerifiedBundle, VerifiedDecision, universal_key::UniversalKeys, verify::query};

/// A decision.
#[derive(Debug)]
pub struct Decided {
    /// What was verified. Approved: it stands on chain. Refused: it doesn't. Of a correction `paid_before` says what the replaced approval paid.
    pub decision: VerifiedDecision,
    /// The bundle with its evidence.
    pub bundle: Bundle,
    /// Height of the block that the evidence is of.
    pub block: u64,
    /// When an earlier run entered it, or somebody else by proof, in Unix seconds; none if this one did, or if nothing is entered.
    pub entered_before: Option<u64>,
    /// Whose word it is on chain, if it is approved.
    pub by: Assurance,
}

/// How an approval is entered on chain.
#[derive(Clone, Copy)]
pub struct Entering<'a> {
    /// The key that sends it: of the office; by proof, anybody's.
    pub sender: &'a dyn Signer,
    /// Whether the office's word or the contract stands for the proofs.
    pub assurance: Assurance,
}

/// Verifies a bundle, enters an approval on chain and collects the evidence. An approval that an earlier, interrupted run has entered already, or somebody else by
/// proof, is judged by its own block and gets its evidence now.
pub async fn decide(
    bundle: Bundle,
    chain: &impl Chain,
    keys: &UniversalKeys,
    entering: Entering<'_>,
) -> Result<Decided, VerifyError> {
    let query = query(&bundle)?;
    match once(bundle.clone(), &query, chain, keys, entering).await {
        // Another clerk of the office entered the very same bundle a moment before.
        Err(error) if error.code() == Code::AlreadyDecided && entered(&bundle, chain, &query).await?.is_some() => {
            once(bundle, &query, chain, keys, entering).await
        }
        done => done,
    }
}

async fn once(
    bundle: Bundle,
    query: &SnapshotQuery,
    chain: &impl Chain,
    keys: &UniversalKeys,
    entering: Entering<'_>,
) -> Result<Decided, VerifyError> {
    let query = query.clone();
    match entered(&bundle, chain, &query).await? {
        Some(entry) => {
            let before = replaced(&bundle, chain, &query, entry.block).await?;
            let at = (entry.block, entry.approved_at);
            let verified = verify_at(bundle, &query, at, chain, keys, entry.assurance).await?;
            let mut decided = with_evidence(verified, query, entry.block, entry.assurance, chain).await?;
            decided.decision.paid_before = before;
            // What is paid now is what stands now, whatever was entered then.
            decided.decision.lower(&entry, &decided.bundle);
            decided.entered_before = Some(entry.approved_at);
            Ok(decided)
        }
        None => act(verify(bundle, chain, keys, entering.assurance).await?, query, chain, entering).await,
    }
}

/// What can't be taken back is done with a verified bundle only.
async fn act(
    verified: VerifiedBundle,
    query: SnapshotQuery,
    chain: &impl Chain,
    Entering { sender, assurance }: Entering<'_>,
) -> Result<Decided, VerifyError> {
    if verified.decision().approved {
        let receipt = match assurance {
            Assurance::ByOffice => chain.approve(sender, verified.bundle()).await?,
            Assurance::ByProof => chain.approve_by_proof(sender, verified.bundle(), &verified.policy_keys()).await?,
        };
        let block = receipt.block.number;
        return with_evidence(verified, query, block, assurance, chain).await;
    }
    let block = chain.head().await?.number;
    with_evidence(verified, query.without_decision(), block, assurance, chain).await
}

async fn with_evidence(
    verified: VerifiedBundle,
    query: SnapshotQuery,
    block: u64,
    by: Assurance,
    chain: &impl Chain,
) -> Result<Decided, VerifyError> {
    let evidence = chain.collect_evidence(&query, block).await?;
    let decision = verified.decision().clone();
    Ok(Decided { decision, bundle: verified.with_evidence(evidence), block, entered_before: None, by })
}

/// The entry of exactly this bundle, if an earlier run entered it and was interrupted before its evidence was written. Of what the contract verified itself it
/// holds the request alone; the verification compares the rest.
async fn entered(
    bundle: &Bundle,
    chain: &impl Chain,
    query: &SnapshotQuery,
) -> Result<Option<DecisionEntry>, VerifyError> {
    if !bundle.decision.approved {
        return Ok(None);
    }
    let (digest, request) = (bundle.digest().map_err(Rejection::from)?, bundle.request.request.digest());
    let snapshot = chain.snapshot(query).await?;
    let own = |entry: &DecisionEntry| entry.request == request && entry.bundle.is_none_or(|bundle| bundle == digest);
    Ok(snapshot.decision.filter(own))
}

/// What the approval paid that a correction replaced when it was entered in `block`: the block before still shows it.
async fn replaced(
    bundle: &Bundle,
    chain: &impl Chain,
    query: &SnapshotQuery,
    block: u64,
) -> Result<Option<u64>, VerifyError> {
    let (Some(_), Some(before)) = (bundle.request.request.corrects, block.checked_sub(1)) else {
        return Ok(None);
    };
    let snapshot = chain.snapshot_at(query, before).await?;
    // By proof, a correction may take the place of another word than the one that it names.
    Ok(snapshot.decision.map(|entry| entry.amount))
}
