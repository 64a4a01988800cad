//! Proofs of other projects in snarkjs's files: a known answer that snarkjs alone made (`tests/node/known_answer.js`), and everything that
//! may be wrong with it.

#![allow(clippy::unwrap_used)]

use ark_bn254::{Fq, Fq2, G2Affine};
use ark_ff::{Field, PrimeField};
use sealroot_protocol::code::Coded;
use sealroot_protocol::field::F;
use sealroot_testing::bundle::prove;
use sealroot_testing::toy;
use sealroot_verifier::{foreign, snarkjs};
use serde_json::{Value, json};

const KEY: &str = include_str!("vectors/snarkjs/verification_key.json");
const PROOF: &str = include_str!("vectors/snarkjs/proof.json");
const PUBLIC: &str = include_str!("vectors/snarkjs/public.json");

fn verify(key: &str, proof: &str, public: &str) -> Result<Vec<F>, &'static str> {
    foreign::verify(key.as_bytes(), proof.as_bytes(), public.as_bytes()).map_err(|error| {
        assert!(!error.to_string().is_empty());
        error.code().as_str()
    })
}

/// 3^3 + (p − 1) = 26.
#[test]
fn a_known_answer_of_snarkjs_holds() {
    assert_eq!(verify(KEY, PROOF, PUBLIC).unwrap(), [F::from(26u8), -F::from(1u8)]);
}

#[test]
fn our_own_export_holds() {
    let inputs = toy::inputs(1);
    let (key, proof) = prove(toy::solo(), &toy::words(1), &inputs, 1);
    let files = snarkjs::export(&key, &inputs, &proof).unwrap();
    let [key, proof, public] = [files.verification_key, files.proof, files.public].map(|file| file.to_string());
    assert_eq!(verify(&key, &proof, &public).unwrap(), inputs.to_fields().unwrap());
}

/// What snarkjs makes without a contribution to the second phase accepts forgeries: delta is gamma.
#[test]
fn a_key_that_nobody_contributed_to_is_rejected() {
    let uncontributed = include_str!("vectors/snarkjs/uncontributed.json");
    assert_eq!(verify(uncontributed, PROOF, PUBLIC), Err("unsafe-verifying-key"));
}

type Tamper = fn(&mut Value);

fn tampered(text: &str, tamper: Tamper) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let before = value.clone();
    tamper(&mut value);
    assert_ne!(value, before, "changes nothing");
    value.to_string()
}

/// `+ modulus`, in decimal: another spelling of the same element.
fn plus(number: &Value, modulus: &str) -> Value {
    let digits = |text: &str| text.bytes().rev().map(|b| b - b'0').collect::<Vec<u8>>();
    let (a, b) = (digits(number.as_str().unwrap()), digits(modulus));
    let (mut sum, mut carry) = (Vec::new(), 0);
    for i in 0..a.len().max(b.len()) {
        let x = a.get(i).unwrap_or(&0) + b.get(i).unwrap_or(&0) + carry;
        sum.push(char::from(b'0' + x % 10));
        carry = x / 10;
    }
    if carry > 0 {
        sum.push('1');
    }
    sum.iter().rev().collect::<String>().into()
}

fn plus_q(number: &Value) -> Value {
    plus(number, &Fq::MODULUS.to_string())
}

fn plus_p(number: &Value) -> Value {
    plus(number, &F::MODULUS.to_string())
}

/// On the twist, and not in the subgroup.
fn outside_subgroup() -> Value {
    let point = (1u64..)
        .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    let pair = |x: Fq2| json!([x.c0.to_string(), x.c1.to_string()]);
    json!([pair(point.x), pair(point.y), ["1", "0"]])
}

