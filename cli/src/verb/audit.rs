//! `sealroot audit`: decisions checked offline, from bundles and the auditor's own trust file alone. `sealroot trust` writes one.

use super::verify::outcome;
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files,
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
    /// The code of the first bundle that was rejected.
    pub fn first_rejection(&self) -> Option<Code> {
        self.findings.iter().find_map(|finding| finding.code)
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    file: PathBuf,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    audited: Option<Audited>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Finding {
    fn new((path, found): (&PathBuf, Result<Audited, AuditError>)) -> Self {
        let finding = Self { file: path.clone(), holds: false, audited: None, code: None, message: None };
        match found {
            Ok(audited) => Self { holds: true, audited: Some(audited), ..finding },
            Err(e) => Self { code: Some(e.code()), message: Some(e.to_string()), ..finding },
        }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(f, "{}: ", finding.file.display())?;
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
    let directory = args.trust.parent().unwrap_or(Path::new("."));
    let security = if args.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly };
    let read = |name: &str| std::fs::read(directory.join(name));
    let trusted = Trusted::load(&files::read_text(&args.trust)?, security, read).map_err(Failure::of)?;
    let bundles = args.bundles.iter().map(|path| files::read(path)).collect::<Outcome<Vec<_>>>()?;
    let findings = args.bundles.iter().zip(sealroot_auditor::audit(&trusted, &bundles)).map(Finding::new);
    let findings: Vec<Finding> = findings.collect();
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
            self.file.display()
        )
    }
}

/// Runs it.
pub async fn trust(args: &TrustArgs) -> Outcome<TrustReport> {
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
    for KeyFile { key, name } in &key_files {
        files::write(&args.out.with_file_name(name), &key.to_bytes())?;
    }
    files::write(&args.out, trust.to_toml().or_fail(Code::BadTrustFile)?.as_bytes())?;
    Ok(TrustReport { file: args.out.clone(), chain_id: trust.chain_id, sealer: facts.sealer.to_string() })
}
