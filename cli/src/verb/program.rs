//! `sealroot program`: checking that a program fits its policies, enacting it, and showing what one says.

use super::policy::compile_file;
use crate::{
    chain::{ActReport, ChainArgs, OfficerArgs},
    decision::amount,
    failure::{Failure, OrFail, Outcome},
    files::{self, shown},
    kinds::Document,
    published::PublishedArgs,
    ui::Ui,
};
use sealroot_officer::{Gap, Moment, fit};
use sealroot_policy::{Lawless, lawless};
use sealroot_protocol::{
    amount::Amount,
    code::Code,
    field::Digest,
    name::Name,
    printable::{counted, printable},
    program::{DecidedBy, PeriodDay, Program},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a program.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check that a program fits its policies
    Check(CheckArgs),
    /// Enact a program (two officers)
    Enact(EnactArgs),
    /// Show a published program
    Show(ShowArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Check(args) => ui.report(&check(&args).await?),
        Command::Enact(args) => ui.report(&enact(&args).await?),
        Command::Show(args) => ui.report(&show(&args)?),
    }
}

/// Checks a program.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot program check program.toml --policy residence.policy.toml --policy income.policy.toml\n  sealroot program check program.toml --chain chain\n\nWithout --chain: whether program and policies belong together. With it also whether the policies are enacted and in force for the program's periods,\nand its requesters registered, on the day on which another officer could confirm the program if it were proposed now. `program enact` asks the same."
)]
pub struct CheckArgs {
    /// The program's TOML file
    pub program: PathBuf,
    /// A policy's TOML file, once for each of the program's policies; otherwise the published ones are taken
    #[arg(long = "policy", value_name = "FILE", conflicts_with = "chain")]
    pub policies: Vec<PathBuf>,
    /// Directory of the embedded chain
    #[arg(long, value_name = "DIR")]
    pub chain: Option<PathBuf>,
    /// Where documents are found.
    #[command(flatten)]
    pub published: PublishedArgs,
}

/// What was checked.
#[derive(Debug, Serialize)]
pub struct CheckedProgram {
    program: Name,
    policies: Vec<Name>,
    /// Whether the chain was asked.
    chain: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapLine>,
}

/// Later periods that wait for a version of a policy.
#[derive(Debug, Serialize)]
pub struct GapLine {
    policy: Name,
    /// First day of the first such period.
    from: String,
    periods: usize,
    /// Whether the chain was asked; else the texts alone.
    #[serde(skip)]
    enacted: bool,
}

impl From<&Lawless> for GapLine {
    fn from(gap: &Lawless) -> Self {
        Self { policy: gap.policy.clone(), from: gap.from.to_string(), periods: gap.periods, enacted: false }
    }
}

impl From<&Gap> for GapLine {
    fn from(gap: &Gap) -> Self {
        Self { policy: gap.policy.clone(), from: gap.from.to_string(), periods: gap.periods, enacted: true }
    }
}

impl fmt::Display for GapLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.enacted {
            let periods = counted(self.periods, "period", "periods");
            return write!(
                f,
                "\n  WARNING no version of policy {} that was looked at is in force on {}: without a law of another version {periods} can't be claimed",
                self.policy, self.from
            );
        }
        write!(
            f,
            "\n  WARNING no enacted version of policy {} is in force on {}: {} from then on can't be claimed until one is enacted before",
            self.policy,
            self.from,
            counted(self.periods, "period", "periods")
        )
    }
}

impl fmt::Display for CheckedProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policies = self.policies.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let asked = if self.chain { ", as the chain has them" } else { "; the chain was not asked" };
        write!(f, "program {} fits its policies {policies}{asked}", self.program)?;
        self.gaps.iter().try_for_each(|gap| gap.fmt(f))
    }
}

