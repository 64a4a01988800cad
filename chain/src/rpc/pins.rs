//! What the caller knows of a chain before any node is asked.

use alloy_primitives::{Address, B256};
use std::collections::BTreeMap;

/// A chain's identity: from an auditor's trust file, or from the deployment that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Address and code hash of each contract, in the order of their creation.
    pub contracts: [(Address, B256); 7],
    /// Whose seals count. Empty: the network's headers have none that can be checked here.
    pub sealers: Vec<SealerPin>,
    /// Hashes of blocks that are known from elsewhere.
    pub blocks: BTreeMap<u64, B256>,
}

/// A sealer, and for which heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealerPin {
    /// Its address.
    pub address: Address,
    /// First height.
    pub from: u64,
    /// Last height; none while it seals.
    pub until: Option<u64>,
}

impl SealerPin {
    /// Whether it seals this height.
    pub(super) fn seals(&self, number: u64) -> bool {
        self.from <= number && self.until.is_none_or(|until| number <= until)
    }
}
