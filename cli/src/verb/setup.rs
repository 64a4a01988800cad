//! `sealroot setup`: proving and verifying keys, and tables that make proving under them faster. Only the development setup exists until a ceremony has
//! been held; its keys say so in their header.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files::shown,
    keys::{KeyDirectory, Pins},
    ui::Ui,
};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::code::Code;
use sealroot_protocol::machine::Shape;
use sealroot_prover::{engine::Options, setup::insecure_dev_setup};
use sealroot_verifier::key_header::KeySecurity;
use serde::Serialize;
use std::{fmt, path::PathBuf, time::Instant};

/// Makes keys.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot setup --out keys --insecure-dev\n  sealroot setup --out keys --insecure-dev --shape household\n  sealroot setup --out keys --tables --budget 64        (tables for the keys that are there)\n\nThe person who runs a development setup can forge proofs under its keys: they are for development and demonstrations.\n\nTables are the keys' points, multiplied beforehand. `sealroot prove` uses them where they are beside the keys. They are for this kind of processor, take\n20 to 90 seconds of a core for the solo shape to make, and are as sensitive as the keys: an account that can change them can make proofs leak."
)]
pub struct Args {
    /// Directory of the key files
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Which shapes to make keys for: solo, household; all if not given
    #[arg(long = "shape", value_name = "SHAPE")]
    pub shapes: Vec<Shape>,
    /// Understood: the one who runs this could forge proofs under the keys
    #[arg(long)]
    pub insecure_dev: bool,
    /// Make tables for the keys, so that proving takes a fraction of the time; without --insecure-dev, for keys that are there
    #[arg(long)]
    pub tables: bool,
    /// Megabytes (10^6 bytes) that the tables of one shape may take, on disk and in memory
    #[arg(long, value_name = "MB", requires = "tables", default_value_t = 200)]
    pub budget: usize,
    /// Reproducible keys from a seed, for tests; implies that everybody who knows the seed can forge proofs
    #[arg(long, value_name = "N", requires = "insecure_dev")]
    pub seed: Option<u64>,
}

/// What was made.
#[derive(Debug, Serialize)]
pub struct SetupReport {
    /// Where.
    pub directory: PathBuf,
    /// The pins, as they are in `keys.json`.
    pub keys: Vec<Pins>,
    /// Table files that were made.
    pub tables: Vec<TablesReport>,
    /// Time.
    pub milliseconds: u128,
}

/// A table file.
#[derive(Debug, Serialize)]
pub struct TablesReport {
    /// Where.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
}

impl fmt::Display for SetupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in &self.keys {
            writeln!(
                f,
                "{} universal key  {}{}",
                key.shape,
                key.universal_key,
                if key.insecure { "  INSECURE, development only" } else { "" }
            )?;
            writeln!(f, "{} proving key    {}", key.shape, key.proving_key)?;
        }
        for tables in &self.tables {
            writeln!(f, "tables {}, {} MB", shown(&tables.file), tables.bytes.div_ceil(1_000_000))?;
        }
        write!(f, "written to {} in {} ms", shown(&self.directory), self.milliseconds)
    }
}

/// Runs it.
pub fn run(args: &Args, ui: Ui) -> Outcome<SetupReport> {
    let started = Instant::now();
    let directory = KeyDirectory::new(&args.out);
    let mut keys = if args.insecure_dev {
        make_keys(args, &directory, ui)?
    } else if args.tables {
        directory.pins()?
    } else {
        return Err(Failure::new(
            Code::NoCeremony,
            "keys for production come from a ceremony, which has not been held",
        )
        .advice("for development, run `sealroot setup --insecure-dev --out DIR`"));
    };
    keys.retain(|pins| args.is_chosen(pins.shape));
    let mut tables = Vec::new();
    if args.tables {
        for pins in &keys {
            tables.push(make_tables(args, &directory, pins.shape, ui)?);
        }
    }
    Ok(SetupReport { directory: args.out.clone(), keys, tables, milliseconds: started.elapsed().as_millis() })
}

impl Args {
    fn is_chosen(&self, shape: Shape) -> bool {
        self.shapes.is_empty() || self.shapes.contains(&shape)
    }
}

fn make_keys(args: &Args, directory: &KeyDirectory<'_>, ui: Ui) -> Outcome<Vec<Pins>> {
    let shapes = Shape::ALL.into_iter().filter(|shape| args.is_chosen(*shape));
    let places = shapes.map(|shape| Ok((shape, directory.places(shape)?))).collect::<Outcome<Vec<_>>>()?;
    let mut pins = Vec::new();
    for (shape, places) in places {
        ui.say(format!("making keys for the {shape} shape …"));
        let mut seed = [0; 32];
        match args.seed {
            Some(n) => seed[..8].copy_from_slice(&n.to_le_bytes()),
            None => rand::fill(&mut seed),
        }
        let files = insecure_dev_setup(shape, &mut StdRng::from_seed(seed)).or_fail(Code::SetupFailed)?;
        pins.push(directory.write(places, &files)?);
        // After each, so that an interruption leaves whole pairs that are listed.
        directory.write_pins(&pins)?;
    }
    Ok(pins)
}

fn make_tables(args: &Args, directory: &KeyDirectory<'_>, shape: Shape, ui: Ui) -> Outcome<TablesReport> {
    let mut options = Options::detect();
    options.budget = args.budget.saturating_mul(1_000_000);
    ui.say(format!("making tables for the {shape} shape ({}) …", options.instructions.name()));
    directory.remove_tables(shape)?;
    let file = directory.tables_path(shape, &options);
    let bar = ui.progress("tables", 1);
    let progress = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    // Tables are no proofs: `prove` asks whether development keys are allowed.
    drop(directory.prover_with_tables(shape, options, KeySecurity::AllowInsecure, &progress)?);
    bar.finish_and_clear();
    let bytes = std::fs::metadata(&file)?.len();
    Ok(TablesReport { file, bytes })
}
