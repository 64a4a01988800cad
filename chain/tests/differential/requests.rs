//! Faults of the request: before it is signed, so that everything after it is true, or after.

use crate::{
    case::{Case, Mutation, Stage, random_nullifier},
    parts::pick,
    town::{BUDGET, Standing, address},
};
use alloy_primitives::Address;
use rand::{RngExt, rngs::StdRng};
use sealroot_protocol::{
    applicant::Applicant,
    consent::{Nullifier, RequestDigest},
    date::Period,
    field::{Digest, F},
    policy::PolicyDigest,
    snapshot::Assurance,
};
use sealroot_testing::town::{DAY, date, name, time};

const fn draft(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Draft, change }
}

/// Before the signature.
pub const SIGNED: &[Mutation] = &[
    draft("signed by a stranger", |c, _| c.signer = "stranger".into()),
    draft("signed by another office", |c, _| c.signer = "other-office-key".into()),
    draft("signed by another key of the office", |c, _| c.signer = "second-key".into()),
    draft("signed by a key that retired since", |c, _| {
        c.signer = "retired-key".into();
        c.request.not_before = time("2026-11-08") + DAY / 2;
    }),
    draft("signed by a key that had retired", |c, _| {
        c.signer = "retired-key".into();
        c.request.not_before = time("2026-11-08") + DAY / 2 + 1;
    }),
    draft("signed by a revoked key", |c, _| c.signer = "revoked-key".into()),
    draft("not valid yet", |c, r| c.request.not_before = c.evm.time + r.random_range(1..3)),
    draft("in its first second", |c, _| c.request.not_before = c.evm.time),
    draft("in its last second", |c, _| c.request.expiry = c.evm.time),
    draft("expired", |c, r| c.request.expiry = c.evm.time - r.random_range(1..3)),
    draft("ends before it begins", |c, _| c.request.expiry = c.request.not_before - 1),
    draft("valid for a second", |c, _| {
        (c.request.not_before, c.request.expiry) = (c.evm.time, c.evm.time);
    }),
    draft("lives as long as it may", |c, _| c.request.expiry = c.request.not_before + 60 * DAY),
    draft("lives a second longer", |c, _| c.request.expiry = c.request.not_before + 60 * DAY + 1),
    draft("lives for ever", |c, _| c.request.expiry = u64::MAX),
    draft("by another office, of the program or not", |c, _| by_the_other_office(c)),
    draft("another office corrects an office's word", correct_by_the_other_office),
    draft("by an office that doesn't exist", |c, _| c.request.requester = name("nobody")),
    draft("under a program that doesn't exist", |c, _| c.request.program = name("nothing")),
    draft("under another program", |c, r| {
        let other = r.random_range(0..c.town.laws.len());
        c.request.program = c.town.laws[other].program.id.clone();
    }),
    draft("off the grid", |c, _| c.request.period.start = date("2026-10-02")),
    draft("of a longer period", |c, _| c.request.period.end = date("2026-12-31")),
    draft("before the first period", |c, _| {
        c.request.period = Period { start: date("2026-08-01"), end: date("2026-08-31") };
    }),
    draft("after the last period", |c, _| {
        c.request.period = Period { start: date("2027-03-01"), end: date("2027-03-31") };
    }),
    draft("of any period, under its law", |c, r| claim_period(c, r.random_range(0..6))),
    draft("of any period, under the law of another", |c, r| {
        let program = &c.town.laws[c.law].program;
        c.request.period = program.period(r.random_range(0..6)).unwrap();
    }),
    draft("policies exchanged", |c, _| c.request.policies.reverse()),
    draft("a policy less", |c, _| c.request.policies.truncate(c.request.policies.len() - 1)),
    draft("a policy twice", |c, _| c.request.policies.extend_from_within(..1)),
    draft("a policy that isn't enacted", |c, r| c.request.policies[0] = PolicyDigest(Digest(r.random()))),
    draft("under another program's policies", |c, r| {
        let other = &c.town.laws[r.random_range(0..c.town.laws.len())];
        c.documents = other.in_force(c.request.period);
        c.request.policies = c.documents.iter().map(|document| document.policy.digest().unwrap()).collect();
        c.take_current_roots();
    }),
    draft("another applicant", |c, r| c.request.applicant = Applicant(F::from(r.random::<u64>()))),
    draft("no applicant", |c, _| c.request.applicant = Applicant::ANONYMOUS),
    draft("a recipient", |c, r| c.request.recipient = Some(Address::from(r.random::<[u8; 20]>()))),
    draft("recipient 0", |c, _| c.request.recipient = Some(Address::ZERO)),
    draft("corrects nothing that stands", |c, r| {
        c.request.corrects = Some(RequestDigest(random_nullifier(r).0));
    }),
    draft("corrects 0", |c, _| c.request.corrects = Some(RequestDigest(F::from(0u8)))),
    draft("corrects nothing", |c, _| c.request.corrects = None),
    draft("corrects an approval of the program", |c, r| {
        if let Some((nullifier, request)) = standing(c, r) {
            (c.nullifier, c.request.corrects) = (nullifier, Some(request));
        }
    }),
    draft("corrects another person's approval", |c, r| {
        if let Some((_, request)) = standing(c, r) {
            c.request.corrects = Some(request);
        }
    }),
    draft("a nullifier that is spent", |c, r| {
        if let Some((nullifier, _)) = standing(c, r) {
            c.nullifier = nullifier;
        }
    }),
    draft("another nullifier", |c, r| c.nullifier = random_nullifier(r)),
    draft("nullifier 0", |c, _| c.nullifier = Nullifier(F::from(0u8))),
    draft("the largest nullifier", |c, _| c.nullifier = Nullifier(-F::from(1u8))),
    draft("no purpose", |c, _| c.request.purpose.clear()),
    draft("a long purpose", |c, r| c.request.purpose = "x".repeat(r.random_range(499..503))),
    draft("another nonce", |c, r| c.request.nonce.0 = r.random::<[u8; 16]>().into()),
    draft("for another chain", |c, _| c.request.deployment.chain_id += 1),
    draft("for another contract", |c, _| c.request.deployment.programs = Address::repeat_byte(1)),
    draft("an amount of 0", |c, _| c.amount = 0),
    draft("any amount", |c, r| c.amount = r.random_range(1..BUDGET)),
    draft("an amount beyond the budget", |c, _| c.amount = BUDGET + 1),
    draft("the largest amount", |c, _| c.amount = (1 << 63) - 1),
    draft("an amount that no output holds", |c, r| c.amount = 1 << 63 | r.random::<u64>() >> 1),
];

