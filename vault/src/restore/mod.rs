//! A vault goes on from a copy of itself.
//!
//! Guarantees: nobody is approved twice because of a restore, not even where the copy is older than roots that are on chain ([`floor`]); people who were erased after the copy
//! was made are erased again, as far as the access log or the key store knows of them; the restored database comes after every state that the log was told of, so
//! that the copy can't be put back unnoticed; the log has an entry with who restored the vault and why.
//! Non-guarantees: what was written after the copy was made is gone, and is to be done again: imports, enrolments, changed ids, representatives, entries of the log where
//! that is a copy, too. A key that was replaced in that time counts again until it is replaced again. Changed ids come first: an id that isn't changed again before its
//! new form is imported is another person, as it always is.

mod floor;
mod lost_states;
mod resume;

pub(crate) use floor::Floor;
pub(crate) use lost_states::LostStates;
pub use resume::{RestoreStep, Restored, Restoring, Standing};
