//! Approvals, reductions and refusals.

use super::{Broken, Model, day_of, must};
use crate::cast::named;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolInterface, SolStruct, SolValue, eip712_domain};
use sealroot_chain::contracts::decisions::Decisions::{self, Request as RequestCall};
use sealroot_protocol::{
    consent::RequestDigest,
    date::Date,
    field::{self, Digest},
    scope::{Deployment, ScopeOpening},
    snapshot::{Assurance, Claimed, DecisionEntry, Held, Reduced, RefusalsEntry},
};
use sealroot_testing::evm::CHAIN_ID;
use std::{cell::RefCell, collections::HashMap};

/// What an approval says, whichever way it came.
pub struct Approved<'a> {
    pub request: &'a RequestCall,
    pub signature: &'a Bytes,
    pub roots: Vec<&'a [U256]>,
    pub amount: u64,
    pub nullifier: U256,
    pub assurance: Assurance,
    pub bundle: Option<B256>,
}

mod eip712 {
    alloy_sol_types::sol! {
        struct Reduction {
            bytes32 program;
            uint256 nullifier;
            bytes32 request;
            uint64 from;
            uint64 to;
            bytes32 document;
            uint64 expiry;
        }
    }
}

/// What an office signs to ask. The purpose's hash stands where EIP-712 has it.
pub fn request_hash(request: &RequestCall, programs: Address) -> B256 {
    let typehash = alloy_primitives::keccak256(
        "Request(bytes32 program,uint32 periodStart,uint32 periodEnd,uint256 scope,bytes32[] policies,bytes32 requester,string purpose,uint256 applicant,bytes16 nonce,uint64 notBefore,uint64 expiry,address recipient,bytes32 corrects)",
    );
    let r = request;
    let policies = alloy_primitives::keccak256(r.policies.concat());
    let words = [
        typehash,
        r.program,
        U256::from(r.periodStart).into(),
        U256::from(r.periodEnd).into(),
        r.scope.into(),
        policies,
        r.requester,
        r.purposeHash,
        r.applicant.into(),
        B256::right_padding_from(r.nonce.as_slice()),
        U256::from(r.notBefore).into(),
        U256::from(r.expiry).into(),
        r.recipient.into_word(),
        r.corrects,
    ];
    typed(alloy_primitives::keccak256(words.abi_encode()), programs)
}

/// What an office signs to reduce.
pub fn reduction_hash(reduction: &Decisions::Reduction, programs: Address) -> B256 {
    let r = reduction.clone();
    let signed = eip712::Reduction {
        program: r.program,
        nullifier: r.nullifier,
        request: r.request,
        from: r.from,
        to: r.to,
        document: r.document,
        expiry: r.expiry,
    };
    typed(signed.eip712_hash_struct(), programs)
}

fn typed(hash: B256, programs: Address) -> B256 {
    let domain = eip712_domain! { name: "Sealroot", version: "1", chain_id: CHAIN_ID, verifying_contract: programs, };
    alloy_primitives::keccak256([&[0x19, 1][..], domain.separator().as_slice(), hash.as_slice()].concat())
}

/// The scope of a program's period, computed natively; it is asked for again and again.
pub fn scope(program: B256, start: u32, end: u32, programs: Address) -> Result<U256, Broken> {
    thread_local!(static SCOPES: RefCell<HashMap<(B256, u32, u32, Address), U256>> = RefCell::default());
    if let Some(found) = SCOPES.with_borrow(|scopes| scopes.get(&(program, start, end, programs)).copied()) {
        return Ok(found);
    }
    let date = |value| Date::from_yyyymmdd(value).map_err(|_| "a period without dates");
    let opening = ScopeOpening {
        deployment: Deployment { chain_id: CHAIN_ID, programs },
        program: named(program)?,
        period: sealroot_protocol::date::Period { start: date(start)?, end: date(end)? },
    };
    let scope = U256::from_be_bytes(field::to_bytes(opening.scope().0));
    SCOPES.with_borrow_mut(|scopes| scopes.insert((program, start, end, programs), scope));
    Ok(scope)
}

/// The first 31 bytes as an integer.
pub fn digest(hash: B256) -> RequestDigest {
    RequestDigest(field::truncate_248(&hash.0))
}

fn start_of(entry: &DecisionEntry) -> Result<Date, Broken> {
    match entry.claimed {
        Claimed::PeriodFrom(start) => Ok(start),
        Claimed::Scope(_) => Err("an approval by the first contracts' layout".into()),
    }
}

