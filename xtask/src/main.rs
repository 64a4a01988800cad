//! The project's own tasks: `cargo xtask ci`, `cargo xtask full-counts`, `cargo xtask figures`.
//!
//! Each runs commands that anybody could type, and prints them. A task that fails names the command that did.

mod ci;
mod counts;
mod mutants;
mod run;

use clap::{Parser, Subcommand};
use run::Step;
use std::process::ExitCode;

/// The project's own tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// All that must hold before a change lands: artefacts, licences, format, lints, tests. Prints each step's time
    Ci,
    /// The tests of which CI runs a sample, in full
    #[command(
        after_help = "Examples:\n  cargo xtask full-counts --list\n  cargo xtask full-counts random-cases every-wire\n  cargo xtask full-counts            (all of them: many hours)"
    )]
    FullCounts {
        /// Which; none: all
        names: Vec<String>,
        /// Only show names, what each counts, and its command
        #[arg(long)]
        list: bool,
    },
    /// Measure, and write `benches/figures/`
    #[command(after_help = "Examples:\n  cargo xtask figures            (all)\n  cargo xtask figures prove verify")]
    Figures {
        /// Which; none: all
        names: Vec<String>,
    },
    /// Write `docs/ERRORS.md` from the table of codes
    Errors,
    /// Damage one decoder's input for hours, guided by coverage; needs cargo-fuzz and a C++ compiler
    #[command(
        after_help = "Examples:\n  cargo xtask fuzz bundle --seconds 3600\n  ls fuzz/corpus            (the targets)"
    )]
    Fuzz {
        /// The target
        target: String,
        /// How long
        #[arg(long, default_value_t = 3600)]
        seconds: u64,
    },
    /// Change the code in small ways, and see whether a test fails for each; needs cargo-mutants
    #[command(
        after_help = "Examples:\n  cargo xtask mutants verifier\n  cargo xtask mutants obligations --shard 0/8\n  cargo xtask mutants            (all: many hours)"
    )]
    Mutants {
        /// verifier, obligations, statement or sealing; none: all
        target: Option<String>,
        /// Only this share of the mutants, K/N with K from 0
        #[arg(long)]
        shard: Option<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Ci => ci::run(),
        Task::FullCounts { list: true, .. } => {
            counts::list();
            Ok(())
        }
        Task::FullCounts { names, list: false } => counts::run(&names),
        Task::Figures { names } => figures(&names),
        Task::Errors => {
            Step::cargo("errors", "test -p sealroot-protocol --test errors").env("SEALROOT_WRITE", "1").run()
        }
        Task::Fuzz { target, seconds } => fuzz(&target, seconds),
        Task::Mutants { target, shard } => mutants::run(target.as_deref(), shard.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            run::say(&format!("\n{failed}"));
            ExitCode::FAILURE
        }
    }
}

fn figures(names: &[String]) -> Result<(), String> {
    let all = [String::from("all")];
    for name in if names.is_empty() { &all[..] } else { names } {
        Step::cargo(name, "run --release -p sealroot-benches --").arg(name).run()?;
    }
    Ok(())
}

/// `--sanitizer none` is what a stable toolchain can do; the code has no `unsafe` that a sanitizer would watch but in `lanes`.
fn fuzz(target: &str, seconds: u64) -> Result<(), String> {
    Step::cargo("fuzz", "fuzz run --sanitizer none --features libfuzzer")
        .arg(target)
        .args("--")
        .arg(&format!("-max_total_time={seconds}"))
        .run()
}
