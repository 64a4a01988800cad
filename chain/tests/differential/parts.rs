//! Faults of parts: roots, public inputs before and after the proof, and parts that were put together wrongly.

use crate::{
    case::{Case, Mutation, Stage, random_nullifier},
    town::root,
};
use rand::{RngExt, rngs::StdRng};
use sealroot_protocol::{
    applicant::Applicant,
    bundle::Part,
    consent::RequestDigest,
    field::{Digest, F},
    machine::PublicInputs,
    policy::{PolicyDigest, PolicyDocument},
    scope::Scope,
    tree::Root,
};
use sealroot_testing::town::{date, name};

const fn draft(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Draft, change }
}

const fn inputs(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Inputs, change }
}

const fn bundle(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Bundle, change }
}

/// Of the register that a part was proved on.
pub const ROOTS: &[Mutation] = &[
    draft("a root out of grace", |c, r| kind(c, r, root::OLD)),
    draft("a root by a key that was revoked", |c, r| kind(c, r, root::STOLEN)),
    draft("a withdrawn root", |c, r| kind(c, r, root::GONE)),
    draft("a root in grace", |c, r| kind(c, r, root::BEFORE)),
    draft("a root that nobody anchored", |c, r| any(c, r, |_| 99)),
    draft("another agency's root", |c, r| {
        let (here, there) = (root::of("tax-office", root::NOW), root::of("civil-registry", root::NOW));
        any(c, r, |root| if root == here { there } else { here });
    }),
    draft("no root", |c, r| any(c, r, |_| 0)),
    draft("no list of roots", |c, r| {
        if let Some(part) = pick(r, c.roots.len()) {
            c.roots[part].clear();
        }
    }),
    draft("a root too many", |c, r| {
        if let Some(part) = pick(r, c.roots.len()) {
            c.roots[part].push(99);
        }
    }),
    draft("roots of parts exchanged", |c, _| c.roots.reverse()),
    draft("roots of sources exchanged", |c, r| {
        if let Some(part) = pick(r, c.roots.len()) {
            c.roots[part].reverse();
        }
    }),
];

/// Proved as they then are.
pub const INPUTS: &[Mutation] = &[
    inputs("a part of another nullifier", |c, r| {
        let other = random_nullifier(r);
        one(c, r, |inputs| inputs.nullifier = other);
    }),
    inputs("a part of another scope", |c, r| one(c, r, |inputs| inputs.scope = Scope(F::from(5u8)))),
    inputs("a part of another request", |c, r| one(c, r, |inputs| inputs.request = RequestDigest(F::from(6u8)))),
    inputs("a part of another applicant", |c, r| one(c, r, |inputs| inputs.applicant = Applicant(F::from(7u8)))),
    inputs("a part of another reference day", |c, r| one(c, r, |inputs| inputs.as_of = date("2026-10-15"))),
    inputs("a part that says no", |c, r| one(c, r, |inputs| refuse(inputs, 0))),
    inputs("a part that says no and why", |c, r| one(c, r, |inputs| refuse(inputs, 1))),
    inputs("all parts say no", |c, _| c.inputs.iter_mut().for_each(|inputs| refuse(inputs, 0))),
    inputs("an output that isn't paid", |c, r| one(c, r, |inputs| inputs.outputs[1] = 3)),
    inputs("an output in every place", |c, _| c.inputs.iter_mut().for_each(|inputs| inputs.outputs = [3, 4])),
    inputs("an approval with a reason", |c, r| one(c, r, |inputs| inputs.reasons = 1)),
];

/// After the proof.
pub const STATED: &[Mutation] = &[
    bundle("proved before: nullifier", |c, r| {
        let other = random_nullifier(r);
        c.bundle().decision.nullifier = other;
        c.bundle().parts.iter_mut().for_each(|part| part.inputs.nullifier = other);
    }),
    bundle("proved before: a part's nullifier", |c, r| stated(c, r, |inputs| inputs.nullifier.0 += F::from(1u8))),
    bundle("proved before: root", |c, _| {
        let agency = c.documents[0].policy.sources[0].agency.clone();
        let other = root::of(agency.as_str(), root::BEFORE);
        if let Some(part) = c.bundle().parts.first_mut() {
            part.inputs.roots[0] = Root(F::from(other));
        }
    }),
    bundle("proved before: amount", |c, _| {
        let pays = c.bundle().program.pays.clone();
        if let Some(pays) = pays {
            c.bundle().decision.amount += 1;
            if let Some(part) = c.bundle().parts.get_mut(usize::from(pays.part)) {
                part.inputs.outputs[usize::from(pays.output)] += 1;
            }
        }
    }),
    bundle("proved before: scope", |c, r| stated(c, r, |inputs| inputs.scope.0 += F::from(1u8))),
    bundle("proved before: request", |c, r| stated(c, r, |inputs| inputs.request.0 += F::from(1u8))),
    bundle("proved before: applicant", |c, r| stated(c, r, |inputs| inputs.applicant.0 += F::from(1u8))),
    bundle("proved before: reference day", |c, r| stated(c, r, |inputs| inputs.as_of = date("2026-10-16"))),
    bundle("proved before: decision", |c, r| stated(c, r, |inputs| refuse(inputs, 0))),
    bundle("another amount is stated", |c, _| c.bundle().decision.amount += 1),
    bundle("another nullifier is stated", |c, _| c.bundle().decision.nullifier.0 += F::from(1u8)),
    bundle("a no is stated", |c, _| c.bundle().decision.approved = false),
];

