//! Transactions as Ethereum has them: EIP-155 legacy ones of our own, and the typed ones (EIP-2930, EIP-1559) that other software signs.
//!
//! Prepared, signed and submitted apart, so that the key may be a file, a token, or a wallet of other software.

use alloy_consensus::{
    SignableTransaction, Transaction as _, TxEnvelope, TxLegacy, TxType, Typed2718, transaction::SignerRecoverable,
};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use sealroot_protocol::{
    code::{Code, Coded},
    signature::{EthereumSignature, Signer, SignerError},
};

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
    from: Address,
    envelope: TxEnvelope,
    raw: Bytes,
}

/// Bytes that no chain takes as a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawTransactionError {
    /// Not the one canonical encoding of a transaction (EIP-2718).
    #[error("these bytes are no signed transaction in its canonical encoding")]
    Encoding,
    /// Its signature would count on every chain.
    #[error("the transaction names no chain (EIP-155), so anybody could send it again elsewhere")]
    NoChain,
    /// Blobs and delegated accounts.
    #[error("transactions of type {0} aren't taken, only types 0, 1 and 2")]
    Type(u8),
    /// Nobody's signature, or one with a high s (EIP-2).
    #[error("the transaction's signature is not canonical, or nobody's")]
    Signature,
}

impl Coded for RawTransactionError {
    fn code(&self) -> Code {
        Code::BadTransaction
    }
}

impl Prepared {
    /// What the signer signs.
    pub fn signing_hash(&self) -> B256 {
        self.legacy().signature_hash()
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
        let signature = Signature::new(r, s, bytes[64] == 28);
        let envelope = TxEnvelope::from(self.legacy().into_signed(signature));
        Ok(Signed { from: expected, raw: envelope.encoded_2718().into(), envelope })
    }

    fn legacy(&self) -> TxLegacy {
        TxLegacy {
            chain_id: Some(self.chain_id),
            nonce: self.nonce,
            gas_price: self.gas_price.into(),
            gas_limit: self.gas_limit,
            to: self.to.map_or(TxKind::Create, TxKind::Call),
            value: U256::ZERO,
            input: self.data.clone(),
        }
    }
}

impl Signed {
    /// Reads what other software signed, in the one form that has its hash.
    pub fn decode(raw: Bytes) -> Result<Self, RawTransactionError> {
        let envelope = TxEnvelope::decode_2718_exact(&raw).map_err(|_| RawTransactionError::Encoding)?;
        if !matches!(envelope.tx_type(), TxType::Legacy | TxType::Eip2930 | TxType::Eip1559) {
            return Err(RawTransactionError::Type(envelope.ty()));
        }
        if envelope.encoded_2718() != raw {
            return Err(RawTransactionError::Encoding);
        }
        if envelope.chain_id().is_none() {
            return Err(RawTransactionError::NoChain);
        }
        let from = envelope.recover_signer().map_err(|_| RawTransactionError::Signature)?;
        Ok(Self { from, envelope, raw })
    }

    /// Who signed it.
    pub fn from(&self) -> Address {
        self.from
    }

    /// What was signed.
    pub fn envelope(&self) -> &TxEnvelope {
        &self.envelope
    }

    /// How many transactions its sender has sent before.
    pub fn nonce(&self) -> u64 {
        self.envelope.nonce()
    }

    /// As every node takes it.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Its hash.
    pub fn hash(&self) -> B256 {
        *self.envelope.tx_hash()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy_primitives::b256;
    use sealroot_protocol::signature::SecretSigningKey;

    const EIP_155: &str = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

    fn decode(hex: &str) -> Result<Signed, RawTransactionError> {
        Signed::decode(hex::decode(hex).unwrap().into())
    }

    /// EIP-155's example: signing hash, sender, hash and encoding.
    #[test]
    fn eip_155_example() {
        let key = SecretSigningKey::from_bytes(&[0x46; 32]).unwrap();
        let signed = decode(EIP_155).unwrap();
        assert_eq!((signed.from(), signed.nonce()), (key.address(), 9));
        let hash = b256!("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
        assert_eq!(signed.envelope().signature_hash(), hash);
        assert_eq!(signed.hash(), alloy_primitives::keccak256(hex::decode(EIP_155).unwrap()));
    }

    /// One form of every transaction, with a chain, a sender, and of a kind that this program executes.
    #[test]
    fn no_other_bytes_are_a_transaction() {
        assert_eq!(decode(&format!("{EIP_155}00")), Err(RawTransactionError::Encoding));
        assert_eq!(decode(&EIP_155[..EIP_155.len() - 2]), Err(RawTransactionError::Encoding));
        assert_eq!(decode(""), Err(RawTransactionError::Encoding));
        // v 27 instead of 37: signed without a chain.
        assert_eq!(decode(&EIP_155.replacen("8025a028", "801ba028", 1)), Err(RawTransactionError::NoChain));
        // s beyond half of the group's order (EIP-2): n - s, with the other parity.
        let s = U256::from_str_radix("67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83", 16).unwrap();
        let n = U256::from_str_radix("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16).unwrap();
        let high =
            EIP_155.replace(&format!("{s:064x}"), &format!("{:064x}", n - s)).replacen("8025a028", "8026a028", 1);
        assert_eq!(decode(&high), Err(RawTransactionError::Signature));
        let blob = TxEnvelope::Eip4844(alloy_consensus::Signed::new_unhashed(
            alloy_consensus::TxEip4844 { chain_id: 1, ..Default::default() }.into(),
            Signature::new(U256::ONE, U256::ONE, false),
        ));
        assert_eq!(Signed::decode(blob.encoded_2718().into()), Err(RawTransactionError::Type(3)));
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
