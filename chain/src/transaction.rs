//! Transactions: EIP-155 signed, RLP encoded, as Ethereum has them.
//!
//! Prepared, signed and submitted apart, so that the key may be a file, a token, or a wallet of other software.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use sealroot_protocol::signature::{EthereumSignature, Signer, SignerError};

/// A transaction before its signature. No value is ever sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The account that is to sign.
    pub from: Address,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// How many transactions the signer has sent before.
    pub nonce: u64,
    /// What a unit of gas costs the signer.
    pub gas_price: u64,
    /// The most gas that it may use.
    pub gas_limit: u64,
    /// The contract; none creates one.
    pub to: Option<Address>,
    /// The call.
    pub data: Bytes,
}

/// A signed transaction as it stands in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    transaction: Prepared,
    raw: Bytes,
    hash: B256,
}

impl Prepared {
    /// What the signer signs.
    pub fn signing_hash(&self) -> B256 {
        keccak256(self.encode([U256::from(self.chain_id), U256::ZERO, U256::ZERO]))
    }

    /// Signs it.
    pub fn sign(self, signer: &dyn Signer) -> Result<Signed, SignerError> {
        let signature = signer.sign(&self.signing_hash())?;
        self.signed(signature)
    }

    /// The same with a signature that was made elsewhere. It must be by [`from`](Self::from).
    pub fn signed(self, signature: EthereumSignature) -> Result<Signed, SignerError> {
        // The sender is recovered from what was signed, as any other node would.
        let (found, expected) = (signature.signer(&self.signing_hash())?, self.from);
        if found != expected {
            return Err(SignerError::OtherKey { found, expected });
        }
        let bytes = signature.to_bytes();
        let (r, s) = (U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..64]));
        let v = u128::from(bytes[64] - 27) + 35 + 2 * u128::from(self.chain_id);
        let raw = Bytes::from(self.encode([U256::from(v), r, s]));
        Ok(Signed { hash: keccak256(&raw), raw, transaction: self })
    }

    fn encode(&self, signature: [U256; 3]) -> Vec<u8> {
        encode(self.nonce, self.gas_price, self.gas_limit, self.to, U256::ZERO, &self.data, signature)
    }
}

impl Signed {
    /// What was signed, and by whom.
    pub fn transaction(&self) -> &Prepared {
        &self.transaction
    }

    /// As every node takes it.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Its hash.
    pub fn hash(&self) -> B256 {
        self.hash
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
pub(crate) fn list(payload: &[u8]) -> Vec<u8> {
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
    use sealroot_protocol::signature::SecretSigningKey;

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
        let bytes = Signer::sign(&key, &hash).unwrap().to_bytes();
        let (r, s) = (U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..64]));
        let expected = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
        assert_eq!(hex::encode(encode([U256::from(bytes[64] - 27 + 37), r, s])), expected);
    }

    #[test]
    fn only_the_sender_signs() {
        let key = SecretSigningKey::from_bytes(&[0x46; 32]).unwrap();
        let prepared = Prepared {
            from: key.address(),
            chain_id: 1,
            nonce: 9,
            gas_price: 0,
            gas_limit: 21_000,
            to: None,
            data: Bytes::new(),
        };
        let elsewhere = Signer::sign(&key, &prepared.signing_hash()).unwrap();
        let signed = prepared.clone().sign(&key).unwrap();
        assert_eq!(prepared.clone().signed(elsewhere).unwrap(), signed);
        let moved = Prepared { chain_id: 2, ..prepared.clone() };
        assert!(matches!(moved.clone().signed(elsewhere), Err(SignerError::OtherKey { .. })));
        assert_ne!(moved.sign(&key).unwrap().hash(), signed.hash());
        let stolen = Prepared { from: Address::repeat_byte(1), ..prepared };
        assert!(matches!(stolen.sign(&key), Err(SignerError::OtherKey { .. })));
    }
}
