//! `sealroot wallet`: the holder's side.

use crate::{
    chain::{ChainArgs, chain_failure},
    failure::{Failure, OrBadInput, Outcome},
    files,
    published::PublishedArgs,
    secret::PassphraseArgs,
    ui::Ui,
    verb::request::read_case_secret,
};
use sealroot_chain::Chain;
use sealroot_protocol::{name::Name, possession::PossessionChallenge, request::SignedRequest, snapshot::SnapshotQuery};
use sealroot_wallet::{
    Applying, EnrolmentOffer, History, Language, Passphrase, Seed, Wallet, check, consent as sign, public_key_of,
};
use serde::Serialize;
use std::{
    fmt,
    io::{BufRead, IsTerminal, Write},
    path::PathBuf,
};

/// What to do with a wallet.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a wallet; shows 24 words once, which restore it
    New(NewArgs),
    /// Show a wallet's public key
    Show(ShowArgs),
    /// Answer an agency's enrolment challenge
    Answer(AnswerArgs),
    /// Read a request in plain words, and consent to it
    Consent(ConsentArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::New(args) => ui.report(&new(&args).await?),
        Command::Show(args) => ui.report(&show(&args)?),
        Command::Answer(args) => ui.report(&answer(&args, ui)?),
        Command::Consent(args) => ui.report(&consent(&args, ui).await?),
    }
}

/// Which wallet, and what opens it.
#[derive(Debug, Clone, clap::Args)]
pub struct WalletArgs {
    /// The wallet's file
    #[arg(long, value_name = "FILE", env = "SEALROOT_WALLET", default_value = "wallet.json")]
    pub wallet: PathBuf,
    /// Passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

impl WalletArgs {
    fn passphrase(&self) -> Outcome<Passphrase> {
        Passphrase::new(self.passphrase.read("Passphrase of the wallet")?).or_bad_input("bad-passphrase")
    }

    fn open(&self) -> Outcome<Wallet> {
        Wallet::open(&self.wallet, &self.passphrase()?).or_bad_input("wallet")
    }
}

/// Makes a wallet.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot wallet new --wallet wallet.json --chain chain\n  sealroot wallet new --wallet wallet.json --chain chain --restore      (asks for the 24 words)"
)]
pub struct NewArgs {
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// The chain whose programs the wallet will trust.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Restore from 24 words, read from standard input
    #[arg(long)]
    pub restore: bool,
    /// Write the 24 words to this file instead of showing them
    #[arg(long, value_name = "FILE", conflicts_with = "restore")]
    pub words_to: Option<PathBuf>,
}

/// A wallet.
#[derive(Debug, Serialize)]
pub struct WalletReport {
    wallet: PathBuf,
    public_key: sealroot_protocol::curve::PublicKey,
}

impl fmt::Display for WalletReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.public_key.point();
        write!(f, "wallet {}\n  public key x {}\n             y {}", self.wallet.display(), hex(key.x()), hex(key.y()))
    }
}

fn hex(x: sealroot_protocol::field::F) -> String {
    sealroot_protocol::field::to_hex(x)
}

/// Runs it.
pub async fn new(args: &NewArgs) -> Outcome<WalletReport> {
    let deployment = args.chain.open().await?.deployment();
    let seed = if args.restore {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Seed::from_words(line.trim()).or_bad_input("bad-words")?
    } else {
        Seed::random()
    };
    if !args.restore {
        let words = seed.words();
        match &args.words_to {
            Some(path) => files::write_new_secret(path, format!("{}\n", words.as_str()).as_bytes())?,
            None if std::io::stderr().is_terminal() => {
                writeln!(
                    std::io::stderr(),
                    "Write these 24 words down; they restore the wallet and are not shown again:\n\n  {}\n",
                    words.as_str()
                )?;
            }
            None => {
                return Err(Failure::bad_input("no-terminal", "there is no terminal to show the 24 words on")
                    .advice("name a file for them with --words-to"));
            }
        }
    }
    let mut wallet = Wallet::new(seed);
    wallet.pin(deployment).or_bad_input("wallet")?;
    wallet.create(&args.wallet.wallet, &args.wallet.passphrase()?).or_bad_input("wallet")?;
    Ok(WalletReport { wallet: args.wallet.wallet.clone(), public_key: wallet.public_key() })
}

