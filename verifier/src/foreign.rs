//! Any Groth16 proof over BN254 in snarkjs's files, no matter who made it: other projects' known answers, and our own exports.
//!
//! Guarantee: numbers are decimal in their one spelling and below their modulus; points are on the curve, in the subgroup and not the
//! identity; the key is none under which anybody can forge; there are exactly as many inputs as the key has. Nothing is reduced, padded
//! or ignored. Non-guarantee: what the proof means. Which circuit the key is for, who made it, and what its inputs stand for, no file says.
//!
//! `docs/spec/keys-and-proofs.md` (Foreign proofs) has the form of the files.

use crate::groth16::{FoldableKey, FoldedKey, UnsafeKey};
use crate::points::{self, PointError};
use crate::proof::{Proof, ProofError};
use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField};
use ark_groth16::VerifyingKey;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::F;
use sealroot_protocol::parser_words::plain;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Why a foreign proof isn't accepted.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// One of the files isn't what snarkjs writes.
    #[error("the {file} can't be read: {problem}")]
    Form {
        /// Which file.
        file: File,
        /// What is wrong with it.
        problem: String,
    },
    /// The verifying key must not be used.
    #[error("unsafe verifying key: {0}")]
    Key(#[from] UnsafeKey),
    /// A point of the proof is not acceptable.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A public input is at least the scalar field's modulus.
    #[error("public input {0} is not less than the BN254 scalar field modulus: it would stand for another number")]
    InputNotReduced(usize),
    /// Too few or too many public inputs.
    #[error("the verifying key has {expected} public inputs, {found} are given")]
    InputCount {
        /// What the key has.
        expected: usize,
        /// What is given.
        found: usize,
    },
    /// The pairing equation doesn't hold.
    #[error("the proof doesn't hold for this key and these public inputs")]
    Equation,
}

impl Coded for ForeignError {
    fn code(&self) -> Code {
        match self {
            Self::Form { .. } => Code::BadSnarkjsFile,
            Self::Key(_) => Code::UnsafeVerifyingKey,
            Self::Proof(_) => Code::ProofMalformed,
            Self::InputNotReduced(_) | Self::InputCount { .. } => Code::PublicInputsMismatch,
            Self::Equation => Code::ProofInvalid,
        }
    }
}

/// One of the three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// `verification_key.json`.
    Key,
    /// `proof.json`.
    Proof,
    /// `public.json`.
    Public,
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "verifying key",
            Self::Proof => "proof",
            Self::Public => "list of public inputs",
        })
    }
}

/// Checks a proof, from the bytes of `verification_key.json`, `proof.json` and `public.json`. Returns the public inputs for which it holds.
pub fn verify(key: &[u8], proof: &[u8], public: &[u8]) -> Result<Vec<F>, ForeignError> {
    let key = read_key(key)?;
    let proof = read_proof(proof)?;
    let inputs = read_public(public)?;
    let expected = key.verifying_key().gamma_abc_g1.len() - 1;
    if inputs.len() != expected {
        return Err(ForeignError::InputCount { expected, found: inputs.len() });
    }
    if key.holds(&inputs, proof.points()) { Ok(inputs) } else { Err(ForeignError::Equation) }
}

type G1Text = [String; 3];
type G2Text = [[String; 2]; 3];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    protocol: String,
    curve: Option<String>,
    #[serde(rename = "nPublic")]
    inputs: usize,
    vk_alpha_1: G1Text,
    vk_beta_2: G2Text,
    vk_gamma_2: G2Text,
    vk_delta_2: G2Text,
    /// e(alpha, beta), which snarkjs's own verifier doesn't read.
    vk_alphabeta_12: Option<[[[String; 2]; 3]; 2]>,
    #[serde(rename = "IC")]
    ic: Vec<G1Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    pi_a: G1Text,
    pi_b: G2Text,
    pi_c: G1Text,
    protocol: String,
    curve: Option<String>,
}

fn read_key(bytes: &[u8]) -> Result<FoldedKey, ForeignError> {
    let form = |problem: String| ForeignError::Form { file: File::Key, problem };
    let file: KeyFile = object(File::Key, bytes)?;
    check_kind(File::Key, &file.protocol, file.curve.as_deref())?;
    if file.ic.len() != file.inputs.saturating_add(1) {
        return Err(form(format!(
            "nPublic is {}, and IC has {} points instead of one more",
            file.inputs,
            file.ic.len()
        )));
    }
    for number in file.vk_alphabeta_12.iter().flatten().flatten().flatten() {
        coordinate(File::Key, number)?.map_err(|_| form("a number of vk_alphabeta_12 is not reduced".into()))?;
    }
    let named = |point| move |error| UnsafeKey::Point { point, error };
    let key = VerifyingKey::<Bn254> {
        alpha_g1: g1(File::Key, &file.vk_alpha_1)?.map_err(named("alpha"))?,
        beta_g2: g2(File::Key, &file.vk_beta_2)?.map_err(named("beta"))?,
        gamma_g2: g2(File::Key, &file.vk_gamma_2)?.map_err(named("gamma"))?,
        delta_g2: g2(File::Key, &file.vk_delta_2)?.map_err(named("delta"))?,
        gamma_abc_g1: file
            .ic
            .iter()
            .map(|point| Ok(g1(File::Key, point)?.map_err(named("IC"))?))
            .collect::<Result<_, ForeignError>>()?,
    };
    Ok(FoldableKey::new(key, file.inputs, 0)?.fold(&[])?)
}

