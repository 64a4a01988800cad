//! `wallet answer`: an agency's enrolment challenge.

use super::WalletArgs;
use crate::{
    clock,
    failure::{Failure, Outcome},
    files::{self, Form, Output, shown},
    language::LanguageArgs,
    ui::Ui,
};
use sealroot_holder::enrol::{self as party, ChallengeInput};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::{name::Name, possession::PossessionChallenge};
use sealroot_wallet::{EnrolmentError, Language};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Answers an enrolment challenge.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot wallet answer challenge.json --agency tax-office --out answer.json\n  sealroot wallet answer challenge.json --agency tax-office --for Lin --out answer.json      (as Lin's guardian)\n\nNobody has signed the challenge: take it from the agency itself. One name stands for one person at an agency; a challenge that says otherwise is rejected unless --replace is given."
)]
pub struct AnswerArgs {
    /// The agency's challenge
    pub challenge: PathBuf,
    /// The agency that you are dealing with; a challenge of any other is rejected
    #[arg(long)]
    pub agency: Name,
    /// A name of your own for the person whom you are to represent there: a child, say. Without it only a challenge about yourself is answered
    #[arg(long = "for", value_name = "NAME")]
    pub person: Option<String>,
    /// The name stands for somebody else at this agency already, or its person has another name: forget that. Releases under the name are about the new
    /// person from then on
    #[arg(long)]
    pub replace: bool,
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Where the answer is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// An answered challenge.
#[derive(Debug, Serialize)]
pub struct AnswerReport {
    agency: Name,
    file: PathBuf,
}

impl fmt::Display for AnswerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer for {} written to {}", self.agency, shown(&self.file))
    }
}

/// Runs it.
pub fn answer(args: &AnswerArgs, ui: Ui) -> Outcome<AnswerReport> {
    let out = Output::new(&args.out, Form::personal("an answer"))?;
    let language = args.language.language;
    let challenge: PossessionChallenge = files::read_document(&args.challenge)?;
    let (agency, person) = (args.agency.clone(), args.person.clone());
    let input = ChallengeInput { challenge, agency, person, replace: args.replace };
    let offer = party::offer(input).map_err(|e| rejected(e, language))?;
    ui.show(offer.describe(language), true);
    let wallet = args.wallet.open(language)?;
    let mut history = args.wallet.history(&wallet, language)?;
    let answer = party::answer(&offer, &wallet, &mut history, clock::now()?, &mut rand::rng())
        .map_err(|e| rejected(e, language))?;
    out.document(&answer)?;
    Ok(AnswerReport { agency: args.agency.clone(), file: args.out.clone() })
}

fn rejected(error: EnrolmentError, language: Language) -> Failure {
    let replaceable = error.code() == Code::OtherPerson;
    let failure = Failure::spoken(error, language);
    // The Chinese words say so themselves.
    if replaceable && language == Language::En {
        failure.advice("--replace says that it replaces the one before")
    } else {
        failure
    }
}
