//! A decision as verbs show it: amounts with their currency, moments as dates, and the law's own words instead of its codes.
//!
//! One form for `verify`, `decide`, `audit` and `inspect`, in text and in `--json`.

use crate::correction::Correction;
use sealroot_policy::{Reason, Titles};
use sealroot_protocol::{
    amount::Amount,
    bundle::Bundle,
    consent::{Nullifier, RequestDigest},
    date::{Date, Period},
    field::Digest,
    language::Language,
    moment::Moment,
    name::Name,
    policy::PolicyDigest,
    printable::printable,
    program::Program,
    reduction::is_legible,
    scope::Scope,
    snapshot::Assurance,
};
use sealroot_verifier::{VerifiedDecision, verify::PartRoot};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// In which way an approval is entered, where a program leaves the choice.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct ByProofArgs {
    /// The contract verifies the proofs, and everybody can read what is paid: where the program is decided by proof, or both ways
    #[arg(long)]
    pub by_proof: bool,
}

impl ByProofArgs {
    /// The way that is meant.
    pub fn assurance(self, program: &Program) -> Assurance {
        if self.by_proof { Assurance::ByProof } else { program.decided_by.usual() }
    }
}

/// What a bundle was verified to prove.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionView {
    /// Approved or refused.
    pub approved: bool,
    /// What is paid in all; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What an approval replaces, if it is a correction. A refusal replaces nothing, whatever it was asked to correct.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Correction>,
    /// Digest of the bundle without its evidence: what the chain stores.
    pub bundle: Digest,
    /// What its office took back since, where the chain shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reduced: Option<ReductionView>,
    /// What was overpaid, if all that was ever granted under the nullifier was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    overpaid: Option<Amount>,
    /// Spent by an approval.
    pub nullifier: Nullifier,
    program: Name,
    /// The program's title, by language.
    title: BTreeMap<String, String>,
    period: Period,
    scope: Scope,
    /// The reference day: ages and limits are taken on it. The facts are the roots', whenever these were anchored.
    as_of: Date,
    requester: Name,
    request: RequestDigest,
    parts: Vec<PartView>,
    /// Proved under keys whose maker could forge it.
    pub insecure: bool,
    /// Height of the block whose state was looked at.
    pub block: u64,
    /// The moment for which the decision was judged.
    pub checked_for: Moment,
}

/// An approval that its office lowered without the holder.
#[derive(Debug, Clone, Serialize)]
struct ReductionView {
    /// What stands; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    /// Since when.
    at: Moment,
    /// Digest of the document that says why.
    document: Digest,
    /// Why, as that document says; absent where the bundle doesn't hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One policy's answer.
#[derive(Debug, Clone, Serialize)]
struct PartView {
    policy: Name,
    version: u32,
    digest: PolicyDigest,
    /// The withdrawn version in whose place it was enacted for days that had begun; absent for a law that was enacted before its days.
    #[serde(skip_serializing_if = "Option::is_none")]
    retroactive: Option<PolicyDigest>,
    /// The policy's title, by language.
    title: BTreeMap<String, String>,
    agencies: Vec<Name>,
    /// The roots that it was proved under, with the times between which they counted.
    roots: Vec<PartRoot>,
    approved: bool,
    outputs: Vec<OutputView>,
    /// Why it was refused, as far as the policy says.
    reasons: Vec<Reason>,
}

/// What an approval shows.
#[derive(Debug, Clone, Serialize)]
struct OutputView {
    name: String,
    /// What it is, by language.
    title: BTreeMap<String, String>,
    /// As it was proved.
    value: u64,
    /// The value as money, where it is what the program pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

impl DecisionView {
    /// A decision with its bundle, whose program and policies say what its numbers and codes mean.
    pub fn new(decision: &VerifiedDecision, bundle: &Bundle) -> Self {
        let d = decision;
        let part = |(i, part): (usize, &sealroot_verifier::verify::PartDecision)| {
            let document = bundle.policies.get(i);
            let titles = document.map(|document| Titles::of(document)).unwrap_or_default();
            let paid = |o: usize| {
                bundle.program.pays.as_ref().filter(|p| usize::from(p.part) == i && usize::from(p.output) == o)
            };
            let outputs = part.outputs.iter().enumerate().map(|(o, (name, value))| OutputView {
                name: name.clone(),
                title: titles.outputs.get(name).cloned().unwrap_or_default(),
                value: *value,
                amount: paid(o).map(|pays| Amount::new(*value, &pays.currency)),
            });
            PartView {
                policy: part.policy.clone(),
                version: document.map_or(0, |document| document.policy.version),
                digest: part.digest,
                retroactive: part.retroactive,
                agencies: part.agencies.clone(),
                roots: part.roots.clone(),
                approved: part.approved,
                outputs: outputs.collect(),
                reasons: document.map(|document| Reason::of(document, &part.reasons)).unwrap_or_default(),
                title: titles.policy,
            }
        };
        Self {
            approved: d.approved,
            amount: amount(&bundle.program, d.amount),
            replaces: replaces(bundle, d.paid_before),
            reduced: d.reduced.as_ref().map(|reduced| ReductionView {
                amount: amount(&bundle.program, reduced.amount),
                at: reduced.at,
                document: reduced.document,
                reason: reduced.reason.as_deref().map(one_line),
            }),
            overpaid: d.overpaid.filter(|more| *more > 0).and_then(|more| amount(&bundle.program, more)),
            bundle: d.bundle,
            nullifier: d.nullifier,
            program: d.program.clone(),
            title: cleaned(&bundle.program.title),
            period: d.period,
            scope: d.scope,
            as_of: d.as_of,
            requester: d.requester.clone(),
            request: d.request,
            parts: d.parts.iter().enumerate().map(part).collect(),
            insecure: d.insecure,
            block: d.block,
            checked_for: Moment::from_unix(d.checked_for),
        }
    }

