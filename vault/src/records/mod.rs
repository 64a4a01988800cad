//! Records: from a sheet's rows ([`rows`]) over an import ([`import`]) to sealed versions with their leaves, who is in which household, and the check
//! that all still is what the tree says.

pub(crate) mod bad_rows;
pub mod check;
mod check_rows;
mod columns;
mod household;
pub mod import;
pub(crate) mod issue;
mod key_column;
mod members;
mod record_bytes;
pub mod rows;
pub(crate) mod schemas;
pub(crate) mod sheet;
mod write;
