//! `sealroot demo`: the whole story on this machine, then attacks on it. It calls the verbs and nothing below them, but where an
//! attacker would use other software.

mod afterwards;
mod attacks;
mod citizens;
mod stage;
mod story;
mod temporary;

use crate::{
    failure::{Failure, Outcome},
    files::shown,
    ui::Ui,
};
use sealroot_protocol::{amount::Amount, code::Code};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Plays the story.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot demo\n  sealroot demo --records 100000 --dir out\n  sealroot demo --json\n\nWith --dir every file stays there, bundle.json and trust.toml among them, so that every other verb can be tried on it."
)]
pub struct Args {
    /// Citizens to import
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub records: u64,
    /// Keep everything in this directory, which must not exist yet
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Seed of the citizens
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
}

/// What the demo found.
#[derive(Debug, Default, Serialize)]
pub struct DemoReport {
    counts: Counts,
    roots: BTreeMap<String, String>,
    decision: String,
    /// Absent until the story has come so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    times_ms: Times,
    sizes_bytes: Sizes,
    constraints: usize,
    attacks: Vec<Attack>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    agencies: u64,
    citizens: u64,
    records: u64,
    parts: u64,
    attacks: u64,
}

#[derive(Debug, Default, Serialize)]
struct Times {
    setup: u128,
    import: u128,
    anchor: u128,
    witness: u128,
    prove: u128,
    verify: u128,
    audit: u128,
    all: u128,
}

#[derive(Debug, Default, Serialize)]
struct Sizes {
    proof: usize,
    bundle: usize,
}

/// An attack, and what became of it.
#[derive(Debug, Serialize)]
struct Attack {
    name: &'static str,
    rejected: bool,
    code: &'static str,
}

impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.times_ms;
        writeln!(f, "\n  {:<34} {:>12}", "what", "figure")?;
        for (what, figure) in [
            ("citizens, at two agencies each", self.counts.citizens.to_string()),
            ("constraints + instance variables", self.constraints.to_string()),
            ("setup (once)", format!("{} ms", t.setup)),
            ("import of all records", format!("{} ms", t.import)),
            ("anchoring two roots", format!("{} ms", t.anchor)),
            ("witnesses of two parts", format!("{} ms", t.witness)),
            ("proofs of two parts", format!("{} ms", t.prove)),
            ("verification against the chain", format!("{} ms", t.verify)),
            ("offline audit", format!("{} ms", t.audit)),
            ("one proof", format!("{} bytes", self.sizes_bytes.proof)),
            ("bundle with evidence", format!("{} bytes", self.sizes_bytes.bundle)),
            ("everything", format!("{:.1} s", t.all as f64 / 1000.0)),
        ] {
            writeln!(f, "  {what:<34} {figure:>12}")?;
        }
        let rejected = self.attacks.iter().filter(|a| a.rejected).count();
        write!(f, "\n  decision: {}; {rejected} of {} attacks rejected", self.decision, self.attacks.len())?;
        if let Some(directory) = &self.directory {
            write!(f, "\n  everything is in {}", shown(directory))?;
        }
        Ok(())
    }
}

/// Runs it. Fails unless every step held and every attack was rejected.
pub async fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let temporary;
    let directory = match &args.dir {
        Some(path) if path.exists() => {
            return Err(Failure::new(Code::DirectoryExists, format!("{} exists already", shown(path)))
                .advice("name a directory that doesn't exist"));
        }
        Some(path) => path.as_path(),
        None => {
            temporary = temporary::Temporary::within(&std::env::temp_dir(), ui)?;
            temporary.path()
        }
    };
    let mut report = play(args, directory, ui).await?;
    report.directory = args.dir.clone();
    ui.report(&report)?;
    match report.attacks.iter().find(|attack| !attack.rejected) {
        None => Ok(()),
        Some(attack) => {
            Err(Failure::new(Code::AttackSucceeded, format!("an attack was not rejected: {}", attack.name)))
        }
    }
}

async fn play(args: &Args, directory: &std::path::Path, ui: Ui) -> Outcome<DemoReport> {
    let started = std::time::Instant::now();
    let stage = stage::Stage::new(directory)?;
    let mut report = story::play(&stage, args, ui).await?;
    afterwards::play(&stage, ui).await?;
    story::learned(ui, report.amount.as_ref());
    report.attacks = attacks::play(&stage, ui).await?;
    report.counts.attacks = report.attacks.len() as u64;
    report.times_ms.all = started.elapsed().as_millis();
    Ok(report)
}
