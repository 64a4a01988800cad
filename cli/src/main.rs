//! `sealroot`: the verbs of the story on the command line.
//!
//! Exit 0: everything asked for held. 1: a check rejected, with a stable reason. 2: wrong use or bad input.

mod failure;
mod files;
mod keys;
mod secret;
mod ui;
mod verb;

use clap::{Parser, Subcommand};
use failure::Outcome;
use std::process::ExitCode;
use ui::Ui;

/// Privacy-preserving data sharing: an office learns one answer about a citizen, without seeing the data behind it.
#[derive(Debug, Parser)]
#[command(version, after_help = "Start with:\n  sealroot demo            the whole story on this machine, narrated\n  sealroot demo --dir out  the same, and keep every file to try the other verbs on")]
struct Cli {
    /// One JSON object on stdout instead of text; errors as JSON on stderr
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// An agency's vault
    #[command(subcommand)]
    Agency(verb::agency::Command),
    /// Signing keys of agencies, requesters and officials
    #[command(subcommand)]
    Key(verb::key::Command),
    /// Proving and verifying keys
    Setup(verb::setup::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::new(cli.json);
    match run(cli.command, ui).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui.fail(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Agency(command) => verb::agency::run(command, ui).await,
        Command::Key(command) => ui.report(&verb::key::run(command)?),
        Command::Setup(args) => ui.report(&verb::setup::run(&args, ui)?),
    }
}
