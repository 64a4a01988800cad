//! Block headers in Ethereum's form after the Merge (Paris): 16 fields, RLP, hashed by keccak256.

use crate::transaction::list;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256, b256, keccak256};
use alloy_rlp::{Decodable, Encodable};

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

    /// What the bytes say; none unless they are exactly what this host writes for it.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let list = alloy_rlp::Header::decode(&mut rest).ok().filter(|header| header.list)?;
        if list.payload_length != rest.len() {
            return None;
        }
        let header = Self::fields(&mut rest).ok()?;
        (*header.rlp() == *bytes).then_some(header)
    }

    /// The fields that differ. The others are skipped, because encoding the header again compares them.
    fn fields(rest: &mut &[u8]) -> Result<Self, alloy_rlp::Error> {
        let parent = B256::decode(rest)?;
        B256::decode(rest)?; // ommers
        let (sealer, state_root) = (Address::decode(rest)?, B256::decode(rest)?);
        let (transactions_root, receipts_root) = (B256::decode(rest)?, B256::decode(rest)?);
        let bloom = Bloom::decode(rest)?;
        U256::decode(rest)?; // difficulty
        let number = u64::decode(rest)?;
        u64::decode(rest)?; // gas limit
        let (gas_used, time) = (u64::decode(rest)?, u64::decode(rest)?);
        Ok(Self { parent, sealer, state_root, transactions_root, receipts_root, bloom, number, gas_used, time })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A header is read only in the one form that has its hash, and every byte of it counts.
    #[test]
    fn a_header_has_one_form() {
        let header = Header {
            parent: B256::repeat_byte(1),
            sealer: Address::repeat_byte(2),
            state_root: B256::repeat_byte(3),
            transactions_root: B256::repeat_byte(4),
            receipts_root: B256::repeat_byte(5),
            bloom: Bloom::repeat_byte(6),
            number: 700,
            gas_used: 80_000,
            time: 1_790_000_000,
        };
        let bytes = header.rlp();
        assert_eq!(Header::decode(&bytes).unwrap(), header);
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 1;
            assert!(Header::decode(&changed).is_none_or(|other| other != header), "byte {place}");
        }
        assert!(Header::decode(&bytes[..bytes.len() - 1]).is_none());
        assert!(Header::decode(&[&bytes[..], &[0x80]].concat()).is_none());
        assert!(Header::decode(&[]).is_none());
    }
}
