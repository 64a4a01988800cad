//! Approvals that stand when a case begins: of both kinds, of two periods, one of them reduced.

use crate::{
    case::{Base, Proofs},
    town::{Standing, Town, address, bytes32},
};
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use sealroot_chain::contracts::decisions::Decisions::{Reduction as ReductionCall, reduceCall};
use sealroot_protocol::{
    canonical::Suite,
    consent::Nullifier,
    field::{self, F},
    program::{AsOfRule, DecidedBy},
    reduction::{ReductionDocument, SignedReduction},
    request::Nonce,
    snapshot::Assurance::{ByOffice, ByProof},
};
use sealroot_testing::town::{key, name};

/// Enters them through the contract: it takes every one of these calls.
pub fn settle(town: &mut Town) {
    for law in 0..town.laws.len() {
        let program = town.laws[law].program.clone();
        let ways = match program.decided_by {
            DecidedBy::Office => [ByOffice, ByOffice, ByOffice],
            DecidedBy::Proof => [ByProof, ByProof, ByProof],
            DecidedBy::Both => [ByOffice, ByProof, ByOffice],
        };
        for (i, way) in ways.into_iter().enumerate() {
            let october = program.as_of == AsOfRule::PeriodEnd || program.id == name("in-two-currencies");
            let base = Base {
                law,
                way,
                period: program.period(if october || i == 0 { 1 } else { 2 }).unwrap(),
                nullifier: Nullifier(F::from((100 * law + i) as u64 + 1)),
                amount: if program.pays.is_some() { 200 } else { 0 },
                corrects: None,
                time: town.evm.time,
                person: (100 * law + i) as u64,
            };
            let case = base.build(town, &[], &Proofs::default());
            let (sender, data, request) = (case.sender, case.data.clone(), case.request.digest());
            // Of the programs that were enacted with a wrong key only the office's word is taken.
            if town.evm.send(sender, town.evm.contracts.decisions, data).is_err() {
                assert!(program.id.as_str().starts_with("enacted-") && way == ByProof, "{}", program.id);
                continue;
            }
            let standing = Standing { law, request, nullifier: base.nullifier, assurance: way };
            if i == 2 {
                reduce(town, &standing, base.amount);
            }
            town.standing.push(standing);
        }
    }
}

fn reduce(town: &mut Town, standing: &Standing, from: u64) {
    let document = ReductionDocument {
        suite: Suite,
        deployment: town.deployment(),
        program: town.laws[standing.law].program.id.clone(),
        requester: name("welfare-office"),
        nullifier: standing.nullifier,
        request: standing.request,
        from,
        to: from / 2,
        reason: "The lease ended in October.".into(),
        nonce: Nonce([5; 16].into()),
    };
    let signed = SignedReduction::sign(document.clone(), town.evm.time + 60, &key("second-key")).unwrap();
    let agreed = signed.reduction().unwrap();
    let reduction = ReductionCall {
        program: bytes32(&document.program),
        nullifier: U256::from_be_bytes(field::to_bytes(standing.nullifier.0)),
        request: B256::from(field::to_bytes(standing.request.0)),
        from,
        to: from / 2,
        document: agreed.document.0.into(),
        expiry: agreed.expiry,
    };
    let call = reduceCall { reduction, signature: signed.signature.to_bytes().to_vec().into() };
    town.evm.send(address("welfare-office-key"), town.evm.contracts.decisions, call.abi_encode()).unwrap();
}
