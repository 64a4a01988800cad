//! Faults of the world: the day, the sender, the way, and what officers, agencies and offices did in the meantime.

use crate::{
    case::{Call, Case, Mutation, Stage},
    parts::pick,
    requests::{claim_period, correct_by_the_other_office},
    town::{GRACE, address, anchor, bytes32, enact, enact_now, root, word},
};
use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolCall;
use rand::{RngExt, rngs::StdRng};
use sealroot_chain::{
    Act,
    contracts::{agencies::Agencies, requesters::Requesters},
};
use sealroot_protocol::{
    date::Date,
    name::Name,
    program::{AsOfRule, Program},
    snapshot::Assurance,
};
use sealroot_testing::town::{DAY, name, time};

const fn world(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::World, change }
}

/// The sender, and the way.
pub const SENDERS: &[Mutation] = &[
    world("sent by a stranger", |c, _| c.sender = address("stranger")),
    world("sent by another office", |c, _| c.sender = address("other-office-key")),
    world("sent by an officer", |c, _| c.sender = address("officer-1")),
    world("sent by an agency", |c, _| c.sender = address("tax-office-key")),
    world("sent by another key of the office", |c, _| c.sender = address("second-key")),
    world("sent by a retired key", |c, _| c.sender = address("retired-key")),
    world("sent by a revoked key", |c, _| c.sender = address("revoked-key")),
    world("entered the other way", |c, _| {
        c.way = if c.way == Assurance::ByOffice { Assurance::ByProof } else { Assurance::ByOffice };
        c.sender = address("welfare-office-key");
    }),
];

/// Days, by the program's clocks.
pub const DAYS: &[Mutation] = &[
    world("on any day", |c, r| c.evm.time += r.random_range(0..90 * DAY)),
    world("in the window's first second", |c, _| {
        december(c);
        turn(c, |program, start| start + days(program.claim.opens_after_days));
    }),
    world("a second before the window", |c, _| {
        december(c);
        turn(c, |program, start| start + days(program.claim.opens_after_days));
        c.evm.time -= 1;
    }),
    world("in the window's last second", |c, _| {
        turn(c, |program, start| start + days(program.claim.closes_after_days + 1));
        c.evm.time -= 1;
    }),
    world("a second after the window", |c, _| {
        turn(c, |program, start| start + days(program.claim.closes_after_days + 1));
    }),
    world("in the last second for corrections", |c, _| {
        turn(c, |program, start| start + days(program.claim.closes_after_days + program.correctable_days + 1));
        c.evm.time -= 1;
    }),
    world("a second after the days for corrections", |c, _| {
        turn(c, |program, start| start + days(program.claim.closes_after_days + program.correctable_days + 1));
    }),
    world("on the reference day", |c, _| reference(c, 0)),
    world("a second before the reference day", |c, _| reference(c, 1)),
    world("in the grace's last second", |c, _| c.evm.time = c.evm.time.max(time("2026-11-08") + u64::from(GRACE))),
    world("a second after the grace", |c, _| c.evm.time = c.evm.time.max(time("2026-11-08") + u64::from(GRACE) + 1)),
];

/// What was taken away, or replaced.
pub const EVENTS: &[Mutation] = &[
    world("a policy was withdrawn", |c, r| {
        if let Some(i) = pick(r, c.documents.len()) {
            let digest = c.documents[i].policy.digest().unwrap();
            now(c, &Act::WithdrawPolicy(digest));
        }
    }),
    world("a policy ends soon", |c, r| {
        if let Some(i) = pick(r, c.documents.len()) {
            let digest = c.documents[i].policy.digest().unwrap();
            let until = Date::from_unix_time(c.evm.time + 2 * DAY).unwrap();
            later(c, &Act::EndPolicy(digest, until));
        }
    }),
    world("an agency was withdrawn", |c, r| {
        let agency = agency(c, r);
        now(c, &Act::WithdrawAgency(agency));
    }),
    world("the current root was withdrawn", |c, r| {
        let agency = agency(c, r);
        let root = word(root::of(agency.as_str(), root::NOW));
        let data = Agencies::withdrawRootCall { id: bytes32(&agency), root }.abi_encode();
        done(c.evm.send(address(&format!("{agency}-key")), c.evm.contracts.agencies, data));
    }),
    world("the key that anchored was revoked", |c, r| {
        let key = address(&format!("{}-new", agency(c, r)));
        now(c, &Act::RevokeAgencyKey(key));
    }),
    world("the key that anchored retired", |c, r| {
        let key = address(&format!("{}-new", agency(c, r)));
        let data = Agencies::retireKeyCall { key }.abi_encode();
        done(c.evm.send(key, c.evm.contracts.agencies, data));
    }),
    world("another root is current, in grace", |c, r| {
        let agency = agency(c, r);
        done(anchor(&mut c.evm, &agency, &format!("{agency}-key"), 77));
        c.evm.time += u64::from(GRACE);
    }),
    world("another root is current, out of grace", |c, r| {
        let agency = agency(c, r);
        done(anchor(&mut c.evm, &agency, &format!("{agency}-key"), 77));
        c.evm.time += u64::from(GRACE) + 1;
    }),
    world("an old root is current again", |c, r| {
        let agency = agency(c, r);
        done(anchor(&mut c.evm, &agency, &format!("{agency}-key"), root::of(agency.as_str(), root::OLD)));
        let kept = root::of(agency.as_str(), root::NOW);
        for root in c.roots.iter_mut().flatten().filter(|root| **root == kept) {
            *root = root::of(agency.as_str(), root::OLD);
        }
    }),
    world("the current root was confirmed by another key", |c, r| {
        let agency = agency(c, r);
        let now = root::of(agency.as_str(), root::NOW);
        done(anchor(&mut c.evm, &agency, &format!("{agency}-key"), now));
    }),
    world("the office was dismissed", |c, _| {
        let program = c.request.program.clone();
        now(c, &Act::Dismiss(program, name("welfare-office")));
    }),
    world("the office was dismissed and is back", |c, _| {
        let program = c.request.program.clone();
        now(c, &Act::Dismiss(program.clone(), name("welfare-office")));
        later(c, &Act::Authorise(program, name("welfare-office")));
    }),
    world("the office was dismissed, and another one corrects its word", |c, r| {
        let program = c.request.program.clone();
        now(c, &Act::Dismiss(program, name("welfare-office")));
        correct_by_the_other_office(c, r);
    }),
    world("the other office may ask, too", |c, _| {
        let program = c.request.program.clone();
        later(c, &Act::Authorise(program, name("other-office")));
    }),
    world("the program was closed", |c, _| {
        let program = c.request.program.clone();
        now(c, &Act::CloseProgram(program));
    }),
    world("the program has another document", |c, _| {
        let title = [("en".to_owned(), "Amended".to_owned())].into();
        let amended = Program { title, ..c.town.laws[c.law].program.clone() };
        later(c, &Act::AmendProgram(Box::new(amended)));
    }),
    world("the office's key was revoked", |c, _| {
        let key = address("welfare-office-key");
        let data = Requesters::revokeKeyCall { key }.abi_encode();
        done(c.evm.send(key, c.evm.contracts.requesters, data));
    }),
    world("the office's key retired", |c, _| {
        let key = address("welfare-office-key");
        let data = Requesters::retireKeyCall { key }.abi_encode();
        done(c.evm.send(key, c.evm.contracts.requesters, data));
    }),
];

