//! Whether a program fits what stands on chain: its policies are enacted and in force for its periods, what is paid is an amount in its currency, its requesters
//! are registered, and somebody can claim under it once it is enacted.
//!
//! Guarantee: [`Fitting::act`] is the only way from here to the act that enacts a program, so that an officer who proposes or confirms one has asked all of
//! this about the day on which it can take effect. Non-guarantee: versions that are enacted later; [`Fitting::gaps`] says for which periods some are missing.

use alloy_primitives::B256;
use sealroot_chain::{
    Act, Calls, Chain, ChainError, calls::view,
    contracts::requesters::Requesters::registeredCall as RequesterRegistered,
};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_policy::{Unfit, recompile};
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    date::{Date, NotADate, Period},
    name::Name,
    policy::{InForce, PolicyDigest, PolicyDocument},
    program::{Program, ProgramError},
    snapshot::{Held, PolicyEntry, SnapshotQuery},
};
use std::collections::{BTreeMap, BTreeSet};

/// When a program would take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is proposed now, and confirmed after the delay.
    Proposal,
    /// It is confirmed now.
    Confirmation,
}

/// A program that fits what stands on chain. Made by [`fit`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    program: Program,
    gaps: Vec<Gap>,
}

/// Later periods for which no version of a policy is enacted yet: nobody can claim them until one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The policy.
    pub policy: Name,
    /// First day of the first such period.
    pub from: Date,
    /// How many periods there are.
    pub periods: usize,
}

/// Why a program doesn't fit.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The published documents can't be had.
    #[error(transparent)]
    Documents(#[from] HostError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A day outside the calendar.
    #[error(transparent)]
    Clock(#[from] NotADate),
    /// A document has no digest.
    #[error(transparent)]
    Policy(#[from] DocumentError),
    /// Program and policies contradict each other.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// No version is enacted, or all are withdrawn.
    #[error("no published version of policy {0} is enacted on this chain and not withdrawn")]
    NotEnacted(Name),
    /// The chain holds something else than the document.
    #[error(
        "the chain holds another policy, other agencies or other currencies for a version of policy {0} than its document"
    )]
    Entry(Name),
    /// Nobody's records would count.
    #[error("policy {policy} reads the records of {agency}, which was withdrawn")]
    Withdrawn {
        /// The policy.
        policy: Name,
        /// The agency.
        agency: Name,
    },
    /// Nobody's records would count.
    #[error("policy {policy} reads the records of {agency}, which is not registered")]
    Unregistered {
        /// The policy.
        policy: Name,
        /// The agency.
        agency: Name,
    },
    /// No version is in force when the first period that can be claimed begins, or none can be enacted any more for a period that has begun.
    #[error(
        "no enacted version of policy {policy} is in force on {day}, the first day of a period that could be claimed under the program"
    )]
    NotInForce {
        /// The policy.
        policy: Name,
        /// The period's first day.
        day: Date,
    },
    /// A requester isn't registered.
    #[error("the program names the requester {0}, which is not registered on this chain")]
    Requester(Name),
    /// It would be enacted when nothing is left to claim.
    #[error(
        "the program can take effect on {enacted} at the earliest, and its last period can be claimed until {last}"
    )]
    NoPeriodLeft {
        /// The day on which it can be confirmed.
        enacted: Date,
        /// The last day on which anything can be claimed.
        last: Date,
    },
}

impl From<ProgramError> for FitError {
    fn from(error: ProgramError) -> Self {
        Self::Unfit(error.into())
    }
}

