//! `sealroot bundle`: parts become one self-contained file.

use crate::{
    decision::{amount, outcome},
    failure::{Failure, OrFail, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    published::PublishedArgs,
};
use sealroot_office::NamedPart;
use sealroot_protocol::{amount::Amount, code::Code, language::Language, request::SignedRequest};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Puts parts together.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot bundle residence.part.json income.part.json --request request.json --out bundle.json"
)]
pub struct Args {
    /// One part per policy of the program, in any order
    #[arg(required = true)]
    pub parts: Vec<PathBuf>,
    /// The office's signed request
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// Documents.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// Where the bundle is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier bundle is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// A bundle.
#[derive(Debug, Serialize)]
pub struct BundleReport {
    file: PathBuf,
    digest: String,
    approved: bool,
    /// What is paid; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    /// Size of the file.
    pub bytes: usize,
}

impl fmt::Display for BundleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bundle {} ({} bytes): {}, not verified yet; written to {}",
            self.digest,
            self.bytes,
            outcome(self.approved, self.amount.as_ref(), Language::En),
            shown(&self.file)
        )
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<BundleReport> {
    let out = Output::replacing(&args.out, Form::BUNDLE, args.force, &[])?;
    let request: SignedRequest = files::read_document(&args.request)?;
    let named = |path: &PathBuf| Ok(NamedPart { label: shown(path).to_string(), part: files::read_document(path)? });
    let parts = args.parts.iter().map(named).collect::<Outcome<Vec<_>>>()?;
    let bundle = sealroot_office::bundle(request, parts, &args.published).await.map_err(Failure::of)?;
    let bytes = out.document(&bundle)?;
    Ok(BundleReport {
        file: args.out.clone(),
        digest: bundle.digest().or_fail(Code::BadBundle)?.to_string(),
        approved: bundle.decision.approved,
        amount: amount(&bundle.program, bundle.decision.amount),
        bytes,
    })
}