fn read_proof(bytes: &[u8]) -> Result<Proof, ForeignError> {
    let file: ProofFile = object(File::Proof, bytes)?;
    check_kind(File::Proof, &file.protocol, file.curve.as_deref())?;
    let at = |point| move |error| ProofError { point, error };
    let points = ark_groth16::Proof {
        a: g1(File::Proof, &file.pi_a)?.map_err(at('A'))?,
        b: g2(File::Proof, &file.pi_b)?.map_err(at('B'))?,
        c: g1(File::Proof, &file.pi_c)?.map_err(at('C'))?,
    };
    Ok(Proof::from_points(points)?)
}

fn read_public(bytes: &[u8]) -> Result<Vec<F>, ForeignError> {
    let texts: Vec<String> = json(File::Public, bytes)?;
    let input = |(i, text): (usize, &String)| {
        let number = digits(File::Public, text)?;
        number.and_then(F::from_bigint).ok_or(ForeignError::InputNotReduced(i))
    };
    texts.iter().enumerate().map(input).collect()
}

/// A JSON object, and not a list of its values in order, which the library would take for one.
fn object<T: DeserializeOwned>(file: File, bytes: &[u8]) -> Result<T, ForeignError> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => json(file, bytes),
        _ => Err(ForeignError::Form { file, problem: "it is no JSON object".into() }),
    }
}

/// Fields that are missing, unknown or doubled, and anything after the end, are the library's errors.
fn json<T: DeserializeOwned>(file: File, bytes: &[u8]) -> Result<T, ForeignError> {
    serde_json::from_slice(bytes).map_err(|error| ForeignError::Form {
        file,
        problem: format!("line {}, column {}: {}", error.line(), error.column(), plain(&error.to_string())),
    })
}

fn check_kind(file: File, protocol: &str, curve: Option<&str>) -> Result<(), ForeignError> {
    let problem = if protocol != "groth16" {
        "its protocol is not groth16"
    } else if curve.is_some_and(|curve| curve != "bn128") {
        "its curve is not bn128, snarkjs's name of BN254"
    } else {
        return Ok(());
    };
    Err(ForeignError::Form { file, problem: problem.into() })
}

/// `[x, y, "1"]`. snarkjs writes the identity as `["0", "1", "0"]`.
fn g1(file: File, [x, y, z]: &G1Text) -> Result<Result<G1Affine, PointError>, ForeignError> {
    let point = (coordinate(file, x)?, coordinate(file, y)?, z.as_str());
    Ok(match point {
        (_, _, "0") => Err(PointError::Identity),
        (Ok(x), Ok(y), "1") => {
            let point = G1Affine::new_unchecked(x, y);
            points::check_g1(&point).map(|()| point)
        }
        (_, _, "1") => Err(PointError::NotReduced),
        _ => return Err(not_affine(file)),
    })
}

/// `[[x.c0, x.c1], [y.c0, y.c1], ["1", "0"]]`.
fn g2(file: File, [x, y, z]: &G2Text) -> Result<Result<G2Affine, PointError>, ForeignError> {
    let pair = |[c0, c1]: &[String; 2]| -> Result<Result<Fq2, PointError>, ForeignError> {
        Ok(match (coordinate(file, c0)?, coordinate(file, c1)?) {
            (Ok(c0), Ok(c1)) => Ok(Fq2::new(c0, c1)),
            _ => Err(PointError::NotReduced),
        })
    };
    let point = (pair(x)?, pair(y)?, [z[0].as_str(), z[1].as_str()]);
    Ok(match point {
        (_, _, ["0", "0"]) => Err(PointError::Identity),
        (Ok(x), Ok(y), ["1", "0"]) => {
            let point = G2Affine::new_unchecked(x, y);
            points::check_g2(&point).map(|()| point)
        }
        (_, _, ["1", "0"]) => Err(PointError::NotReduced),
        _ => return Err(not_affine(file)),
    })
}

fn not_affine(file: File) -> ForeignError {
    ForeignError::Form {
        file,
        problem: "the last coordinate of a point is not 1: the point isn't in affine form".into(),
    }
}

fn coordinate(file: File, text: &str) -> Result<Result<Fq, PointError>, ForeignError> {
    Ok(digits(file, text)?.and_then(Fq::from_bigint).ok_or(PointError::NotReduced))
}

/// The number that decimal digits spell, without sign, space or leading zero; `None` from 2^256 on, which is no element of either field.
fn digits(file: File, text: &str) -> Result<Option<BigInt<4>>, ForeignError> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() && (text == "0" || !text.starts_with('0'));
    if !canonical {
        let problem = "a number is not written in decimal digits without sign, space or leading zero".into();
        return Err(ForeignError::Form { file, problem });
    }
    let mut limbs = [0u64; 4];
    for digit in text.bytes().map(|b| u128::from(b - b'0')) {
        let mut carry = digit;
        for limb in &mut limbs {
            let next = u128::from(*limb) * 10 + carry;
            (*limb, carry) = (next as u64, next >> 64);
        }
        if carry != 0 {
            return Ok(None);
        }
    }
    Ok(Some(BigInt(limbs)))
}
