//! Whether a program and its policies belong together: what is paid is an amount in the program's currency, every part can be joined to the others, every
//! period can be claimed.
//!
//! Guarantee: the policies are judged by their texts, compiled anew, and not by what a manifest says of itself. Officers ask it before they enact a program,
//! offices before they ask under one.
//! Non-guarantee: what the chain holds. A version that isn't enacted fits as well as one that is.

use crate::{COMPILER, Compiled, CompilerVersion, Diagnostics, PolicySource, SchemaRequest, compile_with};
use sealroot_protocol::printable::quoted;
use sealroot_protocol::{
    code::{Code, Coded},
    date::{Date, NotADate, Period},
    machine::NullifierMode,
    name::Name,
    policy::{PolicyDocument, text_digest},
    program::{DecidedBy, Payment, Program, ProgramError},
};

/// Why a program and its policies don't belong together.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The program contradicts itself.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// There is no version of one of its policies.
    #[error("the program joins policy {0}, and no version of it is given")]
    NoVersion(Name),
    /// A document whose text isn't the law that its manifest says.
    #[error("policy {policy}: {error}")]
    Text {
        /// The policy.
        policy: Name,
        /// What is wrong.
        error: RecompileError,
    },
    /// It pays what no policy says.
    #[error("the program pays output {output} of policy {policy}, which has {outputs}; outputs count from 0")]
    NoSuchOutput {
        /// The policy.
        policy: Name,
        /// As the program counts it.
        output: u8,
        /// How many there are.
        outputs: usize,
    },
    /// It pays what is no money.
    #[error("the program pays output {} of policy {policy}, which is {kind} and no amount of money", quoted(.output))]
    NotAnAmount {
        /// The policy.
        policy: Name,
        /// The output's name.
        output: String,
        /// What it is.
        kind: String,
    },
    /// It pays in another currency than the policy counts in.
    #[error("the program pays in {pays}, and output {} of policy {policy} is an amount in {found}", quoted(.output))]
    Currency {
        /// The policy.
        policy: Name,
        /// The output's name.
        output: String,
        /// The program's.
        pays: String,
        /// The policy's.
        found: String,
    },
    /// What isn't paid has no place in what the contract verifies, and everybody would read it.
    #[error("the program can be decided by proof, and policy {policy} has the output {}, which it doesn't pay", quoted(.output))]
    Unpaid {
        /// The policy.
        policy: Name,
        /// The output's name.
        output: String,
    },
    /// Its part can't be joined to others.
    #[error(
        "policy {0} counts claims by record, and can't be one of several in a program: write nullifier = \"holder\", or a program of its own"
    )]
    DoesNotCompose(Name),
    /// Programs and policies disagree about naming the applicant.
    #[error("policy {policy} {}", if *.anonymous { "names the applicant, and the program is anonymous" } else { "names no applicant, and the program is not anonymous" })]
    Applicant {
        /// The policy.
        policy: Name,
        /// Whether the program is anonymous.
        anonymous: bool,
    },
    /// The facts of a period would be outside the calendar.
    #[error("for the period from {} to {}, policy {policy} reads facts of a month that is no date", .period.start, .period.end)]
    Facts {
        /// The policy.
        policy: Name,
        /// The period.
        period: Period,
    },
    /// In none of the periods for which a version is in force can there be a record that it asks for.
    #[error(
        "policy {policy} asks {agency} for records of months for which its schema {schema} admits none, in every period of the program"
    )]
    NoFacts {
        /// The policy.
        policy: Name,
        /// The agency.
        agency: Name,
        /// The schema's name.
        schema: Name,
    },
    /// Facts are judged on a day after the last on which the period may be claimed.
    #[error(
        "the period from {} to {} can never be claimed: the claim window closes before the day on which facts are judged",
        .0.start, .0.end
    )]
    NeverClaimable(Period),
}

