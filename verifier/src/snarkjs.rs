//! A part in snarkjs's JSON files: `verification_key.json`, `proof.json`, `public.json`.
//!
//! The verifying key is the policy key, so that `snarkjs groth16 verify` checks the part as it is. snarkjs can't know whether
//! the key belongs to the policy, nor whether the inputs belong to a request: that is what `verify` and `audit` are for.

use crate::policy_key::{PolicyKey, ProofRejected};
use crate::proof::Proof;
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use sealroot_protocol::machine::PublicInputs;
use serde_json::{Value, json};

/// The three files' contents.
#[derive(Debug, Clone, PartialEq)]
pub struct SnarkjsFiles {
    /// `verification_key.json`.
    pub verification_key: Value,
    /// `proof.json`.
    pub proof: Value,
    /// `public.json`: the public inputs as decimal strings, in their order.
    pub public: Value,
}

/// Writes a part as snarkjs's files. Fails only if the inputs are inconsistent or of another shape.
pub fn export(key: &PolicyKey, inputs: &PublicInputs, proof: &Proof) -> Result<SnarkjsFiles, ProofRejected> {
    let public: Vec<String> = key.fields(inputs)?.iter().map(ToString::to_string).collect();
    let vk = key.folded().verifying_key();
    let points = proof.points();
    Ok(SnarkjsFiles {
        verification_key: json!({
            "protocol": "groth16",
            "curve": "bn128",
            "nPublic": public.len(),
            "vk_alpha_1": g1(&vk.alpha_g1),
            "vk_beta_2": g2(&vk.beta_g2),
            "vk_gamma_2": g2(&vk.gamma_g2),
            "vk_delta_2": g2(&vk.delta_g2),
            "IC": vk.gamma_abc_g1.iter().map(g1).collect::<Vec<_>>(),
        }),
        proof: json!({
            "pi_a": g1(&points.a),
            "pi_b": g2(&points.b),
            "pi_c": g1(&points.c),
            "protocol": "groth16",
            "curve": "bn128",
        }),
        public: json!(public),
    })
}

fn g1(point: &G1Affine) -> Value {
    json!([decimal(point.x), decimal(point.y), "1"])
}

/// snarkjs writes Fp2 as [c0, c1], EIP-197 as c1, c0.
fn g2(point: &G2Affine) -> Value {
    json!([pair(point.x), pair(point.y), ["1", "0"]])
}

fn pair(x: Fq2) -> Value {
    json!([decimal(x.c0), decimal(x.c1)])
}

fn decimal(x: Fq) -> String {
    x.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]
    use super::*;
    use crate::toy;
    use sealroot_protocol::field::F;
    use std::{env, fs, path::PathBuf, process::Command};

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

    /// Where snarkjs is installed; none, with a word on how to get it, if the environment doesn't say.
    fn node_modules() -> Option<PathBuf> {
        if let Some(dir) = env::var_os("SEALROOT_NODE_MODULES") {
            return Some(dir.into());
        }
        let how = "run `npm install snarkjs@0.7.6` and set SEALROOT_NODE_MODULES to that node_modules directory";
        assert!(env::var_os("SEALROOT_REQUIRE_ALL").is_none(), "snarkjs is required: {how}");
        eprintln!("skipped: verification by snarkjs; {how}");
        None
    }

    #[test]
    fn snarkjs_accepts_the_export_and_rejects_every_change() {
        let Some(node_modules) = node_modules() else { return };
        let inputs = toy::inputs(1);
        let (key, proof) = toy::solo().prove(&toy::words(1), &inputs, 1);
        let files = export(&key, &inputs, &proof).unwrap();
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
        let expected = json!({ "asItIs": true, "changed": vec![false; 11], "otherPoint": false });
        assert_eq!(answers, expected);
    }

    /// snarkjs's order of Fp2 coordinates is the reverse of EIP-197's.
    #[test]
    fn the_files_have_snarkjs_s_form() {
        let inputs = toy::inputs(1);
        let (key, proof) = toy::solo().prove(&toy::words(1), &inputs, 1);
        let files = export(&key, &inputs, &proof).unwrap();
        assert_eq!(files.verification_key["nPublic"], 11);
        assert_eq!(files.verification_key["IC"].as_array().map(Vec::len), Some(12));
        assert_eq!(files.public[1], "20260401");
        assert_eq!(files.public[7], "1");
        assert_eq!(files.proof["pi_b"][0][0], proof.points().b.x.c0.to_string());
        let mut broken = inputs;
        broken.roots[0].0 = F::from(0u8);
        broken.decision = false;
        assert!(export(&key, &broken, &proof).is_err());
    }
}
