//! `sealroot export snarkjs`: a bundle's part for other people's verifiers.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    keys::KeyArgs,
    ui::Ui,
};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::code::Code;
use sealroot_protocol::name::Name;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Formats.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// verification_key.json, proof.json, public.json, one folder per part
    Snarkjs(SnarkjsArgs),
}

/// Exports for snarkjs.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot export snarkjs bundle.json --out exported\n  cd exported/income && npx snarkjs groth16 verify verification_key.json public.json proof.json"
)]
pub struct SnarkjsArgs {
    /// The bundle
    pub bundle: PathBuf,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Where the folders are written
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Whether earlier files are replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct ExportReport {
    folders: Vec<PathBuf>,
}

impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "written:")?;
        for folder in &self.folders {
            write!(f, " {}", shown(folder))?;
        }
        Ok(())
    }
}

/// Runs it.
pub fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Snarkjs(args) => ui.report(&export(&args)?),
    }
}

/// Exports all parts.
pub fn export(args: &SnarkjsArgs) -> Outcome<ExportReport> {
    let bundle: Bundle = files::read_document(&args.bundle)?;
    let folder = |policy: &Name| args.out.join(policy.as_str());
    let mut places = Vec::new();
    for document in &bundle.policies {
        let place = |name: &str| {
            let path = folder(&document.policy.id).join(name);
            Output::replacing(&path, Form::SNARKJS, args.force, &[&args.bundle])
        };
        places.push([place("verification_key.json")?, place("proof.json")?, place("public.json")?]);
    }
    let mut folders = Vec::new();
    let parts = sealroot_auditor::export(&bundle, &args.keys.universal_keys()?).map_err(Failure::of)?;
    for (part, [key, proof, public]) in parts.into_iter().zip(places) {
        let files = &part.files;
        for (place, value) in [(key, &files.verification_key), (proof, &files.proof), (public, &files.public)] {
            place.put(serde_json::to_string_pretty(value).or_fail(Code::Json)?.as_bytes())?;
        }
        folders.push(folder(&part.policy));
    }
    Ok(ExportReport { folders })
}
