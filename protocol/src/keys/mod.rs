//! Keys and what proves that somebody has one: a holder's on Baby Jubjub, everybody else's on secp256k1.

pub mod curve;
pub mod hash_to_curve;
pub mod holder_signature;
pub mod possession;
pub mod signature;