#[test]
fn every_tampered_proof_is_rejected() {
    let table: &[(&str, Tamper, &str)] = &[
        ("points exchanged", |p| p["pi_a"] = p["pi_c"].clone(), "proof-invalid"),
        (
            "the negated A",
            |p| p["pi_a"][1] = (-p["pi_a"][1].as_str().unwrap().parse::<Fq>().unwrap()).to_string().into(),
            "proof-invalid",
        ),
        ("A off the curve", |p| p["pi_a"][0] = "1".into(), "proof-malformed"),
        ("C at infinity", |p| p["pi_c"] = json!(["0", "1", "0"]), "proof-malformed"),
        ("C of zeros", |p| p["pi_c"] = json!(["0", "0", "1"]), "proof-malformed"),
        ("B at infinity", |p| p["pi_b"][2] = json!(["0", "0"]), "proof-malformed"),
        ("B outside the subgroup", |p| p["pi_b"] = outside_subgroup(), "proof-malformed"),
        (
            "B's coordinates in EIP-197's order",
            |p| p["pi_b"].as_array_mut().unwrap()[..2].iter_mut().for_each(|c| c.as_array_mut().unwrap().reverse()),
            "proof-malformed",
        ),
        ("x + q", |p| p["pi_a"][0] = plus_q(&p["pi_a"][0]), "proof-malformed"),
        ("a coordinate of B + q", |p| p["pi_b"][1][1] = plus_q(&p["pi_b"][1][1]), "proof-malformed"),
        ("a coordinate of 300 digits", |p| p["pi_c"][1] = "9".repeat(300).into(), "proof-malformed"),
        ("projective", |p| p["pi_a"][2] = "2".into(), "bad-snarkjs-file"),
        ("B's last coordinate", |p| p["pi_b"][2][1] = "1".into(), "bad-snarkjs-file"),
        (
            "a leading zero",
            |p| p["pi_a"][0] = format!("0{}", p["pi_a"][0].as_str().unwrap()).into(),
            "bad-snarkjs-file",
        ),
        ("a sign", |p| p["pi_a"][0] = format!("+{}", p["pi_a"][0].as_str().unwrap()).into(), "bad-snarkjs-file"),
        ("a space", |p| p["pi_a"][0] = format!("{} ", p["pi_a"][0].as_str().unwrap()).into(), "bad-snarkjs-file"),
        ("hexadecimal", |p| p["pi_a"][0] = "0x1".into(), "bad-snarkjs-file"),
        ("no digit", |p| p["pi_a"][0] = "".into(), "bad-snarkjs-file"),
        ("other digits", |p| p["pi_a"][0] = "٣".into(), "bad-snarkjs-file"),
        ("a JSON number", |p| p["pi_a"][0] = 1.into(), "bad-snarkjs-file"),
        ("a fourth coordinate", |p| p["pi_a"].as_array_mut().unwrap().push("1".into()), "bad-snarkjs-file"),
        ("a coordinate missing", |p| _ = p["pi_a"].as_array_mut().unwrap().pop(), "bad-snarkjs-file"),
        ("an unknown field", |p| p["pi_d"] = p["pi_a"].clone(), "bad-snarkjs-file"),
        ("a field missing", |p| _ = p.as_object_mut().unwrap().remove("pi_b"), "bad-snarkjs-file"),
        ("another protocol", |p| p["protocol"] = "plonk".into(), "bad-snarkjs-file"),
        ("another curve", |p| p["curve"] = "bls12381".into(), "bad-snarkjs-file"),
        (
            "a list of the values",
            |p| *p = json!([p["pi_a"], p["pi_b"], p["pi_c"], "groth16", "bn128"]),
            "bad-snarkjs-file",
        ),
    ];
    for (what, tamper, code) in table {
        assert_eq!(verify(KEY, &tampered(PROOF, *tamper), PUBLIC), Err(*code), "{what}");
    }
    for (what, text) in [
        ("a doubled field", PROOF.replacen('{', "{\"protocol\": \"groth16\",", 1)),
        ("a byte after the end", format!("{PROOF}x")),
        ("half of it", PROOF[..PROOF.len() / 2].to_owned()),
        ("nothing", String::new()),
    ] {
        assert_eq!(verify(KEY, &text, PUBLIC), Err("bad-snarkjs-file"), "{what}");
    }
    let without_curve = tampered(PROOF, |p| _ = p.as_object_mut().unwrap().remove("curve"));
    assert!(verify(KEY, &without_curve, PUBLIC).is_ok(), "older snarkjs names no curve");
}

