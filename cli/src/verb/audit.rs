//! `sealroot audit`: decisions checked offline, from bundles and the auditor's own trust file alone. `sealroot trust` writes one.

use super::verify::outcome;
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, Output, shown},
    keys::{KeyArgs, universal_key_file},
    ui::Ui,
};
use sealroot_auditor::{AuditError, ChainFacts, KeyFile, Trusted, trust_in};
use sealroot_chain::Chain;
use sealroot_protocol::code::Code;
use sealroot_protocol::code::Coded;
use sealroot_verifier::{
    audit::{Audited, Dating},
    key_header::KeySecurity,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Audits bundles.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot audit decided.json --trust trust.toml\n  sealroot audit archive/*.json --trust trust.toml --json\n\nNo network is used. The universal key files lie beside the trust file, which pins them by hash."
)]
pub struct Args {
    /// The bundles, with their evidence
    #[arg(required = true)]
    pub bundles: Vec<PathBuf>,
    /// What you trust
    #[arg(long, value_name = "FILE")]
    pub trust: PathBuf,
    /// Accept keys of a development setup, whose maker can forge proofs
    #[arg(long, env = "SEALROOT_ALLOW_INSECURE_DEV_KEYS")]
    pub allow_insecure_dev_keys: bool,
}

/// Findings, one per bundle.
#[derive(Debug, Serialize)]
pub struct AuditReport {
    /// How many hold.
    pub held: usize,
    /// How many don't.
    pub rejected: usize,
    findings: Vec<Finding>,
}

impl AuditReport {
    /// The code of the first bundle that was rejected, or else of the first that couldn't be read.
    pub fn first_rejection(&self) -> Option<Code> {
        let codes = || self.findings.iter().filter_map(|finding| finding.code);
        codes().find(|code| code.class().exit_code() == 1).or_else(|| codes().next())
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    file: String,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    audited: Option<Audited>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Finding {
    fn new(path: &Path, found: Result<Audited, AuditError>) -> Self {
        match found {
            Ok(audited) => Self { holds: true, audited: Some(audited), ..Self::of(path) },
            Err(e) => Self { code: Some(e.code()), message: Some(e.to_string()), ..Self::of(path) },
        }
    }

    /// A file that can't be read is a finding about that file, and no reason to say nothing of the others.
    fn unread(path: &Path, failure: &Failure) -> Self {
        Self { code: Some(failure.code()), message: Some(failure.message().to_owned()), ..Self::of(path) }
    }

    fn of(path: &Path) -> Self {
        let file = path.to_string_lossy().into_owned();
        Self { file, holds: false, audited: None, code: None, message: None }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(f, "{}: ", shown(&finding.file))?;
            match &finding.audited {
                Some(audited) => {
                    let d = &audited.decision;
                    let dated = match audited.dating {
                        Dating::Dated { block, .. } => format!("dated by block {block}"),
                        Dating::Undated { block, .. } => format!("undated (evidence of block {block})"),
                    };
                    writeln!(f, "valid, {}, {dated}", outcome(d.approved, d.amount))?;
                    writeln!(
                        f,
                        "  {} for {} to {}, asked by {}",
                        d.program, d.period.start, d.period.end, d.requester
                    )?;
                    for withdrawn in &audited.withdrawn_since {
                        writeln!(f, "  valid then, withdrawn since: {withdrawn:?}")?;
                    }
                    if d.insecure {
                        writeln!(f, "  WARNING: proved under development keys: their maker could forge this")?;
                    }
                }
                None => writeln!(
                    f,
                    "REJECTED [{}] {}",
                    finding.code.map_or("", Code::as_str),
                    finding.message.as_deref().unwrap_or_default()
                )?,
            }
        }
        write!(f, "{} hold, {} rejected", self.held, self.rejected)
    }
}

/// Runs it; findings are reported even where some bundles are rejected.
pub fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let report = audit(args)?;
    ui.report(&report)?;
    match report.first_rejection() {
        None => Ok(()),
        Some(first) => {
            Err(Failure::new(first, format!("{} of {} bundles rejected", report.rejected, report.findings.len())))
        }
    }
}

/// Audits all bundles.
pub fn audit(args: &Args) -> Outcome<AuditReport> {
    let security = if args.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly };
    let read = |name: &str| files::read_beside(&args.trust, name);
    let trusted = Trusted::load(&files::read_text(&args.trust)?, security, read).map_err(Failure::of)?;
    let read: Vec<_> = args.bundles.iter().map(|path| files::read(path)).collect();
    let bundles: Vec<&[u8]> = read.iter().flatten().map(Vec::as_slice).collect();
    let mut audited = sealroot_auditor::audit(&trusted, &bundles).into_iter();
    let finding = |(path, read): (&PathBuf, &Outcome<Vec<u8>>)| match read {
        Ok(_) => audited.next().map(|found| Finding::new(path, found)),
        Err(failure) => Some(Finding::unread(path, failure)),
    };
    let findings: Vec<Finding> = args.bundles.iter().zip(&read).filter_map(finding).collect();
    let held = findings.iter().filter(|f| f.holds).count();
    Ok(AuditReport { held, rejected: findings.len() - held, findings })
}

/// Writes a trust file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot trust --chain chain --keys keys --out audit/trust.toml\n\nPins what this chain and these keys are now. Before relying on it, an auditor compares it with what is known from elsewhere."
)]
pub struct TrustArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Where it is written; the universal keys are copied beside it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A trust file.
#[derive(Debug, Serialize)]
pub struct TrustReport {
    file: PathBuf,
    chain_id: u64,
    sealer: String,
}

impl fmt::Display for TrustReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "trust file for chain {} with single sealer {} written to {}",
            self.chain_id,
            self.sealer,
            shown(&self.file)
        )
    }
}

/// Runs it.
pub async fn trust(args: &TrustArgs) -> Outcome<TrustReport> {
    let out = Output::new(&args.out, Form::public("a trust file"))?;
    let chain = args.chain.open().await?;
    let facts = ChainFacts {
        chain_id: chain.chain_id(),
        contracts: chain.contracts(),
        code_hashes: chain.code_hashes().await.map_err(Failure::of)?.to_vec(),
        sealer: chain.sealer(),
    };
    let keys = args.keys.shapes()?.into_iter().map(|shape| args.keys.universal_key(shape));
    let keys = keys.collect::<Outcome<Vec<_>>>()?;
    let key_files: Vec<_> = keys.iter().map(|key| KeyFile { key, name: universal_key_file(key.shape()) }).collect();
    let trust = trust_in(&facts, &key_files).map_err(Failure::of)?;
    let mut copies = Vec::new();
    for KeyFile { key, name } in &key_files {
        let (path, bytes) = (args.out.with_file_name(name), key.to_bytes());
        // The directory of the keys has them already.
        if !files::read(&path).is_ok_and(|there| there == bytes) {
            copies.push((Output::new(&path, Form::public("a universal key"))?, bytes));
        }
    }
    for (place, bytes) in copies {
        place.put(&bytes)?;
    }
    out.put(trust.to_toml().or_fail(Code::BadTrustFile)?.as_bytes())?;
    Ok(TrustReport { file: args.out.clone(), chain_id: trust.chain_id, sealer: facts.sealer.to_string() })
}
