//! What a program has approved, by period and policy versions: the chain's events, replayed, and compared with what its contract counts.
//!
//! Guarantee: every amount is in an event, each event fits what stood before it, and the sum of what stands is the contract's own `spent`; otherwise there is no report. No line
//! is about a person. Non-guarantees: that what was granted was paid, which no chain knows, and that few approvals hide whose they are: a line of one approval is one household's.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use sealroot_chain::{
    Calls, Chain, ChainError,
    contracts::decisions::Decisions::{Approved, Reduced},
};
use sealroot_protocol::{
    code::{Code, Coded},
    currency::Currency,
    date::{Date, NotADate},
    field::Digest,
    name::Name,
    policy::PolicyDigest,
    snapshot::SnapshotQuery,
};
use std::collections::BTreeMap;

/// What a program has approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The program.
    pub program: Name,
    /// What it pays in; none where it pays nothing.
    pub currency: Option<Currency>,
    /// The most that it pays in all, in minor units.
    pub budget: u128,
    /// By period, and within it by policy versions.
    pub lines: Vec<Line>,
    /// All of it.
    pub total: Sums,
    /// Height of the chain's head when it was read.
    pub block: u64,
}

/// A period under the same policy versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// First day of the period.
    pub period: Date,
    /// The versions, in the program's order.
    pub policies: Vec<PolicyDigest>,
    /// What comes to it.
    pub sums: Sums,
}

/// Counts and sums, in minor units: `granted + moved − lowered = stands`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Approvals that stand.
    pub approvals: u64,
    /// Those of them whose proofs the contract verified.
    pub by_proof: u64,
    /// Corrections that were entered here.
    pub corrections: u64,
    /// Reductions, without the holder.
    pub reductions: u64,
    /// First amounts and raises: what was to be paid.
    pub granted: i128,
    /// What corrections and reductions took away: it was overpaid, if all that was granted was paid.
    pub lowered: i128,
    /// What corrections brought from other lines; less than 0 where they took it elsewhere.
    pub moved: i128,
    /// What stands.
    pub stands: i128,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No such program.
    #[error("program {0} is not enacted on this chain")]
    NotEnacted(Name),
    /// An event that the contracts don't write.
    #[error("an event names a day that is none: {0}")]
    Date(#[from] NotADate),
    /// Events are missing, or in another order than they came.
    #[error("the chain's events don't fit each other: {0}")]
    Events(&'static str),
    /// The sum isn't the contract's.
    #[error("the events come to {events} minor units, and the contract counts {spent}: events are missing")]
    Spent {
        /// What the events come to.
        events: i128,
        /// What the contract says.
        spent: U256,
    },
}

impl Coded for ReportError {
    fn code(&self) -> Code {
        match self {
            Self::Chain(error) => error.code(),
            Self::NotEnacted(_) => Code::ProgramNotEnacted,
            Self::Date(_) | Self::Events(_) | Self::Spent { .. } => Code::EventsIncomplete,
        }
    }
}

/// Replays a program's events.
pub async fn report(program: &Name, chain: &impl Chain) -> Result<Report, ReportError> {
    let query = SnapshotQuery { program: Some(program.clone()), ..SnapshotQuery::default() };
    let snapshot = chain.snapshot(&query).await?;
    let entry = snapshot.program.ok_or_else(|| ReportError::NotEnacted(program.clone()))?;
    let spent = chain.spent(program).await?;
    let topic = Some(B256::from(program.to_bytes32()));
    let mut books = Books::default();
    for log in chain.logs(chain.contracts().decisions, [None, topic, None, None]).await? {
        match log.topics().first() {
            Some(event) if *event == Approved::SIGNATURE_HASH => {
                let event = Approved::decode_log(&log).map_err(|_| ReportError::Events("an approval is unreadable"))?;
                books.approved(&event.data)?;
            }
            Some(event) if *event == Reduced::SIGNATURE_HASH => {
                let event = Reduced::decode_log(&log).map_err(|_| ReportError::Events("a reduction is unreadable"))?;
                books.reduced(&event.data)?;
            }
            _ => {}
        }
    }
    let lines = books.lines();
    let total = lines.iter().fold(Sums::default(), |total, line| total.and(&line.sums));
    if U256::try_from(total.stands).ok() != Some(spent) {
        return Err(ReportError::Spent { events: total.stands, spent });
    }
    let (program, block) = (program.clone(), snapshot.block.number);
    Ok(Report { program, currency: entry.currency.held().flatten(), budget: entry.budget, lines, total, block })
}

type Place = (Date, Vec<PolicyDigest>);

/// What stands under a nullifier.
struct Standing {
    request: B256,
    place: Place,
    amount: i128,
    by_proof: bool,
}

#[derive(Default)]
struct Books {
    standing: BTreeMap<U256, Standing>,
    lines: BTreeMap<Place, Sums>,
}

impl Books {
    fn approved(&mut self, event: &Approved) -> Result<(), ReportError> {
        let approval = &event.approval;
        let policies = approval.policies.iter().map(|digest| PolicyDigest(Digest(digest.0))).collect();
        let place = (Date::from_yyyymmdd(approval.periodStart)?, policies);
        let (amount, before) = (i128::from(approval.amount), i128::from(approval.before));
        let replaced = self.standing.remove(&event.nullifier);
        let stood = replaced.as_ref().map_or((B256::ZERO, 0), |stood| (stood.request, stood.amount));
        if stood != (approval.corrects, before) {
            return Err(ReportError::Events("an approval replaces another one than stood"));
        }
        if let Some(stood) = &replaced {
            let line = self.lines.entry(stood.place.clone()).or_default();
            line.approvals -= 1;
            line.by_proof -= u64::from(stood.by_proof);
            line.stands -= before;
            line.moved -= before;
        }
        let line = self.lines.entry(place.clone()).or_default();
        let by_proof = approval.assurance == 2;
        line.approvals += 1;
        line.by_proof += u64::from(by_proof);
        line.corrections += u64::from(replaced.is_some());
        line.moved += before;
        line.granted += (amount - before).max(0);
        line.lowered += (before - amount).max(0);
        line.stands += amount;
        self.standing.insert(event.nullifier, Standing { request: event.request, place, amount, by_proof });
        Ok(())
    }

    fn reduced(&mut self, event: &Reduced) -> Result<(), ReportError> {
        let (from, to) = (i128::from(event.from), i128::from(event.to));
        let stood = self.standing.get_mut(&event.nullifier);
        let stood = stood.filter(|stood| stood.request == event.request && stood.amount == from);
        let stood = stood.ok_or(ReportError::Events("a reduction lowers another amount than stood"))?;
        stood.amount = to;
        let line = self.lines.entry(stood.place.clone()).or_default();
        line.reductions += 1;
        line.lowered += from - to;
        line.stands += to - from;
        Ok(())
    }

    fn lines(self) -> Vec<Line> {
        let line = |((period, policies), sums)| Line { period, policies, sums };
        self.lines.into_iter().map(line).collect()
    }
}

impl Sums {
    fn and(self, other: &Self) -> Self {
        Self {
            approvals: self.approvals + other.approvals,
            by_proof: self.by_proof + other.by_proof,
            corrections: self.corrections + other.corrections,
            reductions: self.reductions + other.reductions,
            granted: self.granted + other.granted,
            lowered: self.lowered + other.lowered,
            moved: self.moved + other.moved,
            stands: self.stands + other.stands,
        }
    }
}
