//! `sealroot decide`: verify, record on chain, return the bundle with the evidence that an auditor needs.

mod batch;
mod refusals;

use super::verify::{against_chain, outcome, rejected};
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    files,
    keys::KeyArgs,
    secret::read_signing_key,
};
use sealroot_chain::{Calls, Chain};
use sealroot_protocol::{
    bundle::Bundle,
    snapshot::{DecisionEntry, SnapshotQuery},
};
use sealroot_verifier::{verify, verify::query};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Decides.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot decide bundle.json --signing-key office/signing.key --out decided.json\n  sealroot decide --refusals today --signing-key office/signing.key --out dated\n\nAn approval spends the nullifier. A refusal spends nothing, can be superseded, and is not recorded by itself: --refusals dates many at once, by the root of a tree over them, so that nobody learns from the chain how many there were. Do it while the requests are valid and the roots count: a refusal is judged at its batch's time.\n\nWhat was interrupted is finished when it is run again with the same arguments: what is recorded keeps its date."
)]
pub struct Args {
    /// The bundle
    #[arg(required_unless_present = "refusals")]
    pub bundle: Option<PathBuf>,
    /// Date all refused bundles (*.json) of this directory in one batch
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    pub refusals: Option<PathBuf>,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// The office's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Where the bundle with its evidence is written; with --refusals the directory for all of them
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
}

/// A decision.
#[derive(Debug, Serialize)]
pub struct DecideReport {
    /// Approved or refused.
    pub approved: bool,
    /// In minor units.
    pub amount: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nullifier: Option<String>,
    /// How many refusals the batch dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusals: Option<usize>,
    /// How many refusals of the directory are not in the batch, because it was begun without them.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
    /// Height of the block that the evidence is of.
    pub block: u64,
    recorded: Recorded,
    file: PathBuf,
    /// Size of the bundle with evidence, or of all of them.
    pub bytes: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// How it stands on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Recorded {
    /// Under its nullifier.
    Approval,
    /// In a batch of refusals.
    Batch,
    /// Not at all.
    No,
}

impl fmt::Display for DecideReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.recorded {
            Recorded::Approval => "recorded",
            Recorded::No => "not recorded, with evidence",
            Recorded::Batch => {
                let count = self.refusals.unwrap_or_default();
                let (block, files) = (self.block, self.file.display());
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "{count} refusal{plural} dated by block {block}; with evidence in {files}")?;
                if self.left_out > 0 {
                    let left = self.left_out;
                    write!(f, "\n{left} came later and are not in this batch: date them with another --out")?;
                }
                return Ok(());
            }
        };
        write!(
            f,
            "{}, {how} as of block {}; bundle with evidence ({} bytes) written to {}",
            outcome(self.approved, self.amount),
            self.block,
            self.bytes,
            self.file.display()
        )
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<DecideReport> {
    match (&args.bundle, &args.refusals) {
        (_, Some(directory)) => refusals::run(args, directory).await,
        (Some(bundle), None) => decide(args, bundle).await,
        (None, None) => Err(Failure::bad_input("nothing-to-decide", "name a bundle, or --refusals and a directory")),
    }
}

async fn decide(args: &Args, bundle: &Path) -> Outcome<DecideReport> {
    let mut bundle: Bundle = files::read_document(bundle)?;
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    // What is recorded can't be taken back, and the evidence must have where to go.
    files::refuse_unwritable(&args.out)?;
    let mut query = query(&bundle).map_err(rejected)?;
    let decision = match recorded(&bundle, &chain, &query).await? {
        Some(entry) => {
            // As auditors do: by its own block, whatever has expired or was withdrawn since.
            let snapshot = chain.snapshot_at(&query, entry.block).await.map_err(Failure::of)?;
            let decision = verify(&bundle, &snapshot, &args.keys.universal_keys()?, entry.recorded_at);
            let amount = decision.map_err(rejected)?.amount;
            Decided { block: entry.block, amount, recorded: Recorded::Approval }
        }
        None => {
            let decision = against_chain(&bundle, &chain, &args.keys).await?;
            if decision.approved {
                let block = chain.approve(&key, &bundle).await.map_err(Failure::of)?.block.number;
                Decided { block, amount: decision.amount, recorded: Recorded::Approval }
            } else {
                query = query.without_decision();
                let block = chain.head().await.map_err(Failure::of)?.number;
                Decided { block, amount: 0, recorded: Recorded::No }
            }
        }
    };
    bundle.evidence = Some(chain.collect_evidence(&query, decision.block).await.map_err(Failure::of)?);
    let bytes = files::write_document(&args.out, &bundle)?;
    Ok(DecideReport {
        approved: decision.recorded == Recorded::Approval,
        amount: decision.amount,
        nullifier: Some(bundle.decision.nullifier.to_string()),
        refusals: None,
        left_out: 0,
        block: decision.block,
        recorded: decision.recorded,
        file: args.out.clone(),
        bytes,
    })
}

struct Decided {
    block: u64,
    amount: u64,
    recorded: Recorded,
}

/// The entry of exactly this bundle, if an earlier run recorded it and was interrupted before its evidence was written.
async fn recorded(bundle: &Bundle, chain: &impl Chain, query: &SnapshotQuery) -> Outcome<Option<DecisionEntry>> {
    if !bundle.decision.approved {
        return Ok(None);
    }
    let (digest, request) = (bundle.digest().or_bad_input("bad-document")?, bundle.request.request.digest());
    let snapshot = chain.snapshot(query).await.map_err(Failure::of)?;
    Ok(snapshot.decision.filter(|entry| entry.bundle == digest && entry.request == request))
}
