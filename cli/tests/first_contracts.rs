//! The stored bundles of the first contracts, through the command line: the report is what the program of their day printed.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Stdio},
};

#[test]
fn an_audit_reports_what_it_reported_then() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/tests/vectors/first_contracts");
    let output = Command::new(env!("CARGO_BIN_EXE_sealroot"))
        .args(["audit", "approved.json", "refused.json", "corrected.json", "--trust", "trust.toml", "--json"])
        .arg("--allow-insecure-dev-keys")
        .current_dir(&vectors)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let then: Value = serde_json::from_slice(&std::fs::read(vectors.join("audit.json")).unwrap()).unwrap();
    let now: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(now, then);
}
