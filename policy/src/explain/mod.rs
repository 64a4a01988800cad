//! A policy in plain words, and what its decisions disclose.

mod days;
mod disclosure;
mod page;
mod phrase;
mod reason;
mod tongue;

pub use disclosure::{Detail, DisclosedFact, Disclosure};
pub use reason::Reason;
pub use tongue::Language;
