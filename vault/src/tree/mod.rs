//! The commitment tree: its nodes in the database and their hashes, the epoch that changes are written under, and what becomes of roots: prepared and
//! [anchored](anchor), later pruned.

pub mod anchor;
pub(crate) mod epoch;
mod nodes;
pub(crate) mod parallel;
mod prune;

pub(crate) use nodes::{OtherLeaves, check_leaves, check_nodes, working_root};
pub use nodes::{apply, path, root};
pub use prune::Pruned;
