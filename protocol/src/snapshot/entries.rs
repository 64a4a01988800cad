//! What each entry's words mean. Where the contracts' revisions differ, [`first`] has the first one's reading, and this file today's.

use super::{
    AccessLog, AgencyEntry, Assurance, CardEntry, Claimed, DecisionEntry, Held, KeyEntry, PolicyEntry, ProgramEntry,
    Reduced, RefusalsEntry, RequesterEntry, Revision, RootEntry, first,
    layout::{self, bits},
    read::{SnapshotError, StorageReader},
};
use crate::{
    consent::RequestDigest,
    currency::Currency,
    date::{Date, Month},
    field::{self, Digest},
    name::Name,
    policy::{InForce, PolicyDigest},
    program::{AsOfRule, ClaimWindow, DecidedBy, Freshness, Grid, PeriodDay},
    utc_offset::UtcOffset,
};
use alloy_primitives::{Address, B256, U256};

pub(super) fn key<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    address: Address,
) -> Result<Option<KeyEntry>, R::Error> {
    let slot = layout::key(address);
    let owner = reader.value(contract, slot)?;
    if owner.is_zero() {
        return Ok(None);
    }
    let dates = reader.value(contract, slot + U256::ONE)?;
    Ok(Some(KeyEntry {
        owner: name(owner)?,
        added_at: u64_at(dates, 0),
        retired_at: some_u64_at(dates, 64),
        revoked_at: some_u64_at(dates, 128),
    }))
}

pub(super) fn agency<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    slot: U256,
) -> Result<Option<AgencyEntry>, R::Error> {
    let word = reader.value(contract, slot)?;
    Ok((!word.is_zero()).then(|| AgencyEntry {
        registered_at: u64_at(word, 0),
        withdrawn_at: some_u64_at(word, 64),
        sequence: u64_at(word, 128),
        grace: bits(word, 192, 32).to(),
    }))
}

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
    let access_log = reader.value(contract, slot + U256::from(2))?;
    Ok(Some(RootEntry {
        sequence: u64_at(word, 0),
        anchored_at: u64_at(word, 64),
        superseded_at: some_u64_at(word, 128),
        withdrawn_at: some_u64_at(word, 192),
        anchored_by: address_at(by),
        confirmed_at: bits(by, 160, 48).to(),
        access_log: Held::Held(AccessLog { head: Digest(access_log.to_be_bytes()), size: bits(by, 208, 48).to() }),
    }))
}

pub(super) fn policy<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    revision: Revision,
    digest: B256,
) -> Result<Option<PolicyEntry>, R::Error> {
    let slot = layout::policy(digest);
    let id = reader.value(contract, slot)?;
    if id.is_zero() {
        return Ok(None);
    }
    let key_hash = reader.value(contract, slot + U256::ONE)?;
    let word = reader.value(contract, slot + U256::from(2))?;
    let sources: u64 = bits(word, 192, 8).to();
    if !(1..=3).contains(&sources) {
        return Err(SnapshotError::Range("a policy's number of sources").into());
    }
    let mut agencies = Vec::new();
    for source in 0..sources {
        agencies.push(name(reader.value(contract, slot + U256::from(3 + source))?)?);
    }
    let (currencies, retroactive) = match revision {
        Revision::First => {
            first::policy(word)?;
            (Held::Unheld, None)
        }
        Revision::Second => {
            let currencies = [currency(bits(word, 200, 24))?, currency(bits(word, 224, 24))?];
            let retroactive = match bits(word, 248, 8).is_zero() {
                true => None,
                false => Some(PolicyDigest(Digest(reader.value(contract, slot + U256::from(6))?.to_be_bytes()))),
            };
            (Held::Held(currencies), retroactive)
        }
    };
    let until = Date::from_yyyymmdd(bits(word, 32, 32).to()).map_err(SnapshotError::from)?;
    Ok(Some(PolicyEntry {
        id: name(id)?,
        key_hash: Digest(key_hash.to_be_bytes()),
        agencies,
        in_force: InForce {
            from: Date::from_yyyymmdd(bits(word, 0, 32).to()).map_err(SnapshotError::from)?,
            until: (until.yyyymmdd() != layout::OPEN_END).then_some(until),
        },
        currencies,
        retroactive,
        enacted_at: u64_at(word, 64),
        withdrawn_at: some_u64_at(word, 128),
    }))
}

