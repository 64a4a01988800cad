//! `agency anchor` and `agency withdraw-root`: the vault's root on chain.

use super::{VaultArgs, vault_failure};
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    secret::read_signing_key,
};
use sealroot_chain::{AnchorCall, Calls, Chain, EmbeddedChain};
use sealroot_protocol::{
    date::Date,
    name::Name,
    snapshot::{RootEntry, SnapshotQuery},
    tree::Root,
};
use sealroot_vault::{Vault, anchor::Anchor, sqlite::SqliteStore};
use serde::Serialize;
use std::{collections::BTreeSet, fmt, path::PathBuf};

/// Anchors the vault's root.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency anchor --vault tax-office --chain chain --signing-key tax-office/signing.key\n\nRun it on a schedule, so that an anchor doesn't point at one person."
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
    sequence: u64,
    block: u64,
}

impl fmt::Display for AnchorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Some(root) => {
                write!(f, "{} anchored {root} as number {} in block {}", self.agency, self.sequence, self.block)
            }
            None => write!(f, "{}: nothing has changed since anchor number {}", self.agency, self.sequence),
        }
    }
}

/// Runs it. After a crash between chain and vault, the next run catches up.
pub async fn anchor(args: &AnchorArgs) -> Outcome<AnchorReport> {
    let key = read_signing_key(&args.signing_key)?;
    let vault = args.vault.open().await?;
    let chain = args.chain.open().await?;
    let agency = vault.agency().clone();
    let head = chain.agency_head(&agency).await.map_err(Failure::of)?.ok_or_else(|| {
        Failure::bad_input("unregistered-agency", format!("{agency} is not registered on this chain"))
            .advice("two officers register it with `sealroot chain register-agency`")
    })?;
    check_grace(vault.timing().grace, head.grace)?;
    reconcile(&vault, &chain, &agency, head.root.map(|root| (root, head.sequence))).await?;
    let Some(pending) = vault.pending_root().await.map_err(vault_failure)? else {
        vault.close().await;
        let block = chain.head().await.map_err(Failure::of)?.number;
        return Ok(AnchorReport { agency, root: None, sequence: head.sequence, block });
    };
    let deadline = pending.anchor_by.and_then(|at| u64::try_from(at).ok());
    let now = chain.now().await.map_err(Failure::of)?;
    if deadline.is_some_and(|at| now > at) {
        return Err(Failure::rejected(
            "anchor-too-late",
            "a replaced key's anchor is past its deadline; nothing was anchored",
        )
        .advice("run it again: the replacement gets a later first day"));
    }
    let call = AnchorCall {
        root: pending.root,
        sequence: head.sequence + 1,
        previous: head.root,
        access_log: pending.log_head,
        not_after: deadline.map(Date::from_unix_time).transpose().or_bad_input("clock")?,
    };
    let receipt = chain.anchor(&key, &agency, &call).await.map_err(Failure::of)?;
    let landed = Anchor {
        root: pending.root,
        sequence: call.sequence,
        block: receipt.block.number,
        block_time: i64::try_from(receipt.block.time).unwrap_or(i64::MAX),
    };
    vault.mark_anchored(&landed).await.map_err(vault_failure)?;
    vault.prune().await.map_err(vault_failure)?;
    vault.close().await;
    Ok(AnchorReport {
        agency,
        root: Some(pending.root.to_string()),
        sequence: call.sequence,
        block: receipt.block.number,
    })
}

/// A vault that counts less grace than the chain grants lets a replaced key and its successor claim the same period: the old root
/// still counts on the day from which the new key may.
fn check_grace(vault: u64, chain: u32) -> Outcome<()> {
    if vault >= u64::from(chain) {
        return Ok(());
    }
    let days = |seconds: u64| seconds as f64 / 86_400.0;
    Err(Failure::bad_input(
        "grace-mismatch",
        format!("the vault counts {} days of grace, the chain grants {}", days(vault), days(chain.into())),
    )
    .advice("create the vault with `agency init --grace-days` of at least what officers registered"))
}

/// Brings the vault's view to the chain's: a crash may have come between the two.
async fn reconcile(
    vault: &Vault<SqliteStore>,
    chain: &EmbeddedChain,
    agency: &Name,
    newest: Option<(Root, u64)>,
) -> Outcome<()> {
    let Some((root, sequence)) = newest else {
        return vault.reconcile(None).await.map_err(vault_failure);
    };
    let (entry, block) = root_entry(chain, agency, root).await?;
    let latest = Anchor {
        root,
        sequence,
        // The exact height is not kept on chain; the vault uses it for display only.
        block,
        block_time: i64::try_from(entry.map_or(0, |entry| entry.anchored_at)).unwrap_or(i64::MAX),
    };
    vault.reconcile(Some(&latest)).await.map_err(vault_failure)?;
    if entry.is_some_and(|entry| entry.withdrawn_at.is_some()) {
        vault.mark_withdrawn(root).await.map_err(vault_failure)?;
    }
    Ok(())
}

/// What the chain says of a root, and at which height.
async fn root_entry(chain: &EmbeddedChain, agency: &Name, root: Root) -> Outcome<(Option<RootEntry>, u64)> {
    let query = SnapshotQuery {
        roots: BTreeSet::from([(agency.clone(), root)]),
        policies: BTreeSet::new(),
        program: agency.clone(),
        requester: agency.clone(),
        signer: alloy_primitives::Address::ZERO,
        nullifier: None,
        refusals: None,
    };
    let snapshot = chain.snapshot(&query).await.map_err(Failure::of)?;
    Ok((snapshot.roots.get(&(agency.clone(), root)).copied(), snapshot.block.number))
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
        return Err(Failure::bad_input("not-confirmed", "a withdrawal can't be undone").advice("repeat with --yes"));
    }
    let key = read_signing_key(&args.signing_key)?;
    let vault = args.vault.open().await?;
    let chain = args.chain.open().await?;
    let agency = vault.agency().clone();
    // After a crash between chain and vault the root is withdrawn already, and only the vault has to learn it.
    let block = match root_entry(&chain, &agency, args.root).await? {
        (Some(entry), block) if entry.withdrawn_at.is_some() => block,
        _ => chain.withdraw_root(&key, &agency, args.root).await.map_err(Failure::of)?.block.number,
    };
    vault.mark_withdrawn(args.root).await.map_err(vault_failure)?;
    vault.close().await;
    Ok(WithdrawnReport { agency, root: args.root.to_string(), block })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn less_grace_than_the_chain_grants_is_refused() {
        assert!(check_grace(3 * 86_400, 3 * 86_400).is_ok() && check_grace(4 * 86_400, 3 * 86_400).is_ok());
        assert_eq!(check_grace(3 * 86_400 - 1, 3 * 86_400).unwrap_err().reason(), "grace-mismatch");
    }
}
