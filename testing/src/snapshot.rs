//! What the chain says when all is in order, as data: tests of `chain/` show that a real one says the same.

use crate::town::{DAY, GRACE, deployment, key};
use sealroot_protocol::{
    bundle::Bundle,
    currency::Currency,
    field::Digest,
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::Program,
    snapshot::{
        AccessLog, AgencyEntry, Assurance, BlockRef, Claimed, DecisionEntry, Held, KeyEntry, PolicyEntry, ProgramEntry,
        RequesterEntry, RootEntry, Snapshot,
    },
    tree::Root,
};
use std::{borrow::Borrow, collections::BTreeMap};

/// Program and policies enacted, the agencies' newest roots anchored (`roots` has one
/// for each policy, or is empty), nothing
/// decided yet. `key_hash` gives the hash of each policy's key.
pub fn in_order(
    program: &Program,
    documents: &[impl Borrow<PolicyDocument>],
    roots: &[Root],
    key_hash: impl Fn(&PolicyDocument) -> Digest,
    now: u64,
) -> Snapshot {
    let since = now - 40 * DAY;
    let entry = |owner: Name| KeyEntry { owner, added_at: since, retired_at: None, revoked_at: None };
    let mut snapshot = Snapshot {
        deployment: deployment(),
        block: BlockRef { number: 42, hash: [0x42; 32].into(), time: now },
        agencies: BTreeMap::new(),
        roots: BTreeMap::new(),
        agency_keys: BTreeMap::new(),
        policies: enacted(program, documents, key_hash, since),
        program: Some(program_entry(program, since)),
        requester: Some(RequesterEntry { since, until: None }),
        signer: Some(entry(program.requesters[0].clone())),
        decision: None,
        decided_by: None,
        refusals: None,
        cards: BTreeMap::new(),
    };
    for (document, root) in documents.iter().map(Borrow::borrow).zip(roots) {
        let agency = document.policy.sources[0].agency.clone();
        let anchored_by = key(&format!("{agency}-key")).address();
        let anchored = RootEntry {
            sequence: 1,
            anchored_at: since,
            superseded_at: None,
            withdrawn_at: None,
            anchored_by,
            confirmed_at: since,
            access_log: Held::Held(AccessLog { head: Digest([1; 32]), size: 1 }),
        };
        snapshot.roots.insert((agency.clone(), *root), anchored);
        snapshot.agency_keys.insert(anchored_by, entry(agency.clone()));
        let registered = AgencyEntry { registered_at: since, withdrawn_at: None, grace: GRACE as u32, sequence: 1 };
        snapshot.agencies.insert(agency, registered);
    }
    snapshot
}

/// Entries of policies as they stand in their documents, what is paid in the program's currency.
pub fn enacted(
    program: &Program,
    documents: &[impl Borrow<PolicyDocument>],
    key_hash: impl Fn(&PolicyDocument) -> Digest,
    enacted_at: u64,
) -> BTreeMap<PolicyDigest, PolicyEntry> {
    let entry = |document: &PolicyDocument| PolicyEntry {
        id: document.policy.id.clone(),
        key_hash: key_hash(document),
        agencies: document.policy.sources.iter().map(|source| source.agency.clone()).collect(),
        in_force: document.policy.in_force,
        currencies: Held::Held(currencies(program, document)),
        retroactive: None,
        enacted_at,
        withdrawn_at: None,
    };
    documents.iter().map(Borrow::borrow).map(|document| (document.policy.digest().unwrap(), entry(document))).collect()
}

fn currencies(program: &Program, document: &PolicyDocument) -> [Option<Currency>; 2] {
    let paid = program.pays.as_ref().filter(|pays| program.policies[usize::from(pays.part)] == document.policy.id);
    [0, 1].map(|output| paid.filter(|pays| pays.output == output).map(|pays| pays.currency.parse().unwrap()))
}

/// The entry of a bundle's approval by the office.
pub fn approval(bundle: &Bundle, approved_at: u64, block: u64) -> DecisionEntry {
    let request = &bundle.request.request;
    DecisionEntry {
        request: request.digest(),
        amount: bundle.decision.amount,
        granted: Held::Held(bundle.decision.amount.into()),
        approved_at,
        block,
        reduced: None,
        claimed: Claimed::PeriodFrom(request.period.start),
        assurance: Assurance::ByOffice,
        requester: Held::Held(request.requester.clone()),
        bundle: Some(bundle.digest().unwrap()),
    }
}

/// The entry of a program as it stands in its document.
pub fn program_entry(program: &Program, enacted_at: u64) -> ProgramEntry {
    ProgramEntry {
        digest: program.digest().unwrap(),
        enacted_at,
        closed_at: None,
        grid: program.grid,
        claim: program.claim,
        as_of: program.as_of,
        pays: program.pays.as_ref().map(|pays| (pays.part, pays.output)),
        currency: Held::Held(program.pays.as_ref().map(|pays| pays.currency.parse().unwrap())),
        correctable_days: program.correctable_days,
        utc_offset: program.utc_offset_minutes,
        decided_by: program.decided_by,
        fresh: program.fresh,
        budget: program.pays.as_ref().map_or(0, |pays| pays.budget.into()),
        policies: program.policies.clone(),
    }
}
