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
        encode(self.nonce, 0, self.gas_limit, self.to, U256::ZERO, &self.data, [U256::from(v), r, s])
    }
}

/// RLP of a legacy transaction; before it is signed, v is the chain id and r and s are 0 (EIP-155).
fn encode(
    nonce: u64,
    gas_price: u64,
    gas_limit: u64,
    to: Option<Address>,
    value: U256,
    data: &Bytes,
    signature: [U256; 3],
) -> Vec<u8> {
    let mut payload = Vec::new();
    nonce.encode(&mut payload);
    gas_price.encode(&mut payload);
    gas_limit.encode(&mut payload);
    match to {
        Some(to) => to.encode(&mut payload),
        None => payload.push(alloy_rlp::EMPTY_STRING_CODE),
    }
    value.encode(&mut payload);
    data.encode(&mut payload);
    for part in signature {
        part.encode(&mut payload);
    }
    list(&payload)
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
    use alloy_primitives::b256;

    /// EIP-155's example: signing data, hash, signed transaction.
    #[test]
    fn eip_155_example() {
        let key = SecretSigningKey::from_bytes(&[0x46; 32]).unwrap();
        let (to, ether) = (Address::repeat_byte(0x35), U256::from(1_000_000_000_000_000_000u64));
        let encode = |signature| encode(9, 20_000_000_000, 21_000, Some(to), ether, &Bytes::new(), signature);
        let unsigned = encode([U256::ONE, U256::ZERO, U256::ZERO]);
        let expected = "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080";
        assert_eq!(hex::encode(&unsigned), expected);
        let hash = keccak256(unsigned);
        assert_eq!(hash, b256!("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"));
        let bytes = key.sign(&hash).unwrap().to_bytes();
        let (r, s) = (U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..64]));
        let expected = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
        assert_eq!(hex::encode(encode([U256::from(bytes[64] - 27 + 37), r, s])), expected);
    }

    #[test]
    fn the_sender_is_recovered_from_the_signature() {
        let key = SecretSigningKey::from_bytes(&[0x46; 32]).unwrap();
        let transaction = Transaction { chain_id: 1, nonce: 9, gas_limit: 21_000, to: None, data: Bytes::new() };
        let signed = transaction.clone().sign(&key).unwrap();
        assert_eq!(signed.sender, key.address());
        assert_ne!(Transaction { chain_id: 2, ..transaction }.sign(&key).unwrap().hash, signed.hash);
    }
}
