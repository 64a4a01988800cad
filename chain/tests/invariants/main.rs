//! What must hold after every call, by anybody, in any order: random sequences of all calls by everybody, against a model.
//!
//! Roles are officers, agencies, offices and strangers, with several keys each; time moves on as it likes, and stands still. A broken property is reported with the seed
//! of its sequence and the fewest calls that still break it. `SEALROOT_CASES` says how many calls, `SEALROOT_SEED` which.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod cast;
mod generate;
mod model;
mod play;
mod proofs;
mod shrink;

use proofs::Prepared;
use sealroot_testing::{cases, evm::Evm, seed};
use std::collections::BTreeMap;

/// Calls in a sequence: some months.
const LENGTH: u64 = 1_500;

/// Every function that changes something, and every act.
const FUNCTIONS: [&str; 42] = [
    "Agencies.addKey",
    "Agencies.anchor",
    "Agencies.register",
    "Agencies.retireKey",
    "Agencies.retireKey, by officers",
    "Agencies.revokeKey",
    "Agencies.revokeKey, by officers",
    "Agencies.setCard",
    "Agencies.withdrawAgency",
    "Agencies.withdrawRoot",
    "Agencies.withdrawRoot, by officers",
    "Decisions.approve",
    "Decisions.approve, a correction",
    "Decisions.approve, of another period",
    "Decisions.approveByProof",
    "Decisions.approveByProof, a correction",
    "Decisions.approveByProof, of an office's",
    "Decisions.dateRefusals",
    "Decisions.reduce",
    "Decisions.reduce, to 0",
    "Officers.add",
    "Officers.remove",
    "Policies.end",
    "Policies.enact",
    "Policies.enactRetroactive",
    "Policies.withdraw",
    "Programs.amend",
    "Programs.authorise",
    "Programs.close",
    "Programs.dismiss",
    "Programs.enact",
    "Requesters.addKey",
    "Requesters.register",
    "Requesters.retireKey",
    "Requesters.retireKey, by officers",
    "Requesters.revokeKey",
    "Requesters.revokeKey, by officers",
    "Requesters.setCard",
    "cancel",
    "confirm",
    "propose",
    "propose, as the second person",
];

/// Guarantees: see `model`, whose every rule is one.
#[test]
fn invariants_hold_under_random_calls() {
    let (calls, seed) = (cases(20_000u64), seed(1));
    let evm = Evm::new(&cast::OFFICERS.map(cast::address), cast::DELAY, cast::start());
    let prepared = Prepared::make(&evm.contracts);
    let mut attempts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut successes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut failures: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for sequence in 0..calls.div_ceil(LENGTH) {
        let seed = seed << 32 | sequence;
        let played = play::random(&evm, &prepared, seed, LENGTH.min(calls - sequence * LENGTH));
        if let Some(broken) = &played.broken {
            let fewest = shrink::fewest(&evm, &played.made, broken);
            panic!("sequence {seed}: {broken}\nafter these calls:\n{}", shrink::show(&fewest));
        }
        for made in &played.made {
            *attempts.entry(made.what).or_default() += 1;
        }
        for (failure, times) in played.failed {
            *failures.entry(failure).or_default() += times;
        }
        for (function, times) in played.succeeded {
            *successes.entry(function).or_default() += times;
        }
    }
    for ((function, code), times) in &failures {
        println!("{function}: {code} {times}");
    }
    for function in FUNCTIONS {
        let (done, tried) = (successes.get(function).copied().unwrap_or_default(), attempts.get(function));
        match tried {
            Some(tried) => println!("{function}: {done} of {tried}, {:.1} %", 100.0 * done as f64 / *tried as f64),
            None => println!("{function}: {done}"),
        }
    }
    println!("{calls} calls, {} that succeeded", successes.get("all").copied().unwrap_or_default());
    let unknown: Vec<_> =
        successes.keys().filter(|function| **function != "all" && !FUNCTIONS.contains(function)).collect();
    assert!(unknown.is_empty(), "not in the list: {unknown:?}");
    if calls >= 100_000 {
        let never: Vec<_> = FUNCTIONS.iter().filter(|function| !successes.contains_key(**function)).collect();
        assert!(never.is_empty(), "never succeeded: {never:?}");
    }
}
