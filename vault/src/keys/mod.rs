//! Keys: what locks a vault ([`master`]), the ring that it opens ([`KeyRing`]) and where that is kept ([`RingKeeper`]), the ciphertexts that the ring's keys
//! make ([`seal`]), the references that rows are found by, changing the ring's own key, and destroying what must not be read again.

mod destroy;
mod error;
mod keeper;
pub mod master;
mod orphans;
pub(crate) mod references;
mod ring;
mod rotate;
pub mod seal;

pub use error::KeyError;
pub use keeper::RingKeeper;
pub(crate) use ring::UnwrapError;
pub use ring::{KekId, KeyRing, ring_head};
