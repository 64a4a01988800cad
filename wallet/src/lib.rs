//! The holder's wallet: one key, and the checks that stand between a request and a consent.
//!
//! Read in this order: [`seed`] (the one secret and what is derived from it) → [`phrase`] (24 words that restore it) → [`secret_key`] (what it signs) →
//! [`sealed`] (a wallet as bytes, under a passphrase) → [`enrolment`] (an agency binds the key to a person) → [`check`] (a signed request against the program,
//! its policies and the chain; [`rejection`] lists everything that is rejected) → [`summary`] (what the holder is shown) → [`consent`] → [`release`] (letting a
//! household's prover have a record) → [`history`] (written before anything leaves). Only the room `file` names paths.
//!
//! Guarantee: [`consent()`] takes nothing but a [`check::CheckedRequest`], a record is released for a checked request only, and neither leaves without its
//! entry in the history.
//! Non-guarantees: the wallet believes the [`Snapshot`](sealroot_protocol::snapshot::Snapshot) that it is given; a host that reads the chain for it can hide a
//! withdrawal. A caller with the [`SecretKey`] itself signs unchecked. Signing runs in variable time, so don't run a wallet where others measure it.
//!
//! ```
//! use sealroot_protocol::{field::F, possession::{PossessionChallenge, Role}, record::Subject};
//! use sealroot_wallet::{Seed, Wallet};
//!
//! // A sheet of paper restores the key.
//! let wallet = Wallet::new(Seed::random());
//! let phrase = wallet.seed().phrase();
//! assert_eq!(phrase.split(' ').count(), 24);
//! assert_eq!(Wallet::new(Seed::from_phrase(&phrase)?).public_key(), wallet.public_key());
//!
//! // An agency challenges it before it enrols it.
//! let agency = "tax-office".parse()?;
//! let challenge = PossessionChallenge { agency, subject: Subject(F::from(5)), nonce: F::from(6), role: Role::Holder };
//! let proof = wallet.secret_key().prove_possession(&challenge, None, [7; 32]);
//! assert!(proof.verify(&challenge, None).is_ok());
//! assert!(proof.verify(&PossessionChallenge { nonce: F::from(8), ..challenge }, None).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod consent;
pub mod enrolment;
mod explain;
mod file;
mod hex_bytes;
pub mod history;
mod key;
pub mod release;

pub use explain::phrases::{Said, Spoken, chinese};
pub use explain::summary;
pub use key::{phrase, sealed, secret_key, seed};

pub use consent::consent;
pub use enrolment::{EnrolmentError, EnrolmentOffer};
pub use file::{KeyFileError, public_key_of};
pub use history::{Entry, History, HistoryError};
pub use key::{TooManyDeployments, Wallet};
pub use phrase::PhraseError;
pub use release::{ReleaseOffer, ReleaseOfferError, Wanted};
pub use sealed::{Passphrase, SealedWalletError};
pub use sealroot_requests::{
    Applying, AskedRequest, CheckedRequest, Rejection, check, check_asked, disclosure, rejection,
};
pub use secret_key::{SecretKey, SecretKeyError};
pub use seed::Seed;
pub use summary::{Language, Summary};
