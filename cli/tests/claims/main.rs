//! Claims from register to decision, made with the verbs alone: what a law allows once, what it refuses, and why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corrections;
mod household;
mod invoices;
mod office;
mod programs;
mod proving;
mod reductions;
mod released;
#[path = "../shared/reports.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod reports;
