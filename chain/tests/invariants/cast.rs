//! The people who act, and what there is to name: few enough values that random calls meet.

use alloy_primitives::{Address, B256, keccak256};
use sealroot_protocol::{name::Name, signature::SecretSigningKey};
use sealroot_testing::town::{key, name, time};
use std::{collections::BTreeMap, sync::LazyLock};

/// Between proposal and confirmation, in seconds.
pub const DELAY: u64 = 3 * 86_400;

/// When every sequence begins.
pub fn start() -> u64 {
    time("2026-09-20")
}

pub const OFFICERS: [&str; 3] = ["officer-1", "officer-2", "officer-3"];
/// Officers who may join.
pub const NEWCOMERS: [&str; 2] = ["officer-4", "officer-5"];
pub const AGENCIES: [&str; 3] = ["registry", "tax-office", "port"];
pub const REQUESTERS: [&str; 3] = ["welfare-office", "youth-office", "housing-office"];
pub const POLICIES: [&str; 3] = ["residence", "income", "savings"];
pub const STRANGERS: [&str; 2] = ["stranger-1", "stranger-2"];
/// Keys for agencies and offices alike: one address may be a key here and there.
pub const KEYS: [&str; 16] = [
    "key-1", "key-2", "key-3", "key-4", "key-5", "key-6", "key-7", "key-8", "key-9", "key-10", "key-11", "key-12",
    "key-13", "key-14", "key-15", "key-16",
];
/// Programs with fixed terms, which the prepared proofs are for, and others.
pub const PROGRAMS: [&str; 8] =
    ["by-office", "by-proof", "by-both", "free", "other-1", "other-2", "other-3", "other-4"];
/// Versions of a policy that may be enacted.
pub const VERSIONS: u64 = 40;
/// Roots of an agency.
pub const ROOTS: u64 = 6;
/// Nullifiers of a program.
pub const NULLIFIERS: u64 = 12;

static PEOPLE: LazyLock<BTreeMap<&'static str, (Address, SecretSigningKey)>> = LazyLock::new(|| {
    let all = OFFICERS.iter().chain(&NEWCOMERS).chain(&STRANGERS).chain(&KEYS);
    all.map(|who| (*who, (key(who).address(), key(who)))).collect()
});

/// The address of somebody of the cast.
pub fn address(who: &str) -> Address {
    PEOPLE[who].0
}

/// The key behind an address of the cast.
pub fn signer(of: Address) -> Option<&'static SecretSigningKey> {
    PEOPLE.values().find(|(address, _)| *address == of).map(|(_, key)| key)
}

pub fn everybody() -> impl Iterator<Item = Address> {
    PEOPLE.values().map(|(address, _)| *address)
}

/// A name as contracts write it.
pub fn word(text: &str) -> B256 {
    name(text).to_bytes32().into()
}

pub fn named(word: B256) -> Result<Name, String> {
    Name::from_bytes32(&word.0).map_err(|error| format!("{word}: {error}"))
}

/// The digest of a version of a policy.
pub fn version(policy: &str, number: u64) -> B256 {
    keccak256(format!("{policy}-{number}"))
}

/// A root of an agency; agencies share none.
pub fn root(agency: &str, number: u64) -> B256 {
    B256::left_padding_from(&(1000 * agency.len() as u64 + number).to_be_bytes())
}
