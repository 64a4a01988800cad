//! Acts: what one officer proposes and another confirms. Both sign the same calldata, so both sign exactly what happens.

use crate::contracts::{
    agencies::Agencies, officers::Officers, policies::Policies, programs::Programs, requesters::Requesters,
};
use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use alloy_sol_types::SolCall;
use sealroot_protocol::{
    canonical::DocumentError,
    currency::Currency,
    date::Date,
    field::{self, Digest},
    name::Name,
    policy::{InForce, Policy, PolicyDigest},
    program::{AsOfRule, DecidedBy, PeriodDay, Program},
    snapshot::{Contracts, layout::OPEN_END},
    tree::Root,
};

/// A policy version to enact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEnactment {
    /// Digest of the manifest.
    pub digest: PolicyDigest,
    /// The policy it is a version of.
    pub id: Name,
    /// keccak256 of the policy key's EIP-197 encoding.
    pub key_hash: Digest,
    /// The agency of each source, in order.
    pub agencies: Vec<Name>,
    /// The currency of each output; none where it isn't money, or there is none.
    pub currencies: [Option<Currency>; 2],
    /// When it is in force; on the day of enactment its first day must have begun nowhere.
    pub in_force: InForce,
}

impl PolicyEnactment {
    /// What a manifest and the hash of its derived key say, and its text of the outputs' currencies: the manifest has none.
    pub fn new(policy: &Policy, key_hash: Digest, currencies: [Option<Currency>; 2]) -> Result<Self, DocumentError> {
        Ok(Self {
            digest: policy.digest()?,
            id: policy.id.clone(),
            key_hash,
            agencies: policy.sources.iter().map(|source| source.agency.clone()).collect(),
            currencies,
            in_force: policy.in_force,
        })
    }

    fn version(&self) -> Policies::Version {
        let [currency0, currency1] = self.currencies.map(letters);
        Policies::Version {
            digest: self.digest.0.0.into(),
            id: bytes32(&self.id),
            keyHash: self.key_hash.0.into(),
            agencies: self.agencies.iter().map(bytes32).collect(),
            currency0,
            currency1,
            from: self.in_force.from.yyyymmdd(),
            until: self.in_force.until.map_or(OPEN_END, Date::yyyymmdd),
        }
    }
}

/// What two officers do together. Those marked *at once* only take power away and need no delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Another officer.
    AddOfficer(Address),
    /// At once. Two must remain.
    RemoveOfficer(Address),
    /// A new agency with its first key; grace in seconds, at most 90 days, never changes.
    RegisterAgency {
        /// Stable id.
        id: Name,
        /// Seconds for which a root is accepted after its replacement.
        grace: u32,
        /// First key.
        key: Address,
    },
    /// A further key.
    AddAgencyKey(Name, Address),
    /// At once: what it anchored counts no more.
    RevokeAgencyKey(Address),
    /// At once: none of its roots counts any more.
    WithdrawAgency(Name),
    /// At once.
    WithdrawRoot(Name, Root),
    /// A new requester with its first key.
    RegisterRequester {
        /// Stable id.
        id: Name,
        /// First key.
        key: Address,
    },
    /// A further key.
    AddRequesterKey(Name, Address),
    /// At once: what it signed lives to its expiry.
    RetireRequesterKey(Address),
    /// At once: nothing that it signed counts.
    RevokeRequesterKey(Address),
    /// A policy version.
    EnactPolicy(PolicyEnactment),
    /// A policy version for days that have begun, in the place of this withdrawn one, which covered them. It waits 14 days at least.
    EnactRetroactively(PolicyEnactment, PolicyDigest),
    /// Ends a version earlier; never before a day that has begun anywhere.
    EndPolicy(PolicyDigest, Date),
    /// At once.
    WithdrawPolicy(PolicyDigest),
    /// A program.
    EnactProgram(Box<Program>),
    /// A new document and budget under the same grid, rule, payment and policies.
    AmendProgram(Box<Program>),
    /// Lets a requester ask under a program.
    Authorise(Name, Name),
    /// At once.
    Dismiss(Name, Name),
    /// At once: nothing is approved under the program any more.
    CloseProgram(Name),
}

impl Act {
    /// The contract that carries it out.
    pub fn target(&self, contracts: &Contracts) -> Address {
        match self {
            Self::AddOfficer(_) | Self::RemoveOfficer(_) => contracts.officers,
            Self::RegisterAgency { .. }
            | Self::AddAgencyKey(..)
            | Self::RevokeAgencyKey(_)
            | Self::WithdrawAgency(_)
            | Self::WithdrawRoot(..) => contracts.agencies,
            Self::RegisterRequester { .. }
            | Self::AddRequesterKey(..)
            | Self::RetireRequesterKey(_)
            | Self::RevokeRequesterKey(_) => contracts.requesters,
            Self::EnactPolicy(_) | Self::EnactRetroactively(..) | Self::EndPolicy(..) | Self::WithdrawPolicy(_) => {
                contracts.policies
            }
            Self::EnactProgram(_)
            | Self::AmendProgram(_)
            | Self::Authorise(..)
            | Self::Dismiss(..)
            | Self::CloseProgram(_) => contracts.programs,
        }
    }