const fn tampered(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Bundle, change }
}

/// After the signature and the proofs.
pub const TAMPERED: &[Mutation] = &[
    tampered("signed before: purpose", |c, _| c.bundle().request.request.purpose.push('!')),
    tampered("signed before: nonce", |c, _| c.bundle().request.request.nonce.0.0[3] ^= 1),
    tampered("signed before: first second", |c, _| c.bundle().request.request.not_before -= 1),
    tampered("signed before: last second", |c, _| c.bundle().request.request.expiry -= 1),
    tampered("signed before: recipient", |c, _| c.bundle().request.request.recipient = Some(Address::repeat_byte(9))),
    tampered("signed before: applicant", |c, _| c.bundle().request.request.applicant.0 += F::from(1u8)),
    tampered("signed before: period", |c, _| {
        let program = &c.town.laws[c.law].program;
        let period = program.period(if c.request.period.start == date("2026-10-01") { 2 } else { 1 }).unwrap();
        c.bundle().request.request.period = period;
    }),
    tampered("signed before: corrects", |c, r| {
        c.bundle().request.request.corrects = Some(RequestDigest(random_nullifier(r).0));
    }),
    tampered("the signature of another request", |c, r| {
        use sealroot_protocol::signature::Signer;
        let key = sealroot_testing::town::key(&c.signer);
        c.bundle().request.signature = key.sign(&r.random::<[u8; 32]>().into()).unwrap();
    }),
];

/// It asks, signs and sends.
fn by_the_other_office(c: &mut Case<'_>) {
    c.request.requester = name("other-office");
    c.signer = "other-office-key".into();
    c.sender = address("other-office-key");
}

/// It corrects an approval that the first office entered.
pub fn correct_by_the_other_office(c: &mut Case<'_>, r: &mut StdRng) {
    let by_office = |standing: &&Standing| standing.law == c.law && standing.assurance == Assurance::ByOffice;
    let all: Vec<_> = c.town.standing.iter().filter(by_office).collect();
    if let Some(i) = pick(r, all.len()) {
        (c.nullifier, c.request.corrects) = (all[i].nullifier, Some(all[i].request));
        c.way = Assurance::ByOffice;
        by_the_other_office(c);
    }
}

/// Claims another period, under its law.
pub fn claim_period(c: &mut Case<'_>, index: u16) {
    c.request.period = c.town.laws[c.law].program.period(index).unwrap();
    c.documents = c.town.laws[c.law].in_force(c.request.period);
    c.request.policies = c.documents.iter().map(|document| document.policy.digest().unwrap()).collect();
    c.take_current_roots();
}

/// One of the approvals of the program.
fn standing(c: &Case<'_>, r: &mut StdRng) -> Option<(Nullifier, RequestDigest)> {
    let all: Vec<_> = c.town.standing.iter().filter(|standing| standing.law == c.law).collect();
    let one = all.get(r.random_range(0..all.len().max(1)))?;
    Some((one.nullifier, one.request))
}
