//! `sealroot inspect`: what a file is, in words. Nothing is verified.

use crate::{
    failure::{Failure, Outcome},
    files::{self, shown},
    kinds::{Found, identify},
    language::LanguageArgs,
};
use sealroot_protocol::code::Code;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Inspects a file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot inspect bundle.json\n\nNothing is verified, and nothing secret is shown: a key file is called one, and no more."
)]
pub struct Args {
    /// Any file of Sealroot
    pub file: PathBuf,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// What a file is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct InspectReport(Found);

impl fmt::Display for InspectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, not verified", self.0.kind)?;
        for line in &self.0.lines {
            write!(f, "\n  {:<12} {}", line.name, line.said)?;
        }
        Ok(())
    }
}

/// Runs it.
pub fn run(args: &Args) -> Outcome<InspectReport> {
    let found = identify(&files::read(&args.file)?, args.language.language);
    found.map(InspectReport).ok_or_else(|| {
        Failure::new(Code::UnknownFile, format!("{} is no file of this version of Sealroot", shown(&args.file))).advice(
            "JSON documents must be in canonical form (RFC 8785); `inspect` reads them as every other verb does",
        )
    })
}
