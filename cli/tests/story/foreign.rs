//! `verify-proof`, on a known answer that snarkjs made and on what the demo's decision exports.

use super::{path, reason, run, sealroot};
use serde_json::Value;
use std::{fs, path::Path};

fn vector(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/tests/vectors/snarkjs");
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_foreign_proof_is_judged_with_exit_codes_0_1_and_2() {
    let [key, proof, public] = ["verification_key.json", "proof.json", "public.json"].map(vector);
    let holds = sealroot(&["verify-proof", &key, &proof, &public, "--json"]);
    assert_eq!(holds.status.code(), Some(0), "{}", String::from_utf8_lossy(&holds.stderr));
    let report: Value = serde_json::from_slice(&holds.stdout).unwrap();
    assert_eq!((&report["holds"], &report["inputs"][0]), (&Value::Bool(true), &Value::from("26")));

    let uncontributed = vector("uncontributed.json");
    for (files, exit, code) in [
        ([&uncontributed, &proof, &public], 1, "unsafe-verifying-key"),
        ([&key, &public, &proof], 2, "bad-snarkjs-file"),
        ([&proof, &key, &public], 2, "bad-snarkjs-file"),
    ] {
        let [key, proof, public] = files;
        let output = sealroot(&["verify-proof", key, proof, public, "--json"]);
        assert_eq!((output.status.code(), reason(&output).as_str()), (Some(exit), code));
    }
}

/// A decision that was exported for snarkjs can be read back, and holds for its inputs only.
#[test]
fn an_exported_part_holds_and_a_changed_one_does_not() {
    let out = path("foreign");
    let exported = run(
        &["export", "snarkjs", "--allow-insecure-dev-keys"],
        &[("", "bundle.json"), ("--keys", "keys"), ("--out", "foreign")],
    );
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let [key, proof, public] = ["verification_key", "proof", "public"].map(|name| format!("{out}/income/{name}.json"));
    assert_eq!(sealroot(&["verify-proof", &key, &proof, &public]).status.code(), Some(0));

    let mut inputs: Vec<String> = serde_json::from_slice(&fs::read(&public).unwrap()).unwrap();
    let amount = inputs.len() - 3;
    inputs[amount] = format!("{}0", inputs[amount]);
    let richer = format!("{out}/income/richer.json");
    fs::write(&richer, serde_json::to_vec(&inputs).unwrap()).unwrap();
    let output = sealroot(&["verify-proof", &key, &proof, &richer, "--json"]);
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(1), "proof-invalid"));
}
