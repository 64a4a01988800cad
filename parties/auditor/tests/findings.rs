//! Findings stand where their bundles stand.
#![allow(clippy::unwrap_used)]

use alloy_primitives::{Address, B256};
use sealroot_auditor::{AuditError, ChainFacts, Trusted, TrustedError, audit, trust_in};
use sealroot_protocol::{
    code::{Code, Coded},
    snapshot::Contracts,
};
use sealroot_verifier::key_header::KeySecurity;

/// Pins contracts that nobody runs, and no keys.
fn trust_file() -> String {
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
    let facts = ChainFacts { chain_id: 7, contracts, code_hashes: vec![(address, B256::ZERO)], sealer: address };
    trust_in(&facts, &[]).unwrap().to_toml().unwrap()
}

#[test]
fn what_is_no_bundle_is_a_finding_and_ends_no_audit() {
    let trusted =
        Trusted::load(&trust_file(), KeySecurity::ProductionOnly, |_| unreachable!("it pins no keys")).unwrap();
    let findings = audit(&trusted, &["{}", "not JSON", ""]);
    assert_eq!(findings.len(), 3);
    for finding in findings {
        let error = finding.unwrap_err();
        assert!(matches!(error, AuditError::Unreadable(_)));
        assert_eq!(error.code(), Code::BadDocument);
    }
}

#[test]
fn a_misspelt_trust_file_is_none() {
    let misspelt = trust_file().replace("chain_id", "chainid");
    let refused = Trusted::load(&misspelt, KeySecurity::ProductionOnly, |_| unreachable!("it isn't read"));
    assert!(matches!(refused.map(drop), Err(TrustedError::File(_))));
}
