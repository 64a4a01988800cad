//! The first contracts' layout, where it isn't today's: what bundles that were decided under them are audited by.
//!
//! Guarantee: words of today's contracts are refused here, and those of the first ones where today's are read ([`SnapshotError::OtherRevision`]): in both a
//! program's entry is read first, and today's says how the program is decided in bits that the first contracts never wrote.

use super::{
    Assurance, Claimed, DecisionEntry, Held, Revision, RootEntry,
    entries::{ProgramTerms, address_at, some_u64_at, u64_at},
    layout::{bits, entry},
    read::{SnapshotError, StorageReader},
};
use crate::{
    consent::RequestDigest,
    field::{self, Digest},
    program::DecidedBy,
    scope::Scope,
    utc_offset::UtcOffset,
};
use alloy_primitives::{Address, B256, U256};

/// `agencies[name]` of agencies, with today's members. Cards stand in this slot now.
pub(super) fn agency_slot(name: B256) -> U256 {
    entry(U256::from(2), name)
}

/// `roots[name][root]` of agencies: sequence u64, anchored u64, superseded u64, withdrawn u64; anchored by; previous root; access-log head.
pub(super) fn root_slot(name: B256, root: B256) -> U256 {
    entry(entry(U256::from(3), name), root)
}

/// A root. The access log's head isn't read, so no evidence has it.
pub(super) fn root<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    slot: U256,
) -> Result<Option<RootEntry>, R::Error> {
    let word = reader.value(contract, slot)?;
    if word.is_zero() {
        return Ok(None);
    }
    let by = reader.value(contract, slot + U256::ONE)?;
    nothing_from(by, 160)?;
    Ok(Some(RootEntry {
        sequence: u64_at(word, 0),
        anchored_at: u64_at(word, 64),
        superseded_at: some_u64_at(word, 128),
        withdrawn_at: some_u64_at(word, 192),
        anchored_by: address_at(by),
        confirmed_at: u64_at(word, 64),
        access_log: Held::Unheld,
    }))
}

/// The third word of a policy's entry ends with its number of sources.
pub(super) fn policy(word: U256) -> Result<(), SnapshotError> {
    nothing_from(word, 200)
}

/// The terms that every program of the first contracts had: UTC's days, decisions by the office, no days for corrections after the window, no fresh roots.
pub(super) fn terms(dates: U256, rules: U256) -> Result<ProgramTerms, SnapshotError> {
    nothing_from(dates, 216)?;
    nothing_from(rules, 168)?;
    Ok(ProgramTerms {
        currency: Held::Unheld,
        correctable_days: 0,
        utc_offset: UtcOffset::default(),
        decided_by: DecidedBy::Office,
        fresh: None,
    })
}

/// `decisions[program][nullifier]` of decisions: request; bundle; amount u64, recorded u64, block u64, assurance u8; scope.
pub(super) fn decision<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    slot: U256,
) -> Result<Option<DecisionEntry>, R::Error> {
    let request = reader.value(contract, slot)?;
    if request.is_zero() {
        return Ok(None);
    }
    let bundle = reader.value(contract, slot + U256::ONE)?;
    let word = reader.value(contract, slot + U256::from(2))?;
    let scope = reader.value(contract, slot + U256::from(3))?;
    nothing_from(word, 200)?;
    let element = |word: U256| field::from_bytes(&word.to_be_bytes()).map_err(SnapshotError::from);
    Ok(Some(DecisionEntry {
        request: RequestDigest(element(request)?),
        amount: u64_at(word, 0),
        granted: Held::Unheld,
        approved_at: u64_at(word, 64),
        block: u64_at(word, 128),
        reduced: None,
        claimed: Claimed::Scope(Scope(element(scope)?)),
        assurance: match bits(word, 192, 8).to::<u8>() {
            1 => Assurance::ByOffice,
            2 => Assurance::ByProof,
            _ => return Err(SnapshotError::Range("a decision's assurance").into()),
        },
        requester: Held::Unheld,
        bundle: Some(Digest(bundle.to_be_bytes())),
    }))
}

/// From this bit on the first contracts wrote nothing into the word.
fn nothing_from(word: U256, bit: usize) -> Result<(), SnapshotError> {
    if bits(word, bit, 256 - bit).is_zero() { Ok(()) } else { Err(SnapshotError::OtherRevision(Revision::Second)) }
}
