//! The hash of the statement, and the tags that keep its uses apart.

pub mod poseidon;
pub mod tag;
