//! Block headers in Ethereum's form after the Merge (Paris): 16 fields, RLP, hashed by keccak256.

use crate::transaction::list;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256, b256, keccak256};
use alloy_rlp::Encodable;

/// keccak256(rlp([])): after the Merge there are no ommers.
const NO_OMMERS: B256 = b256!("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

/// Gas that a block can hold.
pub(super) const BLOCK_GAS_LIMIT: u64 = 100_000_000;

/// The fields that differ from block to block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub parent: B256,
    pub sealer: Address,
    pub state_root: B256,
    pub transactions_root: B256,
    pub receipts_root: B256,
    pub bloom: Bloom,
    pub number: u64,
    pub gas_used: u64,
    pub time: u64,
}

impl Header {
    pub(super) fn rlp(&self) -> Bytes {
        let mut payload = Vec::new();
        self.parent.encode(&mut payload);
        NO_OMMERS.encode(&mut payload);
        self.sealer.encode(&mut payload);
        self.state_root.encode(&mut payload);
        self.transactions_root.encode(&mut payload);
        self.receipts_root.encode(&mut payload);
        self.bloom.encode(&mut payload);
        U256::ZERO.encode(&mut payload); // difficulty
        self.number.encode(&mut payload);
        BLOCK_GAS_LIMIT.encode(&mut payload);
        self.gas_used.encode(&mut payload);
        self.time.encode(&mut payload);
        Bytes::from_static(b"sealroot/1").encode(&mut payload); // extra data
        B256::ZERO.encode(&mut payload); // mix hash
        B64::ZERO.encode(&mut payload); // nonce
        0u64.encode(&mut payload); // base fee
        list(&payload).into()
    }

    pub(super) fn hash(&self) -> B256 {
        keccak256(self.rlp())
    }
}