impl Coded for Unfit {
    fn code(&self) -> Code {
        match self {
            Self::Program(error) => error.code(),
            Self::NoVersion(_) => Code::NoPolicy,
            Self::Text { error, .. } => error.code(),
            Self::DoesNotCompose(_) => Code::PolicyDoesNotCompose,
            Self::Applicant { .. } => Code::PolicyApplicantRule,
            Self::NoSuchOutput { .. }
            | Self::NotAnAmount { .. }
            | Self::Currency { .. }
            | Self::Unpaid { .. }
            | Self::Facts { .. }
            | Self::NoFacts { .. }
            | Self::NeverClaimable(_) => Code::ProgramDoesNotFit,
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NoVersion(_) => "publish the policy, or name its file",
            Self::NoSuchOutput { .. } => "correct pays.part and pays.output, or write the [[output]]",
            Self::NotAnAmount { .. } => "pay an output whose unit is a currency",
            Self::Currency { .. } => "write the policy's currency into pays.currency, or pay another output",
            Self::Unpaid { .. } => {
                "leave the output out of a version for this program, or let the office decide (decided_by = \"office\")"
            }
            Self::NoFacts { .. } => {
                "compare the source's months_before with the schema's earliest_period and latest_period, and both with the program's grid"
            }
            Self::NeverClaimable(_) => {
                "let claim.closes_after_days reach beyond the period's last day, or judge on its first"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

/// Checks a program against versions of its policies: at least one of each, in any order. Versions of other policies are not looked at.
pub fn fit(program: &Program, versions: &[PolicyDocument]) -> Result<(), Unfit> {
    program.check()?;
    for index in 0..program.grid.count {
        let period = program.period(index)?;
        if program.reachable_days(period).map_err(ProgramError::from)?.is_none() {
            return Err(Unfit::NeverClaimable(period));
        }
    }
    for (part, policy) in program.policies.iter().enumerate() {
        let mut versions = versions.iter().filter(|document| document.policy.id == *policy).peekable();
        if versions.peek().is_none() {
            return Err(Unfit::NoVersion(policy.clone()));
        }
        versions.try_for_each(|document| fit_part(program, part, document))?;
    }
    Ok(())
}

/// Periods of a program for which no version of one of its policies is in force: nobody can claim them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lawless {
    /// The policy.
    pub policy: Name,
    /// First day of the first such period.
    pub from: Date,
    /// How many periods there are.
    pub periods: usize,
}

/// For which periods some policy has no version among these.
pub fn lawless(program: &Program, versions: &[PolicyDocument]) -> Result<Vec<Lawless>, ProgramError> {
    let periods = (0..program.grid.count).map(|index| program.period(index)).collect::<Result<Vec<_>, _>>()?;
    let of = |policy: &Name| {
        let covered = |day: Date| {
            let mut own = versions.iter().filter(|document| document.policy.id == *policy);
            own.any(|document| document.policy.in_force.contains(day))
        };
        let mut days = periods.iter().map(|period| period.start).filter(|day| !covered(*day)).peekable();
        let from = days.peek().copied()?;
        Some(Lawless { policy: policy.clone(), from, periods: days.count() })
    };
    Ok(program.policies.iter().filter_map(of).collect())
}

/// Why a document's text isn't the law that its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecompileError {
    /// The text isn't the one that the manifest names.
    #[error("its text is not the one that its manifest names")]
    OtherText,
    /// No version of this program's compiler is the one that the manifest names.
    #[error("compiler {0} made its manifest, and this program has none after compiler {COMPILER}")]
    OtherCompiler(u32),
    /// It doesn't compile.
    #[error("its text can't be compiled: {0}")]
    Compile(#[from] Diagnostics),
    /// It compiles to something else.
    #[error("its text compiles to another policy than its manifest")]
    OtherPolicy,
}

impl Coded for RecompileError {
    fn code(&self) -> Code {
        match self {
            Self::OtherText => Code::PolicyEdited,
            Self::OtherCompiler(_) => Code::PolicyOtherCompiler,
            Self::Compile(_) => Code::PolicyDoesNotCompile,
            Self::OtherPolicy => Code::PolicyTextMismatch,
        }
    }
}

/// Compiles a document's text again, with the version of the compiler that its manifest names, and compares everything with its manifest: words, schemas, dates, names.
pub fn recompile(document: &PolicyDocument) -> Result<Compiled, RecompileError> {
    let policy = &document.policy;
    let Some(version) = CompilerVersion::of_number(policy.compiler) else {
        return Err(RecompileError::OtherCompiler(policy.compiler));
    };
    if text_digest(&document.text) != policy.source_text {
        return Err(RecompileError::OtherText);
    }
    let source = PolicySource { file: format!("{}.toml", policy.id), text: document.text.clone() };
    let schemas = |request: SchemaRequest<'_>| {
        document.schemas.get(request.source).cloned().ok_or_else(|| "the document has no such schema".to_owned())
    };
    let compiled = compile_with(version, &source, &schemas)?;
    if compiled.policy(policy.universal_key) == *policy { Ok(compiled) } else { Err(RecompileError::OtherPolicy) }
}

fn fit_part(program: &Program, part: usize, document: &PolicyDocument) -> Result<(), Unfit> {
    let policy = || document.policy.id.clone();
    let compiled = recompile(document).map_err(|error| Unfit::Text { policy: policy(), error })?;
    let rules = compiled.words().rules();
    if program.policies.len() > 1 && rules.nullifier != NullifierMode::Holder {
        return Err(Unfit::DoesNotCompose(policy()));
    }
    if rules.identity.is_some() == program.anonymous {
        return Err(Unfit::Applicant { policy: policy(), anonymous: program.anonymous });
    }
    // Months are monotonous: what the first and the last period read, all between them do.
    for period in [program.period(0)?, program.period(program.grid.count - 1)?] {
        let facts = rules.sources.iter().map(|source| source.facts_period.resolve(&period));
        let facts: Result<Vec<_>, NotADate> = facts.collect();
        facts.map_err(|_| Unfit::Facts { policy: policy(), period })?;
    }
    fit_facts(program, &compiled, document)?;
    fit_outputs(program, part, &compiled, policy())?;
    match &program.pays {
        Some(pays) if usize::from(pays.part) == part => fit_payment(pays, &compiled, policy()),
        _ => Ok(()),
    }
}

/// Another version may take another schema for later periods: what counts are those for which this one is in force.
fn fit_facts(program: &Program, compiled: &Compiled, document: &PolicyDocument) -> Result<(), Unfit> {
    let periods = (0..program.grid.count).map(|index| program.period(index)).collect::<Result<Vec<_>, _>>()?;
    let own: Vec<_> = periods.iter().filter(|period| document.policy.in_force.contains(period.start)).collect();
    let sources = compiled.words().rules().sources.iter().zip(&document.policy.sources).zip(&document.schemas);
    for ((rule, source), schema) in sources {
        let admits = |period: &&Period| rule.facts_period.resolve(period).is_ok_and(|facts| schema.admits(facts));
        if !own.is_empty() && !own.iter().any(admits) {
            let (policy, agency) = (document.policy.id.clone(), source.agency.clone());
            return Err(Unfit::NoFacts { policy, agency, schema: schema.name.clone() });
        }
    }
    Ok(())
}

/// By proof, no approval with another output than the paid one can be entered.
fn fit_outputs(program: &Program, part: usize, compiled: &Compiled, policy: Name) -> Result<(), Unfit> {
    let paid = program.pays.as_ref().filter(|pays| usize::from(pays.part) == part).map(|pays| usize::from(pays.output));
    let mut outputs = compiled.text().outputs.iter().enumerate().filter(|(i, _)| Some(*i) != paid);
    match outputs.next().filter(|_| program.decided_by != DecidedBy::Office) {
        Some((_, output)) => Err(Unfit::Unpaid { policy, output: output.name.get_ref().clone() }),
        None => Ok(()),
    }
}

fn fit_payment(pays: &Payment, compiled: &Compiled, policy: Name) -> Result<(), Unfit> {
    let outputs = &compiled.text().outputs;
    let Some(output) = outputs.get(usize::from(pays.output)) else {
        return Err(Unfit::NoSuchOutput { policy, output: pays.output, outputs: outputs.len() });
    };
    let name = output.name.get_ref().clone();
    match compiled.output_currency(usize::from(pays.output)) {
        Some(found) if *found == pays.currency => Ok(()),
        Some(found) => {
            let (pays, found) = (pays.currency.clone(), found.to_owned());
            Err(Unfit::Currency { policy, output: name, pays, found })
        }
        None => {
            let kind = compiled.output_kind(usize::from(pays.output));
            Err(Unfit::NotAnAmount { policy, output: name, kind })
        }
    }
}
