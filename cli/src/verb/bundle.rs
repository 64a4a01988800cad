//! `sealroot bundle`: parts become one self-contained file.

use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
    published::PublishedArgs,
};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    request::SignedRequest,
};
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
}

/// A bundle.
#[derive(Debug, Serialize)]
pub struct BundleReport {
    file: PathBuf,
    digest: String,
    approved: bool,
    amount: u64,
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
            super::verify::outcome(self.approved, self.amount),
            self.file.display()
        )
    }
}

/// Runs it.
pub fn run(args: &Args) -> Outcome<BundleReport> {
    let signed: SignedRequest = files::read_document(&args.request)?;
    let program = args.published.program(&signed.request.program)?;
    let policies = args.published.policies(&signed.request.policies)?;
    let mut given: Vec<Part> = args.parts.iter().map(|path| files::read_document(path)).collect::<Outcome<_>>()?;
    let mut parts = Vec::new();
    for policy in &signed.request.policies {
        let at = given.iter().position(|part| part.policy == *policy).ok_or_else(|| {
            Failure::bad_input("missing-part", format!("there is no part for policy {policy}"))
                .advice("the agency that holds the data makes it with `sealroot prove`")
        })?;
        parts.push(given.swap_remove(at));
    }
    if !given.is_empty() {
        return Err(Failure::bad_input("foreign-part", "a part belongs to no policy of the request, or stands twice"));
    }
    let bundle = Bundle::new(signed, program, policies, parts)
        .ok_or_else(|| Failure::bad_input("no-decision", "no decision follows from these parts"))?;
    let bytes = files::write_document(&args.out, &bundle)?;
    Ok(BundleReport {
        file: args.out.clone(),
        digest: bundle.digest().or_bad_input("bad-bundle")?.to_string(),
        approved: bundle.decision.approved,
        amount: bundle.decision.amount,
        bytes,
    })
}
