//! Withdrawing a root: for ever, and without grace.

use crate::anchor::root_entry;
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    signature::Signer,
    tree::Root,
};
use sealroot_vault::{RootStanding, Vault, VaultError, store::Store};

/// A root under which nothing is proved any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawnRoot {
    /// Whose.
    pub agency: Name,
    /// Height from which it doesn't count.
    pub block: u64,
}

/// Why a root still counts.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawRootError {
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The agency never anchored it.
    #[error("no root {root} of {agency} stands on chain; {}", listed(.standing))]
    Unknown {
        /// Whose.
        agency: Name,
        /// The root that was named.
        root: Root,
        /// Those that count now, oldest first.
        standing: Vec<Root>,
    },
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for WithdrawRootError {
    fn code(&self) -> Code {
        match self {
            Self::Vault(error) => error.code(),
            Self::Unknown { .. } => Code::UnknownRoot,
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Vault(error) => error.advice(),
            Self::Unknown { .. } => Some("name the root as `agency status` lists it".into()),
            Self::Chain(error) => error.advice(),
        }
    }
}

/// Withdraws an anchored root. The host has asked whether it is meant: nothing brings the root back.
pub async fn withdraw_root<S: Store>(
    root: Root,
    vault: &Vault<S>,
    chain: &impl Chain,
    key: &dyn Signer,
) -> Result<WithdrawnRoot, WithdrawRootError> {
    let agency = vault.agency().clone();
    // After a crash between chain and vault the root is withdrawn already, and only the vault has to learn it.
    let block = match root_entry(chain, &agency, root).await? {
        (Some(entry), block) if entry.withdrawn_at.is_some() => block,
        (None, _) => {
            let standing = standing(vault).await?;
            return Err(WithdrawRootError::Unknown { agency, root, standing });
        }
        (Some(_), _) => chain.withdraw_root(key, &agency, root).await?.block.number,
    };
    vault.mark_withdrawn(root).await?;
    Ok(WithdrawnRoot { agency, block })
}

/// The roots under which something can be proved now, as far as the vault knows.
async fn standing<S: Store>(vault: &Vault<S>) -> Result<Vec<Root>, VaultError> {
    let counts = |standing: &RootStanding| matches!(standing, RootStanding::Anchored | RootStanding::InGrace(_));
    let roots = vault.status().await?.roots.into_iter();
    Ok(roots.filter(|(_, standing)| counts(standing)).map(|(row, _)| row.root).collect())
}

fn listed(roots: &[Root]) -> String {
    if roots.is_empty() {
        return "none counts now".into();
    }
    let roots: Vec<_> = roots.iter().map(Root::to_string).collect();
    format!("what counts now: {}", roots.join(", "))
}
