//! `sealroot audit`: decisions checked offline, from bundles and the auditor's own trust file alone.

mod finding;
mod trust;

pub use trust::{CheckpointArgs, TrustArgs, TrustPlace, TrustReport, trust};

use crate::{
    failure::{Failure, Outcome},
    files, kinds,
    language::LanguageArgs,
    ui::Ui,
};
use finding::Finding;
use sealroot_auditor::{Audit, Looked, Total, Trusted};
use sealroot_protocol::{amount::Amount, code::Code, language::Language, name::Name, printable::counted};
use sealroot_verifier::key_header::KeySecurity;
use serde::Serialize;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
};

/// Audits bundles.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot audit decided.json --trust trust.toml\n  sealroot audit archive --trust trust.toml --json        (all *.json of a directory)\n  sealroot audit archive --trust trust.toml --stream --json\n\nEach decision is counted once, though its bundle lies there twice, or undated and dated; a correction takes the place of what it corrects, and the totals are of what stands by these bundles. A correction whose bundle is not among them is not seen.\nNo network is used. The universal key files lie beside the trust file, which pins them by hash."
)]
pub struct Args {
    /// The bundles, with their evidence; of a directory, all its *.json
    #[arg(required = true)]
    pub bundles: Vec<PathBuf>,
    /// Say each finding as soon as it is found, and at the end those that others contradict, and the totals: for any number of bundles. With --json, a JSON object on each line
    #[arg(long)]
    pub stream: bool,
    /// What you trust
    #[arg(long, value_name = "FILE")]
    pub trust: PathBuf,
    /// Accept keys of a development setup, whose maker can forge proofs
    #[arg(long, env = "SEALROOT_ALLOW_INSECURE_DEV_KEYS")]
    pub allow_insecure_dev_keys: bool,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// Findings, one per bundle, and what they come to.
#[derive(Debug, Serialize)]
pub struct AuditReport {
    /// How many hold.
    pub held: usize,
    /// How many don't.
    pub rejected: usize,
    /// How many different decisions those that hold are.
    decisions: usize,
    /// What the approvals that stand come to.
    totals: Vec<TotalLine>,
    findings: Vec<Finding>,
    /// The code of the first bundle that was rejected, or else of the first that couldn't be read.
    #[serde(skip)]
    pub first: Option<Code>,
    #[serde(skip)]
    language: Language,
}

fn first_of(codes: impl Iterator<Item = Code>) -> Option<Code> {
    // A check's rejection before what couldn't be read; of each, the first.
    codes.min_by_key(|code| code.class().exit_code() != 1)
}

/// What the approvals of a program that stand come to.
#[derive(Debug, Serialize)]
struct TotalLine {
    program: Name,
    approvals: usize,
    /// What is paid in all; none where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    /// What was overpaid, if all that was granted was paid; absent where nothing was, as far as the bundles show.
    #[serde(skip_serializing_if = "Option::is_none")]
    overpaid: Option<Amount>,
}

impl From<&Total> for TotalLine {
    fn from(total: &Total) -> Self {
        let amount = |minor| total.currency.as_ref().map(|currency| Amount::new(minor, currency));
        Self {
            program: total.program.clone(),
            approvals: total.approvals,
            amount: amount(total.amount),
            overpaid: amount(total.overpaid).filter(|overpaid| overpaid.minor > 0),
        }
    }
}

impl TotalLine {
    fn words(&self, language: Language) -> String {
        let Self { program, approvals, amount, overpaid } = self;
        let words = |amount: &Option<Amount>, english, chinese| {
            amount.as_ref().map(|amount| format!("{}{amount}", language.say(english, chinese))).unwrap_or_default()
        };
        let amount = words(amount, ", in all ", "，合计 ")
            + &words(overpaid, "; overpaid, if every amount was paid: ", "；如历次批准均已发放，超付 ");
        match (language, approvals) {
            (Language::En, 1) => format!("{program}: 1 approval stands{amount}"),
            (Language::En, _) => format!("{program}: {approvals} approvals stand{amount}"),
            (Language::Zh, _) => format!("{program}：{approvals} 份批准有效{amount}"),
        }
    }
}

impl AuditReport {
    fn new(findings: Vec<Finding>, all: usize, totals: &[Total], decisions: usize, args: &Args) -> Self {
        let rejected = findings.iter().filter(|finding| !finding.holds).count();
        let totals = totals.iter().map(TotalLine::from).collect();
        let first = first_of(findings.iter().filter_map(Finding::code));
        Self { first, held: all - rejected, rejected, decisions, totals, findings, language: args.language.language }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            finding.write(f, self.language)?;
            writeln!(f)?;
        }
        match self.language {
            Language::En => write!(f, "{} hold, {} rejected", self.held, self.rejected)?,
            Language::Zh => write!(f, "{} 份有效，{} 份驳回", self.held, self.rejected)?,
        }
        if self.decisions < self.held {
            match self.language {
                Language::En => write!(f, "; {} different decisions hold", self.decisions)?,
                Language::Zh => write!(f, "；有效的不同决定 {} 项", self.decisions)?,
            }
        }
        self.totals.iter().try_for_each(|total| write!(f, "\n{}", total.words(self.language)))
    }
}

