//! The seed: 256 bits from which everything that a wallet owns is derived, so that one sheet of paper restores all of it.
//!
//! Every key is HKDF-SHA-512 (RFC 5869) of the seed under salt `sealroot/1:wallet` with a label of its own as info, so that no key
//! tells anything about another. The holder key takes 64 bytes, reduced modulo ℓ (bias below 2^-250).

use crate::secret_key::SecretKey;
use hkdf::Hkdf;
use sealroot_handover::RecipientSecret;
use sha2::Sha512;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const SALT: &[u8] = b"sealroot/1:wallet";
const HOLDER: &[u8] = b"sealroot/1:holder-key";
const READING: &[u8] = b"sealroot/1:reading-key";
const HISTORY: &[u8] = b"sealroot/1:history-key";

/// 256 random bits. Zeroised when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Fresh, from the system's generator.
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice());
        Self(*bytes)
    }

    /// From 32 bytes that the caller zeroises.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The holder's secret key `sk`.
    pub fn holder_key(&self) -> SecretKey {
        // A seed whose key is 0 mod ℓ can't be found: the next label in turn keeps the function total all the same.
        let mut label = HOLDER.to_vec();
        loop {
            if let Ok(key) = SecretKey::from_uniform_bytes(&self.derive::<64>(&label)) {
                return key;
            }
            label.push(b'+');
        }
    }

    /// The key to which agencies seal what only the holder may read, such as access-log entries.
    pub fn reading_key(&self) -> RecipientSecret {
        #[expect(clippy::expect_used, reason = "an X25519 secret key is any 32 bytes (RFC 7748, section 5)")]
        RecipientSecret::from_bytes(&self.derive(READING)).expect("32 bytes")
    }

    pub(crate) fn history_key(&self) -> Zeroizing<[u8; 32]> {
        self.derive(HISTORY)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn derive<const N: usize>(&self, label: &[u8]) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        #[expect(clippy::expect_used, reason = "HKDF-SHA-512 fails only above 16,320 bytes")]
        Hkdf::<Sha512>::new(Some(SALT), &self.0).expand(label, out.as_mut_slice()).expect("at most 64 bytes");
        out
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::field;

    /// The vectors of `docs/spec/documents.md`, Wallet file: computed by a separate implementation of HKDF, Baby Jubjub and X25519 in Python.
    const VECTORS: [[&str; 4]; 2] = [
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0x0cb24ab6ce0c8b1b8c218a9787d7dfe3c6115c4bbe92e959a73754e1c1ef42da",
            "0x24c72172c9a9c0233078d25810a7cf5cd86536c8e909d88aeb540f61f22419cc",
            "2487adba4f8ca7afd185ad116868be52ae14c9fbbb183a76fb6e67cf1e0bd439",
        ],
        [
            "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
            "0x256882ecb5dccf09856a662a075651419f79e9413c6da3b24c988156ab78ab84",
            "0x0f8422d14c2e85de628c03e2c462f9a17f35b36f88cabd63dc8f0417f37182c8",
            "f9fe5fd293e1a1f6ce6d92be6ba3f89e5b427bc2260cd79bd474a3542ad38273",
        ],
    ];

    #[test]
    fn derivation_known_answers() {
        for [seed, x, y, reading] in VECTORS {
            let seed = Seed::from_bytes(&hex::decode(seed).unwrap().try_into().unwrap());
            let key = seed.holder_key().public_key();
            assert_eq!((field::to_hex(key.x()), field::to_hex(key.y())), (x.to_owned(), y.to_owned()));
            assert_eq!(hex::encode(seed.reading_key().public().0), reading);
        }
    }

    /// Labels separate: no derived value is another's prefix, and each depends on every bit of the seed.
    #[test]
    fn keys_are_separate() {
        let seed = Seed::from_bytes(&[7; 32]);
        let mut other = [7; 32];
        other[31] ^= 1;
        let other = Seed::from_bytes(&other);
        assert_ne!(seed.holder_key().public_key(), other.holder_key().public_key());
        assert_ne!(seed.reading_key().public(), other.reading_key().public());
        assert_ne!(*seed.history_key(), *other.history_key());
        assert_ne!(seed.derive::<32>(HOLDER), seed.derive::<32>(READING));
        assert_ne!(seed.derive::<32>(READING), seed.derive::<32>(HISTORY));
        assert_eq!(format!("{seed:?} {:?}", seed.reading_key()), "Seed(…) RecipientSecret(…)");
    }
}
