//! Evidence: what the chain said at one block, in a form that can be checked offline (EIP-1186 account and storage proofs).
//!
//! Guarantee: nothing in it is unauthenticated. A checker derives from the bundle which entries must be proven, in which order,
//! and rejects any other, so that every byte is under the header's hash or the seal (`docs/spec/evidence.md`).

use crate::{refusals::RefusalPath, signature::EthereumSignature};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use serde::{Deserialize, Serialize};

/// One header, its seal, and proofs of entries under its state root. Never a proof of absence: status words are not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// RLP of the block header.
    pub header: Bytes,
    /// Empty where the header holds its own seal ([`SEAL_PREFIX`]), or the checker knows the block's hash from elsewhere. Chains made before sealed headers have it
    /// here: 65 bytes r ‖ s ‖ v over chain id and the whole header's hash ([`seal_hash`]).
    pub seal: Bytes,
    /// Signatures of organisations under the block, of a network that has no seals ([`checkpoint_hash`](crate::checkpoint::checkpoint_hash)), ascending by address;
    /// absent where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoint: Vec<EthereumSignature>,
    /// Proofs by contract.
    pub accounts: Vec<AccountProof>,
    /// Where a dated refusal stands in its batch, whose root is among the proven entries; absent everywhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusals: Option<RefusalPath>,
}

/// A contract's account and some of its storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountProof {
    /// The contract.
    pub address: Address,
    /// Its nonce; contracts begin with 1.
    pub nonce: u64,
    /// Its balance.
    pub balance: U256,
    /// Root of its storage.
    pub storage_root: B256,
    /// keccak256 of its code.
    pub code_hash: B256,
    /// RLP nodes from the state root to the account, root first.
    pub proof: Vec<Bytes>,
    /// Entries, in the order of [`Snapshot::read`](crate::snapshot::Snapshot::read).
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

/// What the extra data of a sealed header begins with; the seal's 65 bytes follow, and nothing else (the form of Clique, EIP-225).
pub const SEAL_PREFIX: [u8; 32] = *b"sealroot/2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// What an embedded host's sealer signs: `keccak256("sealroot/1:seal" ‖ chain id (8 bytes, big-endian) ‖ header hash)`, where the header is the one whose extra
/// data is [`SEAL_PREFIX`] alone. The block's own hash covers the seal as well.
///
/// Ethereum headers don't name their chain; without the chain id a seal of a test chain would vouch for the real one.
pub fn seal_hash(chain_id: u64, header_hash: B256) -> B256 {
    keccak256([&b"sealroot/1:seal"[..], &chain_id.to_be_bytes(), header_hash.as_slice()].concat())
}
