//! The policy machine from outside: what it accepts, what it rejects, what it computes.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod attacks;
mod encoding;
mod evaluate;
mod household_attacks;