    /// What both officers sign.
    pub fn calldata(&self) -> Result<Bytes, DocumentError> {
        Ok(match self {
            Self::AddOfficer(person) => Officers::addCall { person: *person }.abi_encode(),
            Self::RemoveOfficer(person) => Officers::removeCall { person: *person }.abi_encode(),
            Self::RegisterAgency { id, grace, key } => {
                Agencies::registerCall { id: bytes32(id), grace: *grace, key: *key }.abi_encode()
            }
            Self::AddAgencyKey(owner, key) => Agencies::addKeyCall { owner: bytes32(owner), key: *key }.abi_encode(),
            Self::RevokeAgencyKey(key) => Agencies::revokeKeyCall { key: *key }.abi_encode(),
            Self::WithdrawAgency(id) => Agencies::withdrawAgencyCall { id: bytes32(id) }.abi_encode(),
            Self::WithdrawRoot(id, root) => {
                Agencies::withdrawRootCall { id: bytes32(id), root: B256::from(field::to_bytes(root.0)) }.abi_encode()
            }
            Self::RegisterRequester { id, key } => Requesters::registerCall { id: bytes32(id), key: *key }.abi_encode(),
            Self::AddRequesterKey(owner, key) => {
                Requesters::addKeyCall { owner: bytes32(owner), key: *key }.abi_encode()
            }
            Self::RetireRequesterKey(key) => Requesters::retireKeyCall { key: *key }.abi_encode(),
            Self::RevokeRequesterKey(key) => Requesters::revokeKeyCall { key: *key }.abi_encode(),
            Self::EnactPolicy(policy) => Policies::enactCall { version: policy.version() }.abi_encode(),
            Self::EnactRetroactively(policy, replaces) => {
                Policies::enactRetroactiveCall { version: policy.version(), replaces: replaces.0.0.into() }.abi_encode()
            }
            Self::EndPolicy(digest, until) => {
                Policies::endCall { digest: digest.0.0.into(), until: until.yyyymmdd() }.abi_encode()
            }
            Self::WithdrawPolicy(digest) => Policies::withdrawCall { digest: digest.0.0.into() }.abi_encode(),
            Self::EnactProgram(program) => {
                Programs::enactCall { id: bytes32(&program.id), terms: terms(program)? }.abi_encode()
            }
            Self::AmendProgram(program) => Programs::amendCall {
                id: bytes32(&program.id),
                digest: program.digest()?.0.into(),
                budget: program.pays.as_ref().map_or(0, |pays| pays.budget.into()),
            }
            .abi_encode(),
            Self::Authorise(id, requester) => {
                Programs::authoriseCall { id: bytes32(id), requester: bytes32(requester) }.abi_encode()
            }
            Self::Dismiss(id, requester) => {
                Programs::dismissCall { id: bytes32(id), requester: bytes32(requester) }.abi_encode()
            }
            Self::CloseProgram(id) => Programs::closeCall { id: bytes32(id) }.abi_encode(),
        }
        .into())
    }

    /// What the first officer sends to [`target`](Self::target).
    pub fn proposing(&self) -> Result<Bytes, DocumentError> {
        Ok(Officers::proposeCall { call_: self.calldata()? }.abi_encode().into())
    }

    /// What the second officer sends there, after the delay where the act has one.
    pub fn confirming(&self) -> Result<Bytes, DocumentError> {
        Ok(Officers::confirmCall { call_: self.calldata()? }.abi_encode().into())
    }

    /// The proposal's id on chain: keccak256 of the calldata.
    pub fn id(&self) -> Result<B256, DocumentError> {
        Ok(keccak256(self.calldata()?))
    }
}

fn terms(program: &Program) -> Result<Programs::Terms, DocumentError> {
    let pays = program.pays.as_ref();
    Ok(Programs::Terms {
        digest: program.digest()?.0.into(),
        firstMonth: program.grid.first.yyyymm(),
        monthsPerPeriod: program.grid.months,
        periods: program.grid.count,
        opensAfterDays: program.claim.opens_after_days,
        closesAfterDays: program.claim.closes_after_days,
        correctableDays: program.correctable_days,
        utcOffsetMinutes: program.utc_offset_minutes.minutes(),
        decidedBy: match program.decided_by {
            DecidedBy::Office => 1,
            DecidedBy::Proof => 2,
            DecidedBy::Both => 3,
        },
        asOfRule: match program.as_of {
            AsOfRule::PeriodStart => 1,
            AsOfRule::PeriodEnd => 2,
        },
        freshness: match program.fresh.map(|fresh| fresh.since) {
            None => 0,
            Some(PeriodDay::PeriodStart) => 1,
            Some(PeriodDay::PeriodEnd) => 2,
        },
        freshAfterDays: program.fresh.map_or(0, |fresh| fresh.after_days),
        pays: u8::from(pays.is_some()),
        paidPart: pays.map_or(0, |pays| pays.part),
        paidOutput: pays.map_or(0, |pays| pays.output),
        currency: letters(pays.and_then(|pays| pays.currency.parse().ok())),
        budget: pays.map_or(0, |pays| pays.budget.into()),
        policies: program.policies.iter().map(bytes32).collect(),
        requesters: program.requesters.iter().map(bytes32).collect(),
    })
}

/// A currency as contracts write it: 0 for none.
fn letters(currency: Option<Currency>) -> FixedBytes<3> {
    currency.map(|currency| currency.to_bytes().into()).unwrap_or_default()
}

/// A name as contracts write it.
pub(crate) fn bytes32(name: &Name) -> B256 {
    B256::from(name.to_bytes32())
}

/// A field element as contracts write it.
pub(crate) fn element(x: field::F) -> U256 {
    U256::from_be_bytes(field::to_bytes(x))
}
