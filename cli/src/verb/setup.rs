//! `sealroot setup`: proving and verifying keys. Only the development setup exists until a ceremony has been held; its keys say so in their header.

use crate::{
    failure::{Failure, OrBadInput, Outcome},
    keys::{KeyDirectory, Pins},
    ui::Ui,
};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::machine::Shape;
use sealroot_prover::setup::insecure_dev_setup;
use serde::Serialize;
use std::{fmt, path::PathBuf, time::Instant};

/// Makes keys.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot setup --out keys --insecure-dev\n  sealroot setup --out keys --insecure-dev --shape solo\n\nWhoever runs a development setup can forge proofs under its keys: they are for development and demonstrations."
)]
pub struct Args {
    /// Directory for the key files
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Understood: the one who runs this could forge proofs under the keys
    #[arg(long)]
    pub insecure_dev: bool,
    /// Only this shape: solo or household; default: all
    #[arg(long, value_name = "SHAPE", value_parser = shape_named)]
    pub shape: Option<Shape>,
    /// Reproducible keys from a seed, for tests; implies that everybody who knows the seed can forge proofs
    #[arg(long, value_name = "N", requires = "insecure_dev")]
    pub seed: Option<u64>,
}

/// What was made.
#[derive(Debug, Serialize)]
pub struct SetupReport {
    /// Where.
    pub directory: PathBuf,
    /// The pins, as written to `keys.json`.
    pub keys: Vec<Pins>,
    /// Time.
    pub milliseconds: u128,
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
        write!(f, "written to {} in {} ms", self.directory.display(), self.milliseconds)
    }
}

/// Runs it.
pub fn run(args: &Args, ui: Ui) -> Outcome<SetupReport> {
    if !args.insecure_dev {
        return Err(Failure::bad_input(
            "no-ceremony",
            "keys for production come from a ceremony, which has not been held",
        )
        .advice("for development, run `sealroot setup --insecure-dev --out DIR`"));
    }
    let started = Instant::now();
    let directory = KeyDirectory::new(&args.out);
    let mut pins = Vec::new();
    for shape in Shape::ALL.into_iter().filter(|shape| args.shape.is_none_or(|only| only == *shape)) {
        ui.say(format!("making keys for the {shape} shape …"));
        let mut seed = [0; 32];
        match args.seed {
            Some(n) => seed[..8].copy_from_slice(&n.to_le_bytes()),
            None => rand::fill(&mut seed),
        }
        let files = insecure_dev_setup(shape, &mut StdRng::from_seed(seed)).or_bad_input("setup-failed")?;
        pins.push(directory.write(&files)?);
    }
    directory.write_pins(&pins)?;
    Ok(SetupReport { directory: args.out.clone(), keys: pins, milliseconds: started.elapsed().as_millis() })
}

fn shape_named(text: &str) -> Result<Shape, String> {
    Shape::ALL.into_iter().find(|shape| shape.name() == text).ok_or_else(|| "shapes are solo and household".into())
}