fn recovered(hash: B256, signature: &[u8]) -> Option<Address> {
    let bytes: &[u8; 65] = signature.try_into().ok()?;
    matches!(bytes[64], 27 | 28).then_some(())?;
    let signature = alloy_primitives::Signature::from_raw_array(bytes).ok()?;
    signature.normalize_s().is_none().then_some(())?;
    signature.recover_address_from_prehash(&hash).ok()
}

impl Model {
    pub(super) fn decide(&mut self, from: Address, data: &[u8]) -> Result<(), Broken> {
        use Decisions::DecisionsCalls as Calls;
        match Calls::abi_decode(data).map_err(|error| format!("a call that can't be read succeeded: {error}"))? {
            Calls::approve(call) => {
                let requester = named(call.request.requester)?;
                must(self.requester_registry.is_active(from, &requester), || "a stranger approved".into())?;
                must(!call.bundle.is_zero(), || "an office approved without a bundle".into())?;
                self.approved(Approved {
                    request: &call.request,
                    signature: &call.signature,
                    roots: call.roots.iter().map(Vec::as_slice).collect(),
                    amount: call.amount,
                    nullifier: call.nullifier,
                    assurance: Assurance::ByOffice,
                    bundle: Some(call.bundle),
                })?;
                self.count("Decisions.approve");
            }
            Calls::approveByProof(call) => {
                for (part, digest) in call.parts.iter().zip(&call.request.policies) {
                    let hash = alloy_primitives::keccak256(&part.policyKey);
                    let enacted = self.versions.get(digest).map(|version| version.key_hash);
                    must(enacted == Some(hash), || {
                        "a proof was checked under another key than the enacted one".into()
                    })?;
                }
                self.approved(Approved {
                    request: &call.request,
                    signature: &call.signature,
                    roots: call.parts.iter().map(|part| part.roots.as_slice()).collect(),
                    amount: call.amount,
                    nullifier: call.nullifier,
                    assurance: Assurance::ByProof,
                    bundle: None,
                })?;
                self.count("Decisions.approveByProof");
            }
            Calls::reduce(call) => {
                self.reduced(from, &call.reduction, &call.signature)?;
                self.count("Decisions.reduce");
                if call.reduction.to == 0 {
                    self.count("Decisions.reduce, to 0");
                }
            }
            Calls::dateRefusals(call) => {
                let requester = named(call.requester)?;
                must(self.requester_registry.is_active(from, &requester), || "a stranger dated refusals".into())?;
                let entry = RefusalsEntry { requester: requester.clone(), dated_at: self.now, block: self.block };
                let before = self.refusals.insert((requester, call.root), entry);
                must(before.is_none() && !call.root.is_zero(), || "a batch was dated twice".into())?;
                self.count("Decisions.dateRefusals");
            }
            other => return Err(format!("a view changed something: {:?}", other.selector())),
        }
        Ok(())
    }

