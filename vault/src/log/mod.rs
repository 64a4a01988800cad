//! The access log: every disclosure, and every change of whose key counts for a person, has an entry that was written before it.
//!
//! Its entries are documents of [`sealroot_handover::access_log`]; [`merkle`] makes them one log that can't be changed unnoticed.

mod append;
mod check;
mod entry;
pub mod merkle;
mod reading;

pub use entry::{LogEntry, LogHead, leaf};
pub use reading::About;
pub(crate) use {
    append::append,
    reading::{head_at, head_now},
};
