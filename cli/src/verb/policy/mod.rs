//! `sealroot policy`: from a rule's text to an enacted policy key.

mod diff;
mod plain;

pub use diff::{DiffArgs, diff};
pub use plain::{EvalArgs, ExplainArgs, eval, explain};

use crate::{
    chain::{ActReport, OfficerArgs},
    failure::{Failure, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    keys::KeyArgs,
    kinds::POLICY_TEXT,
    published::PublishedArgs,
    ui::Ui,
};
use sealroot_chain::Act;
use sealroot_officer::{Derived, derive, enactable};
use sealroot_policy::{Compiled, Detail, DisclosedFact, Disclosure, PolicySource, SchemaRequest, compile};
use sealroot_protocol::{
    code::{Code, Coded},
    policy::PolicyDigest,
    printable::counted,
    schema::Schema,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// What to do with a policy.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Compile, run the cases, compare the compiled rules with an independent interpreter
    Check(CheckArgs),
    /// Explain a policy in plain words
    Explain(ExplainArgs),
    /// Answer from plain facts
    Eval(EvalArgs),
    /// Say what a new version changes, and for whom among sample facts
    Diff(DiffArgs),
    /// Derive the policy key from text and universal key
    Key(KeyCommandArgs),
    /// Enact a policy version (two officers)
    Enact(EnactArgs),
    /// Withdraw a policy version (two officers, at once)
    Withdraw(WithdrawArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Check(args) => ui.report(&check(&args)?),
        Command::Explain(args) => ui.report(&explain(&args).await?),
        Command::Eval(args) => ui.report(&eval(&args)?),
        Command::Diff(args) => ui.report(&diff(&args)?),
        Command::Key(args) => ui.report(&key(&args)?),
        Command::Enact(args) => ui.report(&enact(&args).await?),
        Command::Withdraw(args) => {
            let act = Act::WithdrawPolicy(args.policy);
            ui.report(&args.officer.carry_out(&act, format!("withdrawal of policy {}", args.policy)).await?)
        }
    }
}

/// Compiles a policy file; schemas are found beside it.
pub fn compile_file(path: &Path) -> Outcome<Compiled> {
    let source = PolicySource { file: shown(path).to_string(), text: files::read_text(path)? };
    let directory = path.parent().unwrap_or(Path::new("."));
    let schemas = |request: SchemaRequest<'_>| {
        let text = files::read_text(&directory.join(request.reference)).map_err(|e| e.to_string())?;
        Schema::from_toml(&text).map_err(|e| e.to_string())
    };
    let compiled = compile(&source, &schemas).map_err(|diagnostics| {
        Failure::new(diagnostics.code(), format!("the policy can't be compiled\n{diagnostics}"))
    });
    compiled.map_err(|e| files::of_kind(path, source.text.as_bytes(), POLICY_TEXT, e))
}

/// Checks a policy.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot policy check examples/heating-allowance/income.policy.toml")]
pub struct CheckArgs {
    /// The policy's TOML file
    pub policy: PathBuf,
    /// Random facts around boundaries on which compiled rules and interpreter are compared
    #[arg(long, default_value_t = 1000)]
    pub comparisons: usize,
    /// Seed of those facts
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What was checked.
#[derive(Debug, Serialize)]
pub struct CheckedReport {
    policy: String,
    version: u32,
    cases: usize,
    compared: usize,
    warnings: Vec<String>,
    capacities: Vec<CapacityLine>,
    disclosures: Vec<DisclosureLine>,
}

#[derive(Debug, Serialize)]
struct CapacityLine {
    what: &'static str,
    used: usize,
    available: usize,
}

#[derive(Debug, Serialize)]
struct DisclosureLine {
    what: String,
    /// The fact that it gives away by itself.
    gives_away: Option<String>,
    facts: Vec<FactLine>,
}

#[derive(Debug, Serialize)]
struct FactLine {
    fact: String,
    detail: String,
}

impl From<&Disclosure> for DisclosureLine {
    fn from(disclosure: &Disclosure) -> Self {
        let facts = disclosure.facts.iter().map(|fact| FactLine { fact: fact.name.clone(), detail: detail(fact) });
        Self {
            what: disclosure.what.clone(),
            gives_away: disclosure.gives_away().map(|fact| fact.name.clone()),
            facts: facts.collect(),
        }
    }
}

/// How finely a fact shows, in words.
fn detail(fact: &DisclosedFact) -> String {
    let mut words = match fact.detail {
        Detail::Shown => "as it is".to_owned(),
        Detail::YesOrNo => return "yes or no".to_owned(),
        Detail::OneOf { most } => format!("at most which of {most} groups it is in"),
        Detail::Computable { step, rounded, bounded } => {
            let within = if bounded { " within limits" } else { "" };
            match (rounded, step) {
                (false, _) => format!("computable exactly{within}"),
                (true, 1) => format!("computable{within}, at best exactly"),
                (true, step) => format!("computable{within}, at best to within {step} units"),
            }
        }
    };
    if fact.summed {
        words += ", summed over the members";
    }
    words
}

impl fmt::Display for CheckedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} version {}: {}; compiled rules and interpreter agree on {}",
            self.policy,
            self.version,
            counted(self.cases, "case holds", "cases hold"),
            counted(self.compared, "fact", "facts")
        )?;
        for warning in &self.warnings {
            write!(f, "\n  WARNING {warning}")?;
        }
        let used = self.capacities.iter().filter(|line| line.used > 0);
        let used: Vec<_> = used.map(|line| format!("{} of {} {}", line.used, line.available, line.what)).collect();
        write!(f, "\n  it takes {}", used.join(", "))?;
        for line in &self.disclosures {
            write!(f, "\n  anybody who learns {} learns something about:", line.what)?;
            let details: std::collections::BTreeSet<&str> =
                line.facts.iter().map(|fact| fact.detail.as_str()).collect();
            for detail in details {
                let names = line.facts.iter().filter(|fact| fact.detail == detail).map(|fact| fact.fact.as_str());
                write!(f, "\n    {} ({detail})", names.collect::<Vec<_>>().join(", "))?;
            }
            if let Some(fact) = &line.gives_away {
                write!(f, "\n    it gives away {fact} by itself")?;
            }
        }
        Ok(())
    }
}

