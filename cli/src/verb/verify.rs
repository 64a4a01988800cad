//! `sealroot verify`: a bundle against the chain, now.

use crate::{
    chain::ChainArgs,
    decision::{ByProofArgs, DecisionView, write_lines},
    failure::{Failure, Outcome},
    files,
    keys::KeyArgs,
    language::LanguageArgs,
};
use sealroot_protocol::{bundle::Bundle, language::Language};
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
    /// By the contract or by the office.
    #[command(flatten)]
    pub by_proof: ByProofArgs,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// What a bundle proves.
#[derive(Debug, Serialize)]
pub struct DecisionReport {
    /// The decision.
    #[serde(flatten)]
    pub decision: DecisionView,
    #[serde(skip)]
    language: Language,
}

impl fmt::Display for DecisionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (d, language) = (&self.decision, self.language);
        let say = |english, chinese| language.say(english, chinese);
        write!(f, "{}{}", say("holds: ", "有效："), d.outcome(language))?;
        let correction = d.replaces.as_ref().map(|correction| (say("corrects", "更正"), correction.words(language)));
        write_lines(f, correction)?;
        write_lines(f, d.reduction(language))?;
        write_lines(f, [(say("program", "项目"), d.claim(language))])?;
        let parts = d.parts(language);
        write_lines(f, parts.iter().map(|(name, said)| (name.as_str(), said.clone())))?;
        write_lines(f, [(say("reference", "基准日"), d.reference(language))])?;
        write_lines(
            f,
            [(say("nullifier", "作废码"), d.nullifier.to_string()), (say("bundle", "决定文件"), d.bundle.to_string())],
        )?;
        let checked = match language {
            Language::En => format!("as of block {}, for {}", d.block, d.checked_for),
            Language::Zh => format!("依据区块 {}，{}", d.block, d.checked_for),
        };
        write_lines(f, [(say("checked", "核对"), checked)])?;
        write_lines(f, d.warning(language).map(|text| (say("WARNING", "警告"), text.to_owned())))
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<DecisionReport> {
    let bundle: Bundle = files::read_document(&args.bundle)?;
    let keys = args.keys.universal_keys()?;
    let chain = args.chain.open().await?;
    let assurance = args.by_proof.assurance(&bundle.program);
    let verified = sealroot_office::verify(bundle, &chain, &keys, assurance).await.map_err(Failure::of)?;
    Ok(DecisionReport {
        decision: DecisionView::new(verified.decision(), verified.bundle()),
        language: args.language.language,
    })
}
