//! Keys: what locks a vault ([`master`]), the ring that it opens ([`KeyRing`]), the ciphertexts that the ring's keys make ([`seal`]), and changing the ring's
//! own key ([`KeyRing::first_kek`], rotation).

pub mod master;
mod ring;
mod rotate;
pub mod seal;

pub use ring::{KekId, KeyRing};
