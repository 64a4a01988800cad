//! What a post does: it keeps sealed envelopes in mailboxes until their owners have fetched them, and sealed requests until they expire. It opens nothing.
//!
//! `docs/spec/exchange.md` gives the formats. Read in this order: [`limits`] (how much, and how long) → [`Post`] (open, start, sweep) → `mailbox` (open, put, list, take,
//! acknowledge) → `room` (what is left) → `sealed` (requests behind a link) → `shown` (cards, programs, policies, and what the chain
//! says) → `store` (the file).
//!
//! Guarantees: an envelope that was acknowledged to its sender is on disk; one that is put twice is one message; nobody without a mailbox's token reads, counts or removes what is in
//! it; mailbox, address and disk each have a bound, and what a live request needs is set aside for it.
//! Non-guarantees: a post can delay and drop, and sees recipients, sizes and times. What it deleted may stay in copies of its file: don't back it up.

mod error;
pub mod limits;
mod mailbox;
mod post;
mod room;
mod schema;
mod sealed;
mod shown;
mod store;

pub use error::PostError;
pub use limits::Limits;
pub use mailbox::{Listed, Opened, Waiting};
pub use post::{Post, Swept};
pub use shown::{Published, evidence};
