//! An agency's use cases over an embedded vault and an embedded chain.

#![allow(clippy::unwrap_used, clippy::panic)]

mod anchoring;
mod registry;
mod releasing;
mod told;
