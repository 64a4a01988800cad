//! What officers do: two of them enact laws and programs, and register the participants.
//!
//! Reading order: [`enactment`] (a policy's key is derived from its text, never received) → [`mod@fit`] (a program fits its policies) → [`registration`]
//! (agencies and requesters) → [`act`] (one officer proposes, another confirms after the delay) → [`mod@report`] (what a program has approved) → [`deployed`] (whether a chain
//! holds what its texts say).
//!
//! Guarantee: each officer signs an act that was derived here from the text in front of them, so that both sign the same law or the chain knows two proposals.
//! Non-guarantee: that a law is good, or that two officers are two people who don't collude.
//!
//! ```
//! use sealroot_officer::agency_registration;
//! use sealroot_protocol::code::{Code, Coded};
//!
//! let key = Default::default();
//! assert!(agency_registration("tax-office".parse().unwrap(), key, 3).is_ok());
//! let endless = agency_registration("tax-office".parse().unwrap(), key, u32::MAX).unwrap_err();
//! assert_eq!(endless.code(), Code::GraceTooLong);
//! ```

pub mod act;
pub mod deployed;
pub mod enactment;
pub mod fit;
pub mod registration;
pub mod report;
mod standing;

pub use act::{
    ActError, Confirmed, Proposed, UnsignedCall, confirm, propose, unsigned_confirmation, unsigned_proposal,
};
pub use deployed::{CheckedVersion, VersionError, check_versions, officers};
pub use enactment::{Derived, Enactable, EnactmentError, derive, enactable};
pub use fit::{FitError, Fitting, Gap, Moment, fit};
pub use registration::{RegistrationError, agency_registration, requester_registration};
pub use report::{Report, ReportError, report};
