//! The embedded vault: a directory of the agency's own machine, with SQLite.

pub(crate) mod private;
pub mod sqlite;
