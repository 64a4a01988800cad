//! Records: from the rows of a file ([`rows`]) over an import ([`import`]) to sealed versions with their leaves, and the check that they still are what
//! the tree says.

pub(crate) mod bad_rows;
mod check;
pub(crate) mod household;
pub mod import;
pub(crate) mod issue;
pub(crate) mod record_bytes;
pub mod rows;