/// After the proof: what belongs together.
pub const ASSEMBLED: &[Mutation] = &[
    bundle("a part less", |c, _| c.bundle().parts.pop().map_or((), drop)),
    bundle("no part", |c, _| c.bundle().parts.clear()),
    bundle("a part too many", |c, _| {
        let copy = c.bundle().parts.first().cloned();
        c.bundle().parts.extend(copy);
    }),
    bundle("parts exchanged", |c, _| c.bundle().parts.reverse()),
    bundle("one part in every place", |c, _| {
        if let Some(first) = c.bundle().parts.first().cloned() {
            c.bundle().parts.iter_mut().for_each(|part| *part = first.clone());
        }
    }),
    bundle("a part names another policy", |c, r| part(c, r, |part| part.policy = PolicyDigest(Digest([1; 32])))),
    bundle("a part names another universal key", |c, r| part(c, r, |part| part.universal_key = Digest([2; 32]))),
    bundle("the program's title is another", |c, _| {
        c.bundle().program.title = [("en".to_owned(), "Another".to_owned())].into();
    }),
    bundle("the program's document is another's", |c, r| {
        let other = r.random_range(0..c.town.laws.len());
        c.bundle().program = c.town.laws[other].program.clone();
    }),
    bundle("the program is called otherwise", |c, _| c.bundle().program.id = name("another")),
    bundle("the program contradicts itself", |c, _| c.bundle().program.claim.closes_after_days = 0),
    bundle("policies' documents exchanged", |c, _| c.bundle().policies.reverse()),
    bundle("a policy's document less", |c, _| c.bundle().policies.pop().map_or((), drop)),
    bundle("a policy's text is another", |c, r| {
        policy(c, r, |document| document.text.push('\n'));
    }),
    bundle("a policy's manifest is another", |c, r| policy(c, r, |document| document.policy.version += 1)),
];

/// One of so many; none of none, which another fault may have left.
pub fn pick(r: &mut StdRng, count: usize) -> Option<usize> {
    (count > 0).then(|| r.random_range(0..count))
}

/// A place for a root.
fn place(c: &Case<'_>, r: &mut StdRng) -> Option<(usize, usize)> {
    let part = pick(r, c.roots.len())?;
    Some((part, pick(r, c.roots[part].len())?))
}

fn any(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(u64) -> u64) {
    if let Some((part, source)) = place(c, r) {
        c.roots[part][source] = change(c.roots[part][source]);
    }
}

fn kind(c: &mut Case<'_>, r: &mut StdRng, kind: u64) {
    if let Some((part, source)) = place(c, r)
        && let Some(source_of) = c.documents.get(part).and_then(|document| document.policy.sources.get(source))
    {
        c.roots[part][source] = root::of(source_of.agency.as_str(), kind);
    }
}

fn one(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut PublicInputs)) {
    if let Some(i) = pick(r, c.inputs.len()) {
        change(&mut c.inputs[i]);
    }
}

/// Any part of the bundle.
pub fn part(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut Part)) {
    if let Some(i) = pick(r, c.bundle().parts.len()) {
        change(&mut c.bundle().parts[i]);
    }
}

fn stated(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut PublicInputs)) {
    part(c, r, |part| change(&mut part.inputs));
}

fn policy(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut PolicyDocument)) {
    if let Some(i) = pick(r, c.bundle().policies.len()) {
        change(&mut c.bundle().policies[i]);
    }
}

fn refuse(inputs: &mut PublicInputs, reasons: u32) {
    (inputs.decision, inputs.outputs, inputs.reasons) = (false, [0, 0], reasons);
}
