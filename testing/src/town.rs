//! The people of the town, and the names, keys and dates under which everybody acts.

use alloy_primitives::keccak256;
use sealroot_protocol::{
    date::Date,
    name::Name,
    program::{DecidedBy, Program},
    scope::Deployment,
    signature::SecretSigningKey,
};
#[cfg(feature = "wallet")]
use sealroot_wallet::SecretKey;

/// In seconds.
pub const DAY: u64 = 86_400;
/// How long an agency's replaced root still counts.
pub const GRACE: u64 = 3 * DAY;

/// The agency that knows where people live.
pub fn civil_registry() -> Name {
    name("civil-registry")
}

/// The agency that knows what they earn.
pub fn tax_office() -> Name {
    name("tax-office")
}

/// The requester, who pays.
pub fn welfare_office() -> Name {
    name("welfare-office")
}

/// A name that is one.
pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A day that is one.
pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// A day's midnight in UTC.
pub fn time(text: &str) -> u64 {
    date(text).unix_time().unwrap()
}

/// The chain key that belongs to a name, another for each.
pub fn key(name: &str) -> SecretSigningKey {
    SecretSigningKey::from_bytes(&keccak256(name).0).unwrap()
}

/// The welfare office's.
pub fn office_key() -> SecretSigningKey {
    key("welfare-office-key")
}

/// The wallet key of holder `i`.
#[cfg(feature = "wallet")]
pub fn holder(i: u8) -> SecretKey {
    SecretKey::from_uniform_bytes(&[i; 64]).unwrap()
}

/// Chain and contract, where no chain runs.
pub fn deployment() -> Deployment {
    Deployment { chain_id: 7, programs: [0xcc; 20].into() }
}

/// The heating allowance, as it stands under `examples/`, but decided by the office alone and without days for corrections: tests of these terms set them.
pub fn program() -> Program {
    let program = Program::from_toml(include_str!("../../examples/heating-allowance/program.toml")).unwrap();
    Program { decided_by: DecidedBy::Office, correctable_days: 0, ..program }
}