    fn approved(&mut self, a: Approved<'_>) -> Result<(), Broken> {
        let (now, r) = (self.now, a.request);
        let (program, requester) = (named(r.program)?, named(r.requester)?);
        let hash = request_hash(r, self.contracts.programs);
        let signer = recovered(hash, a.signature).ok_or("a request without a canonical signature was accepted")?;
        must(r.expiry >= r.notBefore && r.expiry - r.notBefore <= 60 * 86_400, || "a request lives too long".into())?;
        must(r.notBefore <= now && now <= r.expiry, || "a request was accepted out of its time".into())?;
        must(self.may_ask(&program, &requester), || "an office without standing was heard".into())?;
        let key = self.requester_registry.keys.get(&signer).filter(|key| key.owner == requester);
        let key = key.ok_or("a request was signed by a stranger")?;
        must(key.revoked_at.is_none(), || "a revoked key was newly accepted".into())?;
        must(key.retired_at.is_none_or(|at| r.notBefore <= at), || "a key signed after it had retired".into())?;
        let terms = self.programs.get(&program).ok_or("a program that isn't enacted approved")?.clone();
        must(terms.closed_at.is_none(), || "a closed program approved".into())?;
        let bit = if a.assurance == Assurance::ByOffice { 1 } else { 2 };
        must(terms.decided_by & bit != 0, || "a program decided in a way that isn't its own".into())?;

        let start = Date::from_yyyymmdd(r.periodStart).map_err(|_| "a period without dates")?;
        let period = terms.period(start).filter(|period| period.end.yyyymmdd() == r.periodEnd);
        let period = period.ok_or("a period off the grid was decided")?;
        let (first, last) = (period.start.day_number(), period.end.day_number());
        let today = self.local_day(terms.offset);
        let closes = first + terms.closes + if r.corrects.is_zero() { 0 } else { terms.correctable };
        must((first + terms.opens..=closes).contains(&today), || "an approval outside its window".into())?;
        must(terms.as_of == 1 || today >= last, || "facts were judged in the future".into())?;
        let scope = scope(r.program, r.periodStart, r.periodEnd, self.contracts.programs)?;
        must(r.scope == scope, || "an approval under another scope".into())?;

        must(r.policies.len() == terms.policies.len(), || "an approval under too few policies".into())?;
        must(a.roots.len() == terms.policies.len(), || "an approval of too few parts".into())?;
        must(a.amount < 1 << 63 && (terms.pays.is_some() || a.amount == 0), || "an amount that none may be".into())?;
        for value in a.roots.iter().copied().flatten().chain([&a.nullifier, &r.applicant]) {
            must(field::from_bytes(&value.to_be_bytes()).is_ok(), || {
                "a number that isn't reduced was accepted".into()
            })?;
        }
        let since = terms.fresh.map(|(from, after)| if from == 1 { first } else { last } + after);
        for (part, ((digest, policy), roots)) in r.policies.iter().zip(&terms.policies).zip(&a.roots).enumerate() {
            let version = self.versions.get(digest).ok_or("a version that isn't enacted decided")?;
            must(version.withdrawn_at.is_none(), || "a withdrawn policy was newly accepted".into())?;
            must(version.id == *policy && version.covers(first), || "another law than the period's decided".into())?;
            if let Some((paid, output)) = terms.pays
                && paid == part
            {
                must(version.currencies[output] == terms.currency, || "paid in another currency".into())?;
            }
            must(roots.len() == version.agencies.len(), || "not one root a source".into())?;
            for (root, agency) in roots.iter().zip(&version.agencies) {
                self.counts(agency, (*root).into(), since, terms.offset)?;
            }
        }
        self.entered(&a, digest(hash), &terms)
    }

    /// Whether a root counts now.
    fn counts(
        &self,
        agency: &sealroot_protocol::name::Name,
        root: B256,
        since: Option<i64>,
        offset: i64,
    ) -> Result<(), Broken> {
        let entry = self.roots.get(&(agency.clone(), root)).ok_or("a root that nobody anchored was accepted")?;
        let owner = self.agencies.get(agency).ok_or("a root of no agency was accepted")?;
        must(entry.withdrawn_at.is_none(), || "a withdrawn root was newly accepted".into())?;
        must(owner.withdrawn_at.is_none(), || "a withdrawn agency's root was newly accepted".into())?;
        let revoked = self.agency_registry.is_revoked(entry.anchored_by);
        must(!revoked, || "a root by a revoked key was newly accepted".into())?;
        let in_grace = entry.superseded_at.is_none_or(|at| self.now <= at + u64::from(owner.grace));
        must(in_grace, || "a root out of grace was accepted".into())?;
        let fresh = since.is_none_or(|since| day_of(entry.confirmed_at, offset) >= since);
        must(fresh, || "a root was accepted that wasn't fresh".into())
    }

    /// The rules of what stands under a nullifier.
    fn entered(&mut self, a: &Approved<'_>, digest: RequestDigest, terms: &super::Terms) -> Result<(), Broken> {
        let (program, requester) = (named(a.request.program)?, named(a.request.requester)?);
        let place = (program.clone(), a.nullifier);
        let before = self.decisions.get(&place);
        let corrects = a.request.corrects;
        match before {
            None => must(corrects.is_zero(), || "a correction of nothing was entered".into())?,
            Some(entry) => {
                must(entry.request != digest, || "an approval was entered twice".into())?;
                must(!corrects.is_zero(), || "a second approval stands under a nullifier".into())?;
                // A proof takes the place of an office's word, whichever request it names.
                if entry.assurance >= a.assurance {
                    self.may_replace(entry, a, terms)?;
                }
            }
        }
        let by_office = a.assurance == Assurance::ByOffice;
        let replaced =
            before.map(|entry| Ok::<_, Broken>((entry.assurance, start_of(entry)?.yyyymmdd()))).transpose()?;
        let stood = before.map_or(0, |entry| entry.amount);
        let granted = before.and_then(|entry| entry.granted.held()).unwrap_or_default();
        let raise = a.amount.saturating_sub(stood);
        let spent = self.spent(&program) - u128::from(stood) + u128::from(a.amount);
        must(raise == 0 || spent <= terms.budget, || format!("{spent} is spent of {}", terms.budget))?;
        let entry = DecisionEntry {
            request: digest,
            amount: a.amount,
            granted: Held::Held(granted + u128::from(raise)),
            approved_at: self.now,
            block: self.block,
            reduced: None,
            claimed: Claimed::PeriodFrom(
                Date::from_yyyymmdd(a.request.periodStart).map_err(|_| "a period without dates")?,
            ),
            assurance: a.assurance,
            requester: Held::Held(requester),
            bundle: a.bundle.map(|bundle| Digest(bundle.0)),
        };
        self.decisions.insert(place, entry);
        match replaced {
            Some((_, period)) if by_office => {
                self.count("Decisions.approve, a correction");
                if period != a.request.periodStart {
                    self.count("Decisions.approve, of another period");
                }
            }
            Some((assurance, _)) => {
                self.count("Decisions.approveByProof, a correction");
                if assurance == Assurance::ByOffice {
                    self.count("Decisions.approveByProof, of an office's");
                }
            }
            None => {}
        }
        Ok(())
    }

