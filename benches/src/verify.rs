//! Batches of proofs, from bytes to the answer, against the same batch with arkworks' curves and pairings: in one process and run, by CPU time
//! on one thread. Rounds alternate, and each counts by its best, so that a noisy machine hits all alike.

use crate::measure::{Figures, cpu, micros, ratio};
use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::{BigInt, PrimeField, UniformRand, Zero};
use ark_groth16::Groth16;
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_lanes::Instructions;
use sealroot_protocol::bundle::ProofBytes;
use sealroot_protocol::machine::PublicInputs;
use sealroot_testing::world::{World, prover};
use sealroot_verifier::batch::{Claim, verify_batch_on};
use sealroot_verifier::points::{g1_from_bytes, g2_from_bytes};
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_verifier::proof::Proof;
use serde_json::json;
use std::hint::black_box;
use std::time::Duration;

/// Proofs in a batch, and rounds.
const SIZES: [(usize, usize); 4] = [(1, 15), (8, 9), (100, 5), (1000, 3)];

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    let statements = statements()?;
    let largest = SIZES.iter().map(|(n, _)| *n).max().unwrap_or_default();
    let submitted = submitted(&statements, largest)?;
    let mut wrong = submitted[..100].to_vec();
    wrong[57].proof = submitted[56].proof.clone();
    for instructions in Instructions::all() {
        if verify(instructions, &statements, &wrong).is_ok() {
            return Err("a wrong proof passes".into());
        }
    }
    for (n, rounds) in SIZES {
        let batch = &submitted[..n];
        let (mut ark_best, mut combined_best) = ([Duration::MAX; 2], [Duration::MAX; 2]);
        let mut best = vec![[Duration::MAX; 2]; Instructions::all().len()];
        for _ in 0..rounds {
            least(&mut ark_best, ark_batch(&statements, batch, Inputs::Each)?);
            least(&mut combined_best, ark_batch(&statements, batch, Inputs::Combined)?);
            for (best, instructions) in best.iter_mut().zip(Instructions::all()) {
                least(best, verify(instructions, &statements, batch)?);
            }
        }
        let mut row = |instructions: &str, best: [Duration; 2]| {
            let count = u32::try_from(n).unwrap_or(u32::MAX);
            let [decode, equation] = best.map(|all| all / count);
            let (ark, ours) = (ark_best[0] + ark_best[1], best[0] + best[1]);
            figures.row(json!({
                "proofs": n, "path": instructions, "decode_us": micros(decode), "equation_us": micros(equation),
                "us_per_proof": micros(decode + equation), "ratio": ratio(ark, ours),
            }));
        };
        row("arkworks 0.6.0", ark_best);
        row("arkworks 0.6.0, inputs combined first", combined_best);
        for (best, instructions) in best.into_iter().zip(Instructions::all()) {
            row(instructions.name(), best);
        }
    }
    Ok(figures)
}

fn least(best: &mut [Duration; 2], found: [Duration; 2]) {
    best.iter_mut().zip(found).for_each(|(best, found)| *best = (*best).min(found));
}

/// A policy's key, and public inputs for which there is a proof.
struct Statement {
    key: PolicyKey,
    ark: ArkKey,
    inputs: PublicInputs,
    proof: Proof,
}

/// Two people's claims under the example's two policies, really proved.
fn statements() -> Result<Vec<Statement>, String> {
    let world = World::new();
    let mut all = Vec::new();
    for person in [World::APPLICANT, World::NEIGHBOUR] {
        for (part, compiled) in world.claim(person).parts.into_iter().zip(&world.compiled) {
            let key = PolicyKey::derive(prover().universal_key(), compiled.words()).map_err(|e| e.to_string())?;
            let proof = Proof::try_from(&part.proof).map_err(|e| e.to_string())?;
            all.push(Statement { ark: ArkKey::new(&key)?, key, inputs: part.inputs, proof });
        }
    }
    Ok(all)
}

/// What a verifier receives.
#[derive(Clone)]
struct Submitted {
    statement: usize,
    proof: ProofBytes,
}

/// Proofs that differ from each other in every point: real ones, with fresh randomness.
fn submitted(statements: &[Statement], n: usize) -> Result<Vec<Submitted>, String> {
    let mut rng = StdRng::seed_from_u64(100);
    let key = prover().universal_key().verifying_key();
    let fresh = |i: usize| {
        let statement = i % statements.len();
        let points = statements[statement].proof.points();
        let proof = Proof::from_points(Groth16::<Bn254>::rerandomize_proof(key, points, &mut rng));
        Ok(Submitted { statement, proof: ProofBytes::from(&proof.map_err(|e| e.to_string())?) })
    };
    (0..n).map(fresh).collect()
}

/// CPU time of decoding and of the equation.
fn verify(instructions: Instructions, statements: &[Statement], batch: &[Submitted]) -> Result<[Duration; 2], String> {
    let start = cpu();
    let proofs = Proof::decode_batch_on(instructions, batch.iter().map(|submitted| &submitted.proof));
    let proofs = proofs.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
    let decoded = cpu();
    let claim = |(submitted, proof): (&Submitted, _)| {
        let Statement { key, inputs, .. } = &statements[submitted.statement];
        Claim { key, inputs, proof }
    };
    let claims: Vec<_> = batch.iter().zip(&proofs).map(claim).collect();
    verify_batch_on(instructions, &claims).map_err(|e| e.to_string())?;
    Ok([decoded - start, cpu() - decoded])
}

