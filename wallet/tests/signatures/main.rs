//! What the holder's key signs, against what protocol verifies.

#![allow(clippy::unwrap_used)]

mod consent;
mod possession;
mod release;

use sealroot_wallet::SecretKey;

fn key(i: u8) -> SecretKey {
    SecretKey::from_uniform_bytes(&[i; 64]).unwrap()
}
