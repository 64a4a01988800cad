//! Gadgets one by one: right values satisfy them, each wrong one doesn't, and no advice is left open.

#![allow(clippy::unwrap_used, missing_docs)]

mod canonical;
mod edwards;
mod elligator;
mod poseidon;
mod range;
mod trial;
mod window;
mod zero;
