//! `wallet decisions`: what became of what the holder consented to.

use super::WalletArgs;
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    language::LanguageArgs,
};
use sealroot_chain::{Calls, Chain};
use sealroot_holder::decisions::{self as party, Approvals, Found, Told};
use sealroot_protocol::{
    amount::Amount,
    consent::RequestDigest,
    date::Period,
    field::Digest,
    moment::Moment,
    name::Name,
    snapshot::{Assurance, DecisionEntry, SnapshotQuery},
};
use sealroot_wallet::{Language, history::Consented};
use serde::Serialize;
use std::fmt;

/// Shows what became of consents.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot wallet decisions\n  sealroot wallet decisions --language zh\n\nWhat the chain says: approved, and by whose word; lowered since by the office, without you; replaced by another approval. A refusal is not on chain: the office's bundle shows it. If an approval was lowered, ask the office for the reason, which it has to hand out (`sealroot audit` shows it); you contest it with a new request that corrects the approval."
)]
pub struct DecisionsArgs {
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// What became of consents, the oldest first.
#[derive(Debug, Serialize)]
pub struct DecisionsReport {
    consents: Vec<ConsentLine>,
    /// Whether no approval can have been kept back. Of a network without seals they are what its node finds.
    every_event: bool,
    #[serde(skip)]
    language: Language,
}

#[derive(Debug, Serialize)]
struct ConsentLine {
    requester: Name,
    program: Name,
    period: Period,
    request: RequestDigest,
    /// When the holder consented.
    consented: Moment,
    /// Whether the approval is known to be this wallet's; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<bool>,
    /// How many approvals of the request are other people's, where that is known.
    #[serde(skip_serializing_if = "is_none")]
    others: usize,
    #[serde(flatten)]
    outcome: OutcomeView,
}

/// What became of one.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
enum OutcomeView {
    /// No approval of the request is on chain.
    NotApproved,
    /// Its approval stands.
    Stands(StandingView),
    /// The approval of this other request stands in its place.
    Replaced {
        /// That request.
        by: RequestDigest,
        #[serde(flatten)]
        standing: StandingView,
    },
}

/// What stands on chain.
#[derive(Debug, Serialize)]
struct StandingView {
    /// What stands; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    approved: Moment,
    /// Whether the contract verified the proofs, and not the office alone.
    proven_on_chain: bool,
    /// When the office lowered it without the holder; absent where it didn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    reduced: Option<Moment>,
    /// Digest of the document that says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reduction: Option<Digest>,
}

impl StandingView {
    fn new(entry: &DecisionEntry, told: &Told) -> Self {
        Self {
            amount: told.currency.map(|currency| Amount::new(entry.amount, currency.code())),
            approved: Moment::from_unix(entry.approved_at),
            proven_on_chain: entry.assurance == Assurance::ByProof,
            reduced: entry.reduced.map(|reduced| Moment::from_unix(reduced.at)),
            reduction: entry.reduced.map(|reduced| reduced.document),
        }
    }

