//! `sealroot audit`: decisions checked offline, from bundles and the auditor's own trust file alone. `sealroot trust` writes one.

use super::verify::outcome;
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    files,
    keys::{KeyArgs, KeyDirectory},
    ui::Ui,
};
use sealroot_chain::Chain;
use sealroot_protocol::{bundle::Bundle, canonical, canonical::Suite};
use sealroot_verifier::{
    audit::{Audited, Auditor, Dating, trusted_keys},
    key_header::KeySecurity,
    trust::{PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Trust},
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
    pub refused: usize,
    findings: Vec<Finding>,
}

impl AuditReport {
    /// The reason of the first bundle that was refused.
    pub fn first_refusal(&self) -> Option<String> {
        self.findings.iter().find_map(|finding| finding.reason.clone())
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    file: PathBuf,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    audited: Option<Audited>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(f, "{}: ", finding.file.display())?;
            match &finding.audited {
                Some(audited) => {
                    let d = &audited.decision;
                    let dated = match audited.dating {
                        Dating::Dated { block, .. } => format!("recorded in block {block}"),
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
                        writeln!(f, "  WARNING: proved under development keys: whoever made them could forge this")?;
                    }
                }
                None => writeln!(
                    f,
                    "REFUSED [{}] {}",
                    finding.reason.as_deref().unwrap_or_default(),
                    finding.message.as_deref().unwrap_or_default()
                )?,
            }
        }
        write!(f, "{} hold, {} refused", self.held, self.refused)
    }
}

/// Runs it; findings are reported even where some bundles are refused.
pub fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let report = audit(args)?;
    ui.report(&report)?;
    if report.refused == 0 {
        return Ok(());
    }
    let first = report.first_refusal().unwrap_or_default();
    Err(Failure::rejected(first, format!("{} of {} bundles refused", report.refused, report.findings.len())))
}

/// Audits all bundles.
pub fn audit(args: &Args) -> Outcome<AuditReport> {
    let trust = Trust::from_toml(&files::read_text(&args.trust)?).or_bad_input("bad-trust-file")?;
    let directory = args.trust.parent().unwrap_or(Path::new("."));
    let security = if args.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly };
    let read = |name: &str| std::fs::read(directory.join(name));
    let keys = trusted_keys(&trust, security, read).map_err(|e| {
        Failure::bad_input("bad-universal-key", e)
            .advice("the key file lies beside the trust file; development keys need --allow-insecure-dev-keys")
    })?;
    let mut findings: Vec<Finding> = Vec::new();
    let (mut readable, mut places) = (Vec::new(), Vec::new());
    for path in &args.bundles {
        let parsed = files::read(path)?;
        let finding = Finding { file: path.clone(), holds: false, audited: None, reason: None, message: None };
        match canonical::from_bytes::<Bundle>(&parsed) {
            Ok(bundle) => {
                places.push(findings.len());
                readable.push(bundle);
                findings.push(finding);
            }
            Err(e) => {
                findings.push(Finding { reason: Some("bad-document".into()), message: Some(e.to_string()), ..finding })
            }
        }
    }
    for (place, audited) in places.into_iter().zip(Auditor::new(&trust, &keys).audit_all(&readable)) {
        let finding = &mut findings[place];
        match audited {
            Ok(audited) => (finding.holds, finding.audited) = (true, Some(audited)),
            Err(e) => (finding.reason, finding.message) = (Some(e.reason().to_owned()), Some(e.to_string())),
        }
    }
    let held = findings.iter().filter(|f| f.holds).count();
    Ok(AuditReport { held, refused: findings.len() - held, findings })
}

/// Writes a trust file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot trust --chain chain --keys keys --out audit/trust.toml\n\nPins what this chain and these keys are now. An auditor compares it with what he learned elsewhere before he relies on it."
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
    let codes = chain.code_hashes().await.map_err(Failure::of)?;
    let pin = |address| {
        let found = codes.iter().find(|(a, _)| *a == address);
        found
            .map(|(address, code_hash)| PinnedContract { address: *address, code_hash: *code_hash })
            .ok_or_else(|| Failure::bad_input("no-contract", format!("the chain has no contract at {address}")))
    };
    let contracts = chain.contracts();
    let mut universal_keys = Vec::new();
    for shape in args.keys.shapes()? {
        let key = args.keys.universal_key(shape)?;
        let source = KeyDirectory::new(&args.keys.keys).universal_path(shape);
        let file = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files::write(&args.out.with_file_name(&file), &key.to_bytes())?;
        universal_keys.push(PinnedKey { shape, sha256: key.hash(), file });
    }
    let trust = Trust {
        suite: Suite,
        chain_id: chain.chain_id(),
        universal_keys,
        contracts: PinnedContracts {
            officers: pin(contracts.officers)?,
            agencies: pin(contracts.agencies)?,
            policies: pin(contracts.policies)?,
            requesters: pin(contracts.requesters)?,
            poseidon: pin(contracts.poseidon)?,
            programs: pin(contracts.programs)?,
            decisions: pin(contracts.decisions)?,
        },
        sealers: vec![PinnedSealer { address: chain.sealer(), from: 0, until: None }],
        blocks: Vec::new(),
        withdrawn: Vec::new(),
    };
    files::write(&args.out, trust.to_toml().or_bad_input("bad-trust-file")?.as_bytes())?;
    Ok(TrustReport { file: args.out.clone(), chain_id: trust.chain_id, sealer: chain.sealer().to_string() })
}