#[test]
fn every_tampered_list_of_inputs_is_rejected() {
    let table: &[(&str, Tamper, &str)] = &[
        ("another input", |x| x[0] = "27".into(), "proof-invalid"),
        ("inputs exchanged", |x| x.as_array_mut().unwrap().swap(0, 1), "proof-invalid"),
        ("x + p", |x| x[0] = plus_p(&x[0]), "public-inputs-mismatch"),
        ("p − 1 + p", |x| x[1] = plus_p(&x[1]), "public-inputs-mismatch"),
        ("the modulus", |x| x[1] = F::MODULUS.to_string().into(), "public-inputs-mismatch"),
        ("one missing", |x| _ = x.as_array_mut().unwrap().pop(), "public-inputs-mismatch"),
        ("one more, 0", |x| x.as_array_mut().unwrap().push("0".into()), "public-inputs-mismatch"),
        ("a sign", |x| x[1] = "-1".into(), "bad-snarkjs-file"),
        ("a leading zero", |x| x[0] = "026".into(), "bad-snarkjs-file"),
        ("a JSON number", |x| x[0] = 26.into(), "bad-snarkjs-file"),
        ("an object", |x| *x = json!({"0": "26"}), "bad-snarkjs-file"),
    ];
    for (what, tamper, code) in table {
        assert_eq!(verify(KEY, PROOF, &tampered(PUBLIC, *tamper)), Err(*code), "{what}");
    }
}

#[test]
fn every_tampered_key_is_rejected() {
    let table: &[(&str, Tamper, &str)] = &[
        ("inputs' points exchanged", |k| k["IC"].as_array_mut().unwrap().swap(1, 2), "proof-invalid"),
        ("another alpha", |k| k["vk_alpha_1"] = k["IC"][0].clone(), "proof-invalid"),
        ("delta is gamma", |k| k["vk_delta_2"] = k["vk_gamma_2"].clone(), "unsafe-verifying-key"),
        ("beta is delta", |k| k["vk_beta_2"] = k["vk_delta_2"].clone(), "unsafe-verifying-key"),
        ("an input without effect", |k| k["IC"][1] = json!(["0", "1", "0"]), "unsafe-verifying-key"),
        ("two inputs with one point", |k| k["IC"][1] = k["IC"][2].clone(), "unsafe-verifying-key"),
        ("alpha is the generator", |k| k["vk_alpha_1"] = json!(["1", "2", "1"]), "unsafe-verifying-key"),
        ("beta outside the subgroup", |k| k["vk_beta_2"] = outside_subgroup(), "unsafe-verifying-key"),
        ("alpha + q", |k| k["vk_alpha_1"][0] = plus_q(&k["vk_alpha_1"][0]), "unsafe-verifying-key"),
        ("an input off the curve", |k| k["IC"][0][1] = "5".into(), "unsafe-verifying-key"),
        ("a number of inputs that IC hasn't", |k| k["nPublic"] = 3.into(), "bad-snarkjs-file"),
        ("a number of inputs near 2^64", |k| k["nPublic"] = u64::MAX.into(), "bad-snarkjs-file"),
        ("no IC", |k| (k["IC"], k["nPublic"]) = (json!([]), 0.into()), "bad-snarkjs-file"),
        (
            "an unreduced number beside",
            |k| k["vk_alphabeta_12"][0][0][0] = plus_q(&k["vk_alphabeta_12"][0][0][0]),
            "bad-snarkjs-file",
        ),
        ("an unknown field", |k| k["comment"] = "x".into(), "bad-snarkjs-file"),
    ];
    for (what, tamper, code) in table {
        assert_eq!(verify(&tampered(KEY, *tamper), PROOF, PUBLIC), Err(*code), "{what}");
    }
    let fewer = tampered(KEY, |k| {
        _ = k["IC"].as_array_mut().unwrap().pop();
        k["nPublic"] = 1.into();
    });
    assert_eq!(verify(&fewer, PROOF, PUBLIC), Err("public-inputs-mismatch"));
    let without = tampered(KEY, |k| _ = k.as_object_mut().unwrap().remove("vk_alphabeta_12"));
    assert!(verify(&without, PROOF, PUBLIC).is_ok(), "our own export leaves it out");
}

/// Whatever byte is damaged, the answer is an answer; no damage of a digit leaves the proof standing.
#[test]
fn damaged_files_are_rejected() {
    for at in (0..PROOF.len()).step_by(11) {
        let mut bytes = PROOF.as_bytes().to_vec();
        bytes[at] = if bytes[at].is_ascii_digit() { b'0' + (bytes[at] - b'0' + 1) % 10 } else { b'#' };
        assert!(foreign::verify(KEY.as_bytes(), &bytes, PUBLIC.as_bytes()).is_err(), "byte {at}");
    }
}
