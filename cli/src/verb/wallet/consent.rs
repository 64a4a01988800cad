//! `wallet consent`: a request in plain words, and the signature under it.

use super::{
    Question, WalletArgs,
    received::{self, EvidenceArgs},
};
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files::{Form, Output, shown},
    identity::NationalIdArgs,
    language::LanguageArgs,
    published::PublishedArgs,
    ui::Ui,
    verb::request::{named, read_case_secret},
};
use sealroot_holder::consent::{self as party, ConsentInput};
use sealroot_protocol::code::Code;
use sealroot_wallet::Applying;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Consents to a request.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot wallet consent request.json --national-id-file id --case-secret case.secret --out consent.json\n\nNothing is signed that is not signed by an authorised office under enacted policies; what will be learned is shown first."
)]
pub struct ConsentArgs {
    /// The office's signed request
    pub request: PathBuf,
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Evidence in its place.
    #[command(flatten)]
    pub shown: EvidenceArgs,
    /// Documents.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// The applicant, unless the program is anonymous.
    #[command(flatten)]
    pub applicant: NationalIdArgs,
    /// The case secret that the office gave you
    #[arg(long, value_name = "FILE")]
    pub case_secret: Option<PathBuf>,
    /// Consent without being asked; what will be learned is shown all the same
    #[arg(long)]
    pub yes: bool,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
    /// Where the consent is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A consent.
#[derive(Debug, Serialize)]
pub struct ConsentReport {
    /// What was shown before signing.
    pub shown: String,
    request: String,
    file: PathBuf,
}

impl fmt::Display for ConsentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "consent to request {} written to {}; hand it to a prover", self.request, shown(&self.file))
    }
}

/// Runs it.
pub async fn consent(args: &ConsentArgs, ui: Ui) -> Outcome<ConsentReport> {
    let out = Output::new(&args.out, Form::personal("a consent"))?;
    let language = args.language.language;
    let identity = named(
        args.applicant.source().asked(language.say("Your national id: ", "请输入您的身份号码：")),
        args.case_secret.is_some(),
    )?;
    let applying = match (identity, &args.case_secret) {
        (Some(identity), Some(path)) => Some(Applying { identity, case_secret: read_case_secret(path)? }),
        _ => None,
    };
    let received =
        received::read(&args.request, &args.chain.beside(&args.wallet.wallet), &args.shown, &args.published, language)
            .await?;
    let wallet = args.wallet.open(language)?;
    let mut history = args.wallet.history(&wallet, language)?;
    let input = ConsentInput { received, applying };
    let offer = party::offer(input, &wallet, &mut history).map_err(|e| Failure::spoken(e, language))?;
    let shown = offer.summary(language, &history).to_string();
    // Shown even where it isn't asked: nobody signs what wasn't on the screen.
    ui.show(&shown, args.yes);
    if !args.yes {
        Question { english: "Consent?", chinese: "您同意吗？" }.ask(language)?;
    }
    let request = offer.request().to_string();
    let file = offer.sign(&wallet, &mut history, &mut rand::rng()).map_err(|e| Failure::spoken(e, language))?;
    out.put(&file.to_bytes().or_fail(Code::BadConsent)?)?;
    Ok(ConsentReport { shown, request, file: args.out.clone() })
}
