//! Agencies, roots, keys and cards.

use super::{Broken, Model, Registry, must, officers::canonical};
use crate::cast::named;
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolInterface;
use sealroot_chain::contracts::agencies::Agencies;
use sealroot_protocol::{
    field::{self, Digest},
    name::Name,
    snapshot::{AccessLog, AgencyEntry, CardEntry, Held, KeyEntry, RootEntry},
};

const MAX_GRACE: u32 = 90 * 86_400;

impl Registry {
    pub fn add(&mut self, owner: Name, key: Address, now: u64) -> Result<(), Broken> {
        must(key != Address::ZERO, || "nobody's address is a key".into())?;
        let entry = KeyEntry { owner, added_at: now, retired_at: None, revoked_at: None };
        must(self.keys.insert(key, entry).is_none(), || format!("key {key} was given to a second owner"))
    }

    pub fn retire(&mut self, key: Address, now: u64) -> Result<(), Broken> {
        let Some(entry) = self.keys.get_mut(&key) else { return Err(format!("{key} retired and is no key")) };
        must(entry.retired_at.is_none() && entry.revoked_at.is_none(), || format!("{key} retired twice"))?;
        entry.retired_at = Some(now);
        Ok(())
    }

    pub fn revoke(&mut self, key: Address, now: u64) -> Result<(), Broken> {
        let Some(entry) = self.keys.get_mut(&key) else { return Err(format!("{key} was revoked and is no key")) };
        must(entry.revoked_at.is_none(), || format!("{key} was revoked twice"))?;
        entry.revoked_at = Some(now);
        Ok(())
    }

    /// Whether a key acts for its owner now.
    pub fn is_active(&self, key: Address, owner: &Name) -> bool {
        let entry = self.keys.get(&key).filter(|entry| entry.owner == *owner);
        entry.is_some_and(|entry| entry.retired_at.is_none() && entry.revoked_at.is_none())
    }

    pub fn is_revoked(&self, key: Address) -> bool {
        self.keys.get(&key).is_some_and(|entry| entry.revoked_at.is_some())
    }

    fn set_card(&mut self, owner: Name, by: Address, digest: B256, now: u64) -> Result<(), Broken> {
        must(self.is_active(by, &owner), || format!("{by} set a card and is no active key of {owner}"))?;
        must(!digest.is_zero(), || "a card has no digest".into())?;
        let key = self.keys[&by].clone();
        self.cards.insert(owner, CardEntry { digest: Digest(digest.0), set_by: by, set_at: now, key });
        Ok(())
    }
}

impl Model {
    /// Calls by keys of agencies and requesters. Retiring, revoking and cards are the same in both contracts.
    pub(super) fn by_a_key(&mut self, from: Address, to: Address, data: &[u8]) -> Result<(), Broken> {
        use Agencies::AgenciesCalls as Calls;
        let (now, of_agencies) = (self.now, to == self.contracts.agencies);
        let registry = if of_agencies { &mut self.agency_registry } else { &mut self.requester_registry };
        let call = Calls::abi_decode(data).map_err(|error| format!("a call that can't be read succeeded: {error}"))?;
        let function = match call {
            Calls::retireKey(call) => {
                must(call.key == from, || "a stranger retired a key".into())?;
                registry.retire(call.key, now)?;
                if of_agencies { "Agencies.retireKey" } else { "Requesters.retireKey" }
            }
            Calls::revokeKey(call) => {
                must(call.key == from, || "a stranger revoked a key".into())?;
                registry.revoke(call.key, now)?;
                if of_agencies { "Agencies.revokeKey" } else { "Requesters.revokeKey" }
            }
            Calls::setCard(call) => {
                registry.set_card(named(call.owner)?, from, call.digest, now)?;
                if of_agencies { "Agencies.setCard" } else { "Requesters.setCard" }
            }
            Calls::anchor(call) if of_agencies => {
                self.anchor(from, &call)?;
                "Agencies.anchor"
            }
            Calls::withdrawRoot(call) if of_agencies => {
                let id = named(call.id)?;
                must(registry.is_active(from, &id), || "a stranger withdrew a root".into())?;
                self.withdraw_root(id, call.root)?;
                "Agencies.withdrawRoot"
            }
            other => return Err(format!("one person alone called {:?}", other.selector())),
        };
        self.count(function);
        Ok(())
    }

