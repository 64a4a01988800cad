//! What a wallet holds: one seed, the keys that are derived from it, and the forms in which it is kept: a recovery phrase, and bytes under a passphrase.

pub mod phrase;
pub mod sealed;
pub mod secret_key;
pub mod seed;
mod wallet;

pub use wallet::{TooManyDeployments, Wallet};
