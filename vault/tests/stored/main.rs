//! Somebody who can write to a vault's databases, and has no key, tries what that could be worth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, clippy::print_stdout)]

mod attacks;
mod columns;
mod database;
mod files;
