//! `sealroot verify-proof`: anybody's Groth16 proof over BN254, in snarkjs's files.

use crate::{
    failure::{Failure, Outcome},
    files,
};
use sealroot_verifier::foreign;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Verifies a foreign proof.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot verify-proof verification_key.json proof.json public.json\n  sealroot verify-proof exported/income/verification_key.json exported/income/proof.json exported/income/public.json\n\nThe files are snarkjs's, or those that `sealroot export snarkjs` writes. Nothing in them is reduced, padded or ignored: docs/spec/keys-and-proofs.md (Foreign proofs) has the rules.\n\nExit 0: the proof holds for this key and these inputs. Exit 1: a check rejected it. Exit 2: a file is not of this form.\n\nWhat a proof means, no file says: which circuit the key is for, who made it, and what its inputs stand for. For a decision of Sealroot use `verify` or `audit`, which derive the key from the law."
)]
pub struct Args {
    /// The verifying key (snarkjs: verification_key.json)
    pub key: PathBuf,
    /// The proof (snarkjs: proof.json)
    pub proof: PathBuf,
    /// The public inputs (snarkjs: public.json)
    pub public: PathBuf,
}

/// What was proved.
#[derive(Debug, Serialize)]
pub struct ForeignReport {
    /// Always true: a proof that doesn't hold is a failure.
    holds: bool,
    /// The public inputs, in decimal, in their order.
    inputs: Vec<String>,
}

impl fmt::Display for ForeignReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "holds, for {} public inputs:", self.inputs.len())?;
        for (i, input) in self.inputs.iter().enumerate() {
            write!(f, "\n  {i:>3}  {input}")?;
        }
        write!(f, "\n  which circuit the key is for, and who made it, these files don't say")
    }
}

/// Runs it.
pub fn run(args: &Args) -> Outcome<ForeignReport> {
    let (key, proof, public) = (files::read(&args.key)?, files::read(&args.proof)?, files::read(&args.public)?);
    let inputs = foreign::verify(&key, &proof, &public).map_err(Failure::of)?;
    Ok(ForeignReport { holds: true, inputs: inputs.iter().map(ToString::to_string).collect() })
}
