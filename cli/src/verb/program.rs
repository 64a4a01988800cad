//! `sealroot program`: enacting programs, and showing what one says.

use crate::{
    chain::{ActReport, OfficerArgs},
    decision::amount,
    failure::{Failure, OrFail, Outcome},
    files,
    published::PublishedArgs,
    ui::Ui,
};
use sealroot_officer::program_act;
use sealroot_protocol::{amount::Amount, code::Code, name::Name, printable::printable, program::Program};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a program.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Enact a program (two officers)
    Enact(EnactArgs),
    /// Show a published program
    Show(ShowArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Enact(args) => ui.report(&enact(&args).await?),
        Command::Show(args) => ui.report(&show(&args)?),
    }
}

/// Enacts a program.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot program enact program.toml --officer a.key\n  sealroot program enact program.toml --officer b.key --confirm"
)]
pub struct EnactArgs {
    /// The program's TOML file
    pub program: PathBuf,
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Where the document is published.
    #[command(flatten)]
    pub published: PublishedArgs,
}

/// Runs it.
pub async fn enact(args: &EnactArgs) -> Outcome<ActReport> {
    let program = Program::from_toml(&files::read_text(&args.program)?).or_fail(Code::BadProgram)?;
    let act = program_act(&program).map_err(Failure::of)?;
    let report = args.officer.carry_out(&act, format!("program {}", program.id)).await?;
    args.published.add_program(&program)?;
    Ok(report)
}

/// Shows a program.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot program show heating-allowance")]
pub struct ShowArgs {
    /// Id of the program
    pub program: Name,
    /// Where documents are found.
    #[command(flatten)]
    pub published: PublishedArgs,
}

/// A program with its digest.
#[derive(Debug, Serialize)]
pub struct ProgramReport {
    digest: String,
    /// The most that it pays in all; absent where it pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Amount>,
    /// The document, as its schema has it.
    program: Program,
}

impl fmt::Display for ProgramReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p = &self.program;
        let names = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        writeln!(f, "program {} ({})", p.id, self.digest)?;
        for (language, title) in &p.title {
            writeln!(f, "  title      {}: {}", printable(language), printable(title))?;
        }
        writeln!(f, "  policies   {}", names(&p.policies))?;
        writeln!(f, "  requesters {}", names(&p.requesters))?;
        writeln!(f, "  periods    {} of {} month(s) from {}", p.grid.count, p.grid.months, p.grid.first)?;
        write!(
            f,
            "  claims     from day {} to day {} after a period's first day",
            p.claim.opens_after_days, p.claim.closes_after_days
        )?;
        if let Some(pays) = &p.pays {
            let policy = p.policies.get(usize::from(pays.part)).map_or("", Name::as_str);
            write!(f, "\n  pays       output {} of {policy}, in {}", pays.output + 1, printable(&pays.currency))?;
        }
        if let Some(budget) = &self.budget {
            write!(f, "\n  budget     {budget} in all")?;
        }
        for (language, text) in &p.manual_path {
            write!(f, "\n  otherwise  {}: {}", printable(language), printable(text))?;
        }
        Ok(())
    }
}

fn show(args: &ShowArgs) -> Outcome<ProgramReport> {
    let program = args.published.program(&args.program)?;
    let digest = program.digest().or_fail(Code::BadProgram)?.to_string();
    let budget = program.pays.as_ref().and_then(|pays| amount(&program, pays.budget));
    Ok(ProgramReport { digest, budget, program })
}
