//! Checkpoints: organisations sign which block of a network they know, for wallets that can't follow the network themselves.
//!
//! Guarantee: a signature names chain, height and hash, so that it vouches for no other block. Non-guarantee: that an organisation looked; so a wallet asks for
//! several, and its owner names which.

use crate::{
    canonical::Suite,
    signature::{EthereumSignature, SignatureError, Signer, SignerError},
};
use alloy_primitives::{Address, B256, keccak256};
use serde::{Deserialize, Serialize};

/// A block as one organisation knows it, with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCheckpoint {
    /// The suite.
    pub suite: Suite,
    /// EIP-155 chain id.
    #[serde(with = "crate::decimal")]
    pub chain_id: u64,
    /// Height.
    #[serde(with = "crate::decimal")]
    pub number: u64,
    /// Hash of the block's header.
    pub hash: B256,
    /// Over [`checkpoint_hash`].
    pub signature: EthereumSignature,
}

/// What an organisation signs: `keccak256("sealroot/1:checkpoint" ‖ chain id (8 bytes, big-endian) ‖ height (8 bytes, big-endian) ‖ header hash)`.
pub fn checkpoint_hash(chain_id: u64, number: u64, hash: B256) -> B256 {
    let fields = [&b"sealroot/1:checkpoint"[..], &chain_id.to_be_bytes(), &number.to_be_bytes(), hash.as_slice()];
    keccak256(fields.concat())
}

impl SignedCheckpoint {
    /// Signs a block.
    pub fn sign(chain_id: u64, number: u64, hash: B256, signer: &dyn Signer) -> Result<Self, SignerError> {
        let signature = signer.sign(&checkpoint_hash(chain_id, number, hash))?;
        Ok(Self { suite: Suite, chain_id, number, hash, signature })
    }

    /// Whose key signed it.
    pub fn signer(&self) -> Result<Address, SignatureError> {
        self.signature.signer(&checkpoint_hash(self.chain_id, self.number, self.hash))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::signature::SecretSigningKey;

    /// A signature is of one block of one chain, and is no seal of it.
    #[test]
    fn a_checkpoint_is_of_one_block() {
        let key = SecretSigningKey::from_bytes(&[7; 32]).unwrap();
        let signed = SignedCheckpoint::sign(1, 2, B256::repeat_byte(3), &key).unwrap();
        assert_eq!(signed.signer().unwrap(), key.address());
        let others = [
            SignedCheckpoint { chain_id: 2, ..signed.clone() },
            SignedCheckpoint { number: 1, ..signed.clone() },
            SignedCheckpoint { hash: B256::repeat_byte(4), ..signed },
        ];
        assert!(others.iter().all(|other| other.signer().ok() != Some(key.address())));
        assert_ne!(checkpoint_hash(1, 2, B256::ZERO), crate::evidence::seal_hash(1, B256::ZERO));
    }
}
