//! Block headers in Ethereum's form after the Merge (Paris): 16 fields, RLP, hashed by keccak256, with the sealer's signature in the extra data, as in Clique (EIP-225).
//!
//! Guarantee: a header is read only in the one form that this host writes, with a seal by the chain's sealer. The seal covers every other byte and the chain id; the hash
//! covers the seal.

use crate::seal;
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_primitives::{Address, B256, Bloom, Bytes};
use alloy_rlp::{Decodable, Encodable};
use sealroot_protocol::{
    evidence::{SEAL_PREFIX, seal_hash},
    signature::{SecretSigningKey, Signer, SignerError},
};

/// Gas that a block can hold.
pub(crate) const BLOCK_GAS_LIMIT: u64 = 100_000_000;

/// The fields that differ from block to block, beside the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
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

/// A header with its seal, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SealedHeader {
    pub header: Header,
    pub hash: B256,
}

impl Fields {
    /// The header with the sealer's signature.
    pub(super) fn seal(self, chain_id: u64, sealer: &SecretSigningKey) -> Result<SealedHeader, SignerError> {
        let mut header = self.header(SEAL_PREFIX.into());
        let seal = sealer.sign(&seal_hash(chain_id, header.hash_slow()))?.to_bytes();
        header.extra_data = [&SEAL_PREFIX[..], &seal].concat().into();
        Ok(SealedHeader { hash: header.hash_slow(), header })
    }

    fn header(self, extra_data: Bytes) -> Header {
        Header {
            parent_hash: self.parent,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: self.sealer,
            state_root: self.state_root,
            transactions_root: self.transactions_root,
            receipts_root: self.receipts_root,
            logs_bloom: self.bloom,
            number: self.number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used: self.gas_used,
            timestamp: self.time,
            extra_data,
            base_fee_per_gas: Some(0),
            ..Header::default()
        }
    }
}

impl SealedHeader {
    /// As it is stored and hashed.
    pub(super) fn rlp(&self) -> Bytes {
        alloy_rlp::encode(&self.header).into()
    }

    /// What the bytes say; none unless they are exactly what this host writes for it. Whose the seal is, [`is_sealed_by`](Self::is_sealed_by) says.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let header = Header::decode(&mut rest).ok().filter(|_| rest.is_empty())?;
        let seal = header.extra_data.strip_prefix(&SEAL_PREFIX)?;
        let own = Fields {
            parent: header.parent_hash,
            sealer: header.beneficiary,
            state_root: header.state_root,
            transactions_root: header.transactions_root,
            receipts_root: header.receipts_root,
            bloom: header.logs_bloom,
            number: header.number,
            gas_used: header.gas_used,
            time: header.timestamp,
        };
        let is_own = seal.len() == 65 && own.header(header.extra_data.clone()) == header;
        let mut again = Vec::with_capacity(bytes.len());
        header.encode(&mut again);
        (is_own && again == bytes).then(|| Self { hash: header.hash_slow(), header })
    }

    /// Whether the seal is the sealer's, for this chain.
    pub(super) fn is_sealed_by(&self, sealer: Address, chain_id: u64) -> bool {
        seal::sealer(&self.header, chain_id) == Some(sealer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(n: u8) -> SecretSigningKey {
        SecretSigningKey::from_bytes(&[n; 32]).unwrap()
    }

    /// A header is read only in the one form that has its hash, and every byte of it counts.
    #[test]
    fn a_header_has_one_form_and_one_sealer() {
        let fields = Fields {
            parent: B256::repeat_byte(1),
            sealer: key(1).address(),
            state_root: B256::repeat_byte(3),
            transactions_root: B256::repeat_byte(4),
            receipts_root: B256::repeat_byte(5),
            bloom: Bloom::repeat_byte(6),
            number: 700,
            gas_used: 80_000,
            time: 1_790_000_000,
        };
        let sealed = fields.clone().seal(7, &key(1)).unwrap();
        let bytes = sealed.rlp();
        assert_eq!(SealedHeader::decode(&bytes).unwrap(), sealed);
        assert_eq!(sealed.hash, alloy_primitives::keccak256(&bytes));
        assert!(sealed.is_sealed_by(key(1).address(), 7));
        assert!(!sealed.is_sealed_by(key(2).address(), 7), "another sealer");
        assert!(!sealed.is_sealed_by(key(1).address(), 8), "another chain");
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 1;
            let read = SealedHeader::decode(&changed);
            assert!(read.is_none_or(|other| !other.is_sealed_by(key(1).address(), 7)), "byte {place}");
        }
        assert!(SealedHeader::decode(&bytes[..bytes.len() - 1]).is_none());
        assert!(SealedHeader::decode(&[&bytes[..], &[0x80]].concat()).is_none());
        assert!(SealedHeader::decode(&[]).is_none());
        let unsealed = alloy_rlp::encode(fields.header(SEAL_PREFIX.into()));
        assert!(SealedHeader::decode(&unsealed).is_none());
    }
}
