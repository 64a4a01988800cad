//! The access log: its entries, and the tree hash ([`merkle`]) that makes them one that can't be changed unnoticed.

mod entries;
pub mod merkle;

pub use entries::*;
