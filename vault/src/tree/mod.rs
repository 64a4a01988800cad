//! The commitment tree: its nodes in the database, and what becomes of its roots ([`anchor`]).

pub mod anchor;
mod nodes;
pub(crate) mod parallel;

pub use nodes::*;