pub(super) fn program<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    revision: Revision,
    id: &Name,
) -> Result<Option<ProgramEntry>, R::Error> {
    let slot = layout::program(B256::from(id.to_bytes32()));
    let digest = reader.value(contract, slot)?;
    if digest.is_zero() {
        return Ok(None);
    }
    let dates = reader.value(contract, slot + U256::ONE)?;
    let rules = reader.value(contract, slot + U256::from(2))?;
    // Before anything else of the entry is believed: this is where words of another revision are known.
    let ProgramTerms { currency, correctable_days, utc_offset, decided_by, fresh } = match revision {
        Revision::First => first::terms(dates, rules)?,
        Revision::Second => terms(dates, rules)?,
    };
    let count: u64 = bits(rules, 160, 8).to();
    if !(1..=8).contains(&count) {
        return Err(SnapshotError::Range("a program's number of policies").into());
    }
    let mut policies = Vec::new();
    for index in 0..count {
        policies.push(name(reader.value(contract, slot + U256::from(3 + index))?)?);
    }
    Ok(Some(ProgramEntry {
        digest: Digest(digest.to_be_bytes()),
        enacted_at: u64_at(dates, 0),
        closed_at: some_u64_at(dates, 64),
        grid: Grid {
            first: Month::from_yyyymm(bits(dates, 128, 32).to()).map_err(SnapshotError::from)?,
            months: bits(dates, 160, 8).to(),
            count: bits(dates, 168, 16).to(),
        },
        claim: ClaimWindow {
            opens_after_days: bits(dates, 184, 16).to(),
            closes_after_days: bits(dates, 200, 16).to(),
        },
        as_of: match bits(rules, 128, 8).to::<u8>() {
            1 => AsOfRule::PeriodStart,
            2 => AsOfRule::PeriodEnd,
            _ => return Err(SnapshotError::Range("a program's as-of rule").into()),
        },
        pays: (!bits(rules, 136, 8).is_zero()).then(|| (bits(rules, 144, 8).to(), bits(rules, 152, 8).to())),
        currency,
        correctable_days,
        utc_offset,
        decided_by,
        fresh,
        budget: bits(rules, 0, 128).to(),
        policies,
    }))
}

pub(super) fn standing<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    program: &Name,
    requester: &Name,
) -> Result<Option<RequesterEntry>, R::Error> {
    let slot = layout::standing(B256::from(program.to_bytes32()), B256::from(requester.to_bytes32()));
    let word = reader.value(contract, slot)?;
    Ok((!word.is_zero()).then(|| RequesterEntry { since: u64_at(word, 0), until: some_u64_at(word, 64) }))
}

pub(super) fn decision<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    slot: U256,
) -> Result<Option<DecisionEntry>, R::Error> {
    let request = reader.value(contract, slot)?;
    if request.is_zero() {
        return Ok(None);
    }
    let sums = reader.value(contract, slot + U256::ONE)?;
    let word = reader.value(contract, slot + U256::from(2))?;
    let requester = name(reader.value(contract, slot + U256::from(3))?)?;
    let assurance = match bits(word, 160, 8).to::<u8>() {
        1 => Assurance::ByOffice,
        2 => Assurance::ByProof,
        _ => return Err(SnapshotError::Range("a decision's assurance").into()),
    };
    // A slot that is 0 can't be proven, so each of the last two is read only where an earlier one says that it holds something.
    let mut digest = |at: u64| reader.value(contract, slot + U256::from(at)).map(|word| Digest(word.to_be_bytes()));
    let bundle = if assurance == Assurance::ByOffice { Some(digest(4)?) } else { None };
    let reduced = match some_u64_at(word, 64) {
        Some(at) => Some(Reduced { at, document: digest(5)? }),
        None => None,
    };
    Ok(Some(DecisionEntry {
        request: RequestDigest(field::from_bytes(&request.to_be_bytes()).map_err(SnapshotError::from)?),
        amount: u64_at(sums, 0),
        granted: Held::Held(bits(sums, 64, 128).to()),
        approved_at: u64_at(sums, 192),
        block: u64_at(word, 0),
        reduced,
        claimed: Claimed::PeriodFrom(Date::from_yyyymmdd(bits(word, 128, 32).to()).map_err(SnapshotError::from)?),
        assurance,
        requester: Held::Held(requester),
        bundle,
    }))
}

