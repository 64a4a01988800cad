//! The table engine against ark-groth16 with cached matrices, in the same process and run, by CPU time of the process: rounds alternate,
//! and each counts by its best, so that a noisy machine hits all alike.

use crate::measure::{Figures, cpu, millis, ratio};
use crate::plot::{Bar, bars};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_circuits::{Assignment, matrices};
use sealroot_lanes::Instructions;
use sealroot_protocol::field::F;
use sealroot_protocol::machine::Shape;
use sealroot_prover::engine::{ArkEngine, Options, Phases, ProvingEngine, TableEngine};
use sealroot_prover::insecure_dev_setup;
use sealroot_prover::proving_key::ProvingKeyFile;
use sealroot_testing::{random::Random, statement::household::household, world::World};
use sealroot_verifier::key_header::KeySecurity;
use serde_json::json;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const MB: usize = 1_000_000;
/// What tables may take, in MB for each 2^15 rows.
const BUDGETS: [usize; 3] = [200, 110, 64];
const ROUNDS: usize = 6;
/// Proofs of one measurement of a batch for 2^15 rows, with the fastest instructions and with the others: enough that it matters little which thread
/// ends last.
const BATCHES: [u32; 2] = [96, 16];
/// How often each batch is measured, on one thread and on two in turn.
const BATCH_ROUNDS: usize = 4;

pub fn run(figures: &mut Figures) -> Result<(), String> {
    let mut plot = vec![Bar { label: "ark-groth16 0.6, 1 thread".into(), value: 1.0 }];
    for shape in Shape::ALL {
        let statements = statements(shape, figures);
        measure(shape, &statements, figures, &mut plot)?;
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/proving.svg");
    let title = "Proofs per CPU second, as a multiple of ark-groth16 in the same run";
    std::fs::write(file, bars(title, &plot)).map_err(|e| e.to_string())
}

/// Values of true statements: the example's about several people, and of several households of three. Deriving them is the phase of a
/// proof that no engine has a part in.
fn statements(shape: Shape, figures: &mut Figures) -> Vec<Zeroizing<Vec<F>>> {
    let (mut all, mut best) = (Vec::new(), Duration::MAX);
    let mut derive = |assignment: &dyn Fn() -> Assignment| {
        let start = cpu();
        all.push(assignment().full());
        best = best.min(cpu() - start);
    };
    if shape == Shape::Household {
        for seed in 0..4 {
            let case = household(false, &mut Random::new(seed));
            derive(&|| case.assignment());
        }
    } else {
        let world = World::new();
        for person in 0..4 {
            let request = world.request(person);
            let consent = world.consent(person, &request);
            let witness = world.witness(1, person, &request, &consent);
            let statement = world.statement(1, &request);
            derive(&|| Assignment::derive(statement.words, statement.as_of, statement.request, &witness));
        }
    }
    figures.row(json!({
        "shape": shape.name(), "what": "witness: values of all variables", "threads": 1, "cpu_ms": millis(best),
    }));
    all
}

struct Contender<'a> {
    engine: &'a TableEngine,
    instructions: Instructions,
    budget: usize,
    threads: usize,
    best: (Duration, Duration, Phases),
}

