//! A proof judged by snarkjs as it is, which knows nothing of this project.

use sealroot_protocol::machine::PublicInputs;
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_verifier::proof::Proof;
use sealroot_verifier::snarkjs;
use serde_json::{Value, json};
use std::{env, fs, process::Command};

/// Checks the export as it is, and with each public input changed and each point of the proof negated. snarkjs is started once.
const SCRIPT: &str = r#"
    const fs = require("fs"), { groth16 } = require("snarkjs");
    const read = (name) => JSON.parse(fs.readFileSync(process.argv[1] + "/" + name + ".json"));
    const silent = { error() {}, info() {}, warn() {}, debug() {} };
    (async () => {
        const [vk, proof, pub] = ["verification_key", "proof", "public"].map(read);
        const verify = (p, x) => groth16.verify(vk, x, p, silent);
        const answers = { asItIs: await verify(proof, pub), changed: [] };
        for (let i = 0; i < pub.length; i++) {
            const x = pub.slice();
            x[i] = String(BigInt(x[i]) + 1n);
            answers.changed.push(await verify(proof, x));
        }
        answers.otherPoint = await verify({ ...proof, pi_c: proof.pi_a }, pub);
        console.log(JSON.stringify(answers));
        process.exit(0);
    })();
"#;

/// Snarkjs accepts the proof, and rejects it with any other public input and with another point. Skipped without
/// snarkjs, which is a failure where `SEALROOT_REQUIRE_ALL` is set.
#[allow(clippy::print_stderr)] // says what it skips
pub fn judge(key: &PolicyKey, inputs: &PublicInputs, proof: &Proof) {
    let Some(node_modules) = env::var_os("SEALROOT_NODE_MODULES") else {
        let how = "run `npm install snarkjs@0.7.6` and set SEALROOT_NODE_MODULES to that node_modules directory";
        assert!(env::var_os("SEALROOT_REQUIRE_ALL").is_none(), "snarkjs is required: {how}");
        return eprintln!("skipped: verification by snarkjs; {how}");
    };
    let files = snarkjs::export(key, inputs, proof).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in
        [("verification_key", &files.verification_key), ("proof", &files.proof), ("public", &files.public)]
    {
        fs::write(dir.path().join(name).with_extension("json"), value.to_string()).unwrap();
    }
    let run =
        Command::new("node").arg("-e").arg(SCRIPT).arg(dir.path()).env("NODE_PATH", node_modules).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let answers: Value = serde_json::from_slice(&run.stdout).unwrap();
    let expected =
        json!({ "asItIs": true, "changed": vec![false; files.public.as_array().unwrap().len()], "otherPoint": false });
    assert_eq!(answers, expected);
}
