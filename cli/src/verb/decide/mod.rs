//! `sealroot decide`: verify, record on chain, return the bundle with the evidence that an auditor needs.

mod batch;
mod refusals;

use crate::{
    chain::{ChainArgs, Provisional, provisional, sealers},
    decision::{ByProofArgs, DecisionView, write_lines},
    failure::{Failure, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    keys::KeyArgs,
    language::LanguageArgs,
    secret::read_signing_key,
};
use sealroot_chain::{AnyChain, Chain};
use sealroot_office::{Entering, decide};
use sealroot_protocol::{
    amount::Amount, bundle::Bundle, code::Code, language::Language, moment::Moment, snapshot::Assurance,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Decides.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot decide bundle.json --signing-key office/signing.key --out decided.json\n  sealroot decide --refusals today --signing-key office/signing.key --out dated\n  sealroot decide bundle.json --by-proof --signing-key my.key --out decided.json        (anybody, where the program is decided by proof)\n\nAn approval spends the nullifier. A refusal spends nothing, can be superseded, and is not entered on chain by itself: --refusals dates many at once, by the root of a tree over them, so that nobody learns from the chain how many there were. Do it while the requests are valid and the roots count: a refusal is judged at its batch's time.\n\nWhat was interrupted is finished when it is run again with the same arguments: what is entered keeps its date."
)]
pub struct Args {
    /// The bundle
    #[arg(required_unless_present = "refusals")]
    pub bundle: Option<PathBuf>,
    /// Date all refused bundles (*.json) of this directory in one batch
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    pub refusals: Option<PathBuf>,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// By the contract or by the office.
    #[command(flatten)]
    pub by_proof: ByProofArgs,
    /// The office's signing key; by proof, anybody's
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Where the bundle with its evidence is written; with --refusals the directory for all of them
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// Whether an earlier bundle is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// A decision.
#[derive(Debug, Serialize)]
pub struct DecideReport {
    /// Approved or refused.
    pub approved: bool,
    /// What is paid in all; absent where the program pays nothing, and for a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What was decided; absent for a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionView>,
    /// How many refusals the batch dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusals: Option<usize>,
    /// How many refusals of the directory are not in the batch, because it was begun without them.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
    /// Height of the block that the evidence is of.
    pub block: u64,
    entered: Entered,
    /// When an earlier run entered it, in that block; absent where this one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    entered_before: Option<Moment>,
    /// Hash of that block: on a network without seals an auditor pins it.
    block_hash: String,
    /// Where a network can still take it back; run it again then.
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<Provisional>,
    file: PathBuf,
    /// Size of the bundle with evidence, or of all of them.
    pub bytes: usize,
    /// Whether no seal says which chain the block is of.
    #[serde(skip)]
    unsealed: bool,
    #[serde(skip)]
    language: Language,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// How it stands on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Entered {
    /// Under its nullifier, by the office's word.
    Approval,
    /// Under its nullifier, by the contract, which verified the proofs.
    Proof,
    /// In a batch of refusals.
    Batch,
    /// Not at all.
    No,
}

impl fmt::Display for DecideReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let block = self.block;
        let how = match (self.entered, self.entered_before) {
            (Entered::Approval, Some(at)) => {
                format!(
                    "had been entered on chain by the office's word in block {block}, at {at}: nothing is paid again"
                )
            }
            (Entered::Proof, Some(at)) => {
                format!("had been entered on chain by proof in block {block}, at {at}: nothing is paid again")
            }
            (Entered::Approval, None) => format!("entered on chain as of block {block}"),
            (Entered::Proof, None) => {
                format!("entered on chain as of block {block} by the contract, which verified the proofs")
            }
            (Entered::No, _) => format!("not entered on chain, with evidence as of block {block}"),
            (Entered::Batch, _) => {
                let count = self.refusals.unwrap_or_default();
                let files = shown(&self.file);
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "{count} refusal{plural} dated by block {block}; with evidence in {files}")?;
                if self.left_out > 0 {
                    let left = self.left_out;
                    write!(f, "\n{left} came later and are not in this batch: date them with another --out")?;
                }
                if self.unsealed {
                    write!(f, "\n  auditors  pin block {block} with hash {}", self.block_hash)?;
                }
                return write_lines(f, Provisional::line(self.provisional, self.language));
            }
        };
        let Some(decision) = &self.decision else { return Ok(()) };
        let language = self.language;
        let outcome = decision.outcome(language);
        let correction = decision.replaces.as_ref();
        let correction = correction.map(|correction| format!(", {}", correction.words(language))).unwrap_or_default();
        write!(
            f,
            "{outcome}{correction}, {how}; bundle with evidence ({} bytes) written to {}",
            self.bytes,
            shown(&self.file)
        )?;
        if self.unsealed {
            let pin = format!("[[blocks]] number = {}, hash = \"{}\"", self.block, self.block_hash);
            write_lines(
                f,
                [(
                    language.say("auditors", "审计"),
                    format!("{}{pin}", language.say("pin the block in their trust file: ", "在信任文件中写入此区块：")),
                )],
            )?;
        }
        write_lines(f, Provisional::line(self.provisional, language))?;
        write_lines(f, decision.reduction(language))?;
        write_lines(f, [(language.say("program", "项目"), decision.claim(language))])?;
        if !self.approved {
            let parts = decision.parts(language);
            write_lines(f, parts.iter().map(|(name, said)| (name.as_str(), said.clone())))?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<DecideReport> {
    match (&args.bundle, &args.refusals) {
        (_, Some(_)) if args.by_proof.by_proof => {
            Err(Failure::new(Code::Usage, "refusals are dated by the office, and never entered by proof")
                .advice("leave --by-proof out"))
        }
        (_, Some(directory)) => refusals::run(args, directory).await,
        (Some(bundle), None) => one(args, bundle).await,
        (None, None) => Err(Failure::new(Code::NothingToDecide, "name a bundle, or --refusals and a directory")),
    }
}

async fn one(args: &Args, bundle: &Path) -> Outcome<DecideReport> {
    // What is on chain can't be taken back, and the evidence must have where to go.
    let digest = |bundle: Option<Bundle>| bundle.and_then(|bundle| bundle.digest().ok());
    let same = |old: &[u8]| {
        let given = digest(files::read_document(bundle).ok());
        given.is_some() && digest(Bundle::from_bytes(old).ok()) == given
    };
    let out = Output::finishing(&args.out, Form::BUNDLE, args.force, &[bundle], same)?;
    let bundle: Bundle = files::read_document(bundle)?;
    let (key, keys) = (read_signing_key(&args.signing_key)?, args.keys.universal_keys()?);
    let chain = args.chain.open().await?;
    let entering = Entering { sender: &key, assurance: args.by_proof.assurance(&bundle.program) };
    let decided = decide(bundle, &chain, &keys, entering).await.map_err(Failure::of)?;
    let bytes = out.document(&decided.bundle)?;
    args.chain.remember(&chain).await?;
    let decision = DecisionView::new(&decided.decision, &decided.bundle);
    Ok(DecideReport {
        approved: decision.approved,
        amount: decision.amount.clone(),
        refusals: None,
        left_out: 0,
        block: decided.block,
        entered: match (decision.approved, decided.by) {
            (false, _) => Entered::No,
            (true, Assurance::ByOffice) => Entered::Approval,
            (true, Assurance::ByProof) => Entered::Proof,
        },
        entered_before: decided.entered_before.map(Moment::from_unix),
        provisional: if decision.approved { provisional(&chain, decided.block).await? } else { None },
        decision: Some(decision),
        file: args.out.clone(),
        bytes,
        block_hash: hash_of(&chain, decided.block).await?,
        unsealed: sealers(&chain).is_empty(),
        language: args.language.language,
    })
}

async fn hash_of(chain: &AnyChain, block: u64) -> Outcome<String> {
    Ok(chain.block(block).await.map_err(Failure::of)?.hash.to_string())
}