/// Runs it.
pub async fn check(args: &CheckArgs) -> Outcome<CheckedProgram> {
    let program = read(&args.program)?;
    let mut gaps = Vec::new();
    let program = if let Some(directory) = &args.chain {
        let chain = ChainArgs::from(directory.clone()).open().await?;
        let fitting = fit(program, Moment::Proposal, &chain, &args.published).await.map_err(Failure::of)?;
        gaps.extend(fitting.gaps().iter().map(GapLine::from));
        fitting.program().clone()
    } else {
        let mut versions = Vec::new();
        for file in &args.policies {
            // Under which universal key a policy is proved is nothing to the program.
            versions.push(compile_file(file)?.document(Digest([0; 32])));
        }
        if args.policies.is_empty() {
            for policy in &program.policies {
                versions.extend(args.published.versions(policy)?);
            }
        }
        sealroot_policy::fit(&program, &versions).map_err(Failure::of)?;
        gaps.extend(lawless(&program, &versions).or_fail(Code::BadProgram)?.iter().map(GapLine::from));
        program
    };
    Ok(CheckedProgram { program: program.id, policies: program.policies, chain: args.chain.is_some(), gaps })
}

fn read(path: &std::path::Path) -> Outcome<Program> {
    let text = files::read_text(path)?;
    let program = Program::from_toml(&text).or_fail(Code::BadProgram).map_err(|e| e.context(shown(path)));
    program.map_err(|e| files::of_kind(path, text.as_bytes(), Program::KIND, e))
}

/// Enacts a program.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot program enact program.toml --officer a.key\n  sealroot program enact program.toml --officer b.key --confirm\n\nIts policies must be enacted and its requesters registered before it is proposed: `program check --chain` says what is missing."
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

/// What an officer did with a program.
#[derive(Debug, Serialize)]
pub struct EnactReport {
    #[serde(flatten)]
    act: ActReport,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapLine>,
}

impl fmt::Display for EnactReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.act.fmt(f)?;
        self.gaps.iter().try_for_each(|gap| gap.fmt(f))
    }
}

/// Runs it.
pub async fn enact(args: &EnactArgs) -> Outcome<EnactReport> {
    let program = read(&args.program)?;
    let chain = args.officer.chain.open().await?;
    let moment = if args.officer.confirm { Moment::Confirmation } else { Moment::Proposal };
    let fitting = fit(program, moment, &chain, &args.published).await.map_err(Failure::of)?;
    let what = format!("program {}", fitting.program().id);
    let act = args.officer.carry_out_on(&chain, &fitting.act(), what).await?;
    args.published.add_program(fitting.program())?;
    Ok(EnactReport { act, gaps: fitting.gaps().iter().map(GapLine::from).collect() })
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
        writeln!(f, "  periods    {}", periods(p))?;
        write!(
            f,
            "  claims     from day {} to day {} after a period's first day",
            p.claim.opens_after_days, p.claim.closes_after_days
        )?;
        later_terms(f, p)?;
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

/// What the first programs couldn't say, where this one says it.
fn later_terms(f: &mut fmt::Formatter<'_>, p: &Program) -> fmt::Result {
    if p.correctable_days > 0 {
        write!(f, "\n  corrected  for {} more", counted(p.correctable_days, "day", "days"))?;
    }
    let minutes = p.utc_offset_minutes.minutes();
    if minutes != 0 {
        let (sign, apart) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
        write!(f, "\n  days       turn at midnight of UTC{sign}{:02}:{:02}", apart / 60, apart % 60)?;
    }
    match p.decided_by {
        DecidedBy::Office => {}
        DecidedBy::Proof => write!(f, "\n  decided    by proof, which the contract checks")?,
        DecidedBy::Both => write!(f, "\n  decided    by the office, or by proof, which the contract checks")?,
    }
    if let Some(fresh) = p.fresh {
        let since = match fresh.since {
            PeriodDay::PeriodStart => "first",
            PeriodDay::PeriodEnd => "last",
        };
        write!(f, "\n  facts      confirmed on day {} after a period's {since} day, or later", fresh.after_days)?;
    }
    Ok(())
}

/// A program's grid in words.
pub fn periods(program: &Program) -> String {
    let grid = &program.grid;
    let (count, months) = (counted(grid.count, "period", "periods"), counted(grid.months, "month", "months"));
    format!("{count} of {months} from {}", grid.first)
}

fn show(args: &ShowArgs) -> Outcome<ProgramReport> {
    let program = args.published.program(&args.program)?;
    let digest = program.digest().or_fail(Code::BadProgram)?.to_string();
    let budget = program.pays.as_ref().and_then(|pays| amount(&program, pays.budget));
    Ok(ProgramReport { digest, budget, program })
}