/// Shows a wallet.
#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// The wallet's file
    #[arg(long, value_name = "FILE", env = "SEALROOT_WALLET", default_value = "wallet.json")]
    pub wallet: PathBuf,
}

fn show(args: &ShowArgs) -> Outcome<WalletReport> {
    let public_key = public_key_of(&args.wallet).or_bad_input("wallet")?;
    Ok(WalletReport { wallet: args.wallet.clone(), public_key })
}

/// Answers an enrolment challenge.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot wallet answer challenge.json --agency tax-office --out answer.json")]
pub struct AnswerArgs {
    /// The agency's challenge
    pub challenge: PathBuf,
    /// The agency that you are dealing with; a challenge of any other is refused
    #[arg(long)]
    pub agency: Name,
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Where the answer is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Language of explanations: en or zh
    #[arg(long, default_value = "en")]
    pub language: Language,
}

/// An answered challenge.
#[derive(Debug, Serialize)]
pub struct AnswerReport {
    agency: Name,
    file: PathBuf,
}

impl fmt::Display for AnswerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer for {} written to {}", self.agency, self.file.display())
    }
}

/// Runs it.
pub fn answer(args: &AnswerArgs, ui: Ui) -> Outcome<AnswerReport> {
    let challenge: PossessionChallenge = files::read_document(&args.challenge)?;
    let offer = EnrolmentOffer::new(challenge, &args.agency).map_err(|e| Failure::rejected("other-agency", e))?;
    ui.say(offer.describe(args.language));
    let wallet = args.wallet.open()?;
    files::write_document(&args.out, &offer.answer(&wallet, fresh()))?;
    Ok(AnswerReport { agency: args.agency.clone(), file: args.out.clone() })
}

/// Consents to a request.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot wallet consent request.json --national-id 19840311-0042 --case-secret case.secret --out consent.json\n\nNothing is signed that is not signed by an authorised office under enacted policies; what will be learned is shown first."
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
    /// Documents.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// Your national id, unless the program is anonymous
    #[arg(long, requires = "case_secret")]
    pub national_id: Option<String>,
    /// The case secret that the office gave you
    #[arg(long, value_name = "FILE")]
    pub case_secret: Option<PathBuf>,
    /// Consent without being asked again
    #[arg(long)]
    pub yes: bool,
    /// Language of explanations: en or zh
    #[arg(long, default_value = "en")]
    pub language: Language,
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
        write!(f, "consent to request {} written to {}; hand it to a prover", self.request, self.file.display())
    }
}

/// Runs it.
pub async fn consent(args: &ConsentArgs, ui: Ui) -> Outcome<ConsentReport> {
    let signed: SignedRequest = files::read_document(&args.request)?;
    let chain = args.chain.open().await?;
    let wallet = args.wallet.open()?;
    let program = args.published.program(&signed.request.program)?;
    let policies = args.published.policies(&signed.request.policies)?;
    let signer = signed.signer().map_err(|e| Failure::rejected("bad-request", e))?;
    let snapshot = chain.snapshot(&SnapshotQuery::of_request(&signed, signer)).await.map_err(chain_failure)?;
    let now = chain.now().await.map_err(chain_failure)?;
    let applying = match (&args.national_id, &args.case_secret) {
        (Some(id), Some(path)) => Some(Applying { identity: id.clone(), case_secret: read_case_secret(path)? }),
        _ => None,
    };
    let checked = check(signed, &program, &policies, &snapshot, wallet.deployments(), applying.as_ref(), now)
        .map_err(|refusal| Failure::rejected(refusal.reason(), refusal))?;
    let mut history = History::open(&History::path_beside(&args.wallet.wallet), &wallet).or_bad_input("history")?;
    let shown = checked.summary(args.language, &history).to_string();
    if !args.yes {
        ui.say(&shown);
        confirm()?;
    }
    let request = checked.digest().to_string();
    let file = sign(&wallet.secret_key(), checked, &mut history, now, fresh()).or_bad_input("history")?;
    files::write_new_secret(&args.out, &file.to_bytes().or_bad_input("bad-consent")?)?;
    Ok(ConsentReport { shown, request, file: args.out.clone() })
}

fn confirm() -> Outcome<()> {
    write!(std::io::stderr(), "Consent? Type yes: ")?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    if line.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::rejected("no-consent", "you did not consent; nothing was signed"))
    }
}

fn fresh() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes);
    bytes
}