/// The points of a policy's key.
struct ArkKey {
    alpha: G1Affine,
    beta: G2Affine,
    gamma: G2Affine,
    delta: G2Affine,
    inputs: Vec<G1Affine>,
}

impl ArkKey {
    fn new(key: &PolicyKey) -> Result<Self, String> {
        let bytes = key.to_bytes();
        let (g1, g2) = (|at: usize| bytes[at..at + 64].try_into(), |at: usize| bytes[at..at + 128].try_into());
        let g1 = |at| g1(at).ok().and_then(|bytes| g1_from_bytes(&bytes).ok()).ok_or("a policy key");
        let g2 = |at| g2(at).ok().and_then(|bytes| g2_from_bytes(&bytes).ok()).ok_or("a policy key");
        let inputs = (448..bytes.len()).step_by(64).map(g1).collect::<Result<_, _>>()?;
        Ok(Self { alpha: g1(0)?, beta: g2(64)?, gamma: g2(192)?, delta: g2(320)?, inputs })
    }
}

/// How the baseline combines public inputs: for each proof by itself, as this verifier did before it had lanes, or over the scalar field.
#[derive(Clone, Copy)]
enum Inputs {
    Each,
    Combined,
}

/// The baseline: the same checks and the same equation, with arkworks' subgroup check, multi-scalar multiplication and product of pairings.
fn ark_batch(statements: &[Statement], batch: &[Submitted], how: Inputs) -> Result<[Duration; 2], String> {
    let start = cpu();
    let proofs = batch.iter().map(|s| ark_decode(&s.proof.0).ok_or("a proof")).collect::<Result<Vec<_>, _>>()?;
    let decoded = cpu();
    let mut rng = StdRng::seed_from_u64(1);
    let r: Vec<Fr> = batch.iter().map(|_| Fr::from(u128::rand(&mut rng).max(1))).collect();
    let (mut r_sum, mut combined) = (Fr::zero(), G1Projective::zero());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    // Points of the policies' keys, and what they are multiplied with.
    let (mut points, mut scalars) = (Vec::new(), Vec::new());
    for statement in statements {
        points.extend(&statement.ark.inputs);
    }
    scalars.resize(points.len(), Fr::zero());
    for ((submitted, (a, b, _)), r) in batch.iter().zip(&proofs).zip(&r) {
        let Statement { ark, inputs, .. } = &statements[submitted.statement];
        let fields = inputs.to_fields().map_err(|e| e.to_string())?;
        match how {
            Inputs::Each => {
                let sum = G1Projective::msm(&ark.inputs[1..], &fields).map_err(|_| "the number of inputs")?;
                combined += (sum + ark.inputs[0]) * r;
            }
            Inputs::Combined => {
                let first = submitted.statement * ark.inputs.len();
                scalars[first] += r;
                scalars[first + 1..].iter_mut().zip(fields).for_each(|(scalar, field)| *scalar += *r * field);
            }
        }
        r_sum += r;
        left.push((*a * r).into_affine());
        right.push(*b);
    }
    if let Inputs::Combined = how {
        combined = G1Projective::msm(&points, &scalars).map_err(|_| "the number of points")?;
    }
    let c: Vec<_> = proofs.iter().map(|(_, _, c)| *c).collect();
    let c = G1Projective::msm(&c, &r).map_err(|_| "the number of proofs")?;
    let key = &statements[0].ark;
    left.extend([(key.alpha * -r_sum).into_affine(), combined.into_affine(), c.into_affine()]);
    right.extend([key.beta, (-key.gamma), (-key.delta)]);
    if !black_box(Bn254::multi_pairing(left, right)).is_zero() {
        return Err("the baseline refuses".into());
    }
    Ok([decoded - start, cpu() - decoded])
}

fn ark_decode(bytes: &[u8; 256]) -> Option<(G1Affine, G2Affine, G1Affine)> {
    let mut f = [Fq::zero(); 8];
    for (f, chunk) in f.iter_mut().zip(bytes.as_chunks::<32>().0) {
        let mut limbs = [0; 4];
        for (limb, part) in limbs.iter_mut().rev().zip(chunk.as_chunks::<8>().0) {
            *limb = u64::from_be_bytes(*part);
        }
        *f = Fq::from_bigint(BigInt(limbs))?;
    }
    let b = G2Affine::new_unchecked(Fq2::new(f[3], f[2]), Fq2::new(f[5], f[4]));
    let (a, c) = (G1Affine::new_unchecked(f[0], f[1]), G1Affine::new_unchecked(f[6], f[7]));
    (is_valid(&a) && is_valid(&b) && is_valid(&c)).then_some((a, b, c))
}

fn is_valid<C: SWCurveConfig>(point: &Affine<C>) -> bool {
    !point.is_zero() && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()
}
