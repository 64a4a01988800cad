//! Why a release doesn't count at this vault.

use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    release::ReleaseError,
};

/// Why a release doesn't count here and now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRejection {
    /// Its form, signature or time.
    #[error(transparent)]
    Form(#[from] ReleaseError),
    /// It is for another agency.
    #[error("the release is for {found}, this is the vault of {here}")]
    OtherAgency {
        /// The person that it names.
        found: Name,
        /// Whose vault this is.
        here: Name,
    },
    /// It is for another chain or program contract.
    #[error("the release is for another chain or program contract than this agency's")]
    OtherDeployment,
    /// Signed by somebody who may not.
    #[error(
        "the release is signed by no key that counts now: as the holder only the key enrolled for this person signs, as a representative only one who is registered for this person"
    )]
    Signer,
    /// Signed before its key counted: by somebody who was removed and registered again, or whose key was replaced and came back.
    #[error("the release is older than the enrolment of the key that signed it: ask the person for a new one")]
    BeforeSigner,
    /// The record doesn't show that its signer may release it.
    #[error(
        "the record doesn't show that this signer may release it (a representative signed, or a key that no anchored root has yet): \
         the agency must vouch for it with its signing key"
    )]
    NeedsVoucher,
    /// It was used or withdrawn.
    #[error("the release was used or withdrawn already: ask the person for a new one")]
    Used,
}

impl Coded for ReleaseRejection {
    fn code(&self) -> Code {
        match self {
            Self::Form(error) => error.code(),
            Self::OtherAgency { .. } => Code::ReleaseOtherAgency,
            Self::OtherDeployment => Code::ReleaseOtherDeployment,
            Self::Signer => Code::ReleaseSigner,
            Self::BeforeSigner => Code::ReleaseBeforeSigner,
            Self::NeedsVoucher => Code::ReleaseNeedsVoucher,
            Self::Used => Code::ReleaseUsed,
        }
    }
}
