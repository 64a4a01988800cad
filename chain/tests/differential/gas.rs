//! Too little gas: a call succeeds whole or does nothing, and says of no true proof that it is wrong.

use crate::{
    case::{Base, Case, Proofs},
    judges::storage,
    standing,
    town::Town,
};
use rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::snapshot::Assurance;
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
    for (program, way, corrects) in [
        ("by-office", Assurance::ByOffice, false),
        ("by-office", Assurance::ByOffice, true),
        ("by-proof", Assurance::ByProof, false),
        ("home", Assurance::ByOffice, true),
        ("free", Assurance::ByProof, false),
    ] {
        step_through(&base(&town, rng, program, way, corrects).build(&town, &[], &Proofs::default()));
    }
}

/// What the page says that a call costs, and its transaction alone, is what it costs, within 1 %: half a thousand is the page's rounding.
#[test]
fn calls_cost_what_the_page_says() {
    let page = include_str!("../../../docs/spec/contracts.md");
    let mut town = Town::new();
    standing::settle(&mut town);
    let rng = &mut StdRng::seed_from_u64(seed(1));
    for (row, program, way, corrects) in [
        ("`approve`, one policy", "by-office", Assurance::ByOffice, false),
        ("`approveByProof`, solo", "by-proof", Assurance::ByProof, false),
        ("`approveByProof`, solo, a correction", "by-proof", Assurance::ByProof, true),
        ("`approveByProof`, household of two sources", "home", Assurance::ByProof, false),
        ("`approveByProof`, two solo parts", "by-both", Assurance::ByProof, false),
    ] {
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("| {row} | "))).unwrap();
        let stated: Vec<u64> = line.split(" | ").take(2).map(|cell| cell.replace(',', "").parse().unwrap()).collect();
        let case = base(&town, rng, program, way, corrects).build(&town, &[], &Proofs::default());
        let decisions = case.evm.contracts.decisions;
        let cost = case.evm.call_with_gas(case.sender, decisions, case.data.clone(), GAS).unwrap().gas;
        // EIP-2028: what every byte of the call costs before anything runs.
        let intrinsic = 21_000 + case.data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>();
        println!("{row}: {cost}, of it tx {intrinsic}");
        for (stated, measured) in stated.into_iter().zip([cost, intrinsic]) {
            assert!(stated.abs_diff(measured) <= stated / 100 + 500, "{row}: {measured} gas, the page says {stated}");
        }
    }
}

/// A valid claim under this program, entered so.
fn base(town: &Town, rng: &mut StdRng, program: &str, way: Assurance, corrects: bool) -> Base {
    let law = town.laws.iter().position(|law| law.program.id.as_str() == program).unwrap();
    loop {
        let base = Base::random(town, rng);
        if base.law == law && base.way == way && base.corrects.is_some() == corrects {
            return base;
        }
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
