//! Participants: agencies and requesters, each with a first signing key.

use alloy_primitives::Address;
use sealroot_chain::Act;
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
};

/// Seconds of a day.
const DAY: u32 = 86_400;

/// Why a registration can't be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// More days than the contract can count. It accepts 90 at most.
    #[error("the grace is too long")]
    Grace,
}

impl Coded for RegistrationError {
    fn code(&self) -> Code {
        Code::GraceTooLong
    }
}

/// Registers an agency. Its replaced roots count for `grace_days` more, which never changes.
pub fn agency_registration(id: Name, key: Address, grace_days: u32) -> Result<Act, RegistrationError> {
    let grace = grace_days.checked_mul(DAY).ok_or(RegistrationError::Grace)?;
    Ok(Act::RegisterAgency { id, grace, key })
}

/// Registers a requester.
pub fn requester_registration(id: Name, key: Address) -> Act {
    Act::RegisterRequester { id, key }
}
