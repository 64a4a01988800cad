//! `sealroot audit`: decisions checked offline, from bundles and the auditor's own trust file alone. `sealroot trust` writes one.

use crate::{
    chain::{ChainArgs, sealers},
    decision::{DecisionView, replaces, write_lines},
    failure::{Failure, OrFail, Outcome, Told},
    files::{self, Form, Output, shown},
    keys::{KeyArgs, universal_key_file},
    kinds::{self, Document},
    language::LanguageArgs,
    ui::Ui,
};
use sealroot_auditor::{Audit, AuditError, ChainFacts, Entry, KeyFile, Ledger, Standing, Total, Trusted, trust_in};
use sealroot_chain::{AnyChain, Chain};
use sealroot_protocol::{
    amount::Amount,
    bundle::Bundle,
    code::{Code, Coded},
    field::Digest,
    language::Language,
    moment::Moment,
    name::Name,
    printable::{counted, printable},
};
use sealroot_verifier::{
    audit::{Audited, Dating},
    evidence::BlockAuthentication,
    key_header::KeySecurity,
    universal_key::UniversalKey,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Audits bundles.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot audit decided.json --trust trust.toml\n  sealroot audit archive/*.json --trust trust.toml --json\n\nEach decision is counted once, though its bundle lies there twice, or undated and dated; a correction takes the place of what it corrects, and the totals are of what stands by these bundles. A correction whose bundle is not among them is not seen.\nNo network is used. The universal key files lie beside the trust file, which pins them by hash."
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
    #[serde(skip)]
    language: Language,
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

/// How a decision counts among all that were audited together.
#[derive(Debug, Serialize)]
#[serde(tag = "counts", rename_all = "kebab-case")]
enum CountedLine {
    /// It is in the totals.
    Stands,
    /// A later approval is in its place.
    Superseded { by: String },
    /// Its evidence doesn't show it on chain.
    NotEntered,
    /// A refusal, which is in no total.
    Refusal,
    /// It is the same decision as another file's.
    Copy { of: String },
}

impl CountedLine {
    fn new(standing: Standing, files: &[&Path]) -> Self {
        let file = |place: usize| files.get(place).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        match standing {
            Standing::Stands => Self::Stands,
            Standing::Superseded { by } => Self::Superseded { by: file(by) },
            Standing::NotEntered => Self::NotEntered,
            Standing::Refusal => Self::Refusal,
            Standing::Copy { of } => Self::Copy { of: file(of) },
        }
    }

    /// What an auditor must know who adds up; nothing where the finding counts as it stands.
    fn remark(&self, language: Language) -> Option<String> {
        Some(match (self, language) {
            (Self::Stands | Self::Refusal, _) => return None,
            (Self::Superseded { by }, Language::En) => format!("SUPERSEDED by {}: not in the total", printable(by)),
            (Self::Superseded { by }, Language::Zh) => format!("已被 {} 取代：不计入合计", printable(by)),
            (Self::NotEntered, Language::En) => "not shown on chain by its evidence: not in the total".into(),
            (Self::NotEntered, Language::Zh) => "凭据未显示其已上链：不计入合计".into(),
            (Self::Copy { of }, Language::En) => format!("the same decision as {}: counted there", printable(of)),
            (Self::Copy { of }, Language::Zh) => format!("与 {} 为同一决定：在该处计入", printable(of)),
        })
    }
}

impl AuditReport {
    /// The code of the first bundle that was rejected, or else of the first that couldn't be read.
    pub fn first_rejection(&self) -> Option<Code> {
        let codes = || self.findings.iter().filter_map(|finding| finding.error.as_ref().map(|error| error.code));
        codes().find(|code| code.class().exit_code() == 1).or_else(|| codes().next())
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    file: String,
    holds: bool,
    /// Digest of the bundle without its evidence, wherever the file can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionView>,
    /// How it counts among all.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    counted: Option<CountedLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dating: Option<DatingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticated: Option<AuthenticatedView>,
    /// What it rests on and was withdrawn later.
    withdrawn_since: Vec<WithdrawnView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Told>,
}

/// When the decision was made, as far as the chain says.
#[derive(Debug, Serialize)]
struct DatingView {
    /// Whether the chain holds the decision; if not, it is only known to follow from what the block held.
    dated: bool,
    block: u64,
    time: Moment,
    /// Whether the contract verified the proofs, and not the office alone.
    proven_on_chain: bool,
}

impl From<Dating> for DatingView {
    fn from(dating: Dating) -> Self {
        match dating {
            Dating::Dated { block, time, proven_on_chain } => {
                Self { dated: true, block, time: Moment::from_unix(time), proven_on_chain }
            }
            Dating::Undated { block, time } => {
                Self { dated: false, block, time: Moment::from_unix(time), proven_on_chain: false }
            }
        }
    }
}

/// How the block is known to be the chain's.
#[derive(Debug, Serialize)]
struct AuthenticatedView {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealer: Option<String>,
    #[serde(skip)]
    text: String,
}

impl From<BlockAuthentication> for AuthenticatedView {
    fn from(known: BlockAuthentication) -> Self {
        let text = known.to_string();
        match known {
            BlockAuthentication::SingleSealer { sealer } => {
                Self { by: "single-sealer", sealer: Some(sealer.to_string()), text }
            }
            // The other way that this version knows.
            _ => Self { by: "pinned-hash", sealer: None, text },
        }
    }
}

/// Something that was withdrawn after the decision.
#[derive(Debug, Serialize)]
struct WithdrawnView {
    /// In words: kind and name.
    what: String,
    /// Height from which it doesn't count.
    block: u64,
}

impl Finding {
    fn new(
        path: &Path,
        bytes: &[u8],
        found: Result<Audited, AuditError>,
        entry: Option<Entry>,
        files: &[&Path],
    ) -> Self {
        // Read again for the words of its policies: what is shown was just verified to be what was enacted.
        let bundle = Bundle::from_bytes(bytes).ok();
        let digest = bundle.as_ref().and_then(|bundle| bundle.digest().ok());
        let finding = Self { bundle: digest, ..Self::of(path) };
        match (found, bundle) {
            (Ok(audited), Some(bundle)) => {
                let mut decision = DecisionView::new(&audited.decision, &bundle);
                // The replaced approval's own bundle says what it paid, if it is here.
                let replaced = entry.and_then(|entry| entry.replaces).and_then(|replaced| replaced.approval);
                decision.replaces = replaces(&bundle, replaced.map(|(_, paid)| paid));
                let since = audited.withdrawn_since.iter();
                let withdrawn = since.map(|w| WithdrawnView { what: w.what_in_words(), block: w.at });
                Self {
                    holds: true,
                    decision: Some(decision),
                    counted: entry.map(|entry| CountedLine::new(entry.standing, files)),
                    dating: Some(audited.dating.into()),
                    authenticated: Some(audited.authenticated.into()),
                    withdrawn_since: withdrawn.collect(),
                    ..finding
                }
            }
            (Err(error), Some(_)) => Self { error: Some(Failure::of(error).told()), ..finding },
            (Err(error), None) => {
                // No bundle: what it is instead helps more than what a parser missed in it.
                let failure = match kinds::wrong_kind(bytes, Bundle::KIND) {
                    Some(message) => Failure::new(error.code(), message)
                        .advice("name bundles; `sealroot inspect FILE` says what a file is"),
                    None => Failure::of(error),
                };
                Self { error: Some(failure.told()), ..finding }
            }
            // Whatever was audited was read.
            (Ok(_), None) => finding,
        }
    }

    /// A file that can't be read is a finding about that file, and no reason to say nothing of the others.
    fn unread(path: &Path, failure: &Failure) -> Self {
        Self { error: Some(failure.told()), ..Self::of(path) }
    }

    fn of(path: &Path) -> Self {
        let file = path.to_string_lossy().into_owned();
        Self {
            file,
            holds: false,
            bundle: None,
            decision: None,
            counted: None,
            dating: None,
            authenticated: None,
            withdrawn_since: Vec::new(),
            error: None,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, language: Language) -> fmt::Result {
        let say = |english, chinese| language.say(english, chinese);
        write!(f, "{}: ", shown(&self.file))?;
        if let (Some(decision), Some(dating)) = (&self.decision, &self.dating) {
            let DatingView { block, time, dated, .. } = dating;
            let when = match (dated, language) {
                (true, Language::En) => format!("dated by block {block}, {time}"),
                (true, Language::Zh) => format!("由区块 {block} 记载日期：{time}"),
                (false, Language::En) => format!("undated (evidence of block {block}, {time})"),
                (false, Language::Zh) => format!("未记载日期（凭据取自区块 {block}，{time}）"),
            };
            write!(f, "{}, {}, {when}", say("valid", "有效"), decision.outcome(language))?;
            let correction = decision.replaces.as_ref();
            write_lines(f, correction.map(|correction| (say("corrects", "更正"), correction.words(language))))?;
            write_lines(f, decision.reduction(language))?;
            let entered = match (decision.approved && *dated, dating.proven_on_chain) {
                (false, _) => None,
                (true, true) => Some(say("by the contract, which verified the proofs", "由合约验证证明后记入")),
                (true, false) => Some(say("by the office's word", "以机关的声明为准")),
            };
            write_lines(f, entered.map(|by| (say("entered", "记入"), by.to_owned())))?;
            let remark = self.counted.as_ref().and_then(|counted| counted.remark(language));
            write_lines(f, remark.map(|remark| (say("counts", "计入"), remark)))?;
            write_lines(f, [(say("program", "项目"), decision.claim(language))])?;
            let parts = decision.parts(language);
            write_lines(f, parts.iter().map(|(name, said)| (name.as_str(), said.clone())))?;
            write_lines(f, [(say("reference", "基准日"), decision.reference(language))])?;
            write_lines(f, [(say("bundle", "决定文件"), decision.bundle.to_string())])?;
            let known = self
                .authenticated
                .as_ref()
                .map(|known| (say("block", "区块"), format!("{}{}", say("known by ", "依据："), known.text)));
            write_lines(f, known)?;
            for WithdrawnView { what, block } in &self.withdrawn_since {
                let said = match language {
                    Language::En => format!("valid then, withdrawn since: {what}, from block {block} on"),
                    Language::Zh => format!("当时有效，此后已撤回：{what}，自区块 {block} 起"),
                };
                write_lines(f, [(say("since", "此后"), said)])?;
            }
            let warning = decision.warning(language).map(|text| (say("WARNING", "警告"), text.to_owned()));
            return write_lines(f, warning);
        }
        if let Some(Told { code, message, .. }) = &self.error {
            write!(f, "{} [{code}] {message}", say("REJECTED", "驳回"))?;
        }
        write_lines(f, self.bundle.map(|digest| (say("bundle", "决定文件"), digest.to_string())))
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
    let report = audit(args)?;
    ui.report(&report)?;
    match report.first_rejection() {
        None => Ok(()),
        Some(first) => Err(Failure::new(
            first,
            format!("{} of {} rejected", report.rejected, counted(report.findings.len(), "bundle", "bundles")),
        )),
    }
}

/// Audits all bundles.
pub fn audit(args: &Args) -> Outcome<AuditReport> {
    let security = if args.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly };
    let read = |name: &str| files::read_beside(&args.trust, name);
    let trust = files::read_text(&args.trust)?;
    let trusted = Trusted::load(&trust, security, read)
        .map_err(|e| files::of_kind(&args.trust, trust.as_bytes(), kinds::TRUST, Failure::of(e)))?;
    let read: Vec<_> = args.bundles.iter().map(|path| (path.as_path(), files::read(path))).collect();
    let readable = || read.iter().filter_map(|(path, read)| read.as_ref().ok().map(|bytes| (*path, bytes.as_slice())));
    let (paths, bundles): (Vec<&Path>, Vec<&[u8]>) = readable().unzip();
    let Audit { findings, ledger: Ledger { entries, totals, decisions } } = sealroot_auditor::audit(&trusted, &bundles);
    let mut audited = findings.into_iter().zip(entries);
    let finding = |(path, read): &(&Path, Outcome<Vec<u8>>)| match read {
        Ok(bytes) => audited.next().map(|(found, entry)| Finding::new(path, bytes, found, entry, &paths)),
        Err(failure) => Some(Finding::unread(path, failure)),
    };
    let findings: Vec<Finding> = read.iter().filter_map(finding).collect();
    let held = findings.iter().filter(|f| f.holds).count();
    let totals = totals.iter().map(TotalLine::from).collect();
    let (rejected, language) = (findings.len() - held, args.language.language);
    Ok(AuditReport { held, rejected, decisions, totals, findings, language })
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
    /// One key on an embedded chain; none on a network whose seals aren't checked.
    sealers: Vec<String>,
}

impl fmt::Display for TrustReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.sealers.as_slice() {
            [] => "without a sealer".to_owned(),
            [sealer] => format!("with single sealer {sealer}"),
            sealers => format!("with sealers {}", sealers.join(", ")),
        };
        write!(f, "trust file for chain {} {by} written to {}", self.chain_id, shown(&self.file))
    }
}

/// Runs it.
pub async fn trust(args: &TrustArgs) -> Outcome<TrustReport> {
    let place = TrustPlace::new(&args.out, &args.keys)?;
    let chain = args.chain.open().await?;
    place.write(&chain).await
}

/// Where a trust file is to be, and the universal keys that it pins: looked after before anything is done that it tells of.
pub struct TrustPlace<'a> {
    out: Output,
    file: &'a Path,
    keys: Vec<UniversalKey>,
}

impl<'a> TrustPlace<'a> {
    /// Fails where the file can't be written, or a key isn't there.
    pub fn new(file: &'a Path, keys: &KeyArgs) -> Outcome<Self> {
        let out = Output::new(file, Form::public("a trust file"))?;
        let keys = keys.shapes()?.into_iter().map(|shape| keys.universal_key(shape)).collect::<Outcome<_>>()?;
        Ok(Self { out, file, keys })
    }

    /// Pins what the chain is now, and copies the keys beside the file.
    pub async fn write(self, chain: &AnyChain) -> Outcome<TrustReport> {
        let facts = ChainFacts {
            chain_id: chain.chain_id(),
            contracts: chain.contracts(),
            code_hashes: chain.code_hashes().await.map_err(Failure::of)?.to_vec(),
            sealers: sealers(chain),
        };
        let key_files: Vec<_> =
            self.keys.iter().map(|key| KeyFile { key, name: universal_key_file(key.shape()) }).collect();
        let trust = trust_in(&facts, &key_files).map_err(Failure::of)?;
        let mut copies = Vec::new();
        for KeyFile { key, name } in &key_files {
            let (path, bytes) = (self.file.with_file_name(name), key.to_bytes());
            // The directory of the keys has them already.
            if !files::read(&path).is_ok_and(|there| there == bytes) {
                copies.push((Output::new(&path, Form::public("a universal key"))?, bytes));
            }
        }
        for (place, bytes) in copies {
            place.put(&bytes)?;
        }
        self.out.put(trust.to_toml().or_fail(Code::BadTrustFile)?.as_bytes())?;
        let sealers = facts.sealers.iter().map(ToString::to_string).collect();
        Ok(TrustReport { file: self.file.to_owned(), chain_id: trust.chain_id, sealers })
    }
}
