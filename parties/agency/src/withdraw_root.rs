//! Withdrawing a root: for ever, and without grace.

use crate::anchor::root_entry;
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    signature::Signer,
    tree::Root,
};
use sealroot_vault::{Vault, VaultError, store::Store};

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
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for WithdrawRootError {
    fn code(&self) -> Code {
        match self {
            Self::Vault(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Vault(error) => error.advice(),
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
        _ => chain.withdraw_root(key, &agency, root).await?.block.number,
    };
    vault.mark_withdrawn(root).await?;
    Ok(WithdrawnRoot { agency, block })
}
