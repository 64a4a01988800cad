//! Whether what is enacted on a chain is what its texts say: every policy version is compiled again from its published text, and its key derived again.
//!
//! Guarantee: a version that holds has on chain the key, the agencies, the currencies and the days that follow from the text, no matter who enacted it.
//! Non-guarantees: that a law is good; and, of a chain behind a node, that no version was kept back.

use crate::enactment::{EnactmentError, derive};
use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use sealroot_chain::{
    Chain, ChainError,
    contracts::{officers::Officers, policies::Policies},
};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_policy::{RecompileError, recompile};
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    field::Digest,
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    snapshot::{PolicyEntry, SnapshotQuery},
};
use sealroot_verifier::universal_key::UniversalKeys;
use std::collections::BTreeSet;

/// A version that was enacted once.
#[derive(Debug)]
pub struct CheckedVersion {
    /// The policy.
    pub policy: Name,
    /// The version.
    pub digest: PolicyDigest,
    /// Since when nobody can be approved under it any more, in Unix seconds.
    pub withdrawn_at: Option<u64>,
    /// What was found.
    pub found: Result<(), VersionError>,
}

/// Why a version isn't what its text says, or can't be compared.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// Its document can't be had.
    #[error(transparent)]
    Unpublished(#[from] HostError),
    /// What is published under its name is another one.
    #[error("what is published as this version is another one")]
    OtherDocument,
    /// Its text says something else than its manifest.
    #[error(transparent)]
    Text(#[from] RecompileError),
    /// The officers derived its key from a universal key that isn't given.
    #[error("its key was derived from universal key {0}, which is not among the keys")]
    NoUniversalKey(Digest),
    /// No key follows from it.
    #[error(transparent)]
    Key(#[from] EnactmentError),
    /// The manifest has no digest.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The chain holds something else than follows from the text.
    #[error("the chain holds another {0} than follows from its text")]
    Entry(&'static str),
}

impl Coded for VersionError {
    fn code(&self) -> Code {
        match self {
            Self::Unpublished(error) => error.code(),
            Self::OtherDocument => Code::NoPolicy,
            Self::Text(error) => error.code(),
            Self::NoUniversalKey(_) => Code::UniversalKeyMismatch,
            Self::Key(error) => error.code(),
            Self::Document(_) => Code::BadPolicy,
            Self::Entry(_) => Code::PolicyEntryMismatch,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Unpublished(_) | Self::OtherDocument => {
                Some("get its document from those who enacted it, and name the directory with --published".into())
            }
            Self::NoUniversalKey(_) => Some("name the directory with that key (--keys)".into()),
            Self::Text(error) => error.advice(),
            Self::Key(error) => error.advice(),
            Self::Document(_) | Self::Entry(_) => None,
        }
    }
}

/// Who is an officer now: everybody who joined and hasn't left.
pub async fn officers(chain: &impl Chain) -> Result<Vec<Address>, ChainError> {
    let mut people = BTreeSet::new();
    for log in chain.logs(chain.contracts().officers, [None; 4]).await? {
        if let Ok(joined) = Officers::Joined::decode_log(&log) {
            people.insert(joined.person);
        } else if let Ok(left) = Officers::Left::decode_log(&log) {
            people.remove(&left.person);
        }
    }
    Ok(people.into_iter().collect())
}

/// Checks every version that was enacted, in the order of their enactment.
pub async fn check_versions(
    chain: &impl Chain,
    documents: &impl Documents,
    keys: &UniversalKeys,
) -> Result<Vec<CheckedVersion>, ChainError> {
    let enacted = [Some(Policies::Enacted::SIGNATURE_HASH), None, None, None];
    let mut checked = Vec::new();
    let mut seen = BTreeSet::new();
    for log in chain.logs(chain.contracts().policies, enacted).await? {
        let Ok(event) = Policies::Enacted::decode_log(&log) else { continue };
        let digest = PolicyDigest(Digest(event.digest.0));
        if !seen.insert(digest) {
            continue;
        }
        let query = SnapshotQuery { policies: [digest].into(), ..SnapshotQuery::default() };
        let snapshot = chain.snapshot(&query).await?;
        // What counts is what stands, and not what an event says.
        let Some(entry) = snapshot.policies.get(&digest) else { continue };
        checked.push(CheckedVersion {
            policy: entry.id.clone(),
            digest,
            withdrawn_at: entry.withdrawn_at,
            found: check_version(digest, entry, documents, keys).await,
        });
    }
    Ok(checked)
}

async fn check_version(
    digest: PolicyDigest,
    entry: &PolicyEntry,
    documents: &impl Documents,
    keys: &UniversalKeys,
) -> Result<(), VersionError> {
    let found = documents.policies(&[digest]).await?;
    let Some(document) = found.into_iter().next() else { return Err(VersionError::OtherDocument) };
    let PolicyDocument { policy, .. } = &document;
    if policy.digest()? != digest {
        return Err(VersionError::OtherDocument);
    }
    let compiled = recompile(&document)?;
    let universal = keys.get(policy.universal_key).filter(|key| key.shape() == policy.shape);
    let universal = universal.ok_or(VersionError::NoUniversalKey(policy.universal_key))?;
    let derived = derive(&compiled, universal)?.enactment;
    let ended = entry.in_force.until.is_some_and(|until| derived.in_force.until.is_none_or(|last| until <= last));
    let table = [
        ("id", entry.id == derived.id),
        ("policy key", entry.key_hash == derived.key_hash),
        ("list of agencies", entry.agencies == derived.agencies),
        ("currency", entry.currencies.unheld_or(|held| *held == derived.currencies)),
        // Officers may end a version early, and never begin or end it otherwise.
        ("first day", entry.in_force.from == derived.in_force.from),
        ("last day", entry.in_force.until == derived.in_force.until || ended),
    ];
    match table.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(VersionError::Entry(what)),
        None => Ok(()),
    }
}
