//! Sums of many points: over tables of fixed bases, and products of each point with a scalar of its own.

pub mod digits;
pub mod msm;
pub mod scale;
pub mod sums;
