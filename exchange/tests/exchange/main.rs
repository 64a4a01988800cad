//! What crosses an organisation, attacked: every field of every document changed in turn, envelopes cut, swapped, repeated and sealed for others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cards;
mod claims;
mod envelopes;
mod links;
mod messages;
mod people;
mod town;
mod vectors;
