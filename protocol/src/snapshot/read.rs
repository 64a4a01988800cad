//! Reading a snapshot from storage slots, wherever they come from: the chain's state or proven entries.

use super::{
    AgencyEntry, Assurance, BlockRef, CardEntry, DecisionEntry, KeyEntry, PolicyEntry, ProgramEntry, Reduced,
    RefusalsEntry, Registry, RequesterEntry, RootEntry, Snapshot, SnapshotQuery,
    layout::{self, bits},
};
use crate::{
    consent::RequestDigest,
    currency::{Currency, UnknownCurrency},
    date::{Date, Month, NotADate},
    field::{self, Digest, FieldError},
    name::{Name, NotAName},
    policy::{InForce, PolicyDigest},
    program::{AsOfRule, ClaimWindow, DecidedBy, Freshness, Grid, PeriodDay},
    scope::Deployment,
    utc_offset::UtcOffset,
};
use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;

/// Addresses of the contracts: those that entries are read from, and those that these call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contracts {
    /// Officers, who enact. No entry is read from it, but every enactment rests on its code.
    pub officers: Address,
    /// Agencies and roots.
    pub agencies: Address,
    /// Policies.
    pub policies: Address,
    /// Requesters and their keys.
    pub requesters: Address,
    /// The scope's hash. It has no entries, but every scope rests on its code.
    pub poseidon: Address,
    /// Programs; its address is part of every scope.
    pub programs: Address,
    /// Decisions.
    pub decisions: Address,
}

impl Contracts {
    /// In the order of their creation, which is that of the accounts in evidence.
    pub fn in_order(&self) -> [Address; 7] {
        [self.officers, self.agencies, self.policies, self.requesters, self.poseidon, self.programs, self.decisions]
    }
}

/// Gives storage slots of one block. A slot that was never written is 0 where the state is at hand; a reader of proven
/// entries fails instead, because it has no proof of absence.
pub trait StorageReader {
    /// Why a slot can't be read.
    type Error: From<SnapshotError>;

    /// What stands in `slot` of `contract`.
    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, Self::Error>;
}