/// Runs it; findings are reported even where some bundles are rejected.
pub fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let report = if args.stream { stream(args, ui)? } else { audit(args)? };
    if args.stream { ui.line(&report) } else { ui.report(&report) }?;
    match report.first {
        None => Ok(()),
        Some(first) => {
            let all = counted(report.held + report.rejected, "bundle", "bundles");
            Err(Failure::new(first, format!("{} of {all} rejected", report.rejected)))
        }
    }
}

/// Audits all bundles, and keeps every finding.
pub fn audit(args: &Args) -> Outcome<AuditReport> {
    let mut found = BTreeMap::new();
    let looked = |place: usize, finding| {
        found.insert(place, finding);
        Ok(())
    };
    let Done { files, places, audit } = look_at(args, looked)?;
    let Audit { findings, ledger } = audit;
    let (mut all, readable) = (Vec::new(), files_of(&files, &places));
    let mut audited = places.iter().zip(findings.iter().zip(ledger.entries.iter().copied())).peekable();
    for place in 0..files.len() {
        let Some(finding) = found.remove(&place) else { continue };
        let is_next = audited.next_if(|(at, _)| **at == place);
        all.push(match is_next {
            Some((_, (found, entry))) => finding.among(found, entry, &readable),
            None => finding,
        });
    }
    Ok(AuditReport::new(all, files.len(), &ledger.totals, ledger.decisions, args))
}

/// Says each finding at once. What is left to be said at the end are those that others contradict.
fn stream(args: &Args, ui: Ui) -> Outcome<AuditReport> {
    let language = args.language.language;
    let (mut rejected, mut codes) = (BTreeSet::new(), Vec::new());
    let looked = |place: usize, finding: Finding| {
        ui.line(&Streamed { finding: &finding, language })?;
        if !finding.holds {
            rejected.insert(place);
        }
        codes.extend(finding.code());
        Ok(())
    };
    let Done { files, places, audit: Audit { findings, ledger } } = look_at(args, looked)?;
    let readable = files_of(&files, &places);
    for ((place, found), entry) in places.iter().zip(&findings).zip(&ledger.entries) {
        let later = match found {
            Err(error) if rejected.insert(*place) => Finding::contradicted(&files[*place], error),
            Err(_) => continue,
            // What by itself counts, and among all doesn't.
            Ok(_) => match entry.and_then(|entry| Finding::not_counted(&files[*place], entry, &readable)) {
                Some(finding) => finding,
                None => continue,
            },
        };
        ui.line(&Streamed { finding: &later, language })?;
        codes.extend(later.code());
    }
    let report = AuditReport::new(Vec::new(), files.len(), &ledger.totals, ledger.decisions, args);
    let first = first_of(codes.into_iter());
    Ok(AuditReport { first, held: files.len() - rejected.len(), rejected: rejected.len(), ..report })
}

/// A finding on a line of its own.
#[derive(Serialize)]
struct Streamed<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    #[serde(skip)]
    language: Language,
}

impl fmt::Display for Streamed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finding.write(f, self.language)
    }
}

/// What was audited.
struct Done {
    files: Vec<PathBuf>,
    /// Which of the files could be read: the places of the audit's findings among them.
    places: Vec<usize>,
    audit: Audit,
}

/// Reads and audits the files one after the other.
fn look_at(args: &Args, mut looked: impl FnMut(usize, Finding) -> Outcome<()>) -> Outcome<Done> {
    let trusted = trusted(args)?;
    let files = named(&args.bundles)?;
    let (places, failed) = (RefCell::new(Vec::new()), RefCell::new(None));
    let looked = RefCell::new(&mut looked);
    let say = |place: usize, finding: Finding| {
        if let Err(failure) = (looked.borrow_mut())(place, finding) {
            failed.borrow_mut().get_or_insert(failure);
        }
    };
    let readable = files.iter().enumerate().filter_map(|(place, path)| match files::read(path) {
        Ok(bytes) => {
            places.borrow_mut().push(place);
            Some(bytes)
        }
        // A file that can't be read is a finding about that file, and no reason to say nothing of the others.
        Err(failure) => {
            say(place, Finding::unread(path, &failure));
            None
        }
    });
    let audit = sealroot_auditor::audit(&trusted, readable, |at, looked: Looked<'_>| {
        let place = places.borrow()[at];
        say(place, Finding::new(&files[place], looked));
    });
    match failed.into_inner() {
        Some(failure) => Err(failure),
        None => Ok(Done { places: places.into_inner(), files, audit }),
    }
}

fn trusted(args: &Args) -> Outcome<Trusted> {
    let security = if args.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly };
    let read = |name: &str| files::read_beside(&args.trust, name);
    let trust = files::read_text(&args.trust)?;
    Trusted::load(&trust, security, read)
        .map_err(|e| files::of_kind(&args.trust, trust.as_bytes(), kinds::TRUST, Failure::of(e)))
}

/// The files that are named, and those of directories that are.
fn named(paths: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let listed = files::list(path, "json")?;
        if listed.is_empty() {
            let message = format!("no bundle (*.json) is in {}", files::shown(path));
            return Err(Failure::new(Code::FileNotFound, message).advice("name the directory that `decide` wrote to"));
        }
        files.extend(listed);
    }
    Ok(files)
}

/// The files that the audit's places are of.
fn files_of(files: &[PathBuf], places: &[usize]) -> Vec<PathBuf> {
    places.iter().map(|place| files[*place].clone()).collect()
}