/// What came just before the call.
pub const REPLAYS: &[Mutation] = &[
    Mutation { name: "sent before", stage: Stage::Bytes, change: |c, _| before(c, |_| ()) },
    Mutation {
        name: "entered before with another bundle",
        stage: Stage::Bytes,
        change: |c, _| {
            before(c, |call| {
                if let Call::Office(call) = call {
                    call.bundle = B256::from(keccak256(call.bundle));
                }
            });
        },
    },
    Mutation {
        name: "entered before by a copier",
        stage: Stage::Bytes,
        change: |c, _| {
            let (decisions, data) = (c.evm.contracts.decisions, c.data.clone());
            let _ = c.evm.send(address("stranger"), decisions, data);
        },
    },
    Mutation {
        name: "entered before with another amount",
        stage: Stage::Bytes,
        change: |c, _| {
            before(c, |call| {
                if let Call::Office(call) = call {
                    call.amount = call.amount.saturating_sub(1);
                }
            });
        },
    },
];

fn days(count: u16) -> u64 {
    u64::from(count) * DAY
}

/// Moves to a moment of the request's period: midnight of the program's clocks.
fn turn(c: &mut Case<'_>, moment: impl FnOnce(&Program, u64) -> u64) {
    let program = &c.town.laws[c.law].program;
    let local = moment(program, c.request.period.start.unix_time().unwrap());
    move_to(c, local);
}

/// The first period that hasn't begun when a case does: its days are still to come, and time never goes back.
fn december(c: &mut Case<'_>) {
    claim_period(c, 3);
}

fn reference(c: &mut Case<'_>, early: u64) {
    december(c);
    let program = &c.town.laws[c.law].program;
    let day = if program.as_of == AsOfRule::PeriodEnd { c.request.period.end } else { c.request.period.start };
    move_to(c, day.unix_time().unwrap());
    c.evm.time -= early;
}

fn move_to(c: &mut Case<'_>, local: u64) {
    let offset = i64::from(c.town.laws[c.law].program.utc_offset_minutes.minutes()) * 60;
    c.evm.time = local.checked_add_signed(-offset).unwrap().max(c.evm.time);
}

/// An agency whose records a part reads.
fn agency(c: &Case<'_>, r: &mut StdRng) -> Name {
    let all: Vec<_> = c.documents.iter().flat_map(|document| &document.policy.sources).collect();
    all[r.random_range(0..all.len())].agency.clone()
}

/// An event that another one has made impossible doesn't happen.
fn done<E>(_: Result<u64, E>) {}

fn now(c: &mut Case<'_>, act: &Act) {
    done(enact_now(&mut c.evm, act));
}

fn later(c: &mut Case<'_>, act: &Act) {
    done(enact(&mut c.evm, act));
}

/// Another call was in the block before, if the contract took it.
fn before(c: &mut Case<'_>, change: impl FnOnce(&mut Call)) {
    let decisions = c.evm.contracts.decisions;
    let mut call = match c.call.as_ref().unwrap() {
        Call::Office(call) => Call::Office(call.clone()),
        Call::Proof(call) => Call::Proof(call.clone()),
    };
    change(&mut call);
    let data = match &call {
        Call::Office(call) => call.abi_encode(),
        Call::Proof(call) => call.abi_encode(),
    };
    let _ = c.evm.send(c.sender, decisions, data);
}
