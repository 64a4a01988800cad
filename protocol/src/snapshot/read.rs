//! Reading a snapshot from storage slots, wherever they come from: the chain's state or proven entries.

use super::{
    BlockRef, DecisionEntry, Held, Registry, Revision, Snapshot, SnapshotQuery,
    entries::{agency, card, decision, key, policy, program, refusals, root, standing},
    first, layout,
};
use crate::{
    currency::UnknownCurrency,
    date::NotADate,
    field::{self, FieldError},
    name::NotAName,
    scope::Deployment,
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
    /// An entry of this revision's contracts, read as if it were another's.
    #[error("the chain's entry is one of {0}, and was to be read as another's")]
    OtherRevision(Revision),
}

impl Snapshot {
    /// Reads what `query` asks for. The order of reads is fixed, and is the order of storage proofs in evidence.
    pub fn read<R: StorageReader>(
        query: &SnapshotQuery,
        chain_id: u64,
        contracts: &Contracts,
        revision: Revision,
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
            snapshot.program = program(reader, contracts.programs, revision, id)?;
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
                let slot = match revision {
                    Revision::First => first::agency_slot(name),
                    Revision::Second => layout::agency(name),
                };
                let Some(entry) = agency(reader, contracts.agencies, slot)? else { continue };
                snapshot.agencies.insert(agency_name.clone(), entry);
            }
            let value = B256::from(field::to_bytes(root_value.0));
            let entry = match revision {
                Revision::First => first::root(reader, contracts.agencies, first::root_slot(name, value))?,
                Revision::Second => root(reader, contracts.agencies, layout::root(name, value))?,
            };
            let Some(entry) = entry else { continue };
            if let Entry::Vacant(vacant) = snapshot.agency_keys.entry(entry.anchored_by)
                && let Some(anchoring) = key(reader, contracts.agencies, entry.anchored_by)?
            {
                vacant.insert(anchoring);
            }
            snapshot.roots.insert((agency_name.clone(), *root_value), entry);
        }
        for digest in &query.policies {
            if let Some(entry) = policy(reader, contracts.policies, revision, B256::from(digest.0.0))? {
                snapshot.policies.insert(*digest, entry);
            }
        }
        if let (Some(program), Some(nullifier)) = (&query.program, query.nullifier) {
            let slot = layout::decision(B256::from(program.to_bytes32()), B256::from(field::to_bytes(nullifier.0)));
            snapshot.decision = match revision {
                Revision::First => first::decision(reader, contracts.decisions, slot)?,
                Revision::Second => decision(reader, contracts.decisions, slot)?,
            };
            // Whether another office's word can be replaced depends on its standing. That was written once, so it can be proven.
            if let (Some(DecisionEntry { requester: Held::Held(of), .. }), Some(asks)) =
                (&snapshot.decision, &query.requester)
                && of != asks
            {
                snapshot.decided_by = standing(reader, contracts.programs, program, of)?;
            }
        }
        if let (Some(requester), Some(batch)) = (&query.requester, query.refusals) {
            let requester = B256::from(requester.to_bytes32());
            let slot = layout::refusals(requester, B256::from(batch.0.0));
            snapshot.refusals = refusals(reader, contracts.decisions, slot)?;
        }
        // The first contracts have no cards: what stands in that slot is another thing.
        let cards = (revision == Revision::Second).then_some(&query.cards);
        for (registry, owner) in cards.into_iter().flatten() {
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
