//! The chain that a verb talks to.

pub mod memory;
mod officer;
mod pins;
mod provisional;

pub use officer::{ActReport, OfficerArgs};
pub use provisional::{Provisional, provisional};

use crate::{
    failure::{Failure, Outcome},
    files::shown,
};
use alloy_primitives::{Address, B256};
use sealroot_chain::{AnyChain, Chain, EmbeddedChain, NetworkChain, NetworkOptions};
use sealroot_protocol::code::Code;
use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

/// Which chain.
#[derive(Debug, Clone, clap::Args)]
pub struct ChainArgs {
    /// Directory of the embedded chain, or a node's address (http://…, https://…), which needs --chain-trust
    #[arg(long, value_name = "DIR|URL", env = "SEALROOT_CHAIN", default_value = "chain")]
    pub chain: PathBuf,
    /// Trust file that pins the chain behind a node: contracts, code and sealers. Nothing that the node says is relied on beyond it
    #[arg(long, value_name = "FILE", env = "SEALROOT_CHAIN_TRUST")]
    pub chain_trust: Option<PathBuf>,
    /// Blocks that must follow a transaction's block on a network before it counts; none on a chain with a sealer
    #[arg(long, value_name = "BLOCKS", env = "SEALROOT_CONFIRMATIONS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub confirmations: u64,
    /// The most that a unit of gas may cost on a network, in wei
    #[arg(long, value_name = "WEI", env = "SEALROOT_MAX_GAS_PRICE", default_value_t = sealroot_chain::rpc::MAX_GAS_PRICE)]
    pub max_gas_price: u64,
    /// File that remembers the newest block seen, so that a chain that was set back is refused; with a vault one in its directory, with a wallet one beside it
    #[arg(long, value_name = "FILE", env = "SEALROOT_CHAIN_MEMORY")]
    pub chain_memory: Option<PathBuf>,
    /// Hash of the newest block of a chain that was set back on purpose
    #[arg(long, value_name = "HASH")]
    pub accept_chain: Option<B256>,
    /// Whether the memory is one that nobody named.
    #[arg(skip)]
    unnamed_memory: bool,
}

/// Name of the memory in a vault's directory.
pub const MEMORY: &str = "chain-seen.json";

impl ChainArgs {
    /// Opens it, and compares it with the memory, if one is named.
    pub async fn open(&self) -> Outcome<AnyChain> {
        let chain = self.open_unseen().await?;
        self.remember(&chain).await?;
        Ok(chain)
    }

    /// Opens it for a party with a vault, which remembers what it saw. The vault's directory must be there.
    pub async fn open_for(&self, vault: &Path) -> Outcome<AnyChain> {
        let chain = self.open_unseen().await?;
        self.remember_for(vault, &chain).await?;
        Ok(chain)
    }

    /// Opens it and compares it with the memories of a vault's copies, which are only read.
    pub async fn open_for_copies(&self, copies: impl Iterator<Item = &PathBuf>) -> Outcome<AnyChain> {
        let chain = self.open_unseen().await?;
        for file in copies.map(|copy| copy.join(MEMORY)).chain(self.chain_memory.clone()) {
            memory::meet(&file, &chain, self.accept_chain).await?;
        }
        Ok(chain)
    }

    /// Has the memory know the blocks that were just added.
    pub async fn remember(&self, chain: &impl Chain) -> Outcome<()> {
        match &self.chain_memory {
            // A network without seals takes its newest blocks back now and then, and soon leaves a seen one too far behind to be followed.
            Some(_) if self.unnamed_memory && !chain.shows_every_event() => Ok(()),
            Some(file) => memory::check(file, chain, self.accept_chain).await,
            None => Ok(()),
        }
    }

    /// The same in the memory of a vault.
    pub async fn remember_for(&self, vault: &Path, chain: &AnyChain) -> Outcome<()> {
        let file = self.chain_memory.clone().unwrap_or_else(|| vault.join(MEMORY));
        memory::check(&file, chain, self.accept_chain).await
    }

    /// The same chain for a wallet, which remembers in a file beside its own what it saw. Nothing is written beside a wallet that isn't there.
    pub fn beside(&self, wallet: &Path) -> Self {
        let mut name = wallet.file_name().unwrap_or_default().to_os_string();
        name.push(".");
        name.push(MEMORY);
        let own = wallet.exists().then(|| wallet.with_file_name(name));
        let unnamed_memory = self.chain_memory.is_none();
        Self { chain_memory: self.chain_memory.clone().or(own), unnamed_memory, ..self.clone() }
    }

    /// Opens the directory: for what only the process that holds the chain can do.
    pub async fn open_directory(&self) -> Outcome<EmbeddedChain> {
        if let Some(url) = self.url() {
            let message = format!("{} is another process's chain", sealroot_chain::rpc::shown_url(url));
            return Err(Failure::new(Code::NoChain, message).advice("name the directory of a chain with --chain"));
        }
        let chain = self.open_embedded().await?;
        self.remember(&chain).await?;
        Ok(chain)
    }

    /// What messages call it.
    pub fn shown(&self) -> String {
        self.url().map_or_else(|| shown(&self.chain).to_string(), sealroot_chain::rpc::shown_url)
    }

    async fn open_embedded(&self) -> Outcome<EmbeddedChain> {
        EmbeddedChain::open(&self.chain).await.map_err(|e| Failure::of(e).context(shown(&self.chain)))
    }

    async fn open_unseen(&self) -> Outcome<AnyChain> {
        let Some(url) = self.url() else { return self.open_embedded().await.map(AnyChain::Embedded) };
        let Some(trust) = &self.chain_trust else {
            return Err(Failure::new(
                Code::NoChainTrust,
                "a chain behind a node is checked against a trust file, and none is named",
            ));
        };
        let pins = pins::read(trust)?;
        let options = NetworkOptions {
            confirmations: self.confirmations,
            max_gas_price: self.max_gas_price,
            senders: senders(),
            waiting,
            ..NetworkOptions::default()
        };
        let chain = NetworkChain::connect(url, pins, options).await;
        chain.map(AnyChain::Network).map_err(|e| Failure::of(e).context(self.shown()))
    }

    /// The node's address, if it is one.
    fn url(&self) -> Option<&str> {
        self.chain.to_str().filter(|text| text.starts_with("http://") || text.starts_with("https://"))
    }
}

impl From<PathBuf> for ChainArgs {
    fn from(chain: PathBuf) -> Self {
        Self {
            chain,
            chain_trust: None,
            confirmations: 0,
            max_gas_price: sealroot_chain::rpc::MAX_GAS_PRICE,
            chain_memory: None,
            accept_chain: None,
            unnamed_memory: false,
        }
    }
}

/// Says that a transaction isn't final yet, where a person is watching.
pub fn waiting(follow: u64, wanted: u64) {
    if std::io::stderr().is_terminal() && !crate::asks_for_json() {
        // A closed stderr is no reason to fail.
        let _ = writeln!(std::io::stderr(), "  in a block; {follow} of {wanted} blocks follow it");
    }
}

/// Where this user's processes agree that one at a time sends with a key (XDG Base Directory Specification).
pub fn senders() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")));
    Some(state?.join("sealroot/senders"))
}

/// Whose seals count on a chain.
pub fn sealers(chain: &AnyChain) -> Vec<Address> {
    match chain {
        AnyChain::Embedded(chain) => vec![chain.sealer()],
        AnyChain::Network(chain) => chain.sealers().iter().map(|pin| pin.address).collect(),
    }
}
