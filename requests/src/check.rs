//! Checking a request: everything that a wallet must reject, before the holder is asked anything.
//!
//! Guarantee: a [`CheckedRequest`] is signed by a requester that may ask now, under the enacted program and exactly its policies, all in
//! force on the period's first day, at a deployment that the holder pinned, about this very holder. Only it can be consented to.
//! Non-guarantee: that the snapshot is the chain's newest; that an enacted policy is a good law.

use crate::{disclosure::Disclosure, rejection::Rejection};
use alloy_primitives::Address;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    consent::RequestDigest,
    machine::NullifierMode,
    moment::Moment,
    name::Name,
    policy::{PolicyDocument, applicant_id},
    printable::is_deceptive,
    program::Program,
    request::{Request, SignedRequest},
    schema::text_value,
    scope::{Deployment, Scope},
    snapshot::Snapshot,
};
use std::ops::Deref;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The holder's identity towards the office: needed unless the program is anonymous. Zeroised when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Applying {
    /// The applicant's national id. It is read as the agencies of the program read it.
    pub identity: String,
    /// The secret that the office gave the holder with the request.
    pub case_secret: CaseSecret,
}

impl std::fmt::Debug for Applying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Applying(…)")
    }
}

/// A request that an office may make now, of any applicant: passed every check but whether the holder is the applicant. Made by [`check_asked`] only.
#[derive(Debug, Clone)]
pub struct AskedRequest {
    signed: SignedRequest,
    program: Program,
    disclosures: Vec<Disclosure>,
    retroactive: Vec<Name>,
}

/// A request about the holder that passed every check. Made by [`check`] only; only it can be consented to.
#[derive(Debug, Clone)]
pub struct CheckedRequest {
    asked: AskedRequest,
    case_secret: Option<CaseSecret>,
}

/// Checks a request against the program, its policies (in the request's order), what the chain says, and the deployments that the
/// wallet pins. `now` is the wallet's clock, Unix seconds.
pub fn check(
    signed: SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    pinned: &[Deployment],
    applying: Option<&Applying>,
    now: u64,
) -> Result<CheckedRequest, Rejection> {
    let asked = check_asked(signed, program, policies, snapshot, pinned, now)?;
    let case_secret = check_applicant(asked.request(), program, policies, &asked.disclosures, applying)?;
    Ok(CheckedRequest { asked, case_secret })
}

/// The same for somebody who isn't the applicant: a member of the applicant's household, who is asked to release a record.
pub fn check_asked(
    signed: SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    pinned: &[Deployment],
    now: u64,
) -> Result<AskedRequest, Rejection> {
    let request = &signed.request;
    if !pinned.contains(&request.deployment) {
        return Err(Rejection::OtherDeployment(request.deployment));
    }
    if snapshot.deployment != request.deployment {
        return Err(Rejection::OtherChain(snapshot.deployment));
    }
    let signer = signed.signer()?;
    if request.purpose.chars().any(is_deceptive) {
        return Err(Rejection::Purpose);
    }
    // A clock that is behind the chain is wrong.
    let now = now.max(snapshot.block.time);
    check_program(request, program, snapshot, now)?;
    check_requester(request, signer, snapshot, now)?;
    check_time(request, program, now)?;
    let disclosures = check_policies(request, program, policies, snapshot, now)?;
    let versions = request.policies.iter().filter_map(|digest| snapshot.policies.get(digest));
    let retroactive = versions.filter(|entry| entry.retroactive.is_some()).map(|entry| entry.id.clone()).collect();
    Ok(AskedRequest { program: program.clone(), disclosures, retroactive, signed })
}

impl AskedRequest {
    /// What is asked.
    pub fn request(&self) -> &Request {
        &self.signed.request
    }

    /// What is asked, with its signature.
    pub fn signed(&self) -> &SignedRequest {
        &self.signed
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What each policy reads and discloses, in the program's order.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// Policies of which the version was enacted for days that had begun, in the place of a withdrawn one.
    pub fn retroactive(&self) -> &[Name] {
        &self.retroactive
    }

    /// What a consent signs.
    pub fn digest(&self) -> RequestDigest {
        self.signed.request.digest()
    }

    /// Program and period.
    pub fn scope(&self) -> Scope {
        self.signed.request.scope()
    }
}

impl CheckedRequest {
    /// The request, without who the holder is.
    pub fn asked(&self) -> &AskedRequest {
        &self.asked
    }

