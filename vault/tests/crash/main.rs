//! A vault is killed, or loses its power, in the middle of whatever it does; then it starts normally. No acknowledged step is lost, nothing is there by half, tree = rows, every
//! data key has its record, chain root = tree root.
//!
//! The test binary runs itself as the victim. `SEALROOT_CASES` (kills or cuts of each operation) and `SEALROOT_SEED` choose how often and when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, clippy::print_stdout)]

mod afterwards;
mod copies;
mod cuts;
mod households;
mod kills;
mod scene;
mod victim;

/// What the victim is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Import,
    Update,
    Rotate,
    Relock,
    Erase,
    Enrol,
    ChangeId,
    Release,
    Anchor,
    Prune,
    Represent,
    Withdraw,
    Household,
    Backup,
    Restore,
}
