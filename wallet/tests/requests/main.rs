//! What a wallet answers to a request: the checks, the consent, the release.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod check;
mod consent;
mod release;
