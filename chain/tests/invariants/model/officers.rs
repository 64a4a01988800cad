//! Two people: nothing is carried out by one, nor before its delay, nor after its time.

use super::{Broken, Model, must};
use crate::cast::DELAY;
use alloy_primitives::{Address, B256, Log, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolInterface};
use sealroot_chain::contracts::{
    agencies::Agencies, officers::Officers, policies::Policies, programs::Programs, requesters::Requesters,
};

const DAY: u64 = 86_400;
/// How long an act can be confirmed after its delay.
const CONFIRMABLE: u64 = 30 * DAY;

/// What waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    pub proposer: Address,
    pub at: u64,
}

/// The acts that only take power away.
pub fn is_immediate(selector: [u8; 4]) -> bool {
    [
        Officers::removeCall::SELECTOR,
        Agencies::withdrawAgencyCall::SELECTOR,
        Agencies::withdrawRootCall::SELECTOR,
        Agencies::revokeKeyCall::SELECTOR,
        Agencies::retireKeyCall::SELECTOR,
        Policies::withdrawCall::SELECTOR,
        Programs::dismissCall::SELECTOR,
        Programs::closeCall::SELECTOR,
    ]
    .contains(&selector)
}

/// How long an act waits.
pub fn delay(selector: [u8; 4]) -> u64 {
    if selector == Policies::enactRetroactiveCall::SELECTOR { DELAY.max(14 * DAY) } else { DELAY }
}

fn selector(act: &[u8]) -> [u8; 4] {
    act.first_chunk().copied().unwrap_or_default()
}

impl Model {
    /// Calls of officers; none where the call is another one.
    pub(super) fn two_people(
        &mut self,
        from: Address,
        to: Address,
        data: &[u8],
        logs: &[Log],
    ) -> Option<Result<(), Broken>> {
        // The three functions are the same in every contract that has them.
        match Officers::OfficersCalls::abi_decode(data).ok()? {
            Officers::OfficersCalls::propose(call) => Some(self.propose(from, to, &call.call_, logs)),
            Officers::OfficersCalls::confirm(call) => Some(self.confirmed(from, to, &call.call_, "confirm")),
            Officers::OfficersCalls::cancel(call) => Some(self.cancel(from, to, call.id)),
            Officers::OfficersCalls::add(_) | Officers::OfficersCalls::remove(_) if to == self.contracts.officers => {
                Some(Err("one person alone changed the officers".into()))
            }
            _ => None,
        }
    }

    fn propose(&mut self, from: Address, to: Address, act: &[u8], logs: &[Log]) -> Result<(), Broken> {
        must(self.officers.contains_key(&from), || format!("{from} proposed and is no officer"))?;
        let carried_out = logs.iter().any(|log| log.topics().first() == Some(&Officers::Confirmed::SIGNATURE_HASH));
        if carried_out {
            must(is_immediate(selector(act)), || "an act with a delay was carried out by its second proposal".into())?;
            return self.confirmed(from, to, act, "propose, as the second person");
        }
        let id = keccak256(act);
        if let Some(waiting) = self.proposals.get(&(to, id)).copied() {
            let expired = self.now > waiting.at + delay(selector(act)) + CONFIRMABLE;
            must(self.has_left(waiting) || expired, || "a proposal took the place of one that isn't void".into())?;
        }
        self.proposals.insert((to, id), Proposal { proposer: from, at: self.now });
        self.ever_proposed.insert((to, id));
        self.count("propose");
        Ok(())
    }

    fn cancel(&mut self, from: Address, to: Address, id: B256) -> Result<(), Broken> {
        must(self.officers.contains_key(&from), || format!("{from} cancelled and is no officer"))?;
        must(self.proposals.remove(&(to, id)).is_some(), || "a proposal was cancelled that isn't there".into())?;
        self.count("cancel");
        Ok(())
    }

    fn has_left(&self, proposal: Proposal) -> bool {
        self.officers.get(&proposal.proposer).is_none_or(|since| *since >= proposal.at)
    }

    /// An act was carried out, by this person as the second.
    fn confirmed(&mut self, from: Address, to: Address, act: &[u8], how: &'static str) -> Result<(), Broken> {
        let selector = selector(act);
        must(self.officers.contains_key(&from), || format!("{from} confirmed and is no officer"))?;
        let Some(proposal) = self.proposals.remove(&(to, keccak256(act))) else {
            return Err("an act was carried out that nobody had proposed".into());
        };
        must(proposal.proposer != from, || "one person did both".into())?;
        must(!self.has_left(proposal), || "the act of an officer who had left was carried out".into())?;
        let ready = proposal.at + delay(selector);
        must(is_immediate(selector) || self.now >= ready, || "an act was carried out before its delay".into())?;
        must(self.now <= ready + CONFIRMABLE, || "an act was carried out after its time".into())?;
        self.count(how);
        let c = self.contracts;
        if to == c.officers {
            self.act_on_officers(act)
        } else if to == c.agencies {
            self.act_on_agencies(act)
        } else if to == c.policies {
            self.act_on_policies(act)
        } else if to == c.requesters {
            self.act_on_requesters(act)
        } else {
            self.act_on_programs(act)
        }
    }

    fn act_on_officers(&mut self, act: &[u8]) -> Result<(), Broken> {
        match canonical(act, Officers::OfficersCalls::abi_decode(act))? {
            Officers::OfficersCalls::add(call) => {
                must(call.person != Address::ZERO, || "nobody is an officer".into())?;
                must(self.officers.insert(call.person, self.now).is_none(), || "an officer joined twice".into())?;
                self.count("Officers.add");
            }
            Officers::OfficersCalls::remove(call) => {
                must(self.officers.remove(&call.person).is_some(), || "somebody left who was no officer".into())?;
                must(self.officers.len() >= 2, || "fewer than two officers are left".into())?;
                self.count("Officers.remove");
            }
            other => return Err(format!("an act that is none: {:?}", other.selector())),
        }
        Ok(())
    }

    fn act_on_requesters(&mut self, act: &[u8]) -> Result<(), Broken> {
        use Requesters::RequestersCalls as Calls;
        match canonical(act, Calls::abi_decode(act))? {
            Calls::register(call) => {
                let id = crate::cast::named(call.id)?;
                must(self.requesters.insert(id.clone(), self.now).is_none(), || format!("{id} was registered twice"))?;
                self.requester_registry.add(id, call.key, self.now)?;
                self.count("Requesters.register");
            }
            Calls::addKey(call) => {
                let id = crate::cast::named(call.owner)?;
                must(self.requesters.contains_key(&id), || format!("{id} isn't registered and has a key"))?;
                self.requester_registry.add(id, call.key, self.now)?;
                self.count("Requesters.addKey");
            }
            Calls::retireKey(call) => {
                self.requester_registry.retire(call.key, self.now)?;
                self.count("Requesters.retireKey, by officers");
            }
            Calls::revokeKey(call) => {
                self.requester_registry.revoke(call.key, self.now)?;
                self.count("Requesters.revokeKey, by officers");
            }
            other => return Err(format!("an act that is none: {:?}", other.selector())),
        }
        Ok(())
    }
}

/// An act that was carried out has one encoding.
pub(super) fn canonical<C: SolInterface>(act: &[u8], decoded: alloy_sol_types::Result<C>) -> Result<C, Broken> {
    let call = decoded.map_err(|error| format!("an act that can't be read was carried out: {error}"))?;
    must(call.abi_encode() == act, || "an act was carried out in another encoding than its own".into())?;
    Ok(call)
}
