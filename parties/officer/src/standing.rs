//! Whether an act has been carried out already, and when: what the chain's entries show.
//!
//! Non-guarantee: that it was this act and no other with the same effect. An officer who left leaves no entry.

use alloy_primitives::{Address, B256};
use sealroot_chain::{
    Act, Chain, ChainError,
    calls::view,
    contracts::{agencies::Agencies, officers::Officers, programs::Programs, requesters::Requesters},
};
use sealroot_protocol::{name::Name, policy::PolicyDigest, program::Program, snapshot::SnapshotQuery};

/// A signing key's entry, at agencies or requesters.
struct Key {
    owner: B256,
    added: u64,
    retired: u64,
    revoked: u64,
}

/// Unix time at which what the act does was done; none if it wasn't, or if the chain doesn't show it.
pub(crate) async fn carried_out(act: &Act, chain: &impl Chain) -> Result<Option<u64>, ChainError> {
    let at = match act {
        Act::AddOfficer(person) => {
            view(chain, chain.contracts().officers, Officers::sinceCall { person: *person }).await?
        }
        Act::RegisterAgency { id, grace, key } => {
            let entry = view(chain, chain.contracts().agencies, Agencies::agenciesCall { id: word(id) }).await?;
            let same = entry.grace == *grace && agency_key(chain, *key).await?.owner == word(id);
            if same { entry.registeredAt } else { 0 }
        }
        Act::AddAgencyKey(owner, key) => added(&agency_key(chain, *key).await?, owner),
        Act::RevokeAgencyKey(key) => agency_key(chain, *key).await?.revoked,
        Act::WithdrawAgency(id) => {
            view(chain, chain.contracts().agencies, Agencies::agenciesCall { id: word(id) }).await?.withdrawnAt
        }
        Act::WithdrawRoot(agency, root) => {
            let snapshot = chain.snapshot(&SnapshotQuery::of_roots([(agency.clone(), *root)])).await?;
            snapshot.roots.values().next().and_then(|entry| entry.withdrawn_at).unwrap_or_default()
        }
        Act::RegisterRequester { id, key } => {
            let call = Requesters::registeredCall { id: word(id) };
            let at = view(chain, chain.contracts().requesters, call).await?;
            if requester_key(chain, *key).await?.owner == word(id) { at } else { 0 }
        }
        Act::AddRequesterKey(owner, key) => added(&requester_key(chain, *key).await?, owner),
        Act::RetireRequesterKey(key) => requester_key(chain, *key).await?.retired,
        Act::RevokeRequesterKey(key) => requester_key(chain, *key).await?.revoked,
        Act::EnactPolicy(policy) | Act::EnactRetroactively(policy, _) => policy_times(chain, policy.digest).await?.0,
        Act::WithdrawPolicy(digest) => policy_times(chain, *digest).await?.1,
        Act::EnactProgram(program) | Act::AmendProgram(program) => enacted(chain, program).await?,
        Act::CloseProgram(id) => {
            view(chain, chain.contracts().programs, Programs::programCall { id: word(id) }).await?.rules.closedAt
        }
        Act::Authorise(id, requester) => standing(chain, id, requester).await?.0,
        Act::Dismiss(id, requester) => standing(chain, id, requester).await?.1,
        Act::RemoveOfficer(_) | Act::EndPolicy(..) => 0,
    };
    Ok((at != 0).then_some(at))
}

fn word(name: &Name) -> B256 {
    B256::from(name.to_bytes32())
}

fn added(key: &Key, owner: &Name) -> u64 {
    if key.owner == word(owner) { key.added } else { 0 }
}

async fn agency_key(chain: &impl Chain, key: Address) -> Result<Key, ChainError> {
    let entry = view(chain, chain.contracts().agencies, Agencies::keysCall { key }).await?;
    Ok(Key { owner: entry.owner, added: entry.addedAt, retired: entry.retiredAt, revoked: entry.revokedAt })
}

async fn requester_key(chain: &impl Chain, key: Address) -> Result<Key, ChainError> {
    let entry = view(chain, chain.contracts().requesters, Requesters::keysCall { key }).await?;
    Ok(Key { owner: entry.owner, added: entry.addedAt, retired: entry.retiredAt, revoked: entry.revokedAt })
}

/// When a version was enacted, and when withdrawn.
async fn policy_times(chain: &impl Chain, digest: PolicyDigest) -> Result<(u64, u64), ChainError> {
    let snapshot = chain.snapshot(&SnapshotQuery::of_policies([digest])).await?;
    let times =
        |entry: &sealroot_protocol::snapshot::PolicyEntry| (entry.enacted_at, entry.withdrawn_at.unwrap_or_default());
    Ok(snapshot.policies.get(&digest).map(times).unwrap_or_default())
}

/// Since when exactly this document holds.
async fn enacted(chain: &impl Chain, program: &Program) -> Result<u64, ChainError> {
    let call = Programs::programCall { id: word(&program.id) };
    let entry = view(chain, chain.contracts().programs, call).await?.rules;
    Ok(if entry.digest == B256::from(program.digest()?.0) { entry.enactedAt } else { 0 })
}

async fn standing(chain: &impl Chain, id: &Name, requester: &Name) -> Result<(u64, u64), ChainError> {
    let call = Programs::standingCall { id: word(id), requester: word(requester) };
    let entry = view(chain, chain.contracts().programs, call).await?;
    Ok((entry.since, entry.until))
}
