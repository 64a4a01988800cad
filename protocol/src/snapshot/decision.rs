//! An approval's entry, and whether a correction may take its place.

use super::{Held, RequesterEntry};
use crate::{
    consent::RequestDigest,
    date::{Date, Period},
    field::Digest,
    name::Name,
    program::{DecidedBy, Program},
    request::Request,
    scope::Scope,
};

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionEntry {
    /// The request; a correction's, once corrected.
    pub request: RequestDigest,
    /// What stands, in minor units: less than what the bundle says once it was reduced.
    pub amount: u64,
    /// The sum of all that was ever granted under the nullifier. What it exceeds the amount by was overpaid, if all of it was paid.
    pub granted: Held<u128>,
    /// Unix time of the block that holds it.
    pub approved_at: u64,
    /// Height of that block.
    pub block: u64,
    /// The latest reduction since the request was approved.
    pub reduced: Option<Reduced>,
    /// What it is for.
    pub claimed: Claimed,
    /// The checker of the proofs: the office, or the contract.
    pub assurance: Assurance,
    /// The office that asked.
    pub requester: Held<Name>,
    /// Digest of the bundle without its evidence; none where the contract checked the proofs, because the sender of a call could choose it.
    pub bundle: Option<Digest>,
}

/// What an approval is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The period that begins on this day; the program determines the rest of the scope.
    PeriodFrom(Date),
    /// Program and period as one number, by which the first contracts kept them.
    Scope(Scope),
}

impl Claimed {
    /// Whether it is what this request claims.
    pub fn is_of(&self, request: &Request) -> bool {
        match self {
            Self::PeriodFrom(start) => *start == request.period.start,
            Self::Scope(scope) => *scope == request.scope(),
        }
    }
}

/// How an approval came on chain. A correction never lowers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// The requester verified the proofs and approved with its key.
    ByOffice,
    /// The contract verified the proofs.
    ByProof,
}

/// A correction that would take an approval's place.
#[derive(Debug, Clone, Copy)]
pub struct Correcting<'a> {
    /// In which way it is entered.
    pub by: Assurance,
    /// Its request.
    pub request: &'a Request,
    /// The request whose approval it corrects.
    pub corrects: RequestDigest,
    /// Unix time in seconds.
    pub now: u64,
}

/// Why an approval can't be replaced by a correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCorrectable {
    /// Another request's approval stands.
    Unknown(RequestDigest),
    /// It is the word of this other office, which decides under the program still.
    AnotherOffices(Name),
    /// A proof stands for it, and the correction would be an office's word.
    AssuranceLowered,
    /// It is of this other period, and the last day on which it could be corrected is over.
    TooLate(Period, Date),
    /// It is of no period of the program, or the first contracts hold it for another one.
    UnknownPeriod,
}

impl DecidedBy {
    /// Whether approvals may be entered so.
    pub fn allows(self, assurance: Assurance) -> bool {
        match assurance {
            Assurance::ByOffice => self != Self::Proof,
            Assurance::ByProof => self != Self::Office,
        }
    }

    /// The way that is meant where nobody names one: the office's, wherever it may decide.
    pub fn usual(self) -> Assurance {
        if self == Self::Proof { Assurance::ByProof } else { Assurance::ByOffice }
    }

    /// The strongest way there is: what can't be corrected so can't be corrected at all.
    pub fn strongest(self) -> Assurance {
        if self == Self::Office { Assurance::ByOffice } else { Assurance::ByProof }
    }
}

impl DecisionEntry {
    /// Whether a correction may take this approval's place, as the contract decides it; `decided_by` is the snapshot's.
    ///
    /// A proof takes the place of an office's word at any time, whichever word stands: it shows whose nullifier it is. Between equals the correction names what stands,
    /// an office's word is replaced by that office's, or by anybody's once it is dismissed, and an approval of another period is one that can still be corrected. By the
    /// first contracts any office's word replaced another's, and nothing an approval of another period.
    pub fn correctable(
        &self,
        correction: Correcting<'_>,
        program: &Program,
        decided_by: Option<RequesterEntry>,
    ) -> Result<(), NotCorrectable> {
        let Correcting { by, request, corrects, now } = correction;
        if by > self.assurance {
            return Ok(());
        }
        if corrects != self.request {
            return Err(NotCorrectable::Unknown(self.request));
        }
        let start = match self.claimed {
            Claimed::PeriodFrom(start) => start,
            Claimed::Scope(_) if self.claimed.is_of(request) => return Ok(()),
            Claimed::Scope(_) => return Err(NotCorrectable::UnknownPeriod),
        };
        if by < self.assurance {
            return Err(NotCorrectable::AssuranceLowered);
        }
        let dismissed = decided_by.is_some_and(|standing| standing.until.is_some_and(|until| until <= now));
        if let Held::Held(of) = &self.requester
            && by == Assurance::ByOffice
            && *of != request.requester
            && !dismissed
        {
            return Err(NotCorrectable::AnotherOffices(of.clone()));
        }
        if start == request.period.start {
            return Ok(());
        }
        let period = program.period_containing(start).ok_or(NotCorrectable::UnknownPeriod)?;
        let last = program.correctable_until(period).map_err(|_| NotCorrectable::UnknownPeriod)?;
        let today = program.today(now).map_err(|_| NotCorrectable::UnknownPeriod)?;
        if today > last { Err(NotCorrectable::TooLate(period, last)) } else { Ok(()) }
    }
}

/// What an office took back without the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduced {
    /// Unix time.
    pub at: u64,
    /// Digest of the document that says why.
    pub document: Digest,
}
