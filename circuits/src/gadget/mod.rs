//! Relations that several obligations use. Each says which values satisfy it, and why no others do.

pub mod canonical;
pub mod edwards;
pub mod elligator;
pub mod poseidon;
pub mod range;
pub mod window;
pub mod zero;