/// Runs it.
pub fn check(args: &CheckArgs) -> Outcome<CheckedReport> {
    let compiled = compile_file(&args.policy)?;
    let report = compiled.check(args.comparisons, args.seed).passed().map_err(Failure::of)?;
    let text = compiled.text();
    let capacities = report.usage.of_capacities(&compiled.shape().dimensions()).into_iter();
    Ok(CheckedReport {
        policy: text.id.to_string(),
        version: *text.version.get_ref(),
        cases: report.cases,
        compared: report.compared,
        warnings: report.warnings.iter().map(ToString::to_string).collect(),
        capacities: capacities.map(|(what, used, available)| CapacityLine { what, used, available }).collect(),
        disclosures: report.disclosures.iter().map(DisclosureLine::from).collect(),
    })
}

/// Derives a policy key.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot policy key examples/heating-allowance/income.policy.toml --keys keys --allow-insecure-dev-keys --out income.policy.key"
)]
pub struct KeyCommandArgs {
    /// The policy's TOML file
    pub policy: PathBuf,
    /// Universal keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Write the policy key (EIP-197 points) here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Whether an earlier one is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// A derived key.
#[derive(Debug, Serialize)]
pub struct PolicyKeyReport {
    policy: String,
    version: u32,
    digest: String,
    key_hash: String,
    bytes: usize,
    universal_key: String,
}

impl fmt::Display for PolicyKeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} version {}", self.policy, self.version)?;
        writeln!(f, "  digest        {}", self.digest)?;
        writeln!(f, "  policy key    {} ({} bytes)", self.key_hash, self.bytes)?;
        write!(f, "  universal key {}", self.universal_key)
    }
}

/// Runs it.
pub fn key(args: &KeyCommandArgs) -> Outcome<PolicyKeyReport> {
    let out = args.out.as_deref().map(|path| Output::replacing(path, Form::POLICY_KEY, args.force, &[&args.policy]));
    let out = out.transpose()?;
    let compiled = compile_file(&args.policy)?;
    let universal = args.keys.universal_key(compiled.words().shape())?;
    let Derived { document, key, enactment } = derive(&compiled, &universal).map_err(Failure::of)?;
    let bytes = key.to_bytes();
    if let Some(out) = out {
        out.put(&bytes)?;
    }
    Ok(PolicyKeyReport {
        policy: document.policy.id.to_string(),
        version: document.policy.version,
        digest: enactment.digest.to_string(),
        key_hash: key.hash().to_string(),
        bytes: bytes.len(),
        universal_key: universal.hash().to_string(),
    })
}

/// Enacts a policy.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot policy enact income.policy.toml --officer a.key            (proposes)\n  sealroot policy enact income.policy.toml --officer b.key --confirm  (after the delay)\n\nEach officer runs the law's cases and derives the policy key alone, from the text and the universal key. Nothing is enacted where a case fails."
)]
pub struct EnactArgs {
    /// The policy's TOML file
    pub policy: PathBuf,
    /// Retroactive: for days that have begun, in the place of this version, which was withdrawn. It waits 14 days at least, and is marked for ever
    #[arg(long, value_name = "DIGEST")]
    pub replaces: Option<PolicyDigest>,
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Universal keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Where the document is published.
    #[command(flatten)]
    pub published: PublishedArgs,
}

/// Runs it.
pub async fn enact(args: &EnactArgs) -> Outcome<ActReport> {
    let compiled = compile_file(&args.policy)?;
    let universal = args.keys.universal_key(compiled.words().shape())?;
    let enactable = enactable(&compiled, &universal).map_err(Failure::of)?;
    let derived = enactable.derived();
    let policy = &derived.document.policy;
    let mut what = format!("policy {} version {} ({})", policy.id, policy.version, derived.enactment.digest);
    let act = match args.replaces {
        None => enactable.act(),
        Some(replaces) => {
            what.push_str(&format!(", RETROACTIVE in the place of {replaces}"));
            let replaced = args.published.policies(&[replaces])?;
            let replaced = replaced.first().ok_or_else(|| Failure::new(Code::NoPolicy, "no version is named"))?;
            if replaced.policy.digest().ok() != Some(replaces) {
                return Err(Failure::new(
                    Code::NoPolicy,
                    format!("what is published as {replaces} is another version"),
                ));
            }
            enactable.retroactive_act(replaced).map_err(Failure::of)?
        }
    };
    let report = args.officer.carry_out(&act, what).await?;
    args.published.add_policy(&derived.document)?;
    Ok(report)
}

/// Withdraws a policy version.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot policy withdraw 0x… --officer officers/a.key\n  sealroot policy withdraw 0x… --officer officers/b.key --confirm"
)]
pub struct WithdrawArgs {
    /// Digest of the version
    pub policy: PolicyDigest,
    /// The officer who withdraws.
    #[command(flatten)]
    pub officer: OfficerArgs,
}
