//! Keys: what locks a vault ([`master`]), the ring that it opens ([`KeyRing`]), the ciphertexts that the ring's keys make ([`seal`]), and changing the ring's
//! own key ([`KeyRing::first_kek`], rotation).

mod error;
pub mod master;
mod ring;
mod rotate;
pub mod seal;

pub use error::KeyError;
pub(crate) use ring::UnwrapError;
pub use ring::{KekId, KeyRing};
