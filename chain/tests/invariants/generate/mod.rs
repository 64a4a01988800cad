//! Random calls of every function of every contract. Most arguments are plausible by the model, so that many calls succeed; some are anything.

mod acts;
mod decisions;
mod garbage;

use crate::{
    cast::{self, AGENCIES, DELAY, KEYS, OFFICERS, REQUESTERS, address, named, word},
    model::Model,
    proofs::Prepared,
};
use alloy_primitives::{Address, B256, Bytes, aliases::U48, keccak256};
use alloy_sol_types::SolCall;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_chain::contracts::{agencies::Agencies, officers::Officers, requesters::Requesters};
use sealroot_protocol::name::Name;
use sealroot_testing::town::{DAY, name};

/// A call as it is made, whatever made it: a sequence of these can be played again.
#[derive(Clone)]
pub struct Made {
    /// Seconds since the one before.
    pub wait: u64,
    pub from: Address,
    pub to: Address,
    pub data: Bytes,
    /// The function, or the act that is confirmed.
    pub what: &'static str,
}

/// An act that somebody proposed.
#[derive(Clone)]
struct Pending {
    to: Address,
    act: Bytes,
    ready: u64,
    what: &'static str,
}

/// See the module.
pub struct Generator<'p> {
    rng: StdRng,
    prepared: &'p Prepared,
    pending: Vec<Pending>,
    /// What a sequence begins with.
    script: Vec<Made>,
}

impl<'p> Generator<'p> {
    pub fn new(seed: u64, prepared: &'p Prepared, model: &Model) -> Self {
        let mut made = Self { rng: StdRng::seed_from_u64(seed), prepared, pending: Vec::new(), script: Vec::new() };
        made.script = made.first_acts(model);
        made.script.reverse();
        made
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.random_range(0..of.len())]
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    fn anybody(&mut self) -> Address {
        let all: Vec<Address> = cast::everybody().collect();
        self.one(&all)
    }

    fn officer(&mut self, model: &Model) -> Address {
        let officers: Vec<Address> = model.officers.keys().copied().collect();
        if self.chance(97) { self.one(&officers) } else { self.anybody() }
    }

    /// Mostly minutes, sometimes days, sometimes the same second.
    fn wait(&mut self) -> u64 {
        match self.rng.random_range(0..100) {
            0..30 => 0,
            30..95 => self.rng.random_range(1..7200),
            95..99 => self.rng.random_range(0..DAY),
            _ => self.rng.random_range(DAY..4 * DAY),
        }
    }

    /// The next call of a sequence.
    pub fn next(&mut self, model: &Model) -> Made {
        if let Some(made) = self.script.pop() {
            return made;
        }
        let mut made = match self.rng.random_range(0..100) {
            0..22 => self.propose(model),
            22..42 => self.confirm(model),
            42..44 => self.cancel(model),
            44..45 => self.alone(model),
            45..56 => self.anchor(model),
            56..58 => self.by_a_key(model),
            58..62 => self.card(model),
            62..84 => self.approve(model),
            84..86 => self.approve_by_proof(model),
            86..93 => self.reduce(model),
            93..96 => self.date_refusals(model),
            _ => self.garbage(model),
        };
        if made.wait == 0 {
            made.wait = self.wait();
        }
        made
    }

    /// Confirms a proposal in the first second in which that is possible, or in the one before.
    fn confirm_in_time(&mut self, model: &Model) -> Option<Made> {
        let soon = |pending: &&Pending| model.now < pending.ready && pending.ready <= model.now + 4 * DAY;
        let soon: Vec<Pending> = self.pending.iter().filter(soon).cloned().collect();
        let pending = soon[self.pick(soon.len())?].clone();
        let by = model.proposals.get(&(pending.to, keccak256(&pending.act)))?.proposer;
        let from = model.officers.keys().copied().find(|officer| *officer != by)?;
        let mut made = self.made(from, pending.to, Officers::confirmCall { call_: pending.act }, pending.what);
        made.wait = pending.ready - model.now - u64::from(self.rng.random::<bool>());
        Some(made)
    }