pub(super) fn refusals<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    slot: U256,
) -> Result<Option<RefusalsEntry>, R::Error> {
    let requester = reader.value(contract, slot)?;
    if requester.is_zero() {
        return Ok(None);
    }
    let word = reader.value(contract, slot + U256::ONE)?;
    Ok(Some(RefusalsEntry { requester: name(requester)?, dated_at: u64_at(word, 0), block: u64_at(word, 64) }))
}

pub(super) fn card<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    owner: &Name,
) -> Result<Option<CardEntry>, R::Error> {
    let slot = layout::card(B256::from(owner.to_bytes32()));
    let digest = reader.value(contract, slot)?;
    if digest.is_zero() {
        return Ok(None);
    }
    let set = reader.value(contract, slot + U256::ONE)?;
    let set_by = address_at(set);
    let key = key(reader, contract, set_by)?.ok_or(SnapshotError::Range("a card's key"))?;
    Ok(Some(CardEntry { digest: Digest(digest.to_be_bytes()), set_by, set_at: u64_at(set, 160), key }))
}

/// A program's terms that the first contracts didn't know.
pub(super) struct ProgramTerms {
    pub(super) currency: Held<Option<Currency>>,
    pub(super) correctable_days: u16,
    pub(super) utc_offset: UtcOffset,
    pub(super) decided_by: DecidedBy,
    pub(super) fresh: Option<Freshness>,
}

/// Today's, from the second and third word of a program's entry.
fn terms(dates: U256, rules: U256) -> Result<ProgramTerms, SnapshotError> {
    // No program of today's is decided by nobody, and the first contracts left these bits empty.
    if bits(dates, 216, 40).is_zero() {
        return Err(SnapshotError::OtherRevision(Revision::First));
    }
    Ok(ProgramTerms {
        currency: Held::Held(currency(bits(rules, 192, 24))?),
        correctable_days: bits(dates, 216, 16).to(),
        utc_offset: UtcOffset::from_minutes(bits(dates, 232, 16).to::<u16>().cast_signed())
            .map_err(|_| SnapshotError::Range("a program's offset from UTC"))?,
        decided_by: match bits(dates, 248, 8).to::<u8>() {
            1 => DecidedBy::Office,
            2 => DecidedBy::Proof,
            3 => DecidedBy::Both,
            _ => return Err(SnapshotError::Range("how a program's decisions are made")),
        },
        fresh: freshness(rules)?,
    })
}

fn freshness(rules: U256) -> Result<Option<Freshness>, SnapshotError> {
    let since = match bits(rules, 168, 8).to::<u8>() {
        0 => return Ok(None),
        1 => PeriodDay::PeriodStart,
        2 => PeriodDay::PeriodEnd,
        _ => return Err(SnapshotError::Range("a program's freshness")),
    };
    Ok(Some(Freshness { since, after_days: bits(rules, 176, 16).to() }))
}

/// Three letters as a big-endian number; 0 for none.
fn currency(letters: U256) -> Result<Option<Currency>, SnapshotError> {
    if letters.is_zero() {
        return Ok(None);
    }
    let [.., a, b, c] = letters.to_be_bytes::<32>();
    Ok(Some(String::from_utf8_lossy(&[a, b, c]).parse()?))
}

/// The address in a word's lowest bits; others may stand above it.
pub(super) fn address_at(word: U256) -> Address {
    Address::from_word(B256::from(bits(word, 0, 160).to_be_bytes::<32>()))
}

fn name(word: U256) -> Result<Name, SnapshotError> {
    Ok(Name::from_bytes32(&word.to_be_bytes())?)
}

pub(super) fn u64_at(word: U256, offset: usize) -> u64 {
    bits(word, offset, 64).to()
}

pub(super) fn some_u64_at(word: U256, offset: usize) -> Option<u64> {
    Some(u64_at(word, offset)).filter(|at| *at != 0)
}