    fn anchor(&mut self, from: Address, call: &Agencies::anchorCall) -> Result<(), Broken> {
        let id = named(call.id)?;
        must(self.agency_registry.is_active(from, &id), || format!("{from} anchored and is no active key of {id}"))?;
        must(call.notAfter == 0 || self.now <= call.notAfter, || "an anchor landed late".into())?;
        must(field::from_bytes(&call.root.0).is_ok(), || "a root isn't reduced".into())?;
        must(!call.root.is_zero() && !call.accessLog.is_zero(), || "an anchor of nothing".into())?;
        let head = self.heads.get(&id).copied().unwrap_or_default();
        must(call.previous == head, || "an anchor followed another root than the current one".into())?;
        let now = self.now;
        let size: u64 = call.accessLogSize.to();
        if let Some(current) = self.roots.get(&(id.clone(), head))
            && !self.agency_registry.is_revoked(current.anchored_by)
        {
            let log = current.access_log.held().ok_or("a root without an access log")?;
            let same = size == log.size && call.accessLog.0 == log.head.0;
            must(size > log.size || same, || "an access log shrank or forked".into())?;
        }
        let Some(agency) = self.agencies.get_mut(&id) else { return Err(format!("{id} isn't registered")) };
        must(agency.withdrawn_at.is_none(), || "a withdrawn agency anchored".into())?;
        must(call.sequence == agency.sequence + 1, || "an anchor left the sequence".into())?;
        agency.sequence = call.sequence;
        if call.root != head
            && let Some(before) = self.roots.get_mut(&(id.clone(), head))
        {
            before.superseded_at = Some(now);
        }
        let known = self.roots.get(&(id.clone(), call.root)).cloned();
        must(known.as_ref().is_none_or(|root| root.withdrawn_at.is_none()), || "a withdrawn root came back".into())?;
        let gapless = known.as_ref().filter(|root| call.root == head && root.anchored_by == from);
        let entry = RootEntry {
            sequence: call.sequence,
            anchored_at: gapless.map_or(now, |root| root.anchored_at),
            superseded_at: None,
            withdrawn_at: None,
            anchored_by: from,
            confirmed_at: now,
            access_log: Held::Held(AccessLog { head: Digest(call.accessLog.0), size }),
        };
        self.roots.insert((id.clone(), call.root), entry);
        self.heads.insert(id, call.root);
        Ok(())
    }

    fn withdraw_root(&mut self, id: Name, root: B256) -> Result<(), Broken> {
        let now = self.now;
        let Some(entry) = self.roots.get_mut(&(id, root)) else { return Err("an unknown root was withdrawn".into()) };
        must(entry.withdrawn_at.is_none(), || "a root was withdrawn twice".into())?;
        entry.withdrawn_at = Some(now);
        Ok(())
    }

    pub(super) fn act_on_agencies(&mut self, act: &[u8]) -> Result<(), Broken> {
        use Agencies::AgenciesCalls as Calls;
        let function = match canonical(act, Calls::abi_decode(act))? {
            Calls::register(call) => {
                let id = named(call.id)?;
                must(call.grace <= MAX_GRACE, || "a grace of more than 90 days".into())?;
                let entry = AgencyEntry { registered_at: self.now, withdrawn_at: None, grace: call.grace, sequence: 0 };
                must(self.agencies.insert(id.clone(), entry).is_none(), || format!("{id} was registered twice"))?;
                self.agency_registry.add(id, call.key, self.now)?;
                "Agencies.register"
            }
            Calls::addKey(call) => {
                let id = named(call.owner)?;
                must(self.agencies.contains_key(&id), || format!("{id} isn't registered and has a key"))?;
                self.agency_registry.add(id, call.key, self.now)?;
                "Agencies.addKey"
            }
            Calls::withdrawAgency(call) => {
                let (id, now) = (named(call.id)?, self.now);
                let Some(agency) = self.agencies.get_mut(&id) else { return Err(format!("{id} isn't registered")) };
                must(agency.withdrawn_at.is_none(), || "an agency was withdrawn twice".into())?;
                agency.withdrawn_at = Some(now);
                "Agencies.withdrawAgency"
            }
            Calls::withdrawRoot(call) => {
                self.withdraw_root(named(call.id)?, call.root)?;
                "Agencies.withdrawRoot, by officers"
            }
            Calls::retireKey(call) => {
                self.agency_registry.retire(call.key, self.now)?;
                "Agencies.retireKey, by officers"
            }
            Calls::revokeKey(call) => {
                self.agency_registry.revoke(call.key, self.now)?;
                "Agencies.revokeKey, by officers"
            }
            other => return Err(format!("an act that is none: {:?}", other.selector())),
        };
        self.count(function);
        Ok(())
    }
}
