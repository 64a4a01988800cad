//! Approvals, reductions, refusals.

use super::{Generator, Made};
use crate::{
    cast::{self, KEYS, NULLIFIERS, REQUESTERS, address, word},
    model::{Model, Terms, reduction_hash},
    proofs::{Asked, PERIODS, ask, digest},
};
use alloy_primitives::{Address, B256, U256, keccak256};
use rand::RngExt;
use sealroot_chain::contracts::decisions::Decisions::{
    Reduction, approveByProofCall, approveCall, dateRefusalsCall, reduceCall,
};
use sealroot_protocol::{field, name::Name, signature::Signer, snapshot::DecisionEntry};
use sealroot_testing::town::{DAY, name};

impl Generator<'_> {
    /// A period that can be claimed now, if one can; or any.
    fn period(&mut self, model: &Model, terms: &Terms) -> (u32, u32) {
        let today = model.local_day(terms.offset);
        let open = (0..terms.periods).filter_map(|i| {
            let first = terms.first.plus_months(i * terms.months).ok()?;
            let last = first.plus_months(terms.months - 1).ok()?;
            let day = first.first_day().day_number();
            let window = day + terms.opens..=day + terms.closes + terms.correctable;
            window.contains(&today).then(|| (first.first_day().yyyymmdd(), last.last_day().yyyymmdd()))
        });
        let open: Vec<_> = open.collect();
        if open.is_empty() || self.chance(3) { self.one(&PERIODS) } else { self.one(&open) }
    }

    /// A root of the agency that counts, if one does.
    fn root(&mut self, model: &Model, agency: &Name) -> U256 {
        let of_agency = model.roots.iter().filter(|((owner, _), _)| owner == agency);
        let counts = of_agency.filter(|(_, root)| {
            let grace = model.agencies.get(agency).map_or(0, |agency| agency.grace);
            let in_grace = root.superseded_at.is_none_or(|at| model.now <= at + u64::from(grace));
            in_grace && root.withdrawn_at.is_none()
        });
        let counts: Vec<B256> = counts.map(|((_, root), _)| *root).collect();
        match self.pick(counts.len()) {
            Some(i) if self.chance(95) => counts[i].into(),
            _ => cast::root(agency.as_str(), self.rng.random_range(1..=cast::ROOTS)).into(),
        }
    }

    pub(super) fn approve(&mut self, model: &Model) -> Made {
        if self.chance(4)
            && let Some(i) = self.pick(self.prepared.by_office.len())
        {
            let call = self.prepared.by_office[i].clone();
            return self.made(address("key-5"), model.contracts.decisions, call, "Decisions.approve");
        }
        let any = self.chance(5);
        let lively = |terms: &Terms| terms.closed_at.is_none() && terms.decided_by & 1 == 1;
        let enacted = model.programs.iter().filter(|(_, terms)| any || lively(terms));
        let enacted: Vec<&Name> = enacted.map(|(id, _)| id).collect();
        let Some(i) = self.pick(enacted.len()) else { return self.garbage(model) };
        let (program, terms) = (enacted[i].clone(), model.programs[enacted[i]].clone());
        let period = self.period(model, &terms);
        let may_ask: Vec<&str> =
            REQUESTERS.into_iter().filter(|requester| model.may_ask(&program, &name(requester))).collect();
        let requester = if may_ask.is_empty() || self.chance(4) { self.one(&REQUESTERS) } else { self.one(&may_ask) };
        let sender = self.key_of(model, false, requester);
        let signer = self.key_of(model, false, requester);
        let first = sealroot_protocol::date::Date::from_yyyymmdd(period.0).map_or(0, |date| date.day_number());
        let (mut policies, mut roots) = (Vec::new(), Vec::new());
        for policy in &terms.policies {
            let holds = |v: &&crate::model::Version| v.id == *policy && v.withdrawn_at.is_none() && v.covers(first);
            let right = model.versions.iter().find(|(_, version)| holds(version));
            let any = model.versions.iter().filter(|(_, version)| version.id == *policy);
            let any: Vec<_> = any.collect();
            let chosen = if self.chance(95) { right } else { self.pick(any.len()).map(|i| any[i]) };
            let Some((digest, version)) = chosen.or(any.first().copied()) else { continue };
            policies.push(*digest);
            roots.push(version.agencies.iter().map(|agency| self.root(model, agency)).collect());
        }
        let nullifier = self.rng.random_range(0..=NULLIFIERS);
        let stands = model.decisions.get(&(program.clone(), U256::from(nullifier)));
        let corrects = stands.filter(|_| self.rng.random_ratio(9, 10)).map(|entry| word_of(&entry.request));
        let asked = Asked {
            program: program.as_str(),
            period,
            policies,
            requester,
            signer: KEYS.iter().find(|key| address(key) == signer).copied().unwrap_or("stranger-1"),
            nonce: self.rng.random(),
            not_before: model.now - self.rng.random_range(0..2 * DAY),
            expiry: model.now + 8 * DAY - if self.chance(3) { 9 * DAY } else { 0 },
            corrects: corrects.unwrap_or(if self.chance(2) { B256::repeat_byte(1) } else { B256::ZERO }),
        };
        let (request, signature) = ask(&asked, &model.contracts);
        let amount = if terms.pays.is_some() || self.chance(2) { self.rng.random_range(0..400) } else { 0 };
        let bundle = if self.chance(99) { keccak256(digest(&request, &model.contracts)) } else { B256::ZERO };
        let mut nullifier = U256::from(nullifier);
        if self.chance(1) {
            nullifier += U256::from_be_bytes(field::to_bytes(-field::F::from(1u8))) + U256::ONE;
        }
        let call = approveCall { request, signature, roots, amount, nullifier, bundle };
        self.made(sender, model.contracts.decisions, call, "Decisions.approve")
    }

    /// A prepared call, sometimes with one thing changed. Those that could be taken now come first.
    pub(super) fn approve_by_proof(&mut self, model: &Model) -> Made {
        let all = &self.prepared.by_proof;
        let ripe: Vec<usize> = (0..all.len())
            .filter(|i| {
                let call = &all[*i];
                let program = Name::from_bytes32(&call.request.program.0).ok();
                let stands = program.and_then(|program| model.decisions.get(&(program, call.nullifier)));
                let next = stands.map_or(B256::ZERO, |entry| word_of(&entry.request)) == call.request.corrects;
                next && call.request.notBefore <= model.now && model.now <= call.request.expiry
            })
            .collect();
        let any = self.rng.random_range(0..all.len());
        let index = match self.pick(ripe.len()) {
            Some(i) if self.chance(90) => ripe[i],
            _ => any,
        };
        let mut call: approveByProofCall = self.prepared.by_proof[index].clone();
        match self.rng.random_range(0..20) {
            0 => call.amount += 1,
            1 => call.nullifier += U256::ONE,
            2 => call.parts[0].proof[0] += U256::ONE,
            3 => call.parts[0].roots[0] += U256::ONE,
            _ => {}
        }
        let from = self.anybody();
        self.made(from, model.contracts.decisions, call, "Decisions.approveByProof")
    }

    pub(super) fn reduce(&mut self, model: &Model) -> Made {
        let all: Vec<_> = model.decisions.iter().collect();
        let Some(i) = self.pick(all.len()) else { return self.garbage(model) };
        let ((program, nullifier), entry): (&(Name, U256), &DecisionEntry) = all[i];
        let to = if entry.amount == 0 { 0 } else { self.rng.random_range(0..entry.amount) };
        let reduction = Reduction {
            program: program.to_bytes32().into(),
            nullifier: *nullifier,
            request: if self.chance(98) { word_of(&entry.request) } else { B256::repeat_byte(1) },
            from: if self.chance(97) { entry.amount } else { entry.amount + 1 },
            to: if self.chance(97) { to } else { entry.amount + 1 },
            document: if self.chance(98) { keccak256(self.rng.random::<[u8; 8]>()) } else { B256::ZERO },
            expiry: match self.rng.random_range(0..50) {
                0 => model.now - DAY,
                1 => model.now + 61 * DAY,
                _ => model.now + 3 * DAY,
            },
        };
        let owner = entry.requester.clone().held().map_or(String::new(), |office| office.to_string());
        let sender = self.key_of(model, false, &owner);
        let mut by = self.key_of(model, false, &owner);
        for _ in 0..4 {
            if by == sender && self.chance(95) {
                by = self.key_of(model, false, &owner);
            }
        }
        let key = cast::signer(by).or(cast::signer(address("stranger-1"))).unwrap();
        let signature = key.sign(&reduction_hash(&reduction, model.contracts.programs)).unwrap();
        let signature = signature.to_bytes().to_vec().into();
        self.made(sender, model.contracts.decisions, reduceCall { reduction, signature }, "Decisions.reduce")
    }

    pub(super) fn date_refusals(&mut self, model: &Model) -> Made {
        let requester = self.one(&REQUESTERS);
        let from: Address = self.key_of(model, false, requester);
        let number: u8 = self.rng.random_range(0..40);
        let root = if number == 0 { B256::ZERO } else { B256::repeat_byte(number) };
        let call = dateRefusalsCall { requester: word(requester), root };
        self.made(from, model.contracts.decisions, call, "Decisions.dateRefusals")
    }
}

fn word_of(request: &sealroot_protocol::consent::RequestDigest) -> B256 {
    field::to_bytes(request.0).into()
}
