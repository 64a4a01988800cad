//! A proof by snarkjs as it is, which knows nothing of this project.

use sealroot_protocol::machine::PublicInputs;
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_verifier::proof::Proof;
use sealroot_verifier::snarkjs;
use std::{env, fs, path::Path, process::Command};

/// snarkjs accepts the proof, and refuses it with another public input. Skipped, where that is allowed, without snarkjs.
pub fn snarkjs_accepts(key: &PolicyKey, inputs: &PublicInputs, proof: &Proof) {
    let Some(node_modules) = env::var_os("SEALROOT_NODE_MODULES") else {
        let how = "run `npm install snarkjs@0.7.6` and set SEALROOT_NODE_MODULES to that node_modules directory";
        assert!(env::var_os("SEALROOT_REQUIRE_ALL").is_none(), "snarkjs is required: {how}");
        return eprintln!("skipped: verification by snarkjs; {how}");
    };
    let files = snarkjs::export(key, inputs, proof).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut changed = files.public.clone();
    changed[0] = "1".into();
    assert_ne!(changed, files.public);
    for (name, value) in
        [("vk", &files.verification_key), ("proof", &files.proof), ("public", &files.public), ("changed", &changed)]
    {
        fs::write(dir.path().join(name), value.to_string()).unwrap();
    }
    let cli = Path::new(&node_modules).join("snarkjs/build/cli.cjs");
    let verify = |public: &str| {
        let args = ["groth16", "verify", "vk", public, "proof"];
        Command::new("node").arg(&cli).args(args).current_dir(dir.path()).output().unwrap()
    };
    let accepted = verify("public");
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stdout));
    assert!(!verify("changed").status.success());
}
