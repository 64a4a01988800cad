//! Acts: what officers propose.

use super::{Generator, Made, after_the_delay, first_two};
use crate::{
    cast::{self, AGENCIES, KEYS, NEWCOMERS, OFFICERS, POLICIES, PROGRAMS, REQUESTERS, address, word},
    model::Model,
    proofs::policy_key,
};
use alloy_primitives::{Address, B256, Bytes, FixedBytes, keccak256};
use alloy_sol_types::SolCall;
use rand::RngExt;
use sealroot_chain::contracts::{
    agencies::Agencies, officers::Officers, policies::Policies, programs::Programs, requesters::Requesters,
};
use sealroot_protocol::date::Date;
use sealroot_testing::town::{DAY, name};
use std::sync::LazyLock;

/// An act with its contract and its name.
pub type Act = (Address, Bytes, &'static str);

/// Open-ended, as contracts write it.
const OPEN: u32 = 99_991_231;

static KEY_HASHES: LazyLock<[B256; 2]> =
    LazyLock::new(|| ["residence", "income"].map(|policy| keccak256(policy_key(policy))));

fn act(to: Address, call: impl SolCall, what: &'static str) -> Act {
    (to, call.abi_encode().into(), what)
}

/// A date so many days after 1970.
fn date(day: i64) -> u32 {
    let midnight = u64::try_from(day).unwrap_or_default() * DAY;
    Date::from_unix_time(midnight).map_or(OPEN, Date::yyyymmdd)
}

impl Generator<'_> {
    pub(super) fn act(&mut self, model: &Model) -> Act {
        match self.rng.random_range(0..100) {
            0..6 => self.about_officers(model),
            6..30 => self.about_keys(model),
            30..60 => self.about_policies(model),
            60..97 => self.about_programs(model),
            _ => self.that_end_something(model),
        }
    }

    fn about_officers(&mut self, model: &Model) -> Act {
        let to = model.contracts.officers;
        let person = if self.rng.random() { address(self.one(&NEWCOMERS)) } else { address(self.one(&OFFICERS)) };
        if model.officers.contains_key(&person) && (model.officers.len() > 2 || self.chance(20)) {
            act(to, Officers::removeCall { person }, "Officers.remove")
        } else {
            act(to, Officers::addCall { person }, "Officers.add")
        }
    }

    fn free_key(&mut self, model: &Model, agencies: bool) -> Address {
        let registry = if agencies { &model.agency_registry } else { &model.requester_registry };
        let free: Vec<Address> =
            KEYS.iter().map(|key| address(key)).filter(|key| !registry.keys.contains_key(key)).collect();
        if free.is_empty() || self.chance(10) { address(self.one(&KEYS)) } else { self.one(&free) }
    }

    fn about_keys(&mut self, model: &Model) -> Act {
        let c = model.contracts;
        match self.rng.random_range(0..10) {
            0 => {
                let (id, key) = (self.one(&AGENCIES), self.free_key(model, true));
                let grace = if self.chance(90) { self.rng.random_range(0..10 * DAY as u32) } else { 91 * 86_400 };
                act(c.agencies, Agencies::registerCall { id: word(id), grace, key }, "Agencies.register")
            }
            1..4 => {
                let owner = self.registered(model.agencies.keys().collect(), &AGENCIES);
                let key = self.free_key(model, true);
                act(c.agencies, Agencies::addKeyCall { owner, key }, "Agencies.addKey")
            }
            4 => {
                let (id, key) = (self.one(&REQUESTERS), self.free_key(model, false));
                act(c.requesters, Requesters::registerCall { id: word(id), key }, "Requesters.register")
            }
            5..8 => {
                let owner = self.registered(model.requesters.keys().collect(), &REQUESTERS);
                let key = self.free_key(model, false);
                act(c.requesters, Requesters::addKeyCall { owner, key }, "Requesters.addKey")
            }
            8 => {
                let key = address(self.one(&KEYS));
                if self.rng.random() {
                    act(c.agencies, Agencies::retireKeyCall { key }, "Agencies.retireKey, by officers")
                } else {
                    act(c.requesters, Requesters::retireKeyCall { key }, "Requesters.retireKey, by officers")
                }
            }
            _ => {
                let agency = self.one(&AGENCIES);
                let root = cast::root(agency, self.rng.random_range(3..=cast::ROOTS));
                let call = Agencies::withdrawRootCall { id: word(agency), root };
                act(c.agencies, call, "Agencies.withdrawRoot, by officers")
            }
        }
    }

    fn version(&mut self, model: &Model, policy: &str, from: i64, until: u32) -> Policies::Version {
        let fresh = (0..cast::VERSIONS).find(|i| !model.versions.contains_key(&cast::version(policy, *i)));
        let number = if self.chance(97) { fresh.unwrap_or(0) } else { self.rng.random_range(0..cast::VERSIONS) };
        let place = POLICIES.iter().position(|id| *id == policy).unwrap_or_default();
        let key_hash = KEY_HASHES.get(place).copied().unwrap_or(B256::repeat_byte(5));
        let mut agencies = vec![word(if policy == "residence" { "registry" } else { "tax-office" })];
        if policy == "savings" {
            agencies.push(word(self.one(&AGENCIES)));
        }
        let currency = if self.chance(90) { *b"EUR" } else { *b"USD" };
        Policies::Version {
            digest: cast::version(policy, number),
            id: word(policy),
            keyHash: key_hash,
            agencies,
            currency0: FixedBytes(currency),
            currency1: FixedBytes::ZERO,
            from: date(from),
            until,
        }
    }

    fn about_policies(&mut self, model: &Model) -> Act {
        // The laws that prepared proofs are under are mostly left alone; the third one changes all the time.
        let policy = if self.chance(12) { self.one(&POLICIES) } else { "savings" };
        let (id, to) = (name(policy), model.contracts.policies);
        let of_policy = || model.versions.iter().filter(|(_, version)| version.id == id);
        let newest = of_policy().filter(|(_, v)| v.withdrawn_at.is_none()).max_by_key(|(_, version)| version.from);
        let begun = model.begun();
        let gap = of_policy().find(|(_, version)| {
            let taken = |other: &crate::model::Version| other.withdrawn_at.is_none() && other.from <= version.until;
            let stands = of_policy().any(|(_, other)| taken(other) && version.from <= other.until);
            version.withdrawn_at.is_some() && version.from <= begun && !stands
        });
        let gap = gap.map(|(digest, version)| (*digest, version.from, version.until));
        if let Some((replaces, from, until)) = gap
            && self.chance(60)
        {
            let from = if self.chance(80) { from } else { from - 1 };
            let until = if self.chance(50) { date(until) } else { date(begun + self.rng.random_range(0..90)) };
            let call = Policies::enactRetroactiveCall { version: self.version(model, policy, from, until), replaces };
            return act(to, call, "Policies.enactRetroactive");
        }
        let ahead = begun + self.rng.random_range(0..40);
        match newest {
            Some((digest, version)) if version.until > begun + 60 => {
                if self.chance(10) {
                    let call = Policies::enactCall { version: self.version(model, policy, version.until - 3, OPEN) };
                    return act(to, call, "Policies.enact");
                }
                let end = if self.chance(90) { ahead } else { begun - 1 };
                act(to, Policies::endCall { digest: *digest, until: date(end) }, "Policies.end")
            }
            other => {
                let from = other.map_or(ahead, |(_, version)| (version.until + 1).max(ahead));
                let until = if self.chance(70) { OPEN } else { date(from + self.rng.random_range(-1..60)) };
                let from = if self.chance(95) { from } else { from - 10 };
                act(to, Policies::enactCall { version: self.version(model, policy, from, until) }, "Policies.enact")
            }
        }
    }

    /// Terms under which something may happen; those of the programs with prepared proofs keep what the proofs are about.
    fn terms(&mut self, program: &str) -> Programs::Terms {
        let (policies, decided_by, pays): (&[&str], u8, bool) = match program {
            "by-office" => (&["income"], 1, true),
            "by-proof" => (&["income"], 2, true),
            "by-both" => (&["residence", "income"], 3, true),
            "free" => (&["residence", "income"], 3, false),
            "other-1" => (&["savings"], 1, true),
            "other-2" => (&["income", "savings"], 3, true),
            "other-3" => (&["residence"], 1, false),
            _ => (&["income", "residence"], 1, true),
        };
        let prepared = !program.starts_with("other");
        let paid = policies.iter().position(|policy| *policy != "residence").unwrap_or_default();
        let fresh = !prepared && self.chance(30);
        Programs::Terms {
            digest: keccak256(program),
            firstMonth: 202_610,
            monthsPerPeriod: if prepared || self.chance(60) { 1 } else { self.rng.random_range(0..4) },
            periods: if prepared { 6 } else { self.rng.random_range(0..12) },
            opensAfterDays: self.rng.random_range(0..4),
            closesAfterDays: self.rng.random_range(2..70),
            correctableDays: self.rng.random_range(0..40),
            utcOffsetMinutes: if self.chance(95) { self.rng.random_range(-720..=840) } else { 900 },
            decidedBy: decided_by,
            asOfRule: if prepared || self.chance(70) { 1 } else { 2 },
            freshness: if fresh { self.rng.random_range(1..3) } else { 0 },
            freshAfterDays: if fresh { self.rng.random_range(0..5) } else { 0 },
            pays: pays.into(),
            paidPart: if pays { paid as u8 } else { 0 },
            paidOutput: 0,
            currency: FixedBytes(if pays { *b"EUR" } else { [0; 3] }),
            budget: if pays { self.rng.random_range(500..5000) } else { 0 },
            policies: policies.iter().map(|policy| word(policy)).collect(),
            requesters: vec![word("welfare-office")],
        }
    }

    fn about_programs(&mut self, model: &Model) -> Act {
        let to = model.contracts.programs;
        let enacted: Vec<_> = model.programs.keys().collect();
        let id = self.registered(enacted, &PROGRAMS);
        match self.rng.random_range(0..10) {
            0..5 => {
                let missing: Vec<&str> =
                    PROGRAMS.into_iter().filter(|id| !model.programs.contains_key(&name(id))).collect();
                let program = if missing.is_empty() { self.one(&PROGRAMS) } else { self.one(&missing) };
                let terms = self.terms(program);
                act(to, Programs::enactCall { id: word(program), terms }, "Programs.enact")
            }
            5..7 => {
                let pays = model.programs.get(&super::known(id)).is_none_or(|terms| terms.pays.is_some());
                let budget = if pays { self.rng.random_range(100..8000) } else { u128::from(self.chance(10)) };
                let digest = keccak256(self.rng.random::<[u8; 8]>());
                act(to, Programs::amendCall { id, digest, budget }, "Programs.amend")
            }
            7..9 => {
                let requester = self.registered(model.requesters.keys().collect(), &REQUESTERS);
                act(to, Programs::authoriseCall { id, requester }, "Programs.authorise")
            }
            _ => {
                let requester = self.registered(model.requesters.keys().collect(), &REQUESTERS);
                act(to, Programs::dismissCall { id, requester }, "Programs.dismiss")
            }
        }
    }

    /// Rare, because nothing brings it back.
    fn that_end_something(&mut self, model: &Model) -> Act {
        let c = model.contracts;
        match self.rng.random_range(0..12) {
            0 => {
                let id = word(self.one(&AGENCIES));
                act(c.agencies, Agencies::withdrawAgencyCall { id }, "Agencies.withdrawAgency")
            }
            1 => {
                let key = address(self.one(&KEYS));
                act(c.agencies, Agencies::revokeKeyCall { key }, "Agencies.revokeKey, by officers")
            }
            2 => {
                let key = address(self.one(&KEYS));
                act(c.requesters, Requesters::revokeKeyCall { key }, "Requesters.revokeKey, by officers")
            }
            3 => {
                let id = word(self.one(&PROGRAMS));
                act(c.programs, Programs::closeCall { id }, "Programs.close")
            }
            _ => {
                let changing =
                    |version: &crate::model::Version| version.id == name("savings") || version.until < model.begun();
                let any = self.chance(10);
                let all = model.versions.iter().filter(|(_, version)| any || changing(version));
                let all: Vec<B256> = all.map(|(digest, _)| *digest).collect();
                let digest = self.pick(all.len()).map_or(B256::repeat_byte(3), |i| all[i]);
                act(c.policies, Policies::withdrawCall { digest }, "Policies.withdraw")
            }
        }
    }

    /// What a sequence begins with: agencies, offices and laws, so that there is something to do.
    pub(super) fn first_acts(&mut self, model: &Model) -> Vec<Made> {
        let c = model.contracts;
        let mut acts = Vec::new();
        for (id, keys) in [("registry", ["key-1", "key-3"]), ("tax-office", ["key-2", "key-4"])] {
            let grace = self.rng.random_range(0..8 * DAY as u32);
            let [first, second] = keys.map(address);
            acts.push(act(c.agencies, Agencies::registerCall { id: word(id), grace, key: first }, "Agencies.register"));
            acts.push(act(c.agencies, Agencies::addKeyCall { owner: word(id), key: second }, "Agencies.addKey"));
        }
        for (id, keys) in [("welfare-office", ["key-5", "key-6"]), ("youth-office", ["key-7", "key-8"])] {
            let [first, second] = keys.map(address);
            acts.push(act(c.requesters, Requesters::registerCall { id: word(id), key: first }, "Requesters.register"));
            acts.push(act(c.requesters, Requesters::addKeyCall { owner: word(id), key: second }, "Requesters.addKey"));
        }
        let october = "2026-10-01".parse::<Date>().unwrap().day_number();
        for policy in ["residence", "income", "savings"] {
            let until = if policy == "savings" { date(october + 75) } else { OPEN };
            let mut version = self.version(model, policy, october, until);
            version.agencies.truncate(1);
            (version.digest, version.currency0) = (cast::version(policy, 0), FixedBytes(*b"EUR"));
            acts.push(act(c.policies, Policies::enactCall { version }, "Policies.enact"));
        }
        for program in PROGRAMS.into_iter().take(5) {
            let mut terms = self.terms(program);
            (terms.closesAfterDays, terms.utcOffsetMinutes) =
                (self.rng.random_range(25..70), self.rng.random_range(-720..=840));
            acts.push(act(c.programs, Programs::enactCall { id: word(program), terms }, "Programs.enact"));
        }
        let [proposer, confirmer] = first_two();
        let mut made: Vec<Made> = Vec::new();
        for (to, act, _) in &acts {
            made.push(self.made(proposer, *to, Officers::proposeCall { call_: act.clone() }, "propose"));
        }
        for (to, act, what) in &acts {
            made.push(self.made(confirmer, *to, Officers::confirmCall { call_: act.clone() }, what));
        }
        made[0].wait = 1;
        made[acts.len()].wait = after_the_delay();
        made
    }
}
