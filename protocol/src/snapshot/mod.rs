//! What the chain says at one block about one request: the only view of the chain that `verify` and `audit` have.
//!
//! Guarantee: a snapshot read from the chain's head and one read from evidence are decoded by the same code from the same
//! storage words ([`layout`], `docs/spec/contracts.md`), so they can't disagree about what an entry means.
//! Non-guarantee: nothing here judges. Whether an entry suffices for a decision is the verifier's to say.

pub mod layout;
mod read;

pub use read::{Contracts, SnapshotError, StorageReader};

use crate::{
    bundle::Bundle,
    consent::{Nullifier, RequestDigest},
    currency::Currency,
    date::{Date, NotADate, Period},
    field::Digest,
    name::Name,
    policy::{InForce, PolicyDigest},
    program::{AsOfRule, ClaimWindow, DecidedBy, Freshness, Grid, Program},
    refusals::BatchRoot,
    request::SignedRequest,
    scope::Deployment,
    tree::Root,
    utc_offset::UtcOffset,
};
use alloy_primitives::{Address, B256};
use std::collections::{BTreeMap, BTreeSet};

/// Which entries are wanted. What isn't named isn't read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotQuery {
    /// Roots with the agency that must have anchored them.
    pub roots: BTreeSet<(Name, Root)>,
    /// Policy versions.
    pub policies: BTreeSet<PolicyDigest>,
    /// The program.
    pub program: Option<Name>,
    /// The office that asks; with the program, its standing there.
    pub requester: Option<Name>,
    /// The address that signed the request.
    pub signer: Option<Address>,
    /// The program's decision under this nullifier, if it should be there. Evidence of a decision includes it.
    pub nullifier: Option<Nullifier>,
    /// A batch of the requester's refusals, by its Merkle root.
    pub refusals: Option<BatchRoot>,
    /// Service cards, by their owner.
    pub cards: BTreeSet<(Registry, Name)>,
}

/// Where names and their keys are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Registry {
    /// Of agencies.
    Agencies,
    /// Of requesters.
    Requesters,
}

impl SnapshotQuery {
    /// What an agency or prover needs to know about roots: their entries, with their agencies and the keys that anchored them.
    pub fn of_roots(roots: impl IntoIterator<Item = (Name, Root)>) -> Self {
        Self::default().with_roots(roots)
    }

    /// What an office needs to know about policy versions before it asks.
    pub fn of_policies(policies: impl IntoIterator<Item = PolicyDigest>) -> Self {
        Self { policies: policies.into_iter().collect(), ..Self::default() }
    }

    /// What a wallet or verifier needs to know about a request signed by `signer`, before any proof.
    pub fn of_request(request: &SignedRequest, signer: Address) -> Self {
        Self {
            program: Some(request.request.program.clone()),
            requester: Some(request.request.requester.clone()),
            signer: Some(signer),
            ..Self::of_policies(request.request.policies.iter().copied())
        }
    }

    /// What the verification of a bundle needs: the request's entries, each part's roots under its sources' agencies,
    /// and the decision under the bundle's nullifier.
    pub fn of_bundle(bundle: &Bundle, signer: Address) -> Self {
        let mut query = Self::of_request(&bundle.request, signer);
        for (part, policy) in bundle.parts.iter().zip(&bundle.policies) {
            let agencies = policy.policy.sources.iter().map(|source| source.agency.clone());
            query = query.with_roots(agencies.zip(part.inputs.roots.iter().copied()));
        }
        query.nullifier = Some(bundle.decision.nullifier);
        query
    }

    /// What stands under a nullifier, and under which rules.
    pub fn of_approval(program: Name, nullifier: Nullifier) -> Self {
        Self { program: Some(program), nullifier: Some(nullifier), ..Self::default() }
    }

    /// The same and these roots.
    pub fn with_roots(mut self, roots: impl IntoIterator<Item = (Name, Root)>) -> Self {
        self.roots.extend(roots);
        self
    }

    /// The same without the decision's entry: for evidence of a refusal, which leaves none.
    pub fn without_decision(self) -> Self {
        Self { nullifier: None, ..self }
    }

    /// The same for evidence of a refusal that a batch dates.
    pub fn in_batch(self, batch: BatchRoot) -> Self {
        Self { refusals: Some(batch), ..self.without_decision() }
    }
}

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRef {
    /// Height.
    pub number: u64,
    /// Hash of its header.
    pub hash: B256,
    /// Its Unix time in seconds.
    pub time: u64,
}

/// The entries that were found, as of `block`. What was asked for and isn't here doesn't exist on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The block.
    pub block: BlockRef,
    /// Agencies of the roots.
    pub agencies: BTreeMap<Name, AgencyEntry>,
    /// Roots, by the agency that anchored them.
    pub roots: BTreeMap<(Name, Root), RootEntry>,
    /// Keys that anchored those roots.
    pub agency_keys: BTreeMap<Address, KeyEntry>,
    /// Policy versions.
    pub policies: BTreeMap<PolicyDigest, PolicyEntry>,
    /// The program.
    pub program: Option<ProgramEntry>,
    /// The requester's standing in the program.
    pub requester: Option<RequesterEntry>,
    /// The key that signed the request.
    pub signer: Option<KeyEntry>,
    /// The approval.
    pub decision: Option<DecisionEntry>,
    /// The standing of the approval's office in the program, where that is another one than the office that asks.
    pub decided_by: Option<RequesterEntry>,
    /// The batch of refusals.
    pub refusals: Option<RefusalsEntry>,
    /// Service cards.
    pub cards: BTreeMap<(Registry, Name), CardEntry>,
}

