//! Setup, witness, proof, verification and audit-free bundle verification of the example's program, and the table engine
//! against ark-groth16.

use crate::measure::{Figures, millis};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::{field::Digest, machine::Shape, policy::PolicyDigest};
use sealroot_prover::{Prover, Stage, Statement, insecure_dev_setup};
use sealroot_testing::{
    random::Random,
    statement::household::household,
    world::{World, prover, universal_keys},
};
use sealroot_verifier::{key_header::KeySecurity, policy_key::PolicyKey, proof::Proof, verify};
use serde_json::json;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    let setup = best(1, || prover().universal_key().hash());
    figures.row(json!({ "shape": Shape::Solo.name(), "what": "development setup and key load", "ms": millis(setup) }));

    let world = World::new();
    let mut stages = [Duration::MAX; 3];
    for round in 0..ROUNDS {
        // Another person each round: repeated inputs are learned by the machine.
        let person = round % 4;
        let request = world.request(person);
        let consent = world.consent(person, &request);
        let witness = world.witness(1, person, &request, &consent);
        let statement = world.statement(1, &request);
        let mut marks = Vec::new();
        prover().prove(statement, &witness, &mut |_: Stage| marks.push(Instant::now())).map_err(|e| e.to_string())?;
        marks.push(Instant::now());
        for (stage, pair) in stages.iter_mut().zip(marks.windows(2)) {
            *stage = (*stage).min(pair[1] - pair[0]);
        }
    }
    for (what, time) in
        ["witness, checked against every constraint", "proof", "check of the proof"].into_iter().zip(stages)
    {
        figures.row(json!({ "shape": "solo", "what": what, "ms": millis(time) }));
    }

    let key = best(ROUNDS, || PolicyKey::derive(prover().universal_key(), world.compiled[1].words()));
    figures.row(json!({ "shape": "solo", "what": "deriving a policy key", "ms": millis(key) }));

    let bundle = world.claim(World::APPLICANT);
    let (snapshot, keys) = (world.snapshot(), universal_keys());
    verify(&bundle, &snapshot, &keys, world.now).map_err(|e| e.to_string())?;
    let whole = best(ROUNDS, || verify(&bundle, &snapshot, &keys, world.now));
    figures
        .row(json!({ "shape": "solo", "what": "verifying a bundle of two parts, keys derived", "ms": millis(whole) }));
    household_verification(&mut figures)?;
    crate::engine::run(&mut figures)?;
    let bytes = bundle.to_bytes().map_err(|e| e.to_string())?.len();
    figures.row(json!({ "shape": "solo", "what": "bundle of two parts, without evidence", "bytes": bytes }));
    figures.row(json!({ "what": "peak memory of this run", "mib": peak_memory_mib() }));
    Ok(figures)
}

/// Checking a proof of the other shape: its words are more, its public inputs few.
fn household_verification(figures: &mut Figures) -> Result<(), String> {
    let made =
        insecure_dev_setup(Shape::Household, &mut StdRng::seed_from_u64(20_261_127)).map_err(|e| e.to_string())?;
    let universal = made.universal.clone();
    let prover = Prover::load(made.universal, &made.proving_key, made.proving_key_hash, KeySecurity::AllowInsecure)
        .map_err(|e| e.to_string())?;
    let case = household(false, &mut Random::new(1));
    let statement = Statement {
        words: &case.words,
        policy: PolicyDigest(Digest([9; 32])),
        as_of: case.as_of,
        request: case.request,
    };
    let part = prover.prove(statement, &case.witness, &mut |_| ()).map_err(|e| e.to_string())?;
    let proof = Proof::try_from(&part.proof).map_err(|e| e.to_string())?;
    let key = PolicyKey::derive(&universal, &case.words).map_err(|e| e.to_string())?;
    key.verify(&part.inputs, &proof).map_err(|e| e.to_string())?;
    let name = Shape::Household.name();
    let derive = best(ROUNDS, || PolicyKey::derive(&universal, &case.words));
    figures.row(json!({ "shape": name, "what": "deriving a policy key", "ms": millis(derive) }));
    let verify = best(ROUNDS, || key.verify(&part.inputs, &proof));
    figures.row(json!({ "shape": name, "what": "check of the proof", "ms": millis(verify) }));
    Ok(())
}

fn best<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// `VmHWM` of /proc/self/status; 0 where there is none.
pub fn peak_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|kib| kib.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