    /// What opens the applicant in it; none where the program is anonymous.
    pub fn case_secret(&self) -> Option<&CaseSecret> {
        self.case_secret.as_ref()
    }
}

impl Deref for CheckedRequest {
    type Target = AskedRequest;
    fn deref(&self) -> &AskedRequest {
        &self.asked
    }
}

fn check_program(request: &Request, program: &Program, snapshot: &Snapshot, now: u64) -> Result<(), Rejection> {
    if program.id != request.program {
        return Err(Rejection::OtherProgram { expected: request.program.clone(), found: program.id.clone() });
    }
    program.check()?;
    let id = || program.id.clone();
    let entry = snapshot.program.as_ref().filter(|entry| entry.enacted_at <= now);
    let entry = entry.ok_or_else(|| Rejection::ProgramNotEnacted(id()))?;
    if entry.closed_at.is_some_and(|at| at <= now) {
        return Err(Rejection::ProgramClosed(id()));
    }
    if entry.digest != program.digest()? {
        return Err(Rejection::ProgramDiffers);
    }
    // The holder would be shown another rule than the contract's.
    if entry.differs_from(program).is_some() {
        return Err(Rejection::ProgramEntry(id()));
    }
    if program.has_period(request.period) { Ok(()) } else { Err(Rejection::Grid(request.period)) }
}

fn check_requester(request: &Request, signer: Address, snapshot: &Snapshot, now: u64) -> Result<(), Rejection> {
    let requester = request.requester.clone();
    let key = snapshot.signer.as_ref().filter(|key| key.owner == requester);
    let key = key.ok_or_else(|| Rejection::Signer { requester: requester.clone(), signer })?;
    if !key.vouches(request.not_before, now) {
        return Err(Rejection::Key { requester });
    }
    let may_ask = snapshot.requester.is_some_and(|r| r.since <= now && r.until.is_none_or(|until| now < until));
    if may_ask { Ok(()) } else { Err(Rejection::Requester { requester, program: request.program.clone() }) }
}

fn check_time(request: &Request, program: &Program, now: u64) -> Result<(), Rejection> {
    if now < request.not_before {
        return Err(Rejection::NotYetValid(Moment::from_unix(request.not_before)));
    }
    if now > request.expiry {
        return Err(Rejection::Expired(Moment::from_unix(request.expiry)));
    }
    let today = program.today(now)?;
    let (opens, closes) = program.claim_days(request.period)?;
    // A correction may come after the window.
    let closes = if request.corrects.is_some() { program.correctable_until(request.period)? } else { closes };
    if today < opens {
        return Err(Rejection::ClaimTooEarly(opens));
    }
    if today > closes {
        return Err(Rejection::ClaimTooLate(closes));
    }
    let as_of = program.as_of(request.period);
    if as_of > today { Err(Rejection::AsOfInFuture(as_of)) } else { Ok(()) }
}

fn check_policies(
    request: &Request,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    now: u64,
) -> Result<Vec<Disclosure>, Rejection> {
    // Before any document is looked at: what was never enacted has none.
    for digest in &request.policies {
        let entry = snapshot.policies.get(digest).ok_or(Rejection::PolicyNotEnacted(*digest))?;
        if entry.enacted_at > now {
            return Err(Rejection::PolicyNotEnacted(*digest));
        }
    }
    if policies.len() != request.policies.len() {
        return Err(Rejection::DocumentCount { expected: request.policies.len(), found: policies.len() });
    }
    if !policies.iter().map(|document| &document.policy.id).eq(&program.policies) {
        return Err(Rejection::Policies(program.id.clone()));
    }
    let mut disclosures = Vec::new();
    for ((digest, id), document) in request.policies.iter().zip(&program.policies).zip(policies) {
        let day = request.period.start;
        let entry = snapshot.policies.get(digest).ok_or(Rejection::PolicyNotEnacted(*digest))?;
        if entry.withdrawn_at.is_some_and(|at| at <= now) {
            return Err(Rejection::PolicyWithdrawn(*digest));
        }
        if document.policy.digest()? != *digest {
            return Err(Rejection::PolicyDiffers(*digest));
        }
        let agencies = document.policy.sources.iter().map(|source| &source.agency);
        if entry.id != *id || !agencies.eq(&entry.agencies) {
            return Err(Rejection::PolicyEntry(*digest));
        }
        if !entry.in_force.contains(day) || !document.policy.in_force.contains(day) {
            return Err(Rejection::PolicyNotInForce { policy: *digest, day });
        }
        let disclosure = Disclosure::of(document, request.period)
            .map_err(|fault| Rejection::Policy { policy: id.clone(), fault })?;
        if program.policies.len() > 1 && disclosure.nullifier != NullifierMode::Holder {
            return Err(Rejection::DoesNotCompose(id.clone()));
        }
        disclosures.push(disclosure);
    }
    Ok(disclosures)
}

fn check_applicant(
    request: &Request,
    program: &Program,
    policies: &[PolicyDocument],
    disclosures: &[Disclosure],
    applying: Option<&Applying>,
) -> Result<Option<CaseSecret>, Rejection> {
    if let Some(odd) = disclosures.iter().find(|d| d.names_applicant == program.anonymous) {
        return Err(Rejection::ApplicantRule(odd.policy.clone()));
    }
    let anonymous = request.applicant == Applicant::ANONYMOUS;
    match (program.anonymous, anonymous) {
        (true, true) => return Ok(None),
        (true, false) => return Err(Rejection::NamedWhereAnonymous),
        (false, true) => return Err(Rejection::AnonymousWhereNamed),
        (false, false) => {}
    }
    let applying = applying.ok_or(Rejection::CaseSecretMissing)?;
    let identity = applicant_id(&applying.identity, policies).map_err(Rejection::Identity)?;
    let own = Applicant::commit(request.scope(), text_value(identity.as_str()), &applying.case_secret);
    if own == request.applicant { Ok(Some(applying.case_secret.clone())) } else { Err(Rejection::Applicant) }
}