impl Coded for FitError {
    fn code(&self) -> Code {
        match self {
            Self::Documents(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Clock(_) => Code::Clock,
            Self::Policy(_) => Code::BadPolicy,
            Self::Unfit(error) => error.code(),
            Self::NotEnacted(_) => Code::PolicyNotEnacted,
            Self::Entry(_) => Code::PolicyEntryMismatch,
            Self::Withdrawn { .. } => Code::AgencyWithdrawn,
            Self::Unregistered { .. } => Code::UnregisteredAgency,
            Self::NotInForce { .. } => Code::PolicyNotInForce,
            Self::Requester(_) => Code::UnknownRequester,
            Self::NoPeriodLeft { .. } => Code::ProgramDoesNotFit,
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::Documents(error) => return error.advice(),
            Self::Chain(error) => return error.advice(),
            Self::Unfit(error) => return error.advice(),
            Self::NotEnacted(_) => {
                "enact the policy first, by two officers, and publish its document (--published); then propose the program"
            }
            Self::NotInForce { .. } => {
                "enact a version that is in force on that day; where the day has come, let the grid begin later"
            }
            Self::NoPeriodLeft { .. } => "let the grid reach further, or the claim window close later",
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

impl Fitting {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Later periods that wait for a version of a policy.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The act that enacts it.
    pub fn act(&self) -> Act {
        Act::EnactProgram(Box::new(self.program.clone()))
    }
}

/// Checks a program against the chain and the published documents.
pub async fn fit(
    program: Program,
    moment: Moment,
    chain: &impl Chain,
    documents: &impl Documents,
) -> Result<Fitting, FitError> {
    program.check()?;
    for requester in &program.requesters {
        let call = RequesterRegistered { id: B256::from(requester.to_bytes32()) };
        if view(chain, chain.contracts().requesters, call).await? == 0 {
            return Err(FitError::Requester(requester.clone()));
        }
    }
    let mut versions = Vec::new();
    let mut in_force = BTreeMap::new();
    for policy in &program.policies {
        let live = live_versions(policy, chain, documents).await?;
        in_force.insert(policy, live.iter().map(|version| version.days).collect::<Vec<_>>());
        versions.extend(live.into_iter().map(|version| version.document));
    }
    sealroot_policy::fit(&program, &versions)?;
    let now = chain.now().await?;
    let enacted = match moment {
        Moment::Proposal => now.saturating_add(chain.delay().await?),
        Moment::Confirmation => now,
    };
    let gaps = gaps(&program, &in_force, enacted)?;
    Ok(Fitting { program, gaps })
}

/// What both the chain and the document say about a version.
struct Version {
    document: PolicyDocument,
    days: [InForce; 2],
}

/// The enacted versions of a policy that aren't withdrawn.
async fn live_versions(
    policy: &Name,
    chain: &impl Chain,
    documents: &impl Documents,
) -> Result<Vec<Version>, FitError> {
    let mut published: BTreeMap<PolicyDigest, PolicyDocument> = BTreeMap::new();
    for document in documents.versions(policy).await? {
        published.insert(document.policy.digest()?, document);
    }
    let snapshot = chain.snapshot(&SnapshotQuery::of_policies(published.keys().copied())).await?;
    let mut live = Vec::new();
    let mut agencies = BTreeSet::new();
    for (digest, document) in published {
        let Some(entry) = snapshot.policies.get(&digest).filter(|entry| entry.withdrawn_at.is_none()) else { continue };
        // The manifest has no currency: what the officers enacted must be what the text says.
        let compiled =
            recompile(&document).map_err(|error| FitError::Unfit(Unfit::Text { policy: policy.clone(), error }))?;
        if !agrees(entry, &document) || entry.currencies != Held::Held(compiled.currencies()) {
            return Err(FitError::Entry(policy.clone()));
        }
        agencies.extend(entry.agencies.iter().cloned());
        live.push(Version { days: [entry.in_force, document.policy.in_force], document });
    }
    for agency in agencies {
        let policy = policy.clone();
        match chain.agency_head(&agency).await? {
            None => return Err(FitError::Unregistered { policy, agency }),
            Some(head) if head.withdrawn_at.is_some() => return Err(FitError::Withdrawn { policy, agency }),
            Some(_) => {}
        }
    }
    if live.is_empty() { Err(FitError::NotEnacted(policy.clone())) } else { Ok(live) }
}

fn agrees(entry: &PolicyEntry, document: &PolicyDocument) -> bool {
    let agencies = document.policy.sources.iter().map(|source| &source.agency);
    entry.id == document.policy.id && agencies.eq(&entry.agencies)
}

/// Which later periods wait for a version. The first period that can be claimed, and those that have begun when the program takes effect, must not: no version
/// is enacted for a day that has come.
///
/// Claims close by the program's own clocks; no law is enacted for a day that has begun anywhere.
fn gaps(program: &Program, in_force: &BTreeMap<&Name, Vec<[InForce; 2]>>, enacted: u64) -> Result<Vec<Gap>, FitError> {
    let (begun, enacted) = (Date::begun_anywhere(enacted)?, program.today(enacted)?);
    let mut last = None;
    let mut claimable: Vec<Period> = Vec::new();
    for index in 0..program.grid.count {
        let period = program.period(index)?;
        let Some((_, closes)) = program.reachable_days(period)? else { continue };
        last = last.max(Some(closes));
        if closes >= enacted {
            claimable.push(period);
        }
    }
    let Some(first) = claimable.first().copied() else {
        return Err(FitError::NoPeriodLeft { enacted, last: last.unwrap_or(enacted) });
    };
    let mut gaps = Vec::new();
    for (policy, versions) in in_force {
        let covered = |day: Date| versions.iter().any(|days| days.iter().all(|days| days.contains(day)));
        let mut uncovered = claimable.iter().map(|period| period.start).filter(|day| !covered(*day)).peekable();
        let Some(from) = uncovered.peek().copied() else { continue };
        if from == first.start || from <= begun {
            return Err(FitError::NotInForce { policy: (*policy).clone(), day: from });
        }
        gaps.push(Gap { policy: (*policy).clone(), from, periods: uncovered.count() });
    }
    Ok(gaps)
}
