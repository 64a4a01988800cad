//! An approval's entry, and whether a correction may take its place.

use super::Held;
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

/// Why an approval can't be replaced by a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCorrectable {
    /// A proof stands for it, and the correction would be an office's word.
    AssuranceLowered,
    /// It is of this other period, and the last day on which it could be corrected is over.
    TooLate(Period, Date),
    /// It is of no period of the program, or the first contracts hold it for another one.
    UnknownPeriod,
}

impl DecisionEntry {
    /// Whether the correction that `request` asks for may take this approval's place at a Unix time in seconds, as the contract decides it.
    /// Under another period it may be what a requester entered without a proof: the holder's own claim wins it back, a proof at any time, an office's word
    /// while that period's approvals can be corrected. By the first contracts nothing replaced an approval of another period.
    ///
    /// Nobody knows yet which way it will be entered: where a program is decided both ways, this judges it as the office's, which can do less.
    pub fn correctable(&self, program: &Program, request: &Request, now: u64) -> Result<(), NotCorrectable> {
        let start = match self.claimed {
            Claimed::PeriodFrom(start) => start,
            Claimed::Scope(_) if self.claimed.is_of(request) => return Ok(()),
            Claimed::Scope(_) => return Err(NotCorrectable::UnknownPeriod),
        };
        let own = if program.decided_by == DecidedBy::Proof { Assurance::ByProof } else { Assurance::ByOffice };
        if own < self.assurance {
            return Err(NotCorrectable::AssuranceLowered);
        }
        if start == request.period.start || own > self.assurance {
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