    /// `approved, 412.00 EUR`.
    pub fn outcome(&self, language: Language) -> String {
        outcome(self.approved, self.amount.as_ref(), language)
    }

    /// What was claimed, and who asked.
    pub fn claim(&self, language: Language) -> String {
        let Self { program, period, requester, .. } = self;
        let title = language.pick(&self.title).filter(|title| title != program.as_str());
        let program = title.map_or_else(|| program.to_string(), |title| format!("{title} ({program})"));
        match language {
            Language::En => format!("{program} for {} to {}, asked by {requester}", period.start, period.end),
            Language::Zh => format!("{program}，{} 至 {}，由 {requester} 询问", period.start, period.end),
        }
    }

    /// What its office took back, why, and what was overpaid: nothing of it is proved, and it can be contested.
    pub fn reduction(&self, language: Language) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        if let Some(ReductionView { amount, at, document, reason }) = &self.reduced {
            let said = match (language, amount) {
                (Language::En, Some(to)) if to.minor == 0 => {
                    format!("TAKEN BACK on {at}, by the office and without the holder")
                }
                (Language::Zh, Some(to)) if to.minor == 0 => format!("{at} 由机关单方撤回，未经持有人参与"),
                (Language::En, Some(to)) => format!("to {to} on {at}, by the office and without the holder"),
                (Language::En, None) => format!("taken back on {at}, by the office and without the holder"),
                (Language::Zh, Some(to)) => format!("{at} 由机关单方减至 {to}，未经持有人参与"),
                (Language::Zh, None) => format!("{at} 由机关单方撤回，未经持有人参与"),
            };
            lines.push((language.say("reduced", "核减"), said));
            let unknown = match language {
                Language::En => {
                    format!("in document {document}, which this bundle does not hold: ask the office for it")
                }
                Language::Zh => format!("见文件 {document}，本决定文件未附：请向机关索取"),
            };
            let nothing = || {
                language
                    .say("NONE in words, though one is required: contest it", "无文字原因，而原因为必需：可提出异议")
            };
            let said = reason.as_ref().map(|text| if is_legible(text) { text.clone() } else { nothing().to_owned() });
            lines.push((language.say("reason", "原因"), said.unwrap_or(unknown)));
        }
        lines.extend(self.overpaid.as_ref().map(|overpaid| {
            let stands = self.reduced.as_ref().map_or(&self.amount, |reduced| &reduced.amount).as_ref();
            let stands = stands.map_or(0, |amount| amount.minor);
            let [granted, stands] = [stands.saturating_add(overpaid.minor), stands]
                .map(|minor| Amount::new(minor, overpaid.currency.clone()));
            let said = match language {
                Language::En => format!(
                    "{overpaid}, if every amount was paid: first amounts and raises come to {granted}, and {stands} stands"
                ),
                Language::Zh => format!("{overpaid}（如历次批准均已发放：首次金额与增额合计 {granted}，现为 {stands}）"),
            };
            (language.say("overpaid", "超付"), said)
        }));
        lines
    }

