//! Anchoring: the vault's root on chain.
//!
//! Guarantees: the vault learns first what the chain knows, so a crash between chain and vault is made good by the next run; a vault that counts less grace
//! than the chain grants anchors nothing, because the old root would still count on the day from which a new key may claim; an anchor that replaces a key
//! lands before its deadline or not at all.

use sealroot_chain::{AnchorCall, Calls, Chain, ChainError};
use sealroot_protocol::{
    code::{Code, Coded},
    moment::Moment,
    name::Name,
    printable::counted,
    signature::Signer,
    snapshot::{RootEntry, SnapshotQuery},
    tree::Root,
};
use sealroot_vault::{Vault, VaultError, anchor::LandedAnchor, store::Store};

/// Where the agency's newest root stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// Whose.
    pub agency: Name,
    /// The root that was anchored; none if nothing has changed since the last.
    pub root: Option<Root>,
    /// Whether it stood on chain before, and only the access log came under a newer head.
    pub log_alone: bool,
    /// Number of the newest anchor.
    pub sequence: u64,
    /// Height of the block that holds it; without a new root, the chain's height.
    pub block: u64,
    /// Whether a network can still take the newest anchor back: what vanished is anchored again by the next run.
    pub provisional: bool,
}

/// Why nothing was anchored.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The chain doesn't know the agency.
    #[error("{0} is not registered on this chain")]
    UnregisteredAgency(Name),
    /// Two keys of one person could claim the same period.
    #[error("days of grace: the vault counts {}, the chain grants {}", days(*.vault), days(u64::from(*.chain)))]
    GraceMismatch {
        /// Seconds, by the vault.
        vault: u64,
        /// Seconds, by the chain.
        chain: u32,
    },
    /// By the chain's clock the deadline has passed by which keys may start anew.
    #[error(
        "the anchor had to land by {}, because keys start anew with it, and the chain's next block is dated {}; nothing was anchored",
        Moment::from_unix(*.deadline), Moment::from_unix(*.chain)
    )]
    TooLate {
        /// Latest time of the anchor's block, Unix seconds.
        deadline: u64,
        /// By the chain's clock.
        chain: u64,
        /// By the vault's clock.
        vault: u64,
    },
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for AnchorError {
    fn code(&self) -> Code {
        match self {
            Self::UnregisteredAgency(_) => Code::UnregisteredAgency,
            Self::GraceMismatch { .. } => Code::GraceMismatch,
            Self::TooLate { .. } => Code::AnchorTooLate,
            Self::Vault(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let text = match self {
            Self::UnregisteredAgency(_) => "two officers register it with `sealroot chain register-agency`",
            Self::GraceMismatch { .. } => {
                "create the vault with `agency init --grace-days` of at least what officers registered"
            }
            Self::TooLate { deadline, chain, vault } if vault <= deadline => {
                return Some(format!(
                    "the chain's clock is {} ahead of this machine's, which says {}, so to run it again changes nothing: if this machine's clock is behind, set it; if the chain's block was dated ahead, wait until this machine's clock has passed {}, or go back as docs/OPERATING.md says under \"Clocks\"",
                    ahead(chain - vault),
                    Moment::from_unix(*vault),
                    Moment::from_unix(*chain)
                ));
            }
            Self::TooLate { .. } => "run it again: the replacement gets a later first day",
            Self::Vault(error) => return error.advice(),
            Self::Chain(error) => return error.advice(),
        };
        Some(text.into())
    }
}

fn days(seconds: u64) -> f64 {
    seconds as f64 / 86_400.0
}

/// How far one clock is ahead of another.
fn ahead(seconds: u64) -> String {
    match seconds {
        0..3_600 => counted(seconds / 60, "minute", "minutes"),
        3_600..172_800 => counted(seconds / 3_600, "hour", "hours"),
        _ => counted(seconds / 86_400, "day", "days"),
    }
}

/// Anchors the vault's root, and removes what no readable root needs any more.
pub async fn anchor<S: Store>(vault: &Vault<S>, chain: &impl Chain, key: &dyn Signer) -> Result<Anchored, AnchorError> {
    let agency = vault.agency().clone();
    let head = chain.agency_head(&agency).await?.ok_or_else(|| AnchorError::UnregisteredAgency(agency.clone()))?;
    check_grace(vault.timing().grace, head.grace)?;
    let newest = reconcile(vault, chain, &agency, head.root.map(|root| (root, head.sequence))).await?;
    let Some(pending) = vault.pending_root().await? else {
        let (block, provisional) = (chain.head().await?.number, newest > chain.finalized().await?.time);
        return Ok(Anchored { agency, root: None, log_alone: false, sequence: head.sequence, block, provisional });
    };
    let deadline = pending.anchor_by.and_then(|at| u64::try_from(at).ok());
    let now = chain.now().await?;
    if let Some(deadline) = deadline.filter(|at| now > *at) {
        let vault = u64::try_from(vault.now()).unwrap_or_default();
        return Err(AnchorError::TooLate { deadline, chain: now, vault });
    }
    let call = AnchorCall {
        root: pending.root,
        sequence: head.sequence + 1,
        previous: head.root,
        access_log: pending.log_head,
        access_log_size: pending.log_size,
        not_after: deadline,
    };
    let block = chain.anchor(key, &agency, &call).await?.block;
    let landed = LandedAnchor {
        root: pending.root,
        sequence: call.sequence,
        block: block.number,
        block_time: i64::try_from(block.time).unwrap_or(i64::MAX),
    };
    vault.mark_anchored(&landed).await?;
    vault.prune().await?;
    let (root, log_alone) = (Some(pending.root), pending.log_alone);
    let provisional = block.number > chain.finalized().await?.number;
    Ok(Anchored { agency, root, log_alone, sequence: call.sequence, block: block.number, provisional })
}

/// A vault that counts less grace than the chain grants lets a replaced key and its successor claim the same period: the old root
/// still counts on the day from which the new key may.
fn check_grace(vault: u64, chain: u32) -> Result<(), AnchorError> {
    if vault >= u64::from(chain) { Ok(()) } else { Err(AnchorError::GraceMismatch { vault, chain }) }
}

/// Brings the vault's view to the chain's: a crash may have come between the two. Returns when the newest root was anchored, in Unix seconds.
async fn reconcile<S: Store>(
    vault: &Vault<S>,
    chain: &impl Chain,
    agency: &Name,
    newest: Option<(Root, u64)>,
) -> Result<u64, AnchorError> {
    let Some((root, sequence)) = newest else {
        vault.reconcile(None).await?;
        return Ok(0);
    };
    let (latest, entry) = landed(chain, agency, root, sequence).await?;
    vault.reconcile(Some(&latest)).await?;
    if entry.is_some_and(|entry| entry.withdrawn_at.is_some()) {
        vault.mark_withdrawn(root).await?;
    }
    Ok(entry.map_or(0, |entry| entry.confirmed_at))
}

/// The chain's newest root as an anchor that landed when it became the newest, and its entry.
pub(crate) async fn landed(
    chain: &impl Chain,
    agency: &Name,
    root: Root,
    sequence: u64,
) -> Result<(LandedAnchor, Option<RootEntry>), ChainError> {
    let (entry, block) = root_entry(chain, agency, root).await?;
    let block_time = i64::try_from(entry.map_or(0, |entry| entry.anchored_at)).unwrap_or(i64::MAX);
    // The exact height is not kept on chain; the vault uses it for display only.
    Ok((LandedAnchor { root, sequence, block, block_time }, entry))
}

/// What the chain says of a root, and at which height.
pub(crate) async fn root_entry(
    chain: &impl Chain,
    agency: &Name,
    root: Root,
) -> Result<(Option<RootEntry>, u64), ChainError> {
    let snapshot = chain.snapshot(&SnapshotQuery::of_roots([(agency.clone(), root)])).await?;
    Ok((snapshot.roots.get(&(agency.clone(), root)).copied(), snapshot.block.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_grace_than_the_chain_grants_is_rejected() {
        assert!(check_grace(3 * 86_400, 3 * 86_400).is_ok() && check_grace(4 * 86_400, 3 * 86_400).is_ok());
        let rejected = check_grace(3 * 86_400 - 1, 3 * 86_400);
        assert!(matches!(&rejected, Err(error) if error.code() == Code::GraceMismatch), "{rejected:?}");
    }
}