    fn made(&self, from: Address, to: Address, call: impl SolCall, what: &'static str) -> Made {
        Made { wait: 0, from, to, data: call.abi_encode().into(), what }
    }

    fn propose(&mut self, model: &Model) -> Made {
        let (to, act, what) = self.act(model);
        let from = self.officer(model);
        self.wait_for(model.now, to, &act, what);
        self.made(from, to, Officers::proposeCall { call_: act }, "propose")
    }

    fn wait_for(&mut self, now: u64, to: Address, act: &Bytes, what: &'static str) {
        let selector = act.first_chunk().copied().unwrap_or_default();
        let wait = if crate::model::is_immediate(selector) { 0 } else { crate::model::delay(selector) };
        self.pending.push(Pending { to, act: act.clone(), ready: now + wait, what });
        if self.pending.len() > 60 {
            self.pending.remove(0);
        }
    }

    fn confirm(&mut self, model: &Model) -> Made {
        if self.chance(4)
            && let Some(made) = self.confirm_in_time(model)
        {
            return made;
        }
        let ready: Vec<usize> = (0..self.pending.len()).filter(|i| self.pending[*i].ready <= model.now).collect();
        let any = self.chance(10) || ready.is_empty();
        let Some(index) = (if any { self.pick(self.pending.len()) } else { self.pick(ready.len()).map(|i| ready[i]) })
        else {
            return self.propose(model);
        };
        let keep = any || self.chance(10);
        let pending = if keep { self.pending[index].clone() } else { self.pending.remove(index) };
        let by = model.proposals.get(&(pending.to, keccak256(&pending.act))).map(|proposal| proposal.proposer);
        let others: Vec<Address> = model.officers.keys().copied().filter(|officer| Some(*officer) != by).collect();
        let from = if self.chance(95) && !others.is_empty() { self.one(&others) } else { self.officer(model) };
        self.made(from, pending.to, Officers::confirmCall { call_: pending.act }, pending.what)
    }

