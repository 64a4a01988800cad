//! `sealroot chain checkpoint`: an organisation signs which block it knows.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files::{ForceArgs, Form, Output, shown},
    secret::read_signing_key,
};
use sealroot_office::{EVERY, sign_checkpoint};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Signs a checkpoint.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain checkpoint --chain https://node.example --chain-trust trust.toml --confirmations 12 --signing-key ours.key --out checkpoint.json --force\n  sealroot request evidence request.json --checkpoint a.json --checkpoint b.json --chain https://node.example --chain-trust trust.toml --out evidence.json\n\nFor networks whose blocks carry no seal that a wallet can check. Run it every few minutes, over a node of your own: wallets whose trust card names your key ([checkpoints]) rely on it, and take evidence for half an hour. The block is the newest one, --confirmations deep, whose height --every divides, so that organisations sign the same."
)]
pub struct Args {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Heights at which checkpoints are signed: those that this divides. All organisations choose the same
    #[arg(long, value_name = "BLOCKS", default_value_t = EVERY, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub every: u64,
    /// The organisation's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Where the checkpoint is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier one is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was signed.
#[derive(Debug, Serialize)]
pub struct CheckpointReport {
    chain_id: u64,
    block: u64,
    hash: String,
    signer: String,
    file: PathBuf,
}

impl fmt::Display for CheckpointReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain_id, block, hash, signer, file } = self;
        write!(f, "block {block} {hash} of chain {chain_id}, signed by {signer} and written to {}", shown(file))
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<CheckpointReport> {
    let out = Output::replacing(&args.out, Form::CHECKPOINT, args.force, &[])?;
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    let signed = sign_checkpoint(&chain, args.every, args.chain.confirmations, &key).await.map_err(Failure::of)?;
    out.document(&signed)?;
    Ok(CheckpointReport {
        chain_id: signed.chain_id,
        block: signed.number,
        hash: signed.hash.to_string(),
        signer: key.address().to_string(),
        file: args.out.clone(),
    })
}
