//! `sealroot wallet`: the holder's side.

mod answer;
mod consent;
mod decisions;
mod log;
mod received;
mod release;

pub use answer::{AnswerArgs, answer};
pub use consent::{ConsentArgs, consent};
pub use decisions::{DecisionsArgs, decisions};
pub use log::{LogArgs, log};
pub use received::EvidenceArgs;
pub use release::{ReleaseArgs, release};

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files::{Form, Output, shown},
    language::LanguageArgs,
    secret::WalletPassphraseArgs,
    ui::Ui,
};
use sealroot_chain::Chain;
use sealroot_holder::{
    history::{self, Shown},
    wallet as party,
};
use sealroot_protocol::code::Code;
use sealroot_wallet::{
    History, Language, Passphrase, Summary, Wallet,
    history::Dealings,
    phrase::{WORDS, words as phrase_words},
    public_key_of,
    sealed::MIN_PASSPHRASE,
};
use serde::Serialize;
use std::{
    fmt,
    io::{BufRead, IsTerminal, Read, Write},
    path::PathBuf,
};
use zeroize::Zeroizing;

/// What to do with a wallet.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a wallet; shows its recovery phrase once, which restores it
    New(NewArgs),
    /// Show a wallet's public key; with --history also who asked how often, and what it got
    Show(ShowArgs),
    /// Answer an agency's enrolment challenge
    Answer(AnswerArgs),
    /// Read a request in plain words, and consent to it
    Consent(ConsentArgs),
    /// Show what became of what you consented to: approved, lowered since, replaced
    Decisions(DecisionsArgs),
    /// Open what an agency wrote about your records: who looked at them, and which keys count for you
    Log(LogArgs),
    /// Let an agency hand a record of yours, or of somebody you represent, to the prover that your household chose
    Release(ReleaseArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    let language = command.language();
    carry_out(command, ui).await.map_err(|failure| failure.for_holder(language))
}

async fn carry_out(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::New(args) => ui.report(&new(&args).await?),
        Command::Show(args) => ui.report(&show(&args)?),
        Command::Answer(args) => ui.report(&answer(&args, ui)?),
        Command::Consent(args) => ui.report(&consent(&args, ui).await?),
        Command::Decisions(args) => ui.report(&decisions(&args).await?),
        Command::Log(args) => ui.report(&log(&args)?),
        Command::Release(args) => ui.report(&release(&args, ui).await?),
    }
}

impl Command {
    fn language(&self) -> Language {
        let args = match self {
            Self::New(args) => &args.language,
            Self::Decisions(args) => &args.language,
            Self::Show(args) => &args.language,
            Self::Answer(args) => &args.language,
            Self::Consent(args) => &args.language,
            Self::Log(args) => &args.language,
            Self::Release(args) => &args.language,
        };
        args.language
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
    pub passphrase: WalletPassphraseArgs,
}

impl WalletArgs {
    fn passphrase(&self, language: Language) -> Outcome<Passphrase> {
        let question = language.say("Passphrase of the wallet", "钱包口令");
        Ok(Passphrase::to_open(self.passphrase.source().read(question)?))
    }

    fn new_passphrase(&self, language: Language) -> Outcome<Passphrase> {
        let question = match language {
            Language::En => format!("New passphrase of the wallet, at least {MIN_PASSPHRASE} characters"),
            Language::Zh => format!("钱包的新口令，至少 {MIN_PASSPHRASE} 个字符"),
        };
        let passphrase = Passphrase::new(self.passphrase.source().read_new(&question)?);
        passphrase.map_err(|e| Failure::spoken(e, language))
    }

    fn open(&self, language: Language) -> Outcome<Wallet> {
        Wallet::open(&self.wallet, &self.passphrase(language)?).map_err(|e| Failure::spoken(e, language))
    }

    /// The history beside the wallet's file.
    fn history(&self, wallet: &Wallet, language: Language) -> Outcome<History> {
        History::open(&History::path_beside(&self.wallet), wallet).map_err(|e| Failure::spoken(e, language))
    }
}

/// Makes a wallet.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot wallet new --wallet wallet.json --chain chain\n  sealroot wallet new --wallet wallet.json --chain chain --restore      (asks for the recovery phrase)"
)]
pub struct NewArgs {
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// The chain whose programs the wallet will trust.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Restore from a recovery phrase, read from standard input
    #[arg(long)]
    pub restore: bool,
    /// Write the recovery phrase to this file instead of showing it
    #[arg(long, alias = "words-to", value_name = "FILE", conflicts_with = "restore")]
    pub phrase_to: Option<PathBuf>,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// A wallet.
#[derive(Debug, Serialize)]
pub struct WalletReport {
    wallet: PathBuf,
    public_key: sealroot_protocol::curve::PublicKey,
    /// Each office that asked, how often, and what it got.
    #[serde(skip_serializing_if = "Option::is_none")]
    dealings: Option<Vec<Dealings>>,
    #[serde(skip)]
    history: Option<Summary>,
}

impl fmt::Display for WalletReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.public_key.point();
        write!(f, "wallet {}\n  public key x {}\n             y {}", shown(&self.wallet), hex(key.x()), hex(key.y()))?;
        self.history.as_ref().map_or(Ok(()), |history| write!(f, "\n{}", history.to_string().trim_end()))
    }
}

