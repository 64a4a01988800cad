//! `wallet release`: what leaves an agency, its recipient and its purpose, in plain words, and the signature under it.

use super::{
    Question, WalletArgs,
    received::{self, EvidenceArgs},
};
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files::{Form, Output, shown},
    identity::BusinessKeyArgs,
    language::LanguageArgs,
    published::PublishedArgs,
    ui::Ui,
};
use sealroot_holder::release::{self as party, ReleaseInput};
use sealroot_protocol::{code::Code, moment::Moment, name::Name, release::RecipientKey};
use sealroot_wallet::Wanted;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Signs the release of a record.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot wallet release request.json --agency tax-office --recipient 0x… --out release.json\n  sealroot wallet release request.json --agency tax-office --recipient 0x… --for Lin --out release-lin.json      (as Lin's guardian)\n\nThe agency hands out the record on it, once: sealroot agency release --authorisation release.json"
)]
pub struct ReleaseArgs {
    /// The office's signed request, which the applicant shows you
    pub request: PathBuf,
    /// The agency that holds the record
    #[arg(long)]
    pub agency: Name,
    /// Name of the record's schema, where the request reads several records of this agency
    #[arg(long, value_name = "SCHEMA")]
    pub record: Option<Name>,
    /// Which record, in schemas with many records per person.
    #[command(flatten)]
    pub business_key: BusinessKeyArgs,
    /// Key of the prover that your household chose, as `sealroot key show` shows it to the prover
    #[arg(long, value_name = "KEY")]
    pub recipient: RecipientKey,
    /// The person that you represent, by the name that you gave with `wallet answer --for`
    #[arg(long = "for", value_name = "NAME")]
    pub person: Option<String>,
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
    /// Sign without being asked; what leaves the agency is shown all the same
    #[arg(long)]
    pub yes: bool,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
    /// Where the release is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A signed release.
#[derive(Debug, Serialize)]
pub struct ReleaseReport {
    /// What was shown before signing.
    pub shown: String,
    agency: Name,
    release: String,
    /// Its last second.
    expiry: Moment,
    file: PathBuf,
}

impl fmt::Display for ReleaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "release {} written to {}; hand it to {} before {}",
            self.release,
            shown(&self.file),
            self.agency,
            self.expiry
        )
    }
}

/// Runs it.
pub async fn release(args: &ReleaseArgs, ui: Ui) -> Outcome<ReleaseReport> {
    let out = Output::new(&args.out, Form::personal("a release"))?;
    let language = args.language.language;
    let received =
        received::read(&args.request, &args.chain.beside(&args.wallet.wallet), &args.shown, &args.published, language)
            .await?;
    let wallet = args.wallet.open(language)?;
    let mut history = args.wallet.history(&wallet, language)?;
    let wanted = Wanted {
        agency: args.agency.clone(),
        record: args.record.clone(),
        business_key: args.business_key.source().given()?,
        recipient: args.recipient,
        person: args.person.clone(),
    };
    let offer = party::offer(ReleaseInput { received, wanted }, &wallet, &mut history);
    let offer = offer.map_err(|e| Failure::spoken(e, language))?;
    let shown = offer.summary(language).to_string();
    // Shown even where it isn't asked: nobody signs what wasn't on the screen.
    ui.show(&shown, args.yes);
    if !args.yes {
        Question { english: "Sign the release?", chinese: "您签署此授权吗？" }.ask(language)?;
    }
    let signed = offer.sign(&wallet, &mut history, &mut rand::rng()).map_err(|e| Failure::spoken(e, language))?;
    out.document(&signed)?;
    let digest = signed.release.digest().or_fail(Code::BadRelease)?;
    Ok(ReleaseReport {
        shown,
        agency: args.agency.clone(),
        release: digest.to_string(),
        expiry: Moment::from_unix(signed.release.expiry),
        file: args.out.clone(),
    })
}