    /// Between equals, a correction names what stands; an office's word is that office's to replace until it is dismissed; and what can't be corrected any more stays.
    fn may_replace(&self, entry: &DecisionEntry, a: &Approved<'_>, terms: &super::Terms) -> Result<(), Broken> {
        let named_one = a.request.corrects == B256::from(field::to_bytes(entry.request.0));
        must(named_one, || "a correction took the place of an approval that it doesn't name".into())?;
        must(entry.assurance <= a.assurance, || "a correction lowered the assurance".into())?;
        let (program, requester) = (named(a.request.program)?, named(a.request.requester)?);
        let other = entry.requester.clone().held().filter(|of| *of != requester);
        if let Some(other) = other.filter(|_| a.assurance == Assurance::ByOffice) {
            must(!self.may_ask(&program, &other), || "an office replaced another office's word".into())?;
        }
        let start = start_of(entry)?;
        if start.yyyymmdd() != a.request.periodStart {
            let last = start.day_number() + terms.closes + terms.correctable;
            must(self.local_day(terms.offset) <= last, || "an approval of the past was replaced".into())?;
        }
        Ok(())
    }

    /// The sum of what stands.
    pub fn spent(&self, program: &sealroot_protocol::name::Name) -> u128 {
        let of_program = self.decisions.iter().filter(|((of, _), _)| of == program);
        of_program.map(|(_, entry)| u128::from(entry.amount)).sum()
    }

    fn reduced(&mut self, from: Address, r: &Decisions::Reduction, signature: &[u8]) -> Result<(), Broken> {
        let (program, now) = (named(r.program)?, self.now);
        let hash = reduction_hash(r, self.contracts.programs);
        let signer = recovered(hash, signature).ok_or("a reduction without a canonical signature was accepted")?;
        let terms = self.programs.get(&program).ok_or("a program that isn't enacted reduced")?;
        must(terms.closed_at.is_none(), || "a closed program reduced".into())?;
        let place = (program.clone(), r.nullifier);
        let Some(entry) = self.decisions.get(&place) else { return Err("nothing was reduced".into()) };
        must(r.request == B256::from(field::to_bytes(entry.request.0)), || "another approval was reduced".into())?;
        let office = entry.requester.clone().held().ok_or("an approval of no office")?;
        let active = |key| self.requester_registry.is_active(key, &office);
        must(active(from) && active(signer) && from != signer, || "not two active keys of the office reduced".into())?;
        must(self.may_ask(&program, &office), || "an office without standing reduced".into())?;
        must(now <= r.expiry, || "a reduction was carried out late".into())?;
        must(r.expiry - now <= 60 * 86_400, || "a reduction lives for more than 60 days".into())?;
        let last = start_of(entry)?.day_number() + terms.closes + terms.correctable;
        must(self.local_day(terms.offset) <= last, || "an approval of the past was reduced".into())?;
        let taken_back = r.from == 0 && r.to == 0 && entry.reduced.is_none();
        must(entry.amount == r.from && (r.to < r.from || taken_back), || "a reduction raised or did nothing".into())?;
        must(!r.document.is_zero(), || "a reduction without a reason".into())?;
        let entry = self.decisions.get_mut(&place).ok_or("nothing was reduced")?;
        entry.amount = r.to;
        entry.reduced = Some(Reduced { at: now, document: Digest(r.document.0) });
        must(entry.granted.held() >= Some(entry.amount.into()), || "more stands than was ever granted".into())
    }
}
