//! Participants: agencies and requesters, each with a first signing key.

use alloy_primitives::Address;
use sealroot_chain::Act;
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
};

/// Longest grace, as the contract has it.
const MOST_GRACE_DAYS: u32 = 90;
/// Seconds of a day.
const DAY: u32 = 86_400;

/// Why a registration can't be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// More days than the contract accepts.
    #[error("a grace is at most {MOST_GRACE_DAYS} days")]
    Grace,
}

impl Coded for RegistrationError {
    fn code(&self) -> Code {
        Code::GraceTooLong
    }
}

/// Registers an agency. Its replaced roots count for `grace_days` more, which never changes.
pub fn agency_registration(id: Name, key: Address, grace_days: u32) -> Result<Act, RegistrationError> {
    let grace =
        grace_days.checked_mul(DAY).filter(|_| grace_days <= MOST_GRACE_DAYS).ok_or(RegistrationError::Grace)?;
    Ok(Act::RegisterAgency { id, grace, key })
}

/// Registers a requester.
pub fn requester_registration(id: Name, key: Address) -> Act {
    Act::RegisterRequester { id, key }
}
