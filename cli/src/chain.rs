//! The chain that a verb talks to, and what officers do on it together.

use crate::{
    chain_memory,
    failure::{Failure, Outcome},
    files::shown,
    secret::read_signing_key,
};
use alloy_primitives::B256;
use sealroot_chain::{Act, EmbeddedChain};
use sealroot_officer::{Proposed, confirm, propose};
use sealroot_protocol::moment::Moment;
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Which chain.
#[derive(Debug, Clone, clap::Args)]
pub struct ChainArgs {
    /// Directory of the embedded chain
    #[arg(long, value_name = "DIR", env = "SEALROOT_CHAIN", default_value = "chain")]
    pub chain: PathBuf,
    /// File that remembers the newest block seen, so that a chain that was set back is refused; with a vault, one in its directory
    #[arg(long, value_name = "FILE", env = "SEALROOT_CHAIN_MEMORY")]
    pub chain_memory: Option<PathBuf>,
    /// Hash of the newest block of a chain that was set back on purpose
    #[arg(long, value_name = "HASH")]
    pub accept_chain: Option<B256>,
}

/// Name of the memory in a vault's directory.
pub const MEMORY: &str = "chain-seen.json";

impl ChainArgs {
    /// Opens it, and compares it with the memory, if one is named.
    pub async fn open(&self) -> Outcome<EmbeddedChain> {
        let chain = self.open_unseen().await?;
        self.remember(&chain).await?;
        Ok(chain)
    }

    /// Opens it for a party with a vault, which remembers what it saw. The vault's directory must be there.
    pub async fn open_for(&self, vault: &Path) -> Outcome<EmbeddedChain> {
        let chain = self.open_unseen().await?;
        self.remember_for(vault, &chain).await?;
        Ok(chain)
    }

    /// Opens it and compares it with the memories of a vault's copies, which are only read.
    pub async fn open_for_copies(&self, copies: impl Iterator<Item = &PathBuf>) -> Outcome<EmbeddedChain> {
        let chain = self.open_unseen().await?;
        for file in copies.map(|copy| copy.join(MEMORY)).chain(self.chain_memory.clone()) {
            chain_memory::meet(&file, &chain, self.accept_chain).await?;
        }
        Ok(chain)
    }

    /// Has the memory know the blocks that were just added.
    pub async fn remember(&self, chain: &EmbeddedChain) -> Outcome<()> {
        match &self.chain_memory {
            Some(file) => chain_memory::check(file, chain, self.accept_chain).await,
            None => Ok(()),
        }
    }

    /// The same in the memory of a vault.
    pub async fn remember_for(&self, vault: &Path, chain: &EmbeddedChain) -> Outcome<()> {
        let file = self.chain_memory.clone().unwrap_or_else(|| vault.join(MEMORY));
        chain_memory::check(&file, chain, self.accept_chain).await
    }

    async fn open_unseen(&self) -> Outcome<EmbeddedChain> {
        EmbeddedChain::open(&self.chain).await.map_err(|e| Failure::of(e).context(shown(&self.chain)))
    }
}

impl From<PathBuf> for ChainArgs {
    fn from(chain: PathBuf) -> Self {
        Self { chain, chain_memory: None, accept_chain: None }
    }
}

/// Two officers enact together: one proposes, another confirms after the delay.
#[derive(Debug, Clone, clap::Args)]
pub struct OfficerArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Signing key of the officer
    #[arg(long, value_name = "KEYFILE")]
    pub officer: PathBuf,
    /// Confirm what another officer has proposed, instead of proposing it
    #[arg(long)]
    pub confirm: bool,
}

/// What an officer did.
#[derive(Debug, Serialize)]
pub struct ActReport {
    /// What is enacted.
    pub act: String,
    /// Proposed or confirmed; of an act without delay, the second proposal confirms.
    pub step: &'static str,
    /// Height of the block.
    pub block: u64,
    /// From when on it can be confirmed; only for proposals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_from: Option<Moment>,
}

impl fmt::Display for ActReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} in block {}", self.step, self.act, self.block)?;
        if let Some(time) = self.confirm_from {
            write!(f, "; another officer confirms with --confirm from {time} on")?;
        }
        Ok(())
    }
}

impl OfficerArgs {
    /// Proposes or confirms.
    pub async fn carry_out(&self, act: &Act, what: impl fmt::Display) -> Outcome<ActReport> {
        self.carry_out_on(&self.chain.open().await?, act, what).await
    }

    /// The same on a chain that is open already.
    pub async fn carry_out_on(&self, chain: &EmbeddedChain, act: &Act, what: impl fmt::Display) -> Outcome<ActReport> {
        let key = read_signing_key(&self.officer)?;
        let act_name = what.to_string();
        let (block, confirm_from) = if self.confirm {
            (confirm(act, chain, &key).await.map_err(Failure::of)?.block, None)
        } else {
            let Proposed { block, confirm_from } = propose(act, chain, &key).await.map_err(Failure::of)?;
            (block, confirm_from)
        };
        self.chain.remember(chain).await?;
        let step = if confirm_from.is_some() { "proposed" } else { "confirmed" };
        Ok(ActReport { act: act_name, step, block, confirm_from: confirm_from.map(Moment::from_unix) })
    }
}
