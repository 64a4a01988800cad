//! What a holder's request is checked against, got from files and the chain, or from evidence of it.

use crate::{
    chain::{ChainArgs, memory},
    clock,
    failure::{Failure, Outcome},
    files, kinds,
    published::PublishedArgs,
};
use alloy_primitives::keccak256;
use sealroot_chain::Chain;
use sealroot_holder::{
    evidence,
    receive::{self as party, Received},
};
use sealroot_protocol::{
    evidence::Evidence,
    language::Language,
    request::SignedRequest,
    snapshot::{Snapshot, SnapshotQuery},
};
use sealroot_verifier::trust::Trust;
use std::path::{Path, PathBuf};

/// Evidence in place of a chain.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EvidenceArgs {
    /// Evidence of what the chain says of the request (`sealroot request evidence`), instead of the chain itself; at most half an hour old
    #[arg(long, value_name = "FILE", requires = "trust_card")]
    pub evidence: Option<PathBuf>,
    /// What this wallet trusts: the trust file that pins the chain's contracts, code and sealers
    #[arg(long, value_name = "FILE", env = "SEALROOT_TRUST_CARD")]
    pub trust_card: Option<PathBuf>,
}

/// Reads the request, and asks the chain about it, or what is shown of it.
pub async fn read(
    request: &Path,
    chain: &ChainArgs,
    shown: &EvidenceArgs,
    published: &PublishedArgs,
    language: Language,
) -> Outcome<Received> {
    let signed: SignedRequest = files::read_document(request)?;
    let question = party::question(&signed).map_err(|e| Failure::spoken(e, language))?;
    let (snapshot, now) = match (&shown.evidence, &shown.trust_card) {
        (Some(evidence), Some(card)) => by_evidence(evidence, card, chain, &question, language)?,
        _ => {
            let chain = chain.open().await?;
            (chain.snapshot(&question).await.map_err(Failure::of)?, chain.now().await.map_err(Failure::of)?)
        }
    };
    Ok(Received {
        program: published.program(&signed.request.program)?,
        policies: published.policies(&signed.request.policies).map_err(Into::into),
        now,
        signed,
        snapshot,
    })
}

/// What evidence says, by this device's clock, and not before what the memory knows.
fn by_evidence(
    evidence: &Path,
    card: &Path,
    chain: &ChainArgs,
    question: &SnapshotQuery,
    language: Language,
) -> Outcome<(Snapshot, u64)> {
    let shown: Evidence = files::read_document(evidence)?;
    let text = files::read_text(card)?;
    let trust =
        Trust::from_toml(&text).map_err(|e| files::of_kind(card, text.as_bytes(), kinds::TRUST, Failure::of(e)))?;
    let now = clock::now()?;
    let deployment =
        sealroot_protocol::scope::Deployment { chain_id: trust.chain_id, programs: trust.addresses().programs };
    let seen = chain.chain_memory.as_deref().map(|file| memory::seen(file, &deployment)).transpose()?.flatten();
    // Accepted by name: a chain that was set back on purpose.
    let seen = seen.filter(|_| chain.accept_chain != Some(keccak256(&shown.header)));
    let checked = evidence::shown(&shown, question, &trust, now, seen);
    let (snapshot, _) = checked.map_err(|e| Failure::spoken(e, language))?;
    if let Some(file) = &chain.chain_memory {
        memory::note(file, &deployment, snapshot.block)?;
    }
    Ok((snapshot, now))
}
