//! Evidence: what the chain said at one block, in a form that can be checked offline (EIP-1186 account and storage proofs).

use alloy_primitives::{Address, B256, Bytes, U256};
use serde::{Deserialize, Serialize};

/// One header, its seal, and proofs of entries under its state root. Never a proof of absence: status words are not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// RLP of the block header.
    pub header: Bytes,
    /// Seal over the header's hash, by the host's rules.
    pub seal: Bytes,
    /// Proofs by contract.
    pub accounts: Vec<AccountProof>,
}

/// A contract's account and some of its storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountProof {
    /// The contract.
    pub address: Address,
    /// RLP nodes from the state root to the account, root first.
    pub proof: Vec<Bytes>,
    /// Entries, by slot.
    pub storage: Vec<StorageProof>,
}

/// One storage slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageProof {
    /// The slot.
    pub slot: B256,
    /// Its value; never 0.
    pub value: U256,
    /// RLP nodes from the storage root to the value, root first.
    pub proof: Vec<Bytes>,
}
