//! `sealroot verify`: a bundle against the chain, now.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files,
    keys::KeyArgs,
};
use sealroot_policy::Reason;
use sealroot_protocol::bundle::Bundle;
use sealroot_verifier::{VerifiedBundle, VerifiedDecision};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Verifies a bundle.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot verify bundle.json --chain chain --keys keys\n\nExit 0: everything holds, whether approved or refused. Exit 1: rejected, with a code of docs/ERRORS.md."
)]
pub struct Args {
    /// The bundle
    pub bundle: PathBuf,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// What a bundle proves.
#[derive(Debug, Serialize)]
pub struct DecisionReport {
    /// The decision.
    #[serde(flatten)]
    pub decision: VerifiedDecision,
    /// Why a part was refused, as far as its policy says, in the policy's own words.
    pub reasons: Vec<Reason>,
}

impl DecisionReport {
    /// A decision with the messages of its bundle's policies.
    pub fn new(verified: &VerifiedBundle) -> Self {
        let (bundle, decision) = (verified.bundle(), verified.decision().clone());
        let parts = decision.parts.iter().zip(&bundle.policies);
        let reasons = parts.flat_map(|(part, document)| Reason::of(document, &part.reasons)).collect();
        Self { decision, reasons }
    }
}

impl fmt::Display for DecisionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = &self.decision;
        writeln!(f, "holds: {}", outcome(d.approved, d.amount))?;
        writeln!(f, "  program   {} for {} to {}, asked by {}", d.program, d.period.start, d.period.end, d.requester)?;
        for part in &d.parts {
            let agencies: Vec<_> = part.agencies.iter().map(ToString::to_string).collect();
            let reasons =
                if part.reasons.is_empty() { String::new() } else { format!(": {}", part.reasons.join(", ")) };
            let word = if part.approved { "fulfilled" } else { "not fulfilled" };
            writeln!(f, "  {:<9} {word}{reasons} (by the records of {})", part.policy, agencies.join(", "))?;
        }
        for reason in &self.reasons {
            writeln!(f, "  because   {reason}")?;
        }
        if !d.approved && self.reasons.is_empty() {
            writeln!(f, "  because   the policy doesn't say which requirement failed")?;
        }
        writeln!(f, "  nullifier {}", d.nullifier)?;
        write!(f, "  checked   as of block {}", d.block)?;
        if d.insecure {
            write!(f, "\n  WARNING   proved under development keys: their maker could forge this")?;
        }
        Ok(())
    }
}

/// "approved, 412.00" or "refused".
pub fn outcome(approved: bool, amount: u64) -> String {
    match (approved, amount) {
        (false, _) => "refused".into(),
        (true, 0) => "approved".into(),
        (true, cents) => format!("approved, {}.{:02}", cents / 100, cents % 100),
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<DecisionReport> {
    let bundle: Bundle = files::read_document(&args.bundle)?;
    let keys = args.keys.universal_keys()?;
    let chain = args.chain.open().await?;
    let verified = sealroot_office::verify(bundle, &chain, &keys).await.map_err(Failure::of)?;
    Ok(DecisionReport::new(&verified))
}
