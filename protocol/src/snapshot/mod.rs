//! What the chain says at one block about one request: the only view of the chain that `verify` and `audit` have.
//!
//! Guarantee: a snapshot read from the chain's head and one read from evidence are decoded by the same code from the same
//! storage words ([`layout`], `docs/spec/contracts.md`), so they can't disagree about what an entry means. Words of one
//! [`Revision`] of the contracts are never read as another's.
//! Non-guarantee: nothing here judges. Whether an entry suffices for a decision is the verifier's to say.

mod decision;
mod entries;
mod first;
pub mod layout;
mod read;
mod revision;

pub use decision::{Assurance, Claimed, Correcting, DecisionEntry, NotCorrectable, Reduced};
pub use read::{Contracts, SnapshotError, StorageReader};
pub use revision::{Held, Revision};

use crate::{
    bundle::Bundle,
    consent::Nullifier,
    currency::Currency,
    date::{NotADate, Period},
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
    /// later block may hide that it was confirmed at an earlier one. The first contracts kept no time but `anchored_at`, which is never later.
    pub confirmed_at: u64,
    /// The access log as of that anchor. No evidence of the first contracts shows it.
    pub access_log: Held<AccessLog>,
}

/// Where an agency's access log stood at an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessLog {
    /// Its head.
    pub head: Digest,
    /// Entries under that head. In the current root's entry it is the agency's newest size, which never shrinks.
    pub size: u64,
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
    pub currencies: Held<[Option<Currency>; 2]>,
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
    /// What it is paid in; none where it pays nothing.
    pub currency: Held<Option<Currency>>,
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
    /// The first rule that isn't the document's. The contract enforces its own words and can't read documents, so both must say the same. The first contracts
    /// said nothing of the currency, and enforced none.
    pub fn differs_from(&self, program: &Program) -> Option<&'static str> {
        let pays = program.pays.as_ref();
        let currency = pays.map(|pays| pays.currency.as_str());
        let rules = [
            ("the periods", self.grid == program.grid),
            ("the claim window", self.claim == program.claim),
            ("the as-of rule", self.as_of == program.as_of),
            ("the correctable days", self.correctable_days == program.correctable_days),
            ("the offset from UTC", self.utc_offset == program.utc_offset_minutes),
            ("how it is decided", self.decided_by == program.decided_by),
            ("how fresh roots must be", self.fresh == program.fresh),
            ("what is paid", self.pays == pays.map(|pays| (pays.part, pays.output))),
            ("the currency", self.currency.unheld_or(|held| held.map(Currency::code) == currency)),
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