/// An agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgencyEntry {
    /// Unix time.
    pub registered_at: u64,
    /// Since when none of its roots counts.
    pub withdrawn_at: Option<u64>,
    /// Seconds for which a root is accepted after its replacement. Fixed at registration.
    pub grace: u32,
    /// Anchors so far.
    pub sequence: u64,
}

/// An anchored root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootEntry {
    /// Number of its (latest) anchor.
    pub sequence: u64,
    /// Since when it counts without a gap, anchored by this key: its latest return as the current root, or when the key took it
    /// over. Evidence of a later block may therefore no longer show that it counted at an earlier one.
    pub anchored_at: u64,
    /// When another root took its place; none while it is the agency's current one.
    pub superseded_at: Option<u64>,
    /// When it was withdrawn: no grace.
    pub withdrawn_at: Option<u64>,
    /// The key that anchored it; once revoked, the root doesn't count.
    pub anchored_by: Address,
    /// When its agency said last that its register is so: the time of the root's newest anchor. It moves forward with every confirmation, so evidence of a
    /// later block may hide that it was confirmed at an earlier one.
    pub confirmed_at: u64,
    /// Head of the access log as of that anchor.
    pub access_log: Digest,
    /// Entries under that head. In the current root's entry it is the agency's newest size, which never shrinks.
    pub access_log_size: u64,
}

impl RootEntry {
    /// Whether the root counts at Unix time `time`, its agency and anchoring key given: grace runs from replacement, withdrawal has none.
    pub fn counts_at(&self, time: u64, agency: &AgencyEntry, key: &KeyEntry) -> bool {
        let in_grace = self.superseded_at.is_none_or(|at| time <= at.saturating_add(agency.grace.into()));
        let after = |at: Option<u64>| at.is_some_and(|at| at <= time);
        self.anchored_at <= time
            && in_grace
            && !after(self.withdrawn_at)
            && !after(agency.withdrawn_at)
            && !after(key.revoked_at)
    }
}

/// A dated key of an agency or requester.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Whose it is; for ever.
    pub owner: Name,
    /// Unix time.
    pub added_at: u64,
    /// Since when it signs nothing new; what it signed lives to its expiry.
    pub retired_at: Option<u64>,
    /// Since when nothing that it signed counts.
    pub revoked_at: Option<u64>,
}

impl KeyEntry {
    /// Whether a request with this `not_before`, signed by the key, counts at Unix time `time`.
    ///
    /// A retired key can back-date a request; the request's maximum lifetime bounds that to 60 days after retirement.
    pub fn vouches(&self, not_before: u64, time: u64) -> bool {
        self.added_at <= time
            && self.retired_at.is_none_or(|at| not_before <= at)
            && self.revoked_at.is_none_or(|at| time < at)
    }
}

/// An enacted policy version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEntry {
    /// The policy it is a version of.
    pub id: Name,
    /// keccak256 of the policy key's EIP-197 encoding (`docs/spec/contracts.md`). Derive the key and compare; never trust a received one.
    pub key_hash: Digest,
    /// The agency of each source, in order.
    pub agencies: Vec<Name>,
    /// First and last day on which it is in force; it may have been ended before the manifest's last day.
    pub in_force: InForce,
    /// The currency of each output; none where it isn't money, or there is none. What officers derived from the text: the manifest doesn't say it.
    pub currencies: [Option<Currency>; 2],
    /// The withdrawn version in whose place it was enacted for days that had begun; none where it was enacted before its days, as laws are.
    pub retroactive: Option<PolicyDigest>,
    /// Unix time.
    pub enacted_at: u64,
    /// Unix time.
    pub withdrawn_at: Option<u64>,
}

/// An enacted program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramEntry {
    /// Digest of the program document.
    pub digest: Digest,
    /// Since when this document holds, in Unix seconds: of the enactment or of the latest amendment.
    pub enacted_at: u64,
    /// Since when nothing is approved any more.
    pub closed_at: Option<u64>,
    /// The periods.
    pub grid: Grid,
    /// When a period may be claimed.
    pub claim: ClaimWindow,
    /// The reference day.
    pub as_of: AsOfRule,
    /// Part and output that are paid.
    pub pays: Option<(u8, u8)>,
    /// What it is paid in.
    pub currency: Option<Currency>,
    /// Days after the claim window for corrections and reductions.
    pub correctable_days: u16,
    /// By which clocks its days turn.
    pub utc_offset: UtcOffset,
    /// Who checks the proofs.
    pub decided_by: DecidedBy,
    /// How new roots must be.
    pub fresh: Option<Freshness>,
    /// The most that is paid in all, in minor units.
    pub budget: u128,
    /// Its policies, in order.
    pub policies: Vec<Name>,
}

