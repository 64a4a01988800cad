//! Eight at a time: arithmetic of BN254's fields in AVX-512 lanes, and what is built on it.
//!
//! Reading order: [`packed`] (what kernels are written against) → [`path`] (which backend runs) → [`curve`] (batches of point additions)
//! → [`sums`] → [`msm`] → [`ntt`] → [`sparse`] → [`poseidon`]; for verifiers [`extension`] → [`pairing`], [`subgroup`], [`glv`]. Every kernel
//! is written once and compiled for both backends; tests hold both to arkworks.
//!
//! This is the only crate of the workspace in which `unsafe` is allowed: for the instructions, references to points that were validated
//! together, wiping, and mapped memory.
//! Non-guarantee: constant time. Tables, buckets and branches depend on the scalars, as in arkworks.

#![allow(
    clippy::needless_range_loop,
    reason = "iterator adaptors are functions without the instructions; loops unroll in place"
)]

pub mod curve;
pub mod digits;
pub mod extension;
pub mod glv;
#[cfg(target_arch = "x86_64")]
mod ifma;
pub mod invert;
mod jacobian;
pub mod map;
mod memory;
pub mod modulus;
pub mod msm;
#[cfg(target_arch = "x86_64")]
mod mulx;
pub mod ntt;
pub mod packed;
pub mod pairing;
pub mod path;
pub mod poseidon;
mod scalar;
pub mod scale;
pub mod sparse;
pub mod subgroup;
pub mod sums;
mod tower;
mod wipe;

pub use packed::{Backend, G1, G2, Group, MAX_PRODUCTS, Packed, WIDTH};
pub use path::{Kernel, Path};
