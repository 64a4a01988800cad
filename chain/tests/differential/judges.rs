//! Both judges of one case, and what the contract leaves where it accepts.

use crate::case::{Call, Case, uint};
use alloy_primitives::Address;
use sealroot_chain::{
    ChainError,
    calls::{approval_by_proof_call, approval_call},
};
use sealroot_protocol::{
    bundle::Bundle,
    code::{Code, Coded},
    snapshot::{Assurance, Claimed, DecisionEntry, Held, Snapshot, SnapshotQuery},
};
use sealroot_testing::evm::Done;
use sealroot_verifier::{Rejection, VerifiedBundle, VerifiedDecision, universal_key::UniversalKeys};

/// What a judge says: `accepted`, `refusal` (a bundle that shows a "no" and verifies), or the code of a rejection.
pub type Said = &'static str;

/// The native verifier's word.
pub fn native(case: &Case<'_>) -> Said {
    match native_decision(case) {
        Ok(decision) if decision.approved => "accepted",
        Ok(_) => "refusal",
        Err(code) => code.as_str(),
    }
}

/// The contract's word, and what it would change.
pub fn contract(case: &Case<'_>) -> (Said, Option<Done>) {
    match case.evm.call(case.sender, case.evm.contracts.decisions, case.data.clone()) {
        Ok(done) => ("accepted", Some(done)),
        Err(failure) => (failure.code().as_str(), None),
    }
}

fn native_decision(case: &Case<'_>) -> Result<VerifiedDecision, Code> {
    let bundle = shown(case).map_err(|rejection| rejection.code())?;
    let query = sealroot_verifier::verify::query(&bundle).map_err(|rejection| rejection.code())?;
    let snapshot = case.evm.snapshot(&query);
    let said = verify_as(&bundle, &snapshot, &case.town.universal, case.evm.time, case.way);
    said.map_err(|rejection| rejection.code())
}

/// As an office does before it enters the decision this way.
fn verify_as(
    bundle: &Bundle,
    snapshot: &Snapshot,
    keys: &UniversalKeys,
    now: u64,
    assurance: Assurance,
) -> Result<VerifiedDecision, Rejection> {
    let verified = VerifiedBundle::verify(bundle.clone(), snapshot, keys, now, assurance)?;
    Ok(verified.decision().clone())
}

/// The bundle as a file, where a mutation changed its text.
fn shown(case: &Case<'_>) -> Result<Bundle, Rejection> {
    let bundle = case.bundle.clone().unwrap();
    if case.text.is_empty() {
        return Ok(bundle);
    }
    let mut json: serde_json::Value = serde_json::to_value(&bundle).unwrap();
    for (place, text) in &case.text {
        *json.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = text.as_str().into();
    }
    Ok(Bundle::from_bytes(&serde_json::to_vec(&json).unwrap())?)
}

/// The product's own client sends no refusal, and nothing by proof that reveals what isn't paid: by the office the contract would enter it.
pub fn check_client(case: &Case<'_>, native: Said) {
    let bundle = case.bundle.as_ref().unwrap();
    let made = match case.way {
        Assurance::ByOffice => approval_call(bundle).map(drop),
        Assurance::ByProof => approval_by_proof_call(bundle, &case.policy_keys).map(drop),
    };
    match native {
        "refusal" => assert!(matches!(made, Err(ChainError::NotAnApproval)), "{made:?}"),
        "output-not-paid" if case.way == Assurance::ByProof => {
            assert!(matches!(made, Err(ChainError::OutputNotPaid { .. })), "{made:?}");
        }
        _ => {}
    }
}

/// What was accepted is entered as the bundle says, and nothing of it is the sender's.
pub fn check_entry(case: &Case<'_>, done: Done) {
    let (program, nullifier, amount) = match case.call.as_ref().unwrap() {
        Call::Office(call) => (call.request.program, call.nullifier, call.amount),
        Call::Proof(call) => (call.request.program, call.nullifier, call.amount),
    };
    let bundle = case.bundle.as_ref().unwrap();
    let request = &bundle.request.request;
    assert_eq!(program.0, request.program.to_bytes32());
    let query = SnapshotQuery {
        program: Some(request.program.clone()),
        nullifier: Some(bundle.decision.nullifier),
        ..SnapshotQuery::default()
    };
    assert_eq!(nullifier, uint(bundle.decision.nullifier.0));
    let before = case.evm.snapshot(&query).decision;
    let copied = (case.way == Assurance::ByProof).then(|| copy(case));
    let slots = storage(case.evm.contracts.decisions, &done);
    if let Some(copied) = copied {
        assert_eq!(copied, slots, "a copier's call stores something else");
    }
    let (time, block) = (case.evm.time, case.evm.number);
    let mut after = case.evm.clone();
    after.take(done.changes);
    let stood = before.as_ref().map_or(0, |entry| entry.amount);
    let granted = before.as_ref().and_then(|entry| entry.granted.held()).unwrap_or_default()
        + u128::from(amount.saturating_sub(stood));
    let expected = DecisionEntry {
        request: request.digest(),
        amount,
        granted: Held::Held(granted),
        approved_at: time,
        block,
        reduced: None,
        claimed: Claimed::PeriodFrom(request.period.start),
        assurance: case.way,
        requester: Held::Held(request.requester.clone()),
        bundle: match case.call.as_ref().unwrap() {
            Call::Office(call) => Some(sealroot_protocol::field::Digest(call.bundle.0)),
            Call::Proof(_) => None,
        },
    };
    assert_eq!(after.snapshot(&query).decision, Some(expected));
    // The second of two that send it is told so, and changes nothing.
    let again = after.call(case.sender, case.evm.contracts.decisions, case.data.clone());
    assert_eq!(again.unwrap_err().code(), Code::AlreadyDecided);
}

/// The same call by another sender, before the first one's block.
fn copy(case: &Case<'_>) -> Vec<(alloy_primitives::U256, alloy_primitives::U256)> {
    let copier = Address::repeat_byte(0xc0);
    let done = case.evm.call(copier, case.evm.contracts.decisions, case.data.clone()).unwrap();
    storage(case.evm.contracts.decisions, &done)
}

/// The slots of a contract that a call changes.
pub fn storage(contract: Address, done: &Done) -> Vec<(alloy_primitives::U256, alloy_primitives::U256)> {
    let mut slots: Vec<_> =
        done.changes[&contract].changed_storage_slots().map(|(slot, value)| (*slot, value.present_value)).collect();
    slots.sort_unstable();
    slots
}
