//! What an audit says of one bundle.

use crate::{
    correction::Correction,
    decision::{DecisionView, replaces, write_lines},
    failure::{Failure, Told},
    files::shown,
    kinds::{self, Document},
};
use sealroot_auditor::{AuditError, Entry, Looked, Standing};
use sealroot_protocol::{
    bundle::Bundle, code::Code, consent::RequestDigest, field::Digest, language::Language, moment::Moment,
    printable::printable,
};
use sealroot_verifier::{
    audit::{Audited, Dating},
    evidence::BlockAuthentication,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

#[derive(Debug, Serialize)]
pub(super) struct Finding {
    file: String,
    pub(super) holds: bool,
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
    /// The request whose approval it corrects, and what it approves instead.
    #[serde(skip)]
    corrects: Option<RequestDigest>,
    #[serde(skip)]
    approved: u64,
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
            BlockAuthentication::Checkpoint { .. } => Self { by: "checkpoint", sealer: None, text },
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
    /// What is found of a file by itself.
    pub(super) fn new(path: &Path, looked: Looked<'_>) -> Self {
        let finding = Self::of(path);
        match looked {
            Looked::Bundle(bundle, found) => {
                let finding = Self { bundle: bundle.digest().ok(), ..finding };
                match found {
                    Ok(audited) => finding.held(bundle, audited),
                    Err(rejection) => finding.rejected(Failure::of(rejection)),
                }
            }
            // No bundle: what it is instead helps more than what a parser missed in it.
            Looked::Unreadable(bytes, error) => finding.rejected(match kinds::wrong_kind(bytes, Bundle::KIND) {
                Some(message) => Failure::new(Code::BundleUnreadable, message)
                    .advice("name bundles; `sealroot inspect FILE` says what a file is"),
                None => Failure::new(Code::BundleUnreadable, error),
            }),
        }
    }

    fn held(self, bundle: &Bundle, audited: &Audited) -> Self {
        let mut decision = DecisionView::new(&audited.decision, bundle);
        decision.replaces = replaces(bundle, None);
        let since = audited.withdrawn_since.iter();
        let withdrawn = since.map(|w| WithdrawnView { what: w.what_in_words(), block: w.at });
        Self {
            holds: true,
            decision: Some(decision),
            dating: Some(audited.dating.into()),
            authenticated: Some(audited.authenticated.into()),
            withdrawn_since: withdrawn.collect(),
            corrects: bundle.request.request.corrects,
            approved: bundle.decision.amount,
            ..self
        }
    }

    /// Why it doesn't hold.
    pub(super) fn code(&self) -> Option<Code> {
        self.error.as_ref().map(|error| error.code)
    }

    fn rejected(self, failure: Failure) -> Self {
        Self { holds: false, error: Some(failure.told()), ..self }
    }

    /// What all that were audited together say of it: what contradicts it, how it counts, and what it replaces.
    pub(super) fn among(self, found: &Result<Audited, AuditError>, entry: Option<Entry>, files: &[PathBuf]) -> Self {
        if let (true, Err(error)) = (self.holds, found) {
            return Self { bundle: self.bundle, ..Self::contradicted(Path::new(&self.file), error) };
        }
        let mut finding = Self { counted: entry.map(|entry| CountedLine::new(entry.standing, files)), ..self };
        // The replaced approval's own bundle says what it paid, if it is here.
        let before = entry.and_then(|entry| entry.replaces).and_then(|replaced| replaced.approval);
        if let (Some(decision), Some(corrects), Some((_, before))) = (&mut finding.decision, finding.corrects, before) {
            let currency = decision.amount.as_ref().map(|amount| amount.currency.as_str());
            decision.replaces = Some(Correction::new(corrects, finding.approved, Some(before), currency));
        }
        finding
    }

    /// One that held by itself, and that another one contradicts.
    pub(super) fn contradicted(path: &Path, error: &AuditError) -> Self {
        Self::of(path).rejected(Failure::of(error))
    }

    /// One that holds, and isn't in the totals: another one is in its place, or it is counted elsewhere.
    pub(super) fn not_counted(path: &Path, entry: Entry, files: &[PathBuf]) -> Option<Self> {
        let counted = CountedLine::new(entry.standing, files);
        let is_said =
            matches!(counted, CountedLine::Superseded { .. } | CountedLine::Copy { .. } | CountedLine::NotEntered);
        is_said.then(|| Self { holds: true, counted: Some(counted), ..Self::of(path) })
    }

    /// A file that can't be read is a finding about that file, and no reason to say nothing of the others.
    pub(super) fn unread(path: &Path, failure: &Failure) -> Self {
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
            corrects: None,
            approved: 0,
        }
    }

    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, language: Language) -> fmt::Result {
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
        } else if let Some(remark) = self.counted.as_ref().and_then(|counted| counted.remark(language)) {
            f.write_str(&remark)?;
        }
        write_lines(f, self.bundle.map(|digest| (say("bundle", "决定文件"), digest.to_string())))
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
    fn new(standing: Standing, files: &[PathBuf]) -> Self {
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
