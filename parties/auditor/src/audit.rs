//! Auditing bundles as they come: bytes in, one finding each.

use crate::ledger::Ledger;
use sealroot_protocol::{
    bundle::Bundle,
    canonical::DocumentError,
    code::{Code, Coded},
    enclosed::KnownPolicies,
};
use sealroot_verifier::{
    audit::{AuditRejection, Audited, Auditor, CHUNK, TrustedKeyError, trusted_keys},
    key_header::KeySecurity,
    trust::{Trust, TrustError},
    universal_key::UniversalKeys,
};
use std::collections::BTreeMap;

/// What an auditor trusts: a trust file and the universal keys that it pins.
pub struct Trusted {
    trust: Trust,
    keys: UniversalKeys,
}

/// Why there is nothing to audit by.
#[derive(Debug, thiserror::Error)]
pub enum TrustedError {
    /// The trust file.
    #[error(transparent)]
    File(#[from] TrustError),
    /// A key that it pins.
    #[error(transparent)]
    Key(#[from] TrustedKeyError),
}

impl Coded for TrustedError {
    fn code(&self) -> Code {
        match self {
            Self::File(_) => Code::BadTrustFile,
            Self::Key(_) => Code::BadUniversalKey,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::File(_) => None,
            Self::Key(_) => Some(
                "the key file lies beside the trust file; development keys must be allowed (--allow-insecure-dev-keys)"
                    .to_owned(),
            ),
        }
    }
}

impl Trusted {
    /// From a trust file's text. `read` gives the bytes of a key file beside it; each must be the pinned one.
    pub fn load(
        toml: &str,
        security: KeySecurity,
        read: impl Fn(&str) -> std::io::Result<Vec<u8>>,
    ) -> Result<Self, TrustedError> {
        let trust = Trust::from_toml(toml)?;
        let keys = trusted_keys(&trust, security, read)?;
        Ok(Self { trust, keys })
    }
}

/// Why a bundle doesn't hold.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// It isn't a bundle in canonical form.
    #[error(transparent)]
    Unreadable(#[from] DocumentError),
    /// A check rejected it.
    #[error(transparent)]
    Rejected(#[from] AuditRejection),
}

impl Coded for AuditError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable(_) => Code::BundleUnreadable,
            Self::Rejected(rejection) => rejection.code(),
        }
    }
}

/// Findings and what they come to.
#[derive(Debug)]
pub struct Audit {
    /// One for each bundle, in order.
    pub findings: Vec<Result<Audited, AuditError>>,
    /// What those that hold come to.
    pub ledger: Ledger,
}

/// What is found of a file by itself, as soon as it is found.
#[derive(Clone, Copy)]
pub enum Looked<'a> {
    /// A bundle, and whether it holds as far as it alone says: another one may still speak against it.
    Bundle(&'a Bundle, Result<&'a Audited, &'a AuditRejection>),
    /// No bundle: the file's bytes, and why they are none.
    Unreadable(&'a [u8], &'a DocumentError),
}

/// Audits bundles, each from a file's bytes: one finding each, in order. That none contradicts another is checked among all that can be read. They are read a few hundred at a
/// time, and of each little is kept; `look` is shown each while it is at hand, with its place.
pub fn audit<B: AsRef<[u8]>>(
    trusted: &Trusted,
    files: impl IntoIterator<Item = B>,
    mut look: impl FnMut(usize, Looked<'_>),
) -> Audit {
    let mut auditor = Auditor::new(&trusted.trust, &trusted.keys);
    let (mut unreadable, mut known) = (BTreeMap::new(), KnownPolicies::default());
    let mut files = files.into_iter();
    let mut place = 0;
    loop {
        let (mut bundles, mut others) = (Vec::new(), BTreeMap::new());
        let first = place;
        for bytes in files.by_ref().take(CHUNK) {
            match Bundle::read(bytes.as_ref(), &mut known) {
                Ok(bundle) => bundles.push(bundle),
                Err(error) => drop(others.insert(place, (bytes, error))),
            }
            place += 1;
        }
        if place == first {
            break;
        }
        let mut answers = auditor.add(&bundles).iter().zip(&bundles);
        for at in first..place {
            match others.get(&at) {
                Some((bytes, error)) => look(at, Looked::Unreadable(bytes.as_ref(), error)),
                None => {
                    let Some((answer, bundle)) = answers.next() else { continue };
                    look(at, Looked::Bundle(bundle, answer.as_ref()));
                }
            }
        }
        unreadable.extend(others.into_iter().map(|(at, (_, error))| (at, error)));
    }
    let mut findings: Vec<_> = auditor.finish().into_iter().map(|finding| finding.map_err(AuditError::from)).collect();
    // Ascending places: each finding before is where it belongs already.
    for (place, error) in unreadable {
        findings.insert(place, Err(error.into()));
    }
    let ledger = Ledger::of(findings.iter().map(|finding| finding.as_ref().ok()));
    Audit { findings, ledger }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{ChainFacts, trust_in};
    use alloy_primitives::{Address, B256};
    use sealroot_protocol::snapshot::Contracts;

    /// Pins contracts that nobody runs, and no keys.
    fn trusting_nothing() -> Trusted {
        let address = Address::repeat_byte(1);
        let contracts = Contracts {
            officers: address,
            agencies: address,
            policies: address,
            requesters: address,
            poseidon: address,
            programs: address,
            decisions: address,
        };
        let facts = ChainFacts {
            chain_id: 7,
            contracts,
            code_hashes: vec![(address, B256::ZERO)],
            sealers: vec![address],
            known_block: None,
            checkpoints: None,
        };
        Trusted { trust: trust_in(&facts, &[]).unwrap(), keys: UniversalKeys::new() }
    }

    #[test]
    fn what_is_no_bundle_is_a_finding_and_ends_no_audit() {
        let mut looked_at = Vec::new();
        let Audit { findings, ledger } = audit(&trusting_nothing(), ["{}", "not JSON", ""], |at, looked| {
            assert!(matches!(looked, Looked::Unreadable(..)));
            looked_at.push(at);
        });
        assert_eq!(looked_at, [0, 1, 2]);
        assert_eq!((findings.len(), ledger.entries), (3, vec![None; 3]));
        for finding in findings {
            let error = finding.unwrap_err();
            assert!(matches!(error, AuditError::Unreadable(_)));
            assert_eq!((error.code(), error.code().class().exit_code()), (Code::BundleUnreadable, 1));
        }
    }
}
