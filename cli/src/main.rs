//! `sealroot`: the verbs of the story on the command line.
//!
//! Exit 0: everything asked for held. 1: a check rejected, with a stable reason. 2: wrong use or bad input.

mod chain;
mod clock;
mod correction;
mod decision;
mod demo;
#[cfg(test)]
mod examples;
mod failure;
mod files;
mod identity;
mod keys;
mod kinds;
mod language;
mod private_memory;
mod published;
mod secret;
mod ui;
mod verb;
#[cfg(test)]
mod written;

use clap::{CommandFactory, Parser, Subcommand};
use failure::{Failure, Outcome};
use sealroot_protocol::code::Code;
use std::{ffi::OsString, process::ExitCode};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use ui::Ui;

/// Privacy-preserving data sharing: an office learns one answer about a citizen, without seeing the data behind it.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Start with:\n  sealroot demo            the whole story on this machine, narrated\n  sealroot demo --dir out  the same, and keep every file to try the other verbs on\n\nSEALROOT_LOG=debug shows what the libraries do; warnings are always shown."
)]
struct Cli {
    /// One JSON object on stdout instead of text; errors as JSON on stderr
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole story on this machine, narrated, then attacks on it
    Demo(demo::Args),
    /// Make proving and verifying keys
    Setup(verb::setup::Args),
    /// Signing keys of agencies, requesters and officers
    #[command(subcommand)]
    Key(verb::key::Command),
    /// The embedded chain and its participants
    #[command(subcommand)]
    Chain(verb::chain::Command),
    /// An agency's vault: import records, enrol people, anchor, release, log
    #[command(subcommand)]
    Agency(verb::agency::Command),
    /// Rules as code: check, derive the key, enact, withdraw
    #[command(subcommand)]
    Policy(verb::policy::Command),
    /// Programs: which policies decide together, which offices may ask, what is paid
    #[command(subcommand)]
    Program(verb::program::Command),
    /// The holder's wallet
    #[command(subcommand)]
    Wallet(verb::wallet::Command),
    /// What an office asks of one applicant
    #[command(subcommand)]
    Request(verb::request::Command),
    /// Prove one agency's part of a decision, from request, consent and records
    Prove(verb::prove::Args),
    /// Put the parts of a decision together in one file, the bundle
    Bundle(verb::bundle::Args),
    /// Verify a bundle against the chain, now
    Verify(verb::verify::Args),
    /// Check anybody's Groth16 proof over BN254, in snarkjs's files
    VerifyProof(verb::verify_proof::Args),
    /// Verify a bundle, enter the decision on chain, and write the bundle with its evidence
    Decide(verb::decide::Args),
    /// Lower an approval without the holder: two clerks, one reason
    #[command(subcommand)]
    Reduction(verb::reduction::Command),
    /// Check decisions offline, from bundles and a trust file alone
    Audit(verb::audit::Args),
    /// Write a trust file that pins this chain and these keys
    Trust(verb::audit::TrustArgs),
    /// Write a bundle's parts for other people's verifiers
    #[command(subcommand)]
    Export(verb::export::Command),
    /// Say what a file is, and what stands in it
    Inspect(verb::inspect::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let private = private_memory::keep();
    let cli = match (Cli::try_parse(), empty_variable()) {
        (Err(error), None) => return misuse(&error),
        // Help is help, whatever the environment is.
        (Err(error), _) if !error.use_stderr() => return misuse(&error),
        (_, Some(name)) => return unusable_environment(&name),
        (Ok(cli), None) => cli,
    };
    let ui = Ui::new(cli.json);
    log(cli.json);
    if let Err(error) = private {
        tracing::warn!(
            "the system doesn't let core dumps be switched off ({error}): a crash can leave secrets on the disk"
        );
    }
    match run(cli.command, ui).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui.fail(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// A variable of ours that is set and says nothing: an empty path would be the working directory, an empty passphrase somebody's slip.
fn empty_variable() -> Option<String> {
    fn of(command: &clap::Command) -> Vec<OsString> {
        let own = command.get_arguments().filter_map(|argument| argument.get_env().map(ToOwned::to_owned));
        own.chain(command.get_subcommands().flat_map(of)).collect()
    }
    let names = of(&Cli::command()).into_iter().chain(secret::PASSPHRASES.map(OsString::from));
    let empty = |name: &OsString| std::env::var_os(name).is_some_and(|value| value.is_empty());
    names.into_iter().find(empty).map(|name| name.to_string_lossy().into_owned())
}

fn unusable_environment(name: &str) -> ExitCode {
    let failure = Failure::new(Code::Usage, format!("the environment variable {name} is set, and empty"))
        .advice("give it a value, or unset it");
    Ui::new(asks_for_json()).fail(&failure);
    ExitCode::from(failure.exit_code())
}

/// Where the command line itself can't be used, nothing else says so.
fn asks_for_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

/// Wrong use in the parser's words, with `--json` as any other failure. Help and version are no failure.
fn misuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A closed stdout is no reason to fail.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let failure = Failure::new(Code::Usage, error.render().to_string().trim_end());
    if asks_for_json() {
        Ui::new(true).fail(&failure);
    } else {
        let _ = error.print();
    }
    ExitCode::from(failure.exit_code())
}

/// Events of the libraries on stderr: warnings, or what `SEALROOT_LOG` asks for (`sealroot_vault=debug`). No event quotes a record.
fn log(json: bool) {
    // A database that waits for another process is no statement to be warned of: the verb says what it waited for.
    let filter = match std::env::var("SEALROOT_LOG") {
        Ok(asked) => EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).parse_lossy(asked),
        Err(_) => EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).parse_lossy("warn,sqlx=error"),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Demo(args) => demo::run(&args, ui).await,
        Command::Setup(args) => ui.report(&verb::setup::run(&args, ui)?),
        Command::Key(command) => ui.report(&verb::key::run(command)?),
        Command::Chain(command) => verb::chain::run(command, ui).await,
        Command::Agency(command) => verb::agency::run(command, ui).await,
        Command::Policy(command) => verb::policy::run(command, ui).await,
        Command::Program(command) => verb::program::run(command, ui).await,
        Command::Wallet(command) => verb::wallet::run(command, ui).await,
        Command::Request(command) => verb::request::run(command, ui).await,
        Command::Prove(args) => ui.report(&verb::prove::run(&args, ui).await?),
        Command::Bundle(args) => ui.report(&verb::bundle::run(&args).await?),
        Command::Verify(args) => ui.report(&verb::verify::run(&args).await?),
        Command::VerifyProof(args) => ui.report(&verb::verify_proof::run(&args)?),
        Command::Decide(args) => ui.report(&verb::decide::run(&args).await?),
        Command::Reduction(command) => verb::reduction::run(command, ui).await,
        Command::Audit(args) => verb::audit::run(&args, ui),
        Command::Trust(args) => ui.report(&verb::audit::trust(&args).await?),
        Command::Export(command) => verb::export::run(command, ui),
        Command::Inspect(args) => ui.report(&verb::inspect::run(&args)?),
    }
}
