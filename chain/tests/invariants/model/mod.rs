//! What the contracts hold, kept a second time in Rust from the calls that succeeded, by the words of `docs/spec/contracts.md`.
//!
//! The model asks of each call that succeeded whether it may have. It doesn't ask of one that failed: that a right call is refused loses nobody a right silently,
//! and the share of successes is printed.

mod agencies;
mod approvals;
mod officers;
mod policies;
mod programs;
mod standing;

use alloy_primitives::{Address, B256, Log, U256};
use sealroot_protocol::{
    name::Name,
    snapshot::{AgencyEntry, CardEntry, Contracts, DecisionEntry, KeyEntry, RefusalsEntry, RequesterEntry, RootEntry},
};
use std::collections::{BTreeMap, BTreeSet};

pub use approvals::{reduction_hash, request_hash, scope};
pub use officers::{Proposal, delay, is_immediate};
pub use policies::Version;
pub use programs::Terms;

/// A property that was broken, in words.
pub type Broken = String;

/// Fails with words where a property doesn't hold.
pub fn must(holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(words()) }
}

/// Keys and cards of agencies or requesters.
#[derive(Default, Clone)]
pub struct Registry {
    pub keys: BTreeMap<Address, KeyEntry>,
    pub cards: BTreeMap<Name, CardEntry>,
}

/// See the module.
#[derive(Clone)]
pub struct Model {
    pub contracts: Contracts,
    /// Of the call that is looked at.
    pub now: u64,
    pub block: u64,
    pub officers: BTreeMap<Address, u64>,
    pub proposals: BTreeMap<(Address, B256), Proposal>,
    /// Those that are gone must be.
    pub ever_proposed: BTreeSet<(Address, B256)>,
    pub agencies: BTreeMap<Name, AgencyEntry>,
    /// Current root of each agency.
    pub heads: BTreeMap<Name, B256>,
    pub roots: BTreeMap<(Name, B256), RootEntry>,
    pub agency_registry: Registry,
    pub requesters: BTreeMap<Name, u64>,
    pub requester_registry: Registry,
    /// By digest.
    pub versions: BTreeMap<B256, Version>,
    pub programs: BTreeMap<Name, Terms>,
    pub standing: BTreeMap<(Name, Name), RequesterEntry>,
    pub decisions: BTreeMap<(Name, U256), DecisionEntry>,
    pub refusals: BTreeMap<(Name, B256), RefusalsEntry>,
    /// Functions that succeeded, acts among them.
    pub succeeded: BTreeMap<&'static str, u64>,
}

impl Model {
    pub fn new(contracts: Contracts, officers: &[Address], now: u64) -> Self {
        Self {
            contracts,
            now,
            block: 0,
            officers: officers.iter().map(|officer| (*officer, now)).collect(),
            proposals: BTreeMap::new(),
            ever_proposed: BTreeSet::new(),
            agencies: BTreeMap::new(),
            heads: BTreeMap::new(),
            roots: BTreeMap::new(),
            agency_registry: Registry::default(),
            requesters: BTreeMap::new(),
            requester_registry: Registry::default(),
            versions: BTreeMap::new(),
            programs: BTreeMap::new(),
            standing: BTreeMap::new(),
            decisions: BTreeMap::new(),
            refusals: BTreeMap::new(),
            succeeded: BTreeMap::new(),
        }
    }

    /// Takes a call that succeeded in, or says which property it breaks.
    pub fn take(&mut self, from: Address, to: Address, data: &[u8], logs: &[Log]) -> Result<(), Broken> {
        if let Some(taken) = self.two_people(from, to, data, logs) {
            return taken;
        }
        let c = self.contracts;
        if to == c.agencies || to == c.requesters {
            self.by_a_key(from, to, data)
        } else if to == c.decisions {
            self.decide(from, data)
        } else {
            Err(format!("a call of {to} that only officers make succeeded"))
        }
    }

    pub fn count(&mut self, function: &'static str) {
        *self.succeeded.entry(function).or_default() += 1;
    }

    /// The newest day that has begun anywhere, 14 hours before midnight UTC.
    pub fn begun(&self) -> i64 {
        self.local_day(840)
    }

    /// The day where clocks are so many minutes ahead of UTC.
    pub fn local_day(&self, offset: i64) -> i64 {
        day_of(self.now, offset)
    }
}

/// The day of a moment where clocks are so many minutes ahead of UTC, counted from 1970.
pub fn day_of(time: u64, offset: i64) -> i64 {
    (time as i64 + 60 * offset).div_euclid(86_400)
}
