//! `sealroot export snarkjs`: a bundle's part for other people's verifiers.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files,
    keys::KeyArgs,
    ui::Ui,
};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::code::Code;
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
            write!(f, " {}", folder.display())?;
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
    let mut folders = Vec::new();
    for part in sealroot_auditor::export(&bundle, &args.keys.universal_keys()?).map_err(Failure::of)? {
        let folder = args.out.join(part.policy.as_str());
        for (name, value) in [
            ("verification_key.json", &part.files.verification_key),
            ("proof.json", &part.files.proof),
            ("public.json", &part.files.public),
        ] {
            let text = serde_json::to_string_pretty(value).or_fail(Code::Json)?;
            files::write(&folder.join(name), text.as_bytes())?;
        }
        folders.push(folder);
    }
    Ok(ExportReport { folders })
}
