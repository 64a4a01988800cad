//! Figures, measured: each as a ratio to a named baseline in the same run where there is one.
//!
//! `cargo run --release -p sealroot-benches -- poseidon` (or another bench, or `all`) prints a table and writes `benches/figures/<bench>.json`.

mod audit;
mod chain;
mod constraints;
mod engine;
mod measure;
mod plot;
mod policy;
mod poseidon;
mod prove;
mod tree;
mod vault;
mod verify;

use measure::Figures;
use std::{path::Path, process::ExitCode};

/// A bench by its name.
type Bench = (&'static str, fn() -> Result<Figures, String>);

const BENCHES: [Bench; 9] = [
    ("audit", audit::run),
    ("chain", chain::run),
    ("constraints", constraints::run),
    ("policy", policy::run),
    ("poseidon", poseidon::run),
    ("prove", prove::run),
    ("tree", tree::run),
    ("vault", vault::run),
    ("verify", verify::run),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let chosen: Vec<_> = BENCHES.iter().filter(|(name, _)| wanted == "all" || wanted == *name).collect();
    if chosen.is_empty() {
        let names: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        eprintln!("usage: sealroot-benches all|{}", names.join("|"));
        return ExitCode::from(2);
    }
    // arkworks' threads would wait for each other in loops that count as CPU time, and make it look slower than it is.
    if let Err(e) = rayon::ThreadPoolBuilder::new().num_threads(1).build_global() {
        eprintln!("one thread for arkworks: {e}");
        return ExitCode::FAILURE;
    }
    for (name, run) in chosen {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("figures");
        if let Err(e) = run().and_then(|figures| figures.publish(name, &directory)) {
            eprintln!("{name}: {e}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
