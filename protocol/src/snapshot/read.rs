//! Reading a snapshot from storage slots, wherever they come from: the chain's state or proven entries.

use super::{
    AgencyEntry, Assurance, BlockRef, DecisionEntry, KeyEntry, PolicyEntry, ProgramEntry, RefusalsEntry,
    RequesterEntry, RootEntry, Snapshot, SnapshotQuery,
    layout::{self, bits},
};
use crate::{
    consent::RequestDigest,
    date::{Date, Month, NotADate},
    field::{self, Digest, FieldError},
    name::{Name, NotAName},
    policy::InForce,
    program::{AsOfRule, ClaimWindow, Grid},
    scope::{Deployment, Scope},
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
            refusals: None,
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
            let program = B256::from(program.to_bytes32());
            let slot = layout::decision(program, B256::from(field::to_bytes(nullifier.0)));
            snapshot.decision = decision(reader, contracts.decisions, slot)?;
        }
        if let (Some(requester), Some(batch)) = (&query.requester, query.refusals) {
            let requester = B256::from(requester.to_bytes32());
            let slot = layout::refusals(requester, B256::from(batch.0.0));
            snapshot.refusals = refusals(reader, contracts.decisions, slot)?;
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
    Ok(Some(RootEntry {
        sequence: u64_at(word, 0),
        anchored_at: u64_at(word, 64),
        superseded_at: some_u64_at(word, 128),
        withdrawn_at: some_u64_at(word, 192),
        anchored_by: Address::from_word(B256::from(by.to_be_bytes::<32>())),
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
    let until = Date::from_yyyymmdd(bits(word, 32, 32).to()).map_err(SnapshotError::from)?;
    Ok(Some(PolicyEntry {
        id: name(id)?,
        key_hash: Digest(key_hash.to_be_bytes()),
        agencies,
        in_force: InForce {
            from: Date::from_yyyymmdd(bits(word, 0, 32).to()).map_err(SnapshotError::from)?,
            until: (until.yyyymmdd() != layout::OPEN_END).then_some(until),
        },
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
    let bundle = reader.value(contract, slot + U256::ONE)?;
    let word = reader.value(contract, slot + U256::from(2))?;
    let scope = reader.value(contract, slot + U256::from(3))?;
    let element = |word: U256| field::from_bytes(&word.to_be_bytes()).map_err(SnapshotError::from);
    Ok(Some(DecisionEntry {
        request: RequestDigest(element(request)?),
        bundle: Digest(bundle.to_be_bytes()),
        amount: u64_at(word, 0),
        approved_at: u64_at(word, 64),
        block: u64_at(word, 128),
        assurance: match bits(word, 192, 8).to::<u8>() {
            1 => Assurance::ByOffice,
            2 => Assurance::ByProof,
            _ => return Err(SnapshotError::Range("a decision's assurance").into()),
        },
        scope: Scope(element(scope)?),
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

fn name(word: U256) -> Result<Name, SnapshotError> {
    Ok(Name::from_bytes32(&word.to_be_bytes())?)
}

fn u64_at(word: U256, offset: usize) -> u64 {
    bits(word, offset, 64).to()
}

fn some_u64_at(word: U256, offset: usize) -> Option<u64> {
    Some(u64_at(word, offset)).filter(|at| *at != 0)
}