fn measure(
    shape: Shape,
    statements: &[Zeroizing<Vec<F>>],
    figures: &mut Figures,
    plot: &mut Vec<Bar>,
) -> Result<(), String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let matrices = matrices(shape);
    let made = insecure_dev_setup(shape, &mut StdRng::seed_from_u64(20_261_126)).map_err(|e| text(&e))?;
    let load = || {
        ProvingKeyFile::from_pinned(&made.proving_key, made.proving_key_hash, KeySecurity::AllowInsecure)
            .and_then(|file| file.into_key_for(&made.universal, matrices))
            .map_err(|e| e.to_string())
    };
    let key = load()?;
    let engine = |options: Options| {
        TableEngine::new(&key, made.proving_key_hash, matrices, options, &|_| {}).map_err(|e| e.to_string())
    };

    let scale = matrices.size().next_power_of_two() >> 15;
    let mut engines = Vec::new();
    for instructions in Instructions::all().into_iter().rev() {
        // Tables for scalar instructions take a minute to make: one size will do.
        for budget in BUDGETS.map(|budget| budget * scale).into_iter().take(if instructions == Instructions::scalar() {
            1
        } else {
            3
        }) {
            let start = (Instant::now(), cpu());
            let engine = engine(Options { instructions, threads: 2, budget: budget * MB, cache: None })?;
            figures.row(json!({
                "shape": shape.name(), "what": "making tables", "path": instructions.name(), "threads": 2, "budget_mb": budget,
                "table_mb": engine.table_bytes() / MB, "cpu_ms": millis(cpu() - start.1), "ms": millis(start.0.elapsed()),
            }));
            engines.push((engine, instructions, budget));
        }
    }
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (engine, instructions, budget) in &engines {
        for threads in [1, 2] {
            let best = (Duration::MAX, Duration::MAX, Phases::default());
            contenders.push(Contender { engine, instructions: *instructions, budget: *budget, threads, best });
        }
    }

    let ark = ArkEngine::new(key.clone(), matrices);
    let mut ark_best = (Duration::MAX, Duration::MAX);
    for round in 0..ROUNDS {
        let values = &statements[round % statements.len()];
        let (spent, elapsed) = clocked(|| ark.prove(values).map_err(|e| text(&e)))?;
        ark_best = (ark_best.0.min(spent), ark_best.1.min(elapsed));
        for contender in &mut contenders {
            let mut phases = Phases::default();
            let (spent, elapsed) = clocked(|| {
                let (proof, times) = contender.engine.prove_on(contender.threads, values).map_err(|e| text(&e))?;
                phases = times;
                Ok(proof)
            })?;
            if spent < contender.best.0 {
                contender.best.0 = spent;
                contender.best.2 = phases;
            }
            contender.best.1 = contender.best.1.min(elapsed);
        }
    }
    figures.row(json!({
        "shape": shape.name(), "what": "proof", "path": "ark-groth16 0.6.0, cached matrices", "threads": 1,
        "cpu_ms": millis(ark_best.0), "ms": millis(ark_best.1), "ratio": 1.0,
    }));
    for contender in &contenders {
        let (spent, elapsed, phases) = contender.best;
        figures.row(json!({
            "shape": shape.name(), "what": "proof, checked", "path": contender.instructions.name(), "threads": contender.threads,
            "budget_mb": contender.budget, "table_mb": contender.engine.table_bytes() / MB,
            "cpu_ms": millis(spent), "ms": millis(elapsed), "ratio": ratio(ark_best.0, spent),
            "digits_ms": millis(phases.digits), "transforms_ms": millis(phases.transforms), "a_ms": millis(phases.a),
            "b2_ms": millis(phases.b2), "c_ms": millis(phases.c), "check_ms": millis(phases.check),
        }));
        if contender.threads == 1 {
            let label = format!("{}, {} MB, {}", contender.instructions.name(), contender.budget, shape.name());
            plot.push(Bar { label, value: ratio(ark_best.0, spent) });
        }
    }

    for (instructions, count) in
        Instructions::all().into_iter().rev().zip(BATCHES.map(|count| (count / scale as u32).max(8)))
    {
        let batch: Vec<_> = (0..count as usize).map(|i| &statements[i % statements.len()][..]).collect();
        let mut best = [(Duration::MAX, Duration::MAX); 2];
        let Some((engine, ..)) = engines.iter().find(|(_, of, _)| *of == instructions) else { continue };
        for _ in 0..BATCH_ROUNDS {
            for (best, threads) in best.iter_mut().zip([1, 2]) {
                let (spent, elapsed) = clocked(|| {
                    let proofs = engine.prove_batch(threads, &batch);
                    proofs.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| text(&e))
                })?;
                *best = (best.0.min(spent), best.1.min(elapsed));
            }
        }
        for (threads, (spent, elapsed)) in [1u32, 2].into_iter().zip(best) {
            figures.row(json!({
                "shape": shape.name(), "what": "batch, per proof", "path": instructions.name(), "threads": threads,
                "cpu_ms": millis(spent / count), "ms": millis(elapsed / count), "ratio": ratio(ark_best.0 * count, spent),
                "proofs_per_s": (f64::from(count) / elapsed.as_secs_f64() * 10.0).round() / 10.0,
                "throughput": (best[0].1.as_secs_f64() / elapsed.as_secs_f64() * 100.0).round() / 100.0,
            }));
        }
    }

    let directory = tempfile::tempdir().map_err(|e| text(&e))?;
    let options = Options { threads: 2, cache: Some(directory.path().join("tables")), ..Options::detect() };
    engine(options.clone())?;
    let mut best = Duration::MAX;
    for values in statements {
        let start = Instant::now();
        let key = load()?;
        let engine =
            TableEngine::new(&key, made.proving_key_hash, matrices, options.clone(), &|_| {}).map_err(|e| text(&e))?;
        engine.prove(values).map_err(|e| text(&e))?;
        best = best.min(start.elapsed());
    }
    figures.row(json!({
        "shape": shape.name(), "what": "cold start: key and cached tables loaded and hashed, first proof made and checked",
        "path": options.instructions.name(), "threads": 2, "ms": millis(best),
    }));
    Ok(())
}

/// CPU time of the process, and time on the clock.
fn clocked<T>(work: impl FnOnce() -> Result<T, String>) -> Result<(Duration, Duration), String> {
    let (start, before) = (Instant::now(), cpu());
    std::hint::black_box(work()?);
    Ok((cpu() - before, start.elapsed()))
}
