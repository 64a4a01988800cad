//! The holder's wallet: one key, kept under a passphrase, and the checks that stand between a request and a consent.
//!
//! Read in this order: [`seed`] (the one secret and what is derived from it) → [`phrase`] (24 words that restore it) → [`key_file`] (under a
//! passphrase) → [`enrolment`] (an agency binds the key to a person) → [`check`] (a signed request against the program, its
//! policies and the chain; [`rejection`] lists everything that is rejected) → [`summary`] (what the holder is shown) → [`consent`]
//! (the only way to sign one) → [`release`] (letting a household's prover have a record) → [`history`] (written before anything leaves).
//!
//! Guarantee: nothing but a [`check::CheckedRequest`] can be consented to, a record is released for a checked request only, and neither leaves without its
//! entry in the history.
//! Non-guarantee: the wallet believes the [`Snapshot`](sealroot_protocol::snapshot::Snapshot) that it is given; who reads the
//! chain for it can hide a withdrawal. Signing runs in variable time, so don't run a wallet where others measure it.

pub mod check;
pub mod consent;
pub mod disclosure;
pub mod enrolment;
pub mod history;
pub mod key_file;
pub mod phrase;
mod phrases;
pub mod rejection;
pub mod release;
mod secret_key;
pub mod seed;
pub mod summary;

pub use check::{Applying, AskedRequest, CheckedRequest, check, check_asked};
pub use consent::consent;
pub use enrolment::{EnrolmentError, EnrolmentOffer};
pub use history::{Entry, History, HistoryError};
pub use key_file::{KeyFileError, Passphrase, Wallet, public_key_of};
pub use phrase::PhraseError;
pub use rejection::Rejection;
pub use release::{ReleaseOffer, ReleaseOfferError, Wanted};
pub use secret_key::{SecretKey, SecretKeyError};
pub use seed::{ReadingKey, Seed};
pub use summary::{Language, Summary};
