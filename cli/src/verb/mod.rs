//! The verbs, one file each: arguments, what it does on files, and its report. The demo calls the same functions.

pub mod agency;
pub mod key;
pub mod setup;
