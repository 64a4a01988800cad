//! Random values of the protocol, the same from the same seed.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_protocol::field::{F, truncate_248};
use sealroot_wallet::SecretKey;

/// Random field elements, keys and bytes.
pub struct Random(pub StdRng);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A field element.
    pub fn field(&mut self) -> F {
        truncate_248(&self.0.random())
    }

    /// A holder's key.
    pub fn key(&mut self) -> SecretKey {
        let (a, b): ([u8; 32], [u8; 32]) = (self.0.random(), self.0.random());
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&a);
        bytes[32..].copy_from_slice(&b);
        SecretKey::from_uniform_bytes(&bytes).unwrap()
    }
}