    fn words(&self, request: RequestDigest, language: Language) -> String {
        let Self { amount, approved, proven_on_chain, reduced, reduction } = self;
        let amount = amount.as_ref().map(|amount| format!(" {amount}")).unwrap_or_default();
        let by = match proven_on_chain {
            true => language.say("the contract verified the proofs", "合约已验证证明"),
            false => language.say("by the office's word", "以机关的声明为准"),
        };
        match (language, reduced, reduction) {
            (Language::En, None, _) => format!("approved{amount} on {approved}, {by}"),
            (Language::Zh, None, _) => format!("{approved} 批准{amount}，{by}"),
            (Language::En, Some(at), document) => format!(
                "approved on {approved}, {by}\n      LOWERED by the office on {at}, without you:{} stands.\n      Ask the office for the bundle, which holds the reason ({}). If you disagree, ask it for a new request that corrects request {request};\n      if it refuses, take the way that the program names for such cases (`sealroot program show`), or a court's",
                if amount.is_empty() { " nothing" } else { &*amount },
                document.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
            (Language::Zh, Some(at), document) => format!(
                "{approved} 批准，{by}\n      机关于 {at} 单方核减：现为{}。请向机关索取载有原因的决定文件（{}）。如不同意，请要求其就请求 {request} 发出更正请求；\n      若被拒绝，可循项目所列的其他途径（`sealroot program show`）或诉诸法院",
                if amount.is_empty() { "无" } else { &*amount },
                document.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
        }
    }
}

impl fmt::Display for DecisionsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = self.language;
        if self.consents.is_empty() {
            return f.write_str(language.say("this wallet's history has no consent", "此钱包的历史中没有同意记录"));
        }
        for (i, line) in self.consents.iter().enumerate() {
            let ConsentLine { requester, program, period, request, consented, own, others, outcome } = line;
            if i > 0 {
                writeln!(f)?;
            }
            let given = language.say("consent of", "同意于");
            writeln!(f, "{program}, {} – {}, {requester} ({given} {consented})", period.start, period.end)?;
            match outcome {
                OutcomeView::NotApproved => f.write_str(language.say(
                    "    not approved on chain: refused, or not decided yet",
                    "    链上没有批准：已被拒绝，或尚未决定",
                ))?,
                OutcomeView::Stands(standing) => write!(f, "    {}", standing.words(*request, language))?,
                OutcomeView::Replaced { by, .. } => {
                    let replaced = language.say("replaced by the approval of request", "已被以下请求的批准取代");
                    write!(f, "    {replaced} {by}")?;
                }
            }
            if *own == Some(false) {
                let unknown = language.say(
                    "this wallet can't tell whether that approval is yours: the request is open to several people, or the program counts by record",
                    "此钱包无法判断该批准是否属于您：该请求可由多人答复，或项目按记录计数",
                );
                write!(f, "\n    {unknown}")?;
            }
            if *others > 0 {
                let other = language.say("approvals of other people under the same request", "同一请求下他人的批准数");
                write!(f, "\n    {other}: {others}")?;
            }
        }
        if !self.every_event {
            let searched = language.say(
                "as far as the network's node finds approvals: one that it keeps back is missing here",
                "以网络节点所能查到的批准为限：节点隐瞒的批准不会显示",
            );
            write!(f, "\n  {searched}")?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn decisions(args: &DecisionsArgs) -> Outcome<DecisionsReport> {
    let language = args.language.language;
    let wallet = args.wallet.open(language)?;
    let history = args.wallet.history(&wallet, language)?;
    let chain = args.chain.beside(&args.wallet.wallet).open().await?;
    let mut lines = Vec::new();
    for consent in party::consents(&history) {
        let found = chain.approvals_under(&consent.program, consent.request).await.map_err(Failure::of)?;
        let approvals = Approvals::of(&consent, chain.deployment(), &wallet.secret_key(), &history, found);
        for found in find(&consent, &approvals, &chain).await? {
            lines.push(line(&party::told(consent.clone(), found), &approvals));
        }
    }
    Ok(DecisionsReport { consents: lines, every_event: chain.shows_every_event(), language })
}

/// What the chain says about one consent. Its office can enter the request under another nullifier, too, and a later entry must not hide what became of the first.
async fn find(consent: &Consented, approvals: &Approvals, chain: &impl Chain) -> Outcome<Vec<Found>> {
    let nullifiers = approvals.nullifiers.iter().copied().map(Some);
    let places: Vec<_> = if nullifiers.len() == 0 { vec![None] } else { nullifiers.collect() };
    let mut found = Vec::new();
    for nullifier in places {
        let query = SnapshotQuery { program: Some(consent.program.clone()), nullifier, ..SnapshotQuery::default() };
        let snapshot = chain.snapshot(&query).await.map_err(Failure::of)?;
        let currency = snapshot.program.and_then(|program| program.currency.held().flatten());
        found.push(Found { entry: snapshot.decision, currency });
    }
    Ok(found)
}

fn line(told: &Told, approvals: &Approvals) -> ConsentLine {
    let consent = &told.consent;
    let outcome = match &told.outcome {
        party::Outcome::NotApproved => OutcomeView::NotApproved,
        party::Outcome::Stands(entry) => OutcomeView::Stands(StandingView::new(entry, told)),
        party::Outcome::Replaced(entry) => {
            OutcomeView::Replaced { by: entry.request, standing: StandingView::new(entry, told) }
        }
    };
    ConsentLine {
        requester: consent.requester.clone(),
        program: consent.program.clone(),
        period: consent.period,
        request: consent.request,
        consented: Moment::from_unix(consent.at),
        own: (!approvals.nullifiers.is_empty()).then_some(approvals.own),
        others: approvals.others,
        outcome,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_none(others: &usize) -> bool {
    *others == 0
}