    /// One line for each policy, and one for each reason of a refusal in the law's words.
    pub fn parts(&self, language: Language) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for part in &self.parts {
            let agencies = part.agencies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let word = match part.approved {
                true => language.say("fulfilled", "符合"),
                false => language.say("not fulfilled", "不符合"),
            };
            let version = part.version;
            let said = match language {
                Language::En => format!("{word} (version {version}, by the records of {agencies})"),
                Language::Zh => format!("{word}（第 {version} 版，依据 {agencies} 的记录）"),
            };
            let retroactive = part.retroactive.map(|replaced| match language {
                Language::En => {
                    format!("enacted for days that had begun, in the place of withdrawn version {replaced}")
                }
                Language::Zh => format!("为已开始的日期追溯颁布，取代已撤回的版本 {replaced}"),
            });
            lines.push((part.policy.to_string(), said));
            lines.extend(retroactive.map(|said| (language.say("RETROACTIVE", "追溯").to_owned(), said)));
            lines.extend(
                part.roots.iter().map(|root| (language.say("facts", "事实").to_owned(), facts(root, language))),
            );
            let because =
                part.reasons.iter().map(|reason| (language.say("because", "理由").to_owned(), reason.words(language)));
            lines.extend(because);
        }
        if !self.approved && self.parts.iter().all(|part| part.reasons.is_empty()) {
            let silent = language.say("the policy doesn't say which requirement failed", "规则未说明哪一项条件不符");
            lines.push((language.say("because", "理由").to_owned(), silent.to_owned()));
        }
        lines
    }

    /// The reference day, and that facts are none of that day's.
    pub fn reference(&self, language: Language) -> String {
        match language {
            Language::En => format!("{}: ages and limits are taken on this day, the facts are the roots'", self.as_of),
            Language::Zh => format!("{}：年龄和限额按此日计算，事实以各根为准", self.as_of),
        }
    }

    /// Under whose keys it was proved, where that is a reason not to rely on it.
    pub fn warning(&self, language: Language) -> Option<&'static str> {
        let text = language
            .say("proved under development keys: their maker could forge this", "由开发密钥证明：其制作者可以伪造");
        self.insecure.then_some(text)
    }
}

/// How new the facts under a root are.
fn facts(root: &PartRoot, language: Language) -> String {
    let PartRoot { agency, anchored, superseded, counts_until, .. } = root;
    match (language, superseded, counts_until) {
        (Language::En, Some(at), Some(until)) => {
            format!("of {agency}'s root of {anchored}, superseded {at}, in grace until {until}")
        }
        (Language::En, ..) => format!("of {agency}'s root of {anchored}, current"),
        (Language::Zh, Some(at), Some(until)) => {
            format!("{agency} 于 {anchored} 锚定的根，{at} 被取代，宽限期至 {until}")
        }
        (Language::Zh, ..) => format!("{agency} 于 {anchored} 锚定的根，仍为当前根"),
    }
}

/// An amount in the currency that a program pays in; none if it pays nothing.
pub fn amount(program: &Program, minor: u64) -> Option<Amount> {
    program.pays.as_ref().map(|pays| Amount::new(minor, &pays.currency))
}

/// What an approval replaces, where the approval that it corrects paid `before`, if that is known.
pub fn replaces(bundle: &Bundle, before: Option<u64>) -> Option<Correction> {
    let corrects = bundle.request.request.corrects.filter(|_| bundle.decision.approved)?;
    let currency = bundle.program.pays.as_ref().map(|pays| pays.currency.as_str());
    Some(Correction::new(corrects, bundle.decision.amount, before, currency))
}

/// `approved, 412.00 EUR`, `approved` or `refused`.
pub fn outcome(approved: bool, amount: Option<&Amount>, language: Language) -> String {
    match (approved, amount) {
        (false, _) => language.say("refused", "拒绝").into(),
        (true, None) => language.say("approved", "批准").into(),
        (true, Some(amount)) => format!("{}{amount}", language.say("approved, ", "批准，")),
    }
}

/// Lines of a name and what is said of it, the names padded to one width.
pub fn write_lines<'a>(f: &mut fmt::Formatter<'_>, lines: impl IntoIterator<Item = (&'a str, String)>) -> fmt::Result {
    for (name, value) in lines {
        write!(f, "\n  {name:<9} {value}")?;
    }
    Ok(())
}

/// A reason of several lines, on one.
fn one_line(text: &str) -> String {
    text.lines().map(printable).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" / ")
}

fn cleaned(texts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    texts.iter().map(|(language, text)| (language.clone(), printable(text))).collect()
}
