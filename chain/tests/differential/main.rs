//! The native verifier and the contract judge the same calls, valid and invalid, and say the same, for the same reason.
//!
//! Proofs are Groth16 proofs under keys of the real shapes' sizes, whose trapdoor is known: a mutated statement still has a true proof, and meets the check that it
//! is after. `rows` lists where the two may differ, each with its reason; everything else is a failure.
//! `SEALROOT_CASES` and `SEALROOT_SEED` choose how many cases, and which.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod calls;
mod case;
mod gas;
mod judges;
mod pairs;
mod parts;
mod proofs;
mod requests;
mod rows;
mod standing;
mod town;
mod world;

use case::{Base, Mutation, Proofs};
use judges::Said;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_protocol::snapshot::Assurance;
use sealroot_testing::{cases, seed};
use std::collections::{BTreeMap, BTreeSet};
use town::Town;

const MUTATIONS: &[&[Mutation]] = &[
    requests::SIGNED,
    requests::TAMPERED,
    parts::ROOTS,
    parts::INPUTS,
    parts::STATED,
    proofs::PROOFS,
    parts::ASSEMBLED,
    calls::UNREDUCED,
    calls::SIGNATURES,
    calls::BESIDE,
    calls::ENCODING,
    world::SENDERS,
    world::DAYS,
    world::EVENTS,
    world::REPLAYS,
];

/// All that the contract can say of an approval (`docs/spec/contracts.md`, *Decisions*), but for a want of gas.
const REASONS: [Said; 43] = [
    "already-decided",
    "amount-too-large",
    "another-offices-approval",
    "as-of-in-future",
    "assurance-lowered",
    "claim-too-early",
    "claim-too-late",
    "correction-too-late",
    "corrects-unknown",
    "empty-digest",
    "not-decided-by-office",
    "not-decided-by-proof",
    "not-reduced",
    "not-the-requester",
    "nothing-is-paid",
    "nullifier-spent",
    "other-currency",
    "over-budget",
    "part-input-mismatch",
    "parts-mismatch",
    "period-not-on-grid",
    "policies-not-of-program",
    "policy-key-mismatch",
    "policy-key-unusable",
    "policy-not-enacted",
    "policy-not-in-force",
    "policy-withdrawn",
    "program-closed",
    "proof-invalid",
    "proof-malformed",
    "request-expired",
    "request-lifetime",
    "request-not-yet-valid",
    "request-signature",
    "requester-key-not-valid",
    "requester-key-unknown",
    "requester-not-authorised",
    "root-not-fresh",
    "root-superseded",
    "root-unknown",
    "root-withdrawn",
    "wrong-number-of-policies",
    "wrong-scope",
];

/// Guarantee: an approval that the verifier would reject is entered by nobody's proof, and an office learns before it sends what the contract will say.
#[test]
fn native_verifier_and_contract_agree() {
    let mut town = Town::new();
    standing::settle(&mut town);
    let (count, seed) = (cases(250u64), seed(1));
    let mut tally: BTreeMap<(Assurance, Said, Said), u64> = BTreeMap::new();
    let mut reached: BTreeMap<&str, u64> = BTreeMap::new();
    let mut judged = 0;
    let mut disagreements: Vec<String> = Vec::new();
    for i in 0..count {
        let rng = &mut StdRng::seed_from_u64(seed << 32 | i);
        let base = Base::random(&town, rng);
        let proofs = Proofs::default();
        let mutations = mutations(rng);
        let mut judge = |mutations: &[(&Mutation, u64)]| {
            judged += 1;
            judge(&town, &base, mutations, &proofs, &mut tally)
        };
        let begun = judge(&[]);
        let alone: Vec<_> = mutations.iter().map(|one| judge(&[*one])).collect();
        let both = match alone[..] {
            [] => begun,
            [one] => one,
            _ => judge(&mutations),
        };
        for (mutation, _) in &mutations {
            *reached.entry(mutation.name).or_default() += 1;
        }
        let names: Vec<_> = mutations.iter().map(|(mutation, _)| mutation.name).collect();
        let case = format!("seed {seed}, case {i}: {} {:?} {names:?}", town.laws[base.law].program.id, base.way);
        if !pairs::is_known(begun, &[]) {
            disagreements.push(format!("{case}: without any of them: {begun}"));
        }
        for (said, name) in alone.iter().zip(&names) {
            if !pairs::is_known(*said, &[name]) && !pairs::is_hidden(*said, begun) {
                disagreements.push(format!("{case}: {name:?} alone: {said}"));
            }
        }
        if !pairs::is_known(both, &names) && !pairs::is_explained(both, &alone) && !pairs::is_hidden(both, begun) {
            let alone: Vec<_> = alone.iter().map(ToString::to_string).collect();
            disagreements.push(format!("{case}: {both}; alone {}", alone.join(" and ")));
        }
    }
    for ((way, native, contract), times) in &tally {
        let mark = if native == contract { "" } else { "  *" };
        println!("{times:>7} {way:?} native {native}, contract {contract}{mark}");
    }
    println!("{judged} calls judged twice, {} kinds of mutation of {}", reached.len(), all().count());
    assert!(disagreements.is_empty(), "{} disagreements:\n{}", disagreements.len(), disagreements.join("\n"));
    if count >= 10_000 {
        let said: BTreeSet<Said> = tally.keys().map(|(_, _, contract)| *contract).collect();
        let unsaid: Vec<_> = REASONS.iter().filter(|reason| !said.contains(**reason)).collect();
        assert!(unsaid.is_empty(), "reasons that no call was rejected for: {unsaid:?}");
        let never: Vec<_> = all().filter(|mutation| !reached.contains_key(mutation.name)).map(|m| m.name).collect();
        assert!(never.is_empty(), "never tried: {never:?}");
    }
}

fn all() -> impl Iterator<Item = &'static Mutation> {
    MUTATIONS.iter().copied().flatten()
}

/// One or two, each with randomness of its own. Every case is judged without them, too.
fn mutations(rng: &mut StdRng) -> Vec<(&'static Mutation, u64)> {
    let count = rng.random_range(1..3);
    let total = all().count();
    (0..count).map(|_| (all().nth(rng.random_range(0..total)).unwrap(), rng.random())).collect()
}

fn judge(
    town: &Town,
    base: &Base,
    mutations: &[(&Mutation, u64)],
    proofs: &Proofs,
    tally: &mut BTreeMap<(Assurance, Said, Said), u64>,
) -> pairs::Pair {
    let case = base.build(town, mutations, proofs);
    let native = judges::native(&case);
    judges::check_client(&case, native);
    let (contract, done) = judges::contract(&case);
    if let Some(done) = done {
        judges::check_entry(&case, done);
    }
    *tally.entry((case.way, native, contract)).or_default() += 1;
    pairs::Pair { way: case.way, native, contract }
}