/// The storage doesn't hold what these contracts write: another contract, or another layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not a name.
    #[error("the chain's entry is unreadable: {0}; the address is not of this version's contract")]
    Name(#[from] NotAName),
    /// Not a date.
    #[error("the chain's entry is unreadable: {0}; the address is not of this version's contract")]
    Date(#[from] NotADate),
    /// Not a field element.
    #[error("the chain's entry is unreadable: {0}; the address is not of this version's contract")]
    Field(#[from] FieldError),
    /// A currency that this version doesn't know.
    #[error("the chain's entry is unreadable: {0}")]
    Currency(#[from] UnknownCurrency),
    /// A number beyond its range.
    #[error("the chain's entry is unreadable: {0} is out of range; the address is not of this version's contract")]
    Range(&'static str),
}

impl Snapshot {
    /// Reads what `query` asks for. The order of reads is fixed, and is the order of storage proofs in evidence.
    pub fn read<R: StorageReader>(
        query: &SnapshotQuery,
        chain_id: u64,
        contracts: &Contracts,
        block: BlockRef,
        reader: &mut R,
    ) -> Result<Self, R::Error> {
        let mut snapshot = Self {
            deployment: Deployment { chain_id, programs: contracts.programs },
            block,
            agencies: Default::default(),
            roots: Default::default(),
            agency_keys: Default::default(),
            policies: Default::default(),
            program: None,
            requester: None,
            signer: None,
            decision: None,
            decided_by: None,
            refusals: None,
            cards: Default::default(),
        };
        if let Some(id) = &query.program {
            snapshot.program = program(reader, contracts.programs, id)?;
        }
        if let (Some(program), Some(requester)) = (&query.program, &query.requester) {
            snapshot.requester = standing(reader, contracts.programs, program, requester)?;
        }
        if let Some(signer) = query.signer {
            snapshot.signer = key(reader, contracts.requesters, signer)?;
        }
        for (agency_name, root_value) in &query.roots {
            let name = B256::from(agency_name.to_bytes32());
            if !snapshot.agencies.contains_key(agency_name) {
                let Some(entry) = agency(reader, contracts.agencies, name)? else { continue };
                snapshot.agencies.insert(agency_name.clone(), entry);
            }
            let slot = layout::root(name, B256::from(field::to_bytes(root_value.0)));
            let Some(entry) = root(reader, contracts.agencies, slot)? else { continue };
            if let Entry::Vacant(vacant) = snapshot.agency_keys.entry(entry.anchored_by)
                && let Some(anchoring) = key(reader, contracts.agencies, entry.anchored_by)?
            {
                vacant.insert(anchoring);
            }
            snapshot.roots.insert((agency_name.clone(), *root_value), entry);
        }
        for digest in &query.policies {
            if let Some(entry) = policy(reader, contracts.policies, B256::from(digest.0.0))? {
                snapshot.policies.insert(*digest, entry);
            }
        }
        if let (Some(program), Some(nullifier)) = (&query.program, query.nullifier) {
            let slot = layout::decision(B256::from(program.to_bytes32()), B256::from(field::to_bytes(nullifier.0)));
            snapshot.decision = decision(reader, contracts.decisions, slot)?;
            // Whether another office's word can be replaced depends on its standing. That was written once, so it can be proven.
            if let (Some(entry), Some(asks)) = (&snapshot.decision, &query.requester)
                && entry.requester != *asks
            {
                snapshot.decided_by = standing(reader, contracts.programs, program, &entry.requester)?;
            }
        }
        if let (Some(requester), Some(batch)) = (&query.requester, query.refusals) {
            let requester = B256::from(requester.to_bytes32());
            let slot = layout::refusals(requester, B256::from(batch.0.0));
            snapshot.refusals = refusals(reader, contracts.decisions, slot)?;
        }
        for (registry, owner) in &query.cards {
            let contract = match registry {
                Registry::Agencies => contracts.agencies,
                Registry::Requesters => contracts.requesters,
            };
            if let Some(entry) = card(reader, contract, owner)? {
                snapshot.cards.insert((*registry, owner.clone()), entry);
            }
        }
        Ok(snapshot)
    }
}

impl Snapshot {
    /// What `query` asked for and the chain doesn't have, in words.
    pub fn missing(&self, query: &SnapshotQuery) -> Vec<String> {
        let mut missing = Vec::new();
        let mut need = |there: bool, what: String| {
            if !there {
                missing.push(what);
            }
        };
        if let Some(program) = &query.program {
            need(self.program.is_some(), format!("program {program}"));
        }
        if let (Some(program), Some(requester)) = (&query.program, &query.requester) {
            need(self.requester.is_some(), format!("requester {requester} in program {program}"));
        }
        if let Some(signer) = query.signer {
            need(self.signer.is_some(), format!("key {signer}"));
        }
        for (agency, root) in &query.roots {
            need(self.roots.contains_key(&(agency.clone(), *root)), format!("root {root} of agency {agency}"));
        }
        for digest in &query.policies {
            need(self.policies.contains_key(digest), format!("policy version {digest}"));
        }
        if let Some(nullifier) = query.nullifier {
            need(self.decision.is_some(), format!("a decision under nullifier {nullifier}"));
        }
        if let Some(batch) = query.refusals {
            need(self.refusals.is_some(), format!("the batch of refusals {batch}"));
        }
        for card in &query.cards {
            need(self.cards.contains_key(card), format!("a service card of {}", card.1));
        }
        missing
    }
}

fn key<R: StorageReader>(reader: &mut R, contract: Address, address: Address) -> Result<Option<KeyEntry>, R::Error> {
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

fn agency<R: StorageReader>(reader: &mut R, contract: Address, name: B256) -> Result<Option<AgencyEntry>, R::Error> {
    let word = reader.value(contract, layout::agency(name))?;
    Ok((!word.is_zero()).then(|| AgencyEntry {
        registered_at: u64_at(word, 0),
        withdrawn_at: some_u64_at(word, 64),
        sequence: u64_at(word, 128),
        grace: bits(word, 192, 32).to(),
    }))
}

fn root<R: StorageReader>(reader: &mut R, contract: Address, slot: U256) -> Result<Option<RootEntry>, R::Error> {
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
        access_log: Digest(access_log.to_be_bytes()),
        access_log_size: bits(by, 208, 48).to(),
    }))
}

fn policy<R: StorageReader>(reader: &mut R, contract: Address, digest: B256) -> Result<Option<PolicyEntry>, R::Error> {
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
    let retroactive = match bits(word, 248, 8).is_zero() {
        true => None,
        false => Some(PolicyDigest(Digest(reader.value(contract, slot + U256::from(6))?.to_be_bytes()))),
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
        currencies: [currency(bits(word, 200, 24))?, currency(bits(word, 224, 24))?],
        retroactive,
        enacted_at: u64_at(word, 64),
        withdrawn_at: some_u64_at(word, 128),
    }))
}

