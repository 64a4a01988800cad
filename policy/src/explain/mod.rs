//! A policy in plain words, and what its decisions disclose.

mod days;
mod disclosure;
mod page;
mod phrase;

pub use disclosure::{Detail, DisclosedFact, Disclosure};
pub use sealroot_protocol::language::Language;
pub use sealroot_protocol::titles::{Reason, Titles};
