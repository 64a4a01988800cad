//! The request, its requester, its program and its time.

use crate::rejection::Rejection;
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::Digest;
use sealroot_protocol::program::Program;
use sealroot_protocol::request::SignedRequest;
use sealroot_protocol::scope::Scope;
use sealroot_protocol::snapshot::{DecisionEntry, ProgramEntry, Snapshot};

/// What every part's public inputs must be, derived from request and program.
pub(super) struct Context {
    pub(super) request: RequestDigest,
    pub(super) scope: Scope,
    pub(super) period: Period,
    pub(super) as_of: Date,
    pub(super) applicant: Applicant,
    pub(super) now: u64,
}

/// Checks request, requester, program and claim window at `now`.
pub(super) fn check(
    signed: &SignedRequest,
    program: &Program,
    snapshot: &Snapshot,
    now: u64,
) -> Result<Context, Rejection> {
    let request = &signed.request;
    if request.program != program.id {
        let (request, bundle) = (request.program.clone(), program.id.clone());
        return Err(Rejection::OtherProgram { request, bundle });
    }
    check_requester(signed, snapshot, now)?;
    check_program(program, snapshot, now)?;
    if program.anonymous != (request.applicant == Applicant::ANONYMOUS) {
        return Err(Rejection::Anonymity);
    }
    if !program.has_period(request.period) {
        return Err(Rejection::PeriodNotOnGrid(request.period));
    }
    let as_of = program.as_of(request.period);
    check_claim_window(program, request.period, as_of, now)?;
    Ok(Context {
        request: request.digest(),
        scope: request.scope(),
        period: request.period,
        as_of,
        applicant: request.applicant,
        now,
    })
}

/// Signature, key, standing and lifetime.
fn check_requester(signed: &SignedRequest, snapshot: &Snapshot, now: u64) -> Result<(), Rejection> {
    let request = &signed.request;
    // The snapshot was asked for this address; the signature is what makes the entry count.
    signed.signer()?;
    if request.deployment != snapshot.deployment {
        return Err(Rejection::OtherDeployment);
    }
    let requester = request.requester.clone();
    let standing = snapshot.requester.filter(|entry| entry.since <= now && entry.until.is_none_or(|until| now < until));
    if standing.is_none() {
        return Err(Rejection::RequesterNotAuthorised { requester, program: request.program.clone() });
    }
    match snapshot.signer.as_ref().filter(|key| key.owner == requester) {
        None => Err(Rejection::RequesterKeyUnknown(requester)),
        Some(key) if !key.vouches(request.not_before, now) => Err(Rejection::RequesterKeyNotValid(requester)),
        Some(_) if now < request.not_before => Err(Rejection::RequestNotYetValid),
        Some(_) if now > request.expiry => Err(Rejection::RequestExpired),
        Some(_) => Ok(()),
    }
}

/// The document is the enacted one, and the chain holds the same rules for it: the contract can't read documents.
fn check_program(program: &Program, snapshot: &Snapshot, now: u64) -> Result<(), Rejection> {
    program.check()?;
    let digest = program.digest()?;
    let enacted = |entry: &&ProgramEntry| entry.digest == digest && entry.enacted_at <= now;
    let Some(entry) = snapshot.program.as_ref().filter(enacted) else {
        return Err(Rejection::ProgramNotEnacted(program.id.clone()));
    };
    if entry.closed_at.is_some_and(|at| at <= now) {
        return Err(Rejection::ProgramClosed(program.id.clone()));
    }
    let pays = program.pays.as_ref().map(|pays| (pays.part, pays.output));
    let rules = [
        ("the periods", entry.grid == program.grid),
        ("the claim window", entry.claim == program.claim),
        ("the as-of rule", entry.as_of == program.as_of),
        ("what is paid", entry.pays == pays),
        ("the policies", entry.policies == program.policies),
    ];
    match rules.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(Rejection::ProgramEntry { program: program.id.clone(), what }),
        None => Ok(()),
    }
}

fn check_claim_window(program: &Program, period: Period, as_of: Date, now: u64) -> Result<(), Rejection> {
    let today = Date::from_unix_time(now).map_err(|_| Rejection::Time(now))?;
    let (first, last) = program.claim_days(period).map_err(|_| Rejection::PeriodNotOnGrid(period))?;
    if today < first {
        return Err(Rejection::ClaimTooEarly(first));
    }
    if today > last {
        return Err(Rejection::ClaimTooLate(last));
    }
    if today < as_of {
        return Err(Rejection::AsOfInFuture(as_of));
    }
    Ok(())
}

/// What is recorded under the nullifier may only be this decision itself, or the approval that it corrects. Returns what that one paid, if this one replaces it.
pub(super) fn check_finality(
    bundle: &Bundle,
    snapshot: &Snapshot,
    context: &Context,
    digest: Digest,
    now: u64,
) -> Result<Option<u64>, Rejection> {
    let corrects = bundle.request.request.corrects;
    let recorded = snapshot.decision.as_ref().filter(|entry| entry.approved_at <= now);
    match recorded {
        Some(entry) if entry.request == context.request && entry.bundle != digest => {
            Err(Rejection::DecidedOtherwise(entry.bundle))
        }
        Some(entry) if entry.request == context.request => check_record(bundle, entry, context).map(|()| None),
        // As the contract does: only the approval that stands can be corrected, and only within its own scope.
        Some(entry) if corrects == Some(entry.request) && entry.scope == context.scope => {
            Ok(bundle.decision.approved.then_some(entry.amount))
        }
        Some(entry) if bundle.decision.approved => {
            Err(corrects.map_or(Rejection::NullifierSpent(entry.request), Rejection::CorrectsUnknown))
        }
        Some(_) => Ok(None),
        None => match corrects {
            Some(other) if bundle.decision.approved => Err(Rejection::CorrectsUnknown(other)),
            _ => Ok(None),
        },
    }
}

/// The contract can't read bundles: what the requester recorded with the bundle's digest must be what the bundle says.
fn check_record(bundle: &Bundle, entry: &DecisionEntry, context: &Context) -> Result<(), Rejection> {
    let table = [
        ("a refusal as an approval", bundle.decision.approved),
        ("another amount", entry.amount == bundle.decision.amount),
        ("another program or period", entry.scope == context.scope),
    ];
    match table.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(Rejection::RecordMismatch(what)),
        None => Ok(()),
    }
}
