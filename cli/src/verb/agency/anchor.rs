//! `agency anchor` and `agency withdraw-root`: the vault's root on chain.

use super::VaultArgs;
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    secret::read_signing_key,
};
use sealroot_agency::{
    anchor::{self as party, Anchored},
    withdraw_root as withdraw,
};
use sealroot_protocol::{code::Code, name::Name, tree::Root};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Anchors the vault's root.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency anchor --vault tax-office --chain chain --signing-key tax-office/signing.key\n\nRun it daily, on a schedule: then an anchor doesn't point at one person, and the access log comes under the chain even where no record changed."
)]
pub struct AnchorArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The agency's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
}

/// What was anchored.
#[derive(Debug, Serialize)]
pub struct AnchorReport {
    agency: Name,
    /// The root; none if the newest one was anchored already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Whether it stood on chain before, and only the access log came under a newer head.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    log_alone: bool,
    sequence: u64,
    block: u64,
    /// Whether a network can still take the newest anchor back; run it again then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
}

impl fmt::Display for AnchorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(root) if self.log_alone => write!(
                f,
                "{} anchored its access log with the root {root}, which stays the same, as number {} in block {}",
                self.agency, self.sequence, self.block
            ),
            Some(root) => {
                write!(f, "{} anchored {root} as number {} in block {}", self.agency, self.sequence, self.block)
            }
            None => write!(f, "{}: nothing has changed since anchor number {}", self.agency, self.sequence),
        }?;
        if self.provisional {
            f.write_str("\n  PROVISIONAL its block can still vanish: run this again until it says so no more; what vanished is anchored again")?;
        }
        Ok(())
    }
}

/// Runs it. After a crash between chain and vault, the next run catches up.
pub async fn anchor(args: &AnchorArgs) -> Outcome<AnchorReport> {
    let key = read_signing_key(&args.signing_key)?;
    let vault = args.vault.open().await?;
    let chain = args.chain.open_for(&args.vault.vault).await?;
    let Anchored { agency, root, log_alone, sequence, block, provisional } =
        party::anchor(&vault, &chain, &key).await.map_err(Failure::of)?;
    args.chain.remember_for(&args.vault.vault, &chain).await?;
    vault.close().await;
    Ok(AnchorReport { agency, root: root.map(|root| root.to_string()), log_alone, sequence, block, provisional })
}

/// Withdraws a root.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency withdraw-root 0x… --vault tax-office --chain chain --signing-key tax-office/signing.key --yes"
)]
pub struct WithdrawRootArgs {
    /// The root, as `agency status` shows it
    pub root: Root,
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The agency's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Understood: withdrawal is for ever and has no grace
    #[arg(long)]
    pub yes: bool,
}

/// What was withdrawn.
#[derive(Debug, Serialize)]
pub struct WithdrawnReport {
    agency: Name,
    root: String,
    /// Height from which it doesn't count.
    pub block: u64,
}

impl fmt::Display for WithdrawnReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} withdrew {} in block {}: no proof under it is accepted any more",
            self.agency, self.root, self.block
        )
    }
}

/// Runs it.
pub async fn withdraw_root(args: &WithdrawRootArgs) -> Outcome<WithdrawnReport> {
    if !args.yes {
        return Err(Failure::new(Code::NotConfirmed, "a withdrawal can't be undone").advice("repeat with --yes"));
    }
    let key = read_signing_key(&args.signing_key)?;
    let vault = args.vault.open().await?;
    let chain = args.chain.open_for(&args.vault.vault).await?;
    let withdrawn = withdraw::withdraw_root(args.root, &vault, &chain, &key).await.map_err(Failure::of)?;
    args.chain.remember_for(&args.vault.vault, &chain).await?;
    vault.close().await;
    Ok(WithdrawnReport { agency: withdrawn.agency, root: args.root.to_string(), block: withdrawn.block })
}
