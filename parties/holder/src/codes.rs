//! Codes of the wallet's errors, until they have their own.

use sealroot_protocol::code::Code;
use sealroot_wallet::ReleaseOfferError;

/// The code that is written like this.
pub(crate) fn named(text: &str) -> Code {
    Code::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Code::Wallet)
}

/// The code of a release that isn't offered.
pub(crate) fn offer(error: &ReleaseOfferError) -> Code {
    match error {
        ReleaseOfferError::NotNeeded { .. } => Code::ReleaseNotNeeded,
        ReleaseOfferError::Several { .. } => Code::ReleaseAmbiguous,
        ReleaseOfferError::NotEnrolled { .. } => Code::NotEnrolled,
        ReleaseOfferError::Form(form) => named(form.reason()),
        ReleaseOfferError::History(_) => Code::History,
    }
}
