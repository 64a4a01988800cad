//! `sealroot decide`: verify, record on chain, return the bundle with the evidence that an auditor needs.

use super::verify::{against_chain, outcome, rejected};
use crate::{
    chain::{ChainArgs, chain_failure},
    failure::Outcome,
    files,
    keys::KeyArgs,
    secret::read_signing_key,
};
use sealroot_chain::{Calls, Chain};
use sealroot_protocol::bundle::Bundle;
use sealroot_verifier::verify::query;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Decides.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot decide bundle.json --signing-key office/signing.key --out decided.json\n\nAn approval spends the nullifier. A refusal is not recorded: it spends nothing and can be superseded."
)]
pub struct Args {
    /// The bundle
    pub bundle: PathBuf,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// The office's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Where the bundle with its evidence is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A decision.
#[derive(Debug, Serialize)]
pub struct DecideReport {
    /// Approved or refused.
    pub approved: bool,
    /// In minor units.
    pub amount: u64,
    nullifier: String,
    /// Height of the block that the evidence is of.
    pub block: u64,
    /// Whether it stands on chain.
    recorded: bool,
    file: PathBuf,
    /// Size of the bundle with evidence.
    pub bytes: usize,
}

impl fmt::Display for DecideReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.recorded { "recorded" } else { "not recorded, with evidence" };
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
    let mut bundle: Bundle = files::read_document(&args.bundle)?;
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    let decision = against_chain(&bundle, &chain, &args.keys).await?;
    let mut query = query(&bundle).map_err(rejected)?;
    let block = if decision.approved {
        chain.record(&key, &bundle).await.map_err(chain_failure)?.block.number
    } else {
        query = query.without_decision();
        chain.head().await.map_err(chain_failure)?.number
    };
    bundle.evidence = Some(chain.collect_evidence(&query, block).await.map_err(chain_failure)?);
    let bytes = files::write_document(&args.out, &bundle)?;
    Ok(DecideReport {
        approved: decision.approved,
        amount: decision.amount,
        nullifier: decision.nullifier.to_string(),
        block,
        recorded: decision.approved,
        file: args.out.clone(),
        bytes,
    })
}