impl ProgramEntry {
    /// The first rule that isn't the document's. The contract enforces its own words and can't read documents, so both must say the same.
    pub fn differs_from(&self, program: &Program) -> Option<&'static str> {
        let pays = program.pays.as_ref();
        let rules = [
            ("the periods", self.grid == program.grid),
            ("the claim window", self.claim == program.claim),
            ("the as-of rule", self.as_of == program.as_of),
            ("the correctable days", self.correctable_days == program.correctable_days),
            ("the offset from UTC", self.utc_offset == program.utc_offset_minutes),
            ("how it is decided", self.decided_by == program.decided_by),
            ("how fresh roots must be", self.fresh == program.fresh),
            ("what is paid", self.pays == pays.map(|pays| (pays.part, pays.output))),
            ("the currency", self.currency.map(|currency| currency.code()) == pays.map(|pays| pays.currency.as_str())),
            ("the policies", self.policies == program.policies),
        ];
        rules.into_iter().find_map(|(what, same)| (!same).then_some(what))
    }

    /// Whether `period` is on the grid.
    pub fn has_period(&self, period: Period) -> Result<bool, NotADate> {
        let months = i64::from(self.grid.months);
        for index in 0..i64::from(self.grid.count) {
            let first = self.grid.first.plus_months(index * months)?;
            if first.first_day() == period.start {
                return Ok(first.plus_months(months - 1)?.last_day() == period.end);
            }
        }
        Ok(false)
    }
}

/// A requester's standing in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequesterEntry {
    /// Since when it may ask under the program.
    pub since: u64,
    /// Since when it may not any more.
    pub until: Option<u64>,
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
    /// The office that asks.
    pub requester: &'a Name,
    /// First day of the period that it claims.
    pub start: Date,
    /// The request whose approval it corrects.
    pub corrects: RequestDigest,
    /// Unix time in seconds.
    pub now: u64,
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

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionEntry {
    /// The request; a correction's, once corrected.
    pub request: RequestDigest,
    /// What stands, in minor units: less than what the bundle says once it was reduced.
    pub amount: u64,
    /// The sum of all that was ever granted under the nullifier. What it exceeds the amount by was overpaid, if all of it was paid.
    pub granted: u128,
    /// Unix time of the block that holds it.
    pub approved_at: u64,
    /// Height of that block.
    pub block: u64,
    /// The latest reduction since the request was approved.
    pub reduced: Option<Reduced>,
    /// First day of the period; the program determines the rest of the scope.
    pub period_start: Date,
    /// The checker of the proofs: the office, or the contract.
    pub assurance: Assurance,
    /// The office that asked.
    pub requester: Name,
    /// Digest of the bundle without its evidence; none where the contract checked the proofs, because the sender of a call could choose it.
    pub bundle: Option<Digest>,
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
    /// It is of no period of the program.
    UnknownPeriod,
}

impl DecisionEntry {
    /// Whether a correction may take this approval's place, as the contract decides it; `decided_by` is the snapshot's.
    ///
    /// A proof takes the place of an office's word at any time, whichever word stands: it shows whose nullifier it is. Between equals the correction names what stands,
    /// an office's word is replaced by that office's, or by anybody's once it is dismissed, and an approval of another period is one that can still be corrected.
    pub fn correctable(
        &self,
        correction: Correcting<'_>,
        program: &Program,
        decided_by: Option<RequesterEntry>,
    ) -> Result<(), NotCorrectable> {
        if correction.by > self.assurance {
            return Ok(());
        }
        if correction.corrects != self.request {
            return Err(NotCorrectable::Unknown(self.request));
        }
        if correction.by < self.assurance {
            return Err(NotCorrectable::AssuranceLowered);
        }
        let dismissed = decided_by.is_some_and(|standing| standing.until.is_some_and(|until| until <= correction.now));
        if correction.by == Assurance::ByOffice && *correction.requester != self.requester && !dismissed {
            return Err(NotCorrectable::AnotherOffices(self.requester.clone()));
        }
        if self.period_start == correction.start {
            return Ok(());
        }
        let period = program.period_containing(self.period_start).ok_or(NotCorrectable::UnknownPeriod)?;
        let last = program.correctable_until(period).map_err(|_| NotCorrectable::UnknownPeriod)?;
        let today = program.today(correction.now).map_err(|_| NotCorrectable::UnknownPeriod)?;
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

/// The one service card of an agency or requester.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardEntry {
    /// Digest of the card.
    pub digest: Digest,
    /// The key that set it. The card counts while that key isn't revoked.
    pub set_by: Address,
    /// Unix time.
    pub set_at: u64,
    /// That key.
    pub key: KeyEntry,
}

/// A batch of refusals, known by the Merkle root of their bundles' digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalsEntry {
    /// The office that dated it.
    pub requester: Name,
    /// Unix time of the block that holds it.
    pub dated_at: u64,
    /// Height of that block.
    pub block: u64,
}