fn program<R: StorageReader>(reader: &mut R, contract: Address, id: &Name) -> Result<Option<ProgramEntry>, R::Error> {
    let slot = layout::program(B256::from(id.to_bytes32()));
    let digest = reader.value(contract, slot)?;
    if digest.is_zero() {
        return Ok(None);
    }
    let dates = reader.value(contract, slot + U256::ONE)?;
    let rules = reader.value(contract, slot + U256::from(2))?;
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
        currency: currency(bits(rules, 192, 24))?,
        correctable_days: bits(dates, 216, 16).to(),
        utc_offset: UtcOffset::from_minutes(bits(dates, 232, 16).to::<u16>().cast_signed())
            .map_err(|_| SnapshotError::Range("a program's offset from UTC"))?,
        decided_by: match bits(dates, 248, 8).to::<u8>() {
            1 => DecidedBy::Office,
            2 => DecidedBy::Proof,
            3 => DecidedBy::Both,
            _ => return Err(SnapshotError::Range("how a program's decisions are made").into()),
        },
        fresh: freshness(rules)?,
        budget: bits(rules, 0, 128).to(),
        policies,
    }))
}

fn standing<R: StorageReader>(
    reader: &mut R,
    contract: Address,
    program: &Name,
    requester: &Name,
) -> Result<Option<RequesterEntry>, R::Error> {
    let slot = layout::standing(B256::from(program.to_bytes32()), B256::from(requester.to_bytes32()));
    let word = reader.value(contract, slot)?;
    Ok((!word.is_zero()).then(|| RequesterEntry { since: u64_at(word, 0), until: some_u64_at(word, 64) }))
}

fn decision<R: StorageReader>(
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
        granted: bits(sums, 64, 128).to(),
        approved_at: u64_at(sums, 192),
        block: u64_at(word, 0),
        reduced,
        period_start: Date::from_yyyymmdd(bits(word, 128, 32).to()).map_err(SnapshotError::from)?,
        assurance,
        requester,
        bundle,
    }))
}

fn refusals<R: StorageReader>(
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

fn card<R: StorageReader>(reader: &mut R, contract: Address, owner: &Name) -> Result<Option<CardEntry>, R::Error> {
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

/// From the second word of a program's rules.
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
fn address_at(word: U256) -> Address {
    Address::from_word(B256::from(bits(word, 0, 160).to_be_bytes::<32>()))
}

fn name(word: U256) -> Result<Name, SnapshotError> {
    Ok(Name::from_bytes32(&word.to_be_bytes())?)
}

fn u64_at(word: U256, offset: usize) -> u64 {
    bits(word, offset, 64).to()
}

fn some_u64_at(word: U256, offset: usize) -> Option<u64> {
    Some(u64_at(word, offset)).filter(|at| *at != 0)
}
