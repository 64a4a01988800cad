//! The host that talks to a node over JSON-RPC: the embedded chain that another process serves, or any EVM network.
//!
//! Guarantee: nothing that the node says is relied on bare. The contracts, their code and the sealers are pinned by the caller. A header is hashed, and where sealers are
//! pinned its seal is checked; state is proven under the header's root (EIP-1186), calls are executed here over proven state, events and receipts are recomputed to the
//! header's roots, a transaction counts once it is in a block that is checked.
//! Non-guarantees: a network without pinned sealers could be shown in a history of the node's own, of which only a block seen before, or its hash from elsewhere, tells; the node
//! may keep the newest blocks, and events, back.
//!
//! Reading order: `pins` (what the caller knows) → `node` (asking) → `header` (which block) → `state` (what it holds) → `bodies` (its transactions) → `submit` (what is sent) → `events` → `deploy`, `creation` (the contracts).

mod bodies;
mod creation;
mod deploy;
mod error;
mod events;
mod header;
mod host;
mod node;
mod pins;
mod state;
mod submit;
mod turn;

pub use creation::Creation;
pub use deploy::{Deployment, expected_contracts};
pub use node::shown_url;
pub use pins::{Pins, SealerPin};

use crate::{contracts, error::ChainError};
use alloy_primitives::{Address, B256};
use bodies::Bodies;
use error::NodeError;
use node::Node;
use sealroot_protocol::snapshot::Contracts;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Seconds that a transaction is waited for.
const PATIENCE: Duration = Duration::from_secs(180);
/// What a unit of gas may cost at most, in wei, unless the caller says otherwise: 500 gwei.
pub const MAX_GAS_PRICE: u64 = 500_000_000_000;

/// How a network is used.
#[derive(Debug, Clone)]
pub struct NetworkOptions {
    /// Blocks that must follow a transaction's block before it counts. None on a chain with a pinned sealer.
    pub confirmations: u64,
    /// The most that a unit of gas may cost, in wei.
    pub max_gas_price: u64,
    /// How long a transaction is waited for.
    pub patience: Duration,
    /// Directory in which the processes of a machine agree that one at a time sends with a key; none where they needn't.
    pub senders: Option<PathBuf>,
    /// Told how many of the blocks that must follow are there, whenever another one is.
    pub waiting: fn(u64, u64),
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self { confirmations: 0, max_gas_price: MAX_GAS_PRICE, patience: PATIENCE, senders: None, waiting: |_, _| {} }
    }
}

/// A chain behind a node. Clones share the connection.
#[derive(Clone)]
pub struct NetworkChain {
    node: Node,
    pins: Arc<Pins>,
    contracts: Contracts,
    options: NetworkOptions,
    bodies: Arc<Bodies>,
}

impl NetworkChain {
    /// Connects to a node and checks, under its newest block, that it has the pinned chain id, contracts and code.
    pub async fn connect(url: &str, pins: Pins, options: NetworkOptions) -> Result<Self, ChainError> {
        let node = Node::at(url)?;
        let found = node.chain_id().await?;
        if found != pins.chain_id {
            return Err(NodeError::OtherChain { found, pinned: pins.chain_id }.into());
        }
        let [officers, agencies, policies, requesters, poseidon, programs, decisions] = pins.contracts.map(|(a, _)| a);
        let contracts = Contracts { officers, agencies, policies, requesters, poseidon, programs, decisions };
        let chain = Self { node, pins: Arc::new(pins), contracts, options, bodies: Arc::default() };
        let head = chain.newest().await?;
        chain.checked_codes(&head).await?;
        Ok(chain)
    }

    /// Whose seals count; none where the network has none that are checked.
    pub fn sealers(&self) -> &[SealerPin] {
        &self.pins.sealers
    }

    /// Address and code hash of each contract, proven under a block, and equal to the pins.
    async fn checked_codes(&self, head: &header::Checked) -> Result<[(Address, B256); 7], ChainError> {
        let mut known = state::Known::default();
        for ((address, pinned), (name, _)) in self.pins.contracts.iter().zip(&contracts::ALL) {
            known.learn_account(&self.node, head, *address).await?;
            let found = known.code_hash(*address);
            if found != Some(*pinned) {
                return Err(NodeError::OtherCode { name, address: *address }.into());
            }
        }
        Ok(self.pins.contracts)
    }
}
