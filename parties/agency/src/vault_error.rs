//! Codes of a vault's errors, until they have their own.

use sealroot_protocol::code::Code;
use sealroot_vault::{Rejection, VaultError};

/// The code that a verb prints.
pub(crate) fn code(error: &VaultError) -> Code {
    match error {
        VaultError::BadRows(_) => Code::BadRows,
        VaultError::Rejected(Rejection::NationalId) => Code::BadNationalId,
        VaultError::Rejected(Rejection::Release(rejection)) => {
            let text = rejection.reason();
            Code::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Code::Vault)
        }
        _ => Code::Vault,
    }
}
