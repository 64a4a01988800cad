//! Eight at a time: arithmetic of BN254's fields in AVX-512 lanes, for hashing also in AVX2's, and what is built on it.
//!
//! Reading order: [`Packed`] (what kernels are written against) → [`Kernel`] and [`Instructions`] (what runs them) → [`curve`] (batches of
//! point additions) → [`sums`] → [`msm`] → [`ntt`] → [`sparse`] → [`poseidon`]; for verifiers [`Extension`] → [`pairing`], [`subgroup`],
//! [`glv`]. Every kernel is written once and compiled for all backends; tests hold them to arkworks.
//!
//! ```
//! use ark_bn254::Fr;
//! use ark_ff::Field;
//! use sealroot_lanes::{Backend, Instructions, Kernel, Packed, WIDTH};
//!
//! struct FourthPowers([Fr; WIDTH]);
//!
//! impl Kernel for FourthPowers {
//!     type Output = [Fr; WIDTH];
//!     #[inline(always)]
//!     fn run<B: Backend>(self) -> [Fr; WIDTH] {
//!         B::Fr::pack(&self.0).square().square().unpack()
//!     }
//! }
//!
//! let scalars: [Fr; WIDTH] = std::array::from_fn(|i| Fr::from(i as u64));
//! for instructions in Instructions::all() {
//!     assert_eq!(instructions.run(FourthPowers(scalars)), scalars.map(|x| x.pow([4])));
//! }
//! ```
//!
//! This is the only crate of the workspace in which `unsafe` is allowed: for the instructions, references to points that were validated
//! together, wiping, and mapped memory.
//! Non-guarantee: constant time. Tables, buckets and branches depend on the scalars, as in arkworks.

#![allow(
    clippy::needless_range_loop,
    reason = "iterator adaptors are functions without the instructions; loops unroll in place"
)]

mod backend;
mod field;
mod group;
mod memory;
mod sum;
mod transform;

pub use backend::{Backend, Instructions, Kernel, Step};
pub use field::{Coordinate, Extension, Gather, Invert, MAX_PRODUCTS, Packed, Term, WIDTH};
pub use group::{AffinePoint, G1, G2, Group, curve, glv, pairing, subgroup};
pub use memory::{Stored, StoredPoint, map};
pub use sum::{digits, msm, scale, sums};
pub use transform::{ntt, poseidon, sparse};
