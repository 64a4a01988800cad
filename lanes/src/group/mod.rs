//! The curve's groups: batches of additions, products with scalars, subgroups, pairings.

mod affine;
pub mod curve;
pub mod glv;
mod jacobian;
pub mod pairing;
pub mod subgroup;
mod tower;

pub use affine::{AffinePoint, G1, G2, Group};
