//! What was withdrawn since, by the trust file: "valid then, withdrawn since".

use super::{AuditRejection, Dating};
use crate::trust::{Trust, WithdrawnEntry};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::snapshot::{Snapshot, SnapshotQuery};
use serde::Serialize;
use std::fmt;

/// Something that the trust file says was withdrawn after the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithdrawnSince {
    /// What.
    pub what: WithdrawnEntry,
    /// From which height on.
    pub at: u64,
}

impl WithdrawnSince {
    /// Its kind and name, without the height.
    pub fn what_in_words(&self) -> String {
        describe(&self.what)
    }
}

impl fmt::Display for WithdrawnSince {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, from height {} on", describe(&self.what), self.at)
    }
}

/// What the trust file says was withdrawn, of all that the decision rests on. An undated decision may be younger than
/// any withdrawal: a key that was broken makes proofs for every old block.
pub(super) fn check(
    trust: &Trust,
    bundle: &Bundle,
    query: &SnapshotQuery,
    snapshot: &Snapshot,
    dating: Dating,
) -> Result<Vec<WithdrawnSince>, AuditRejection> {
    let mut since = Vec::new();
    for what in rests_on(bundle, query, snapshot) {
        let Some(at) = trust.withdrawn_at(&what) else { continue };
        match dating {
            Dating::Undated { .. } => return Err(AuditRejection::WithdrawnUndated { what, at }),
            Dating::Dated { block, .. } if at <= block => return Err(AuditRejection::WithdrawnBefore { what, at }),
            Dating::Dated { .. } => since.push(WithdrawnSince { what, at }),
        }
    }
    Ok(since)
}

/// Everything whose withdrawal concerns the decision.
fn rests_on(bundle: &Bundle, query: &SnapshotQuery, snapshot: &Snapshot) -> Vec<WithdrawnEntry> {
    let mut all: Vec<_> = query.program.iter().cloned().map(WithdrawnEntry::Program).collect();
    all.extend(query.signer.map(WithdrawnEntry::Key));
    for (agency, root) in &query.roots {
        all.extend([WithdrawnEntry::Agency(agency.clone()), WithdrawnEntry::Root(*root)]);
        let entry = snapshot.roots.get(&(agency.clone(), *root));
        all.extend(entry.map(|entry| WithdrawnEntry::Key(entry.anchored_by)));
    }
    all.extend(query.policies.iter().map(|digest| WithdrawnEntry::Policy(*digest)));
    let mut universal: Vec<_> = bundle.policies.iter().map(|document| document.policy.universal_key).collect();
    universal.dedup();
    all.extend(universal.into_iter().map(WithdrawnEntry::UniversalKey));
    all
}

pub(super) fn describe(entry: &WithdrawnEntry) -> String {
    match entry {
        WithdrawnEntry::Agency(name) => format!("agency {name}"),
        WithdrawnEntry::Root(root) => format!("root {root}"),
        WithdrawnEntry::Policy(digest) => format!("policy {digest}"),
        WithdrawnEntry::Program(name) => format!("program {name}"),
        WithdrawnEntry::Key(address) => format!("key {address}"),
        WithdrawnEntry::UniversalKey(hash) => format!("universal key {hash}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy_primitives::Address;
    use sealroot_protocol::{field::Digest, policy::PolicyDigest};

    /// What is told of a decision names what it rests on, so that an office finds it.
    #[test]
    fn what_was_withdrawn_is_named() {
        let digest = Digest([0xab; 32]);
        let hex = "ab".repeat(32);
        for (what, expected) in [
            (WithdrawnEntry::Agency("tax-office".parse().unwrap()), "agency tax-office".to_owned()),
            (WithdrawnEntry::Policy(PolicyDigest(digest)), format!("policy 0x{hex}")),
            (WithdrawnEntry::Key(Address::ZERO), format!("key {}", Address::ZERO)),
            (WithdrawnEntry::UniversalKey(digest), format!("universal key 0x{hex}")),
        ] {
            let since = WithdrawnSince { what, at: 42 };
            assert_eq!(since.what_in_words(), expected);
            assert_eq!(since.to_string(), format!("{expected}, from height 42 on"));
        }
    }
}
