//! Too little gas: a call succeeds whole or does nothing, and says of no true proof that it is wrong.

use crate::{
    case::{Base, Case, Proofs},
    judges::storage,
    standing,
    town::Town,
};
use rand::{SeedableRng, rngs::StdRng};
use sealroot_testing::{evm::GAS, seed};
use std::collections::BTreeMap;

/// Limits between nothing and enough.
const STEPS: u64 = 200;

/// Attack: somebody sends a holder's call with so little gas that a check is skipped, a sum is written without its entry, or the proof is called wrong.
///
/// Every fee between nothing and enough is tried in 200 steps, and the last 4,000 in steps of 20: there the entry and the sums are written.
#[test]
fn a_call_without_enough_gas_does_nothing() {
    let mut town = Town::new();
    standing::settle(&mut town);
    let rng = &mut StdRng::seed_from_u64(seed(1));
    for (program, corrects) in
        [("by-office", false), ("by-office", true), ("by-proof", false), ("home", true), ("free", false)]
    {
        let law = town.laws.iter().position(|law| law.program.id.as_str() == program).unwrap();
        let base = loop {
            let base = Base::random(&town, rng);
            if base.law == law && base.corrects.is_some() == corrects {
                break base;
            }
        };
        step_through(&base.build(&town, &[], &Proofs::default()));
    }
}

fn step_through(case: &Case<'_>) {
    let decisions = case.evm.contracts.decisions;
    let call = |gas| case.evm.call_with_gas(case.sender, decisions, case.data.clone(), gas);
    let enough = call(GAS).unwrap();
    let (expected, cost) = (storage(decisions, &enough), enough.gas);
    // A call passes on all but a 64th, and refunds come afterwards: what it costs isn't yet what it needs.
    let most = cost + cost / 4;
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut least = None;
    let coarse = (0..=STEPS).map(|i| most * i / STEPS);
    let fine = (0..200).map(|i| cost - 3_000 + 20 * i);
    let mut limits: Vec<u64> = coarse.chain(fine).collect();
    limits.sort_unstable();
    for limit in limits {
        match call(limit) {
            Ok(done) => {
                assert_eq!(storage(decisions, &done), expected, "with {limit} gas something else was entered");
                least.get_or_insert(limit);
            }
            Err(failure) => {
                assert!(least.is_none(), "{limit} gas don't suffice where {least:?} do");
                *codes.entry(failure.code().as_str()).or_default() += 1;
            }
        }
    }
    println!("{} {:?}: {cost} gas, {least:?} suffice; less: {codes:?}", case.request.program, case.way);
    assert!(least.is_some());
    let unknown = codes.keys().find(|code| !["call-failed", "gas-too-low", "reverted"].contains(code));
    assert!(unknown.is_none(), "for want of gas it says {unknown:?}");
}
