//! `wallet decisions`: what became of what the holder consented to.

use super::WalletArgs;
use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    language::LanguageArgs,
};
use sealroot_chain::{Calls, Chain};
use sealroot_holder::decisions::{self as party, Found, Told};
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
            let ConsentLine { requester, program, period, request, consented, outcome } = line;
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
        }
        Ok(())
    }
}

/// Runs it.
pub async fn decisions(args: &DecisionsArgs) -> Outcome<DecisionsReport> {
    let language = args.language.language;
    let wallet = args.wallet.open(language)?;
    let consents = party::consents(&args.wallet.history(&wallet, language)?);
    let chain = args.chain.open().await?;
    let mut lines = Vec::new();
    for consent in consents {
        let found = find(&consent, &chain).await?;
        lines.push(line(&party::told(consent, found)));
    }
    Ok(DecisionsReport { consents: lines, language })
}

/// What the chain says about one consent.
async fn find(consent: &Consented, chain: &impl Chain) -> Outcome<Found> {
    let nullifier = chain.approval_under(&consent.program, consent.request).await.map_err(Failure::of)?;
    let query = SnapshotQuery { program: Some(consent.program.clone()), nullifier, ..SnapshotQuery::default() };
    let snapshot = chain.snapshot(&query).await.map_err(Failure::of)?;
    Ok(Found {
        entry: snapshot.decision,
        currency: snapshot.program.and_then(|program| program.currency.held().flatten()),
    })
}

fn line(told: &Told) -> ConsentLine {
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
        outcome,
    }
}