fn hex(x: sealroot_protocol::field::F) -> String {
    sealroot_protocol::field::to_hex(x)
}

/// Runs it.
pub async fn new(args: &NewArgs) -> Outcome<WalletReport> {
    let language = args.language.language;
    // Before anything is made: a phrase that was written down for a wallet that isn't there would be taken for a backup.
    let _ = Output::new(&args.wallet.wallet, Form::secret("a wallet"))?;
    let phrase_to = args.phrase_to.as_deref();
    let phrase_to = phrase_to.map(|path| Output::new(path, Form::secret("a recovery phrase"))).transpose()?;
    if phrase_to.is_none() && !args.restore && !std::io::stderr().is_terminal() {
        return Err(Failure::new(Code::NoTerminal, "there is no terminal to show the recovery phrase on")
            .advice("name a file for it with --phrase-to"));
    }
    let chain = args.chain.open().await?;
    let deployment = chain.deployment();
    let wallet = if args.restore {
        party::restore(&read_phrase(language)?, deployment).map_err(Failure::of)?
    } else {
        party::create(deployment).map_err(Failure::of)?
    };
    let passphrase = args.wallet.new_passphrase(language)?;
    if !args.restore {
        let phrase = wallet.seed().phrase();
        match phrase_to {
            Some(place) => {
                place.put(Zeroizing::new(format!("{}\n", phrase.as_str())).as_bytes())?;
            }
            None => {
                let told = language.say(
                    "Write this recovery phrase down; it restores the wallet and is not shown again:",
                    "请抄下此助记词；它可恢复钱包，且不再显示：",
                );
                writeln!(std::io::stderr(), "{told}\n\n  {}\n", phrase.as_str())?;
            }
        }
    }
    let created = wallet.create(&args.wallet.wallet, &passphrase).map_err(Failure::of);
    if let (Err(_), Some(path)) = (&created, &args.phrase_to) {
        // The first error is the one to report.
        let _ = std::fs::remove_file(path);
    }
    created?;
    args.chain.beside(&args.wallet.wallet).remember(&chain).await?;
    let (file, public_key) = (args.wallet.wallet.clone(), wallet.public_key());
    Ok(WalletReport { wallet: file, public_key, dealings: None, history: None })
}

/// Shows a wallet.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot wallet show --wallet wallet.json --history --language zh")]
pub struct ShowArgs {
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Also who asked how often, and what it got; asks for the passphrase
    #[arg(long)]
    pub history: bool,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

fn show(args: &ShowArgs) -> Outcome<WalletReport> {
    let file = args.wallet.wallet.clone();
    if !args.history {
        let public_key = public_key_of(&file).map_err(Failure::of)?;
        return Ok(WalletReport { wallet: file, public_key, dealings: None, history: None });
    }
    let wallet = args.wallet.open(args.language.language)?;
    let history = args.wallet.history(&wallet, args.language.language)?;
    let Shown { dealings, summary } = history::show(&history, args.language.language);
    Ok(WalletReport { wallet: file, public_key: wallet.public_key(), dealings: Some(dealings), history: Some(summary) })
}

/// The recovery phrase from standard input, over as many lines as it takes: up to the last word, an empty line after words, or the end.
fn read_phrase(language: Language) -> Outcome<Zeroizing<String>> {
    let mut input = std::io::stdin().lock();
    if std::io::stdin().is_terminal() {
        let question = language.say(
            "The 24 words of the recovery phrase, on one line or several:",
            "助记词的 24 个词，可写成一行或多行：",
        );
        writeln!(std::io::stderr(), "{question}")?;
    }
    let mut phrase = Zeroizing::new(String::with_capacity(MAX_PHRASE));
    let mut line = Zeroizing::new(String::with_capacity(MAX_PHRASE));
    while phrase.len() < MAX_PHRASE && phrase_words(&phrase) < WORDS {
        line.clear();
        let room = (MAX_PHRASE - phrase.len()) as u64;
        let read = (&mut input).take(room).read_line(&mut line)?;
        if read == 0 || (line.trim().is_empty() && !phrase.is_empty()) {
            break;
        }
        phrase.push_str(&line);
    }
    Ok(phrase)
}

/// Longer input is no recovery phrase.
const MAX_PHRASE: usize = 4096;

/// What is asked before something is signed.
struct Question {
    english: &'static str,
    chinese: &'static str,
}

impl Question {
    /// Asks the person at the terminal. `yes` is understood in every language.
    fn ask(&self, language: Language) -> Outcome<()> {
        let how = language.say("Type yes:", "请输入 yes 或 是：");
        write!(std::io::stderr(), "{} {how} ", language.say(self.english, self.chinese))?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        if line.trim() == "yes" || (language == Language::Zh && line.trim() == "是") {
            return Ok(());
        }
        let declined = language.say("you did not agree; nothing was signed", "您没有同意；未签署任何内容");
        let advice = language.say(Code::NoConsent.remedy(), "若要同意，请重新运行并输入 yes 或 是。");
        Err(Failure::new(Code::NoConsent, declined).advice(advice).written_in(language))
    }
}
