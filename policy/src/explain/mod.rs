//! A policy in plain words, and what its decisions disclose.

mod days;
mod disclosure;
mod page;
mod phrase;
mod reason;

pub use disclosure::{Detail, DisclosedFact, Disclosure};
pub use reason::{Reason, Titles};
pub use sealroot_protocol::language::Language;
