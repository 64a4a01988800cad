//! Handover: the documents that one party gives another.
//!
//! [`enrolment`]: a holder's answer to an agency's challenge → [`consent`]: a holder's consent, with what a prover needs beside the record →
//! [`sealed_record`]: a released record, from an agency to a household's prover → [`access_log`] and [`log_export`]: what an agency wrote about a person, taken
//! home. Below them is [`transfer`]: sealing to one recipient.
//!
//! Guarantee: a document is read in one form only, and says by a check of its own whether it is what it claims to be. Giver and receiver need no code of each
//! other's: no type here can hold a holder's signing key, and none opens a vault.
//! Non-guarantee: the origin of a document. Only a signature or a proof in it says whose it is.
//!
//! ```
//! use sealroot_handover::{Access, LoggedAct, RecipientSecret, SealedEntry, access_log::{Reader, What}};
//! use sealroot_protocol::field::Digest;
//!
//! // What an agency wrote about a person opens with the person's reading key alone, in its own place of the log.
//! let reading_key = RecipientSecret::random();
//! let access = Access { who: "clerk".into(), why: "file 7/26".into() };
//! let act = LoggedAct::of_person(&"tax-office".parse()?, &access, What::Opened);
//! let entry = SealedEntry::seal(3, 1_800_000_000, Digest([1; 32]), Reader::Holder(reading_key.public()), &act)?;
//! assert_eq!(entry.open(&reading_key)?, act);
//! assert!(entry.open(&RecipientSecret::random()).is_err());
//! assert!(SealedEntry { position: 4, ..entry }.open(&reading_key).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod access_log;
pub mod consent;
pub mod enrolment;
pub mod hex_bytes;
pub mod log_export;
pub mod sealed_record;
pub mod transfer;

pub use access_log::{Access, LoggedAct, SealedEntry};
pub use consent::{ConsentFile, ConsentFileError};
pub use enrolment::EnrolmentAnswer;
pub use log_export::LogExport;
pub use sealed_record::{Released, SealedRecord, SealedRecordError};
pub use transfer::{RecipientKey, RecipientSecret};
