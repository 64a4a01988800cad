//! The fields, eight elements at a time, and single elements where one is enough.

mod coordinate;
mod extension;
mod gather;
mod invert;
mod modulus;
mod packed;

pub use coordinate::Coordinate;
pub use extension::Extension;
pub(crate) use gather::dot;
pub use gather::{Gather, Term};
pub use invert::Invert;
pub use modulus::{FqModulus, FrModulus, Modulus};
#[cfg(target_arch = "x86_64")]
pub(crate) use modulus::{LIMB_MASK, multiple, negated_inverse, power_of_two, split, subtract};
pub use packed::{MAX_PRODUCTS, Packed, WIDTH};
