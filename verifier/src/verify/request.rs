//! The request, its requester, its program and its time.

use super::parts::FreshSince;
use crate::rejection::Rejection;
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field::Digest;
use sealroot_protocol::program::Program;
use sealroot_protocol::request::SignedRequest;
use sealroot_protocol::scope::Scope;
use sealroot_protocol::snapshot::{
    Assurance, Claimed, Correcting, DecisionEntry, NotCorrectable, ProgramEntry, Snapshot,
};

/// What every part's public inputs must be, derived from request and program.
pub(super) struct Context {
    pub(super) request: RequestDigest,
    pub(super) scope: Scope,
    pub(super) period: Period,
    pub(super) as_of: Date,
    pub(super) applicant: Applicant,
    pub(super) fresh: Option<FreshSince>,
    pub(super) now: u64,
    /// How the approval is entered; none for a request, and for a refusal.
    pub(super) entered: Option<Assurance>,
}

/// Checks request, requester, program and claim window at `now`.
pub(super) fn check(
    signed: &SignedRequest,
    program: &Program,
    snapshot: &Snapshot,
    now: u64,
    entered: Option<Assurance>,
) -> Result<Context, Rejection> {
    let request = &signed.request;
    if request.program != program.id {
        let (request, bundle) = (request.program.clone(), program.id.clone());
        return Err(Rejection::OtherProgram { request, bundle });
    }
    check_requester(signed, snapshot, now)?;
    check_program(program, snapshot, now)?;
    if let Some(other) = entered.filter(|way| !program.decided_by.allows(*way)) {
        return Err(Rejection::NotDecidedSo { program: program.id.clone(), other });
    }
    if program.anonymous != (request.applicant == Applicant::ANONYMOUS) {
        return Err(Rejection::Anonymity);
    }
    if !program.has_period(request.period) {
        return Err(Rejection::PeriodNotOnGrid(request.period));
    }
    let as_of = program.as_of(request.period);
    check_claim_window(program, request.period, request.corrects.is_some(), as_of, now)?;
    Ok(Context {
        request: request.digest(),
        scope: request.scope(),
        period: request.period,
        as_of,
        applicant: request.applicant,
        fresh: FreshSince::of(program, request.period)?,
        now,
        entered,
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
    match entry.differs_from(program) {
        Some(what) => Err(Rejection::ProgramEntry { program: program.id.clone(), what }),
        None => Ok(()),
    }
}

/// Days are the program's own. A correction may come after the window, while the approval that stands can be corrected.
fn check_claim_window(
    program: &Program,
    period: Period,
    corrects: bool,
    as_of: Date,
    now: u64,
) -> Result<(), Rejection> {
    let today = program.today(now).map_err(|_| Rejection::Time(now))?;
    let (first, closes) = program.claim_days(period).map_err(|_| Rejection::PeriodNotOnGrid(period))?;
    let correctable = || program.correctable_until(period).map_err(|_| Rejection::PeriodNotOnGrid(period));
    let last = if corrects { correctable()? } else { closes };
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
        Some(entry) if entry.request == context.request => match entry.bundle.filter(|found| *found != digest) {
            Some(other) => Err(Rejection::DecidedOtherwise(other)),
            None => check_record(bundle, entry).map(|()| None),
        },
        Some(entry) if bundle.decision.approved => match corrects {
            Some(corrects) => check_correction(bundle, corrects, snapshot, entry, context).map(|()| Some(entry.amount)),
            None => Err(Rejection::NullifierSpent(entry.request)),
        },
        Some(_) => Ok(None),
        None => match corrects {
            Some(other) if bundle.decision.approved => Err(Rejection::CorrectsUnknown(other)),
            _ => Ok(None),
        },
    }
}

/// What a correction may replace.
fn check_correction(
    bundle: &Bundle,
    corrects: RequestDigest,
    snapshot: &Snapshot,
    entry: &DecisionEntry,
    context: &Context,
) -> Result<(), Rejection> {
    let program = &bundle.program;
    let correction = Correcting {
        by: context.entered.unwrap_or(program.decided_by.usual()),
        request: &bundle.request.request,
        corrects,
        now: context.now,
    };
    entry.correctable(correction, program, snapshot.decided_by).map_err(|error| match error {
        NotCorrectable::Unknown(_) | NotCorrectable::UnknownPeriod => Rejection::CorrectsUnknown(corrects),
        NotCorrectable::AssuranceLowered => Rejection::AssuranceLowered,
        NotCorrectable::AnotherOffices(requester) => Rejection::AnotherOfficesApproval(requester),
        NotCorrectable::TooLate(_, last) => Rejection::CorrectionTooLate(last),
    })
}

/// The contract can't read bundles: what the requester recorded with the bundle's digest must be what the bundle says. Where the contract verified the proofs it
/// holds no digest, and what it holds must be the bundle's. What was reduced since is less, and no contradiction.
fn check_record(bundle: &Bundle, entry: &DecisionEntry) -> Result<(), Rejection> {
    let granted = bundle.decision.amount;
    // By proof there is no digest that ties the amount, and a reduction hides what it was.
    let amount = match (entry.reduced, entry.bundle) {
        (None, _) => entry.amount == granted,
        (Some(_), Some(_)) => entry.amount <= granted,
        (Some(_), None) => return Err(Rejection::RecordMismatch("less since, so that this amount can't be compared")),
    };
    let other = match entry.claimed {
        Claimed::PeriodFrom(_) => "another period",
        Claimed::Scope(_) => "another program or period",
    };
    let table = [
        ("a refusal as an approval", bundle.decision.approved),
        ("another amount", amount),
        (other, entry.claimed.is_of(&bundle.request.request)),
    ];
    match table.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(Rejection::RecordMismatch(what)),
        None => Ok(()),
    }
}