    fn pick(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| self.rng.random_range(0..count))
    }

    fn cancel(&mut self, model: &Model) -> Made {
        let all: Vec<_> = model.proposals.iter().collect();
        let (to, id, by) = match self.pick(all.len()) {
            Some(i) => (all[i].0.0, all[i].0.1, all[i].1.proposer),
            None => (model.contracts.officers, B256::repeat_byte(1), Address::ZERO),
        };
        let from = if self.chance(60) { by } else { self.officer(model) };
        self.made(from, to, Officers::cancelCall { id }, "cancel")
    }

    /// An act by one person: nobody may.
    fn alone(&mut self, model: &Model) -> Made {
        let (to, act, _) = self.act(model);
        Made { wait: 0, from: self.officer(model), to, data: act, what: "an act alone" }
    }

    /// A key that acts for this owner, if there is one.
    fn key_of(&mut self, model: &Model, agencies: bool, owner: &str) -> Address {
        let registry = if agencies { &model.agency_registry } else { &model.requester_registry };
        let owner = name(owner);
        let active: Vec<Address> =
            registry.keys.keys().copied().filter(|key| registry.is_active(*key, &owner)).collect();
        if active.is_empty() || self.chance(3) { address(self.one(&KEYS)) } else { self.one(&active) }
    }

    fn anchor(&mut self, model: &Model) -> Made {
        let busy = if self.chance(80) { 2 } else { 3 };
        let agency = self.one(&AGENCIES[..busy]);
        let id = name(agency);
        let from = self.key_of(model, true, agency);
        let previous = model.heads.get(&id).copied().unwrap_or_default();
        let entry = model.agencies.get(&id);
        let sequence = entry.map_or(1, |entry| entry.sequence + 1) + u64::from(self.chance(3));
        let log = model.roots.get(&(id, previous)).and_then(|root| root.access_log.held());
        let (size, head) = log.map_or((0, B256::repeat_byte(9)), |log| (log.size, log.head.0.into()));
        // It mostly grows, sometimes stays, and sometimes somebody tries to shorten or to fork it.
        let (size, head) = match self.rng.random_range(0..20) {
            0 => (size.saturating_sub(1), head),
            1 => (size, B256::from(self.rng.random::<[u8; 32]>())),
            2..8 => (size, head),
            8 if self.chance(5) => (u64::from(u32::MAX) << 16, head),
            _ => (size + self.rng.random_range(1..5), B256::from(self.rng.random::<[u8; 32]>())),
        };
        let number = if self.chance(60) { self.rng.random_range(1..3) } else { self.rng.random_range(0..=cast::ROOTS) };
        let call = Agencies::anchorCall {
            id: word(agency),
            root: if number == 0 { B256::ZERO } else { cast::root(agency, number) },
            sequence,
            previous: if self.chance(97) { previous } else { cast::root(agency, 3) },
            accessLog: head,
            accessLogSize: U48::from(size),
            notAfter: if self.chance(80) {
                0
            } else {
                (model.now + 7200).saturating_sub(self.rng.random_range(0..8000))
            },
        };
        self.made(from, model.contracts.agencies, call, "Agencies.anchor")
    }

    /// What keys do to themselves, and agencies to their roots. Rare: nothing brings them back.
    fn by_a_key(&mut self, model: &Model) -> Made {
        let agency = self.one(&AGENCIES);
        let c = model.contracts;
        match self.rng.random_range(0..14) {
            0 => {
                let key = self.key_of(model, true, agency);
                self.made(key, c.agencies, Agencies::retireKeyCall { key }, "Agencies.retireKey")
            }
            1 => {
                let key = self.key_of(model, true, agency);
                self.made(key, c.agencies, Agencies::revokeKeyCall { key }, "Agencies.revokeKey")
            }
            2 => {
                let requester = self.one(&REQUESTERS);
                let key = self.key_of(model, false, requester);
                self.made(key, c.requesters, Requesters::retireKeyCall { key }, "Requesters.retireKey")
            }
            3 => {
                let requester = self.one(&REQUESTERS);
                let key = self.key_of(model, false, requester);
                self.made(key, c.requesters, Requesters::revokeKeyCall { key }, "Requesters.revokeKey")
            }
            4..8 => {
                let (from, key) = (self.anybody(), self.anybody());
                self.made(from, c.agencies, Agencies::revokeKeyCall { key }, "Agencies.revokeKey")
            }
            _ => {
                let least = if self.chance(10) { 1 } else { 3 };
                let number = self.rng.random_range(least..=cast::ROOTS);
                let from = self.key_of(model, true, agency);
                let call = Agencies::withdrawRootCall { id: word(agency), root: cast::root(agency, number) };
                self.made(from, c.agencies, call, "Agencies.withdrawRoot")
            }
        }
    }

    fn card(&mut self, model: &Model) -> Made {
        let agencies = self.rng.random();
        let owner = if agencies { self.one(&AGENCIES) } else { self.one(&REQUESTERS) };
        let from = self.key_of(model, agencies, owner);
        let digest = if self.chance(95) { B256::from(self.rng.random::<[u8; 32]>()) } else { B256::ZERO };
        let (to, what) = if agencies {
            (model.contracts.agencies, "Agencies.setCard")
        } else {
            (model.contracts.requesters, "Requesters.setCard")
        };
        self.made(from, to, Agencies::setCardCall { owner: word(owner), digest }, what)
    }

    /// Names of agencies or requesters that are registered, or any.
    fn registered(&mut self, known: Vec<&Name>, otherwise: &[&'static str]) -> B256 {
        match self.pick(known.len()) {
            Some(i) if self.chance(95) => known[i].to_bytes32().into(),
            _ => word(self.one(otherwise)),
        }
    }
}

/// The delay, and a second in which nobody has just joined.
fn after_the_delay() -> u64 {
    DELAY + 1
}

/// The first officer proposes, the second confirms.
fn first_two() -> [Address; 2] {
    [address(OFFICERS[0]), address(OFFICERS[1])]
}

/// A name that was decoded before.
fn known(word: B256) -> Name {
    named(word).unwrap()
}
