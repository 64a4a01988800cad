//! Compiling every example policy, and judging facts by its words against cel's own interpreter.

use crate::measure::{Figures, compare, micros, millis, ratio};
use sealroot_policy::testing::Comparison;
use sealroot_policy::{Compiled, PolicySource, Sampler, SchemaRequest, compile};
use sealroot_protocol::schema::Schema;
use serde_json::json;
use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::Instant,
};

/// Facts of each policy.
const FACTS: u64 = 200;
/// Compilations of each, of which the fastest counts.
const ROUNDS: u32 = 5;

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    for file in policies()? {
        let (compiled, compile_time) = compiled(&file)?;
        let mut sampler = Sampler::new(&compiled, 1);
        let facts: Vec<_> = (0..FACTS).map(|_| sampler.facts()).collect();
        let comparison = Comparison::new(&compiled)?;
        let of = |i: u64| &facts[usize::try_from(i % FACTS).unwrap_or(0)];
        let [baseline, ours] = compare(
            ROUNDS,
            FACTS,
            |i| {
                let _ = black_box(comparison.interpret(of(i)));
            },
            |i| {
                let _ = black_box(compiled.evaluate(of(i)));
            },
        );
        let capacities = compiled.usage().of_capacities(&compiled.shape().dimensions());
        let used = capacities.into_iter().map(|(what, used, available)| (what, json!(format!("{used}/{available}"))));
        figures.row(json!({
            "policy": compiled.text().id.to_string(),
            "shape": compiled.shape().name(),
            "compile_ms": millis(compile_time),
            "interpreter_us": micros(baseline),
            "evaluator_us": micros(ours),
            "evaluator_cases_per_s": (1.0 / ours.as_secs_f64()).round(),
            "ratio": ratio(baseline, ours),
            "used": used.map(|(what, value)| (what.to_string(), value)).collect::<serde_json::Map<_, _>>(),
        }));
    }
    Ok(figures)
}

/// All policies under `examples/`, in the order of their names.
fn policies() -> Result<Vec<PathBuf>, String> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut files = Vec::new();
    for law in fs::read_dir(examples).map_err(|e| e.to_string())? {
        for file in fs::read_dir(law.map_err(|e| e.to_string())?.path()).map_err(|e| e.to_string())? {
            let path = file.map_err(|e| e.to_string())?.path();
            if path.to_string_lossy().ends_with(".policy.toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn compiled(file: &Path) -> Result<(Compiled, std::time::Duration), String> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let source = PolicySource { file: file.display().to_string(), text: read(file)? };
    let directory = file.parent().unwrap_or(Path::new("."));
    let schemas = |request: SchemaRequest<'_>| {
        Schema::from_toml(&read(&directory.join(request.reference))?).map_err(|e| e.to_string())
    };
    let once = || {
        let begun = Instant::now();
        compile(&source, &schemas).map(|compiled| (compiled, begun.elapsed())).map_err(|e| e.to_string())
    };
    let mut best = once()?;
    for _ in 1..ROUNDS {
        let again = once()?;
        if again.1 < best.1 {
            best = again;
        }
    }
    Ok(best)
}
