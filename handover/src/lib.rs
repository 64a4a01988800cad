//! Handover: the documents that one party gives another.
//!
//! [`enrolment`]: a holder's answer to an agency's challenge → [`consent`]: a holder's consent, with what a prover needs beside the record →
//! [`sealed_record`]: a released record, from an agency to a household's prover → [`access_log`] and [`log_export`]: what an agency wrote about a person, taken
//! home. Below them is [`transfer`]: sealing to one recipient.
//!
//! Guarantee: a document is read in one form only, and says by a check of its own whether it is what it claims to be. Giver and receiver need no code of each
//! other's: no type here can hold a holder's signing key, and none opens a vault.
//! Non-guarantee: who brought a document; only a signature or a proof in it says whose it is.

pub mod access_log;
pub mod consent;
pub mod enrolment;
mod hex_bytes;
pub mod log_export;
pub mod sealed_record;
pub mod transfer;

pub use access_log::{Access, LoggedAct, SealedEntry};
pub use consent::{ConsentFile, ConsentFileError};
pub use enrolment::EnrolmentAnswer;
pub use log_export::LogExport;
pub use sealed_record::{Released, SealedRecord, SealedRecordError};
pub use transfer::{RecipientKey, RecipientSecret};
