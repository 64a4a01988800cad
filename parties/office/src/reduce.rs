//! Reducing: an office lowers an approval of its own, or takes it back, without the holder. One clerk writes the reason and signs, another one enters it.
//!
//! Guarantees: what is signed names the approval and the amount that stand, so it is entered once and not after anything else happened; the reason travels in the bundle, with
//! evidence of its digest. An entry that an interrupted run made is found, and gets its evidence. Non-guarantee: that the two keys are two people's.

use alloy_primitives::Address;
use rand::CryptoRng;
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_protocol::{
    amount::Amount,
    bundle::{Bundle, EnteredReduction},
    canonical::{DocumentError, Suite},
    code::{Code, Coded},
    consent::RequestDigest,
    date::{Date, NotADate},
    name::Name,
    reduction::{ReductionDocument, ReductionError, SignedReduction},
    request::Nonce,
    signature::Signer,
    snapshot::{DecisionEntry, Snapshot, SnapshotQuery},
};

/// What an office takes back.
pub struct ReduceInput<'a> {
    /// The approval's bundle.
    pub bundle: &'a Bundle,
    /// What is to stand, in minor units. 0 takes the approval back.
    pub to: u64,
    /// Why, in words that the holder and a court read.
    pub reason: String,
    /// Seconds within which the second key enters it.
    pub lifetime: u64,
}

/// A reduction that stands on chain.
#[derive(Debug)]
pub struct Reduced {
    /// The bundle with the reduction in it.
    pub bundle: Bundle,
    /// What stood before, in minor units.
    pub from: u64,
    /// What stands, in minor units.
    pub to: u64,
    /// By how much all that was ever granted under the nullifier exceeds it: what was overpaid, if all was paid.
    pub overpaid: u128,
    /// Height of the block that the evidence is of.
    pub block: u64,
    /// When an earlier run entered it, in Unix seconds; none if this one did.
    pub entered_before: Option<u64>,
}

/// Why nothing was reduced.
#[derive(Debug, thiserror::Error)]
pub enum ReduceError {
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It is no reduction, or states no reason.
    #[error(transparent)]
    Reduction(#[from] ReductionError),
    /// A document has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A day outside the calendar.
    #[error(transparent)]
    Date(#[from] NotADate),
    /// A refusal, or an approval in whose place another one stands.
    #[error("no approval of request {0} stands on this chain")]
    Nothing(RequestDigest),
    /// The published rules aren't the enacted ones.
    #[error("program {0} of the bundle is not the one that is enacted on this chain")]
    Program(Name),
    /// The office decides nothing under the program any more.
    #[error("{requester} may not decide under program {program} any more, so it may not reduce either")]
    NotAuthorised {
        /// The office.
        requester: Name,
        /// The program.
        program: Name,
    },
    /// The days for corrections are over.
    #[error("this period's approvals could be reduced until {0}")]
    TooLate(Date),
    /// Not a key of the office, or not any more.
    #[error("{key} is not an active key of {requester}")]
    NotTheRequester {
        /// The key.
        key: Address,
        /// The office whose approval it is.
        requester: Name,
    },
    /// One key can't do both.
    #[error("{0} signed the reduction, and another key of the office has to enter it")]
    NeedsTwoKeys(Address),
    /// The reduction is of another approval.
    #[error(
        "the reduction is of another approval than the bundle: of request {found}, and the bundle of request {bundle}"
    )]
    OtherApproval {
        /// In the reduction.
        found: RequestDigest,
        /// In the bundle.
        bundle: RequestDigest,
    },
    /// Something else stands by now.
    #[error("the reduction was signed when {from} stood, and {stands} stands now")]
    Outdated {
        /// When it was signed.
        from: String,
        /// Now.
        stands: String,
    },
    /// It lowers nothing.
    #[error("{stands} stands, and {to} is not less")]
    NotLess {
        /// What stands.
        stands: String,
        /// What was to stand.
        to: String,
    },
    /// It was entered, and something else since.
    #[error("this reduction was entered, and something else since: {0}")]
    EnteredBefore(String),
    /// A bundle that isn't an approval that was decided.
    #[error("{0}")]
    NotDecided(&'static str),
}

impl Coded for ReduceError {
    fn code(&self) -> Code {
        match self {
            Self::Chain(error) => error.code(),
            Self::Reduction(error) => error.code(),
            Self::Document(_) => Code::BadDocument,
            Self::Date(_) => Code::Date,
            Self::Nothing(_) => Code::NothingToReduce,
            Self::Program(_) => Code::ProgramNotEnacted,
            Self::NotAuthorised { .. } => Code::RequesterNotAuthorised,
            Self::TooLate(_) => Code::ReductionTooLate,
            Self::NotTheRequester { .. } => Code::NotTheRequester,
            Self::NeedsTwoKeys(_) => Code::NeedsTwoKeys,
            Self::OtherApproval { .. } => Code::ReductionMismatch,
            Self::Outdated { .. } | Self::NotLess { .. } => Code::NotAReduction,
            Self::EnteredBefore(_) => Code::AlreadyReduced,
            Self::NotDecided(_) => Code::NothingToReduce,
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::Chain(error) => return error.advice(),
            Self::Nothing(_) => {
                "name the bundle of the approval that stands; a correction's bundle stands in the place of the corrected one's"
            }
            Self::NeedsTwoKeys(_) => {
                "let another clerk enter it with that clerk's key; two officers add a key with `sealroot chain add-requester-key`"
            }
            Self::OtherApproval { .. } => "name the bundle from which the reduction was signed",
            Self::Outdated { .. } => "have it signed again, from what stands now",
            Self::NotLess { .. } => {
                "name less than what stands; an approval is raised by a request that corrects it (`sealroot request new --corrects`)"
            }
            Self::EnteredBefore(_) => "nothing is left to do; `sealroot chain report` shows that it was entered",
            Self::NotDecided(_) => "name the bundle of the approval that `sealroot decide` wrote, with its evidence",
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

/// Signs a reduction of the approval that stands, as the first of two keys.
pub async fn sign_reduction(
    input: ReduceInput<'_>,
    chain: &impl Chain,
    signer: &dyn Signer,
    rng: &mut impl CryptoRng,
) -> Result<SignedReduction, ReduceError> {
    let bundle = input.bundle;
    decided(bundle)?;
    let entry = reducible(bundle, chain, signer.address()).await?;
    let takes_back = entry.amount == 0 && input.to == 0 && entry.reduced.is_none();
    if input.to >= entry.amount && !takes_back {
        let (stands, to) = (words(bundle, entry.amount), words(bundle, input.to));
        return Err(ReduceError::NotLess { stands, to });
    }
    let mut nonce = [0; 16];
    rng.fill_bytes(&mut nonce);
    let document = ReductionDocument {
        suite: Suite,
        deployment: chain.deployment(),
        program: bundle.program.id.clone(),
        requester: bundle.request.request.requester.clone(),
        nullifier: bundle.decision.nullifier,
        request: entry.request,
        from: entry.amount,
        to: input.to,
        reason: input.reason,
        nonce: Nonce(nonce.into()),
    };
    let expiry = chain.now().await?.saturating_add(input.lifetime);
    Ok(SignedReduction::sign(document, expiry, signer)?)
}

/// Enters a reduction that another key of the office signed, as the second of two keys, and puts it into the bundle with its evidence.
pub async fn enter_reduction(
    bundle: Bundle,
    signed: &SignedReduction,
    chain: &impl Chain,
    sender: &dyn Signer,
) -> Result<Reduced, ReduceError> {
    let document = &signed.document;
    decided(&bundle)?;
    let request = bundle.request.request.digest();
    let same = (document.request, document.nullifier) == (request, bundle.decision.nullifier);
    if !same || document.program != bundle.program.id {
        return Err(ReduceError::OtherApproval { found: document.request, bundle: request });
    }
    let query = SnapshotQuery::of_approval(bundle.program.id.clone(), bundle.decision.nullifier);
    let digest = document.digest()?;
    let carried_out = |snapshot: Snapshot| {
        let own =
            |entry: &DecisionEntry| entry.request == request && entry.reduced.is_some_and(|r| r.document == digest);
        snapshot.decision.filter(own)
    };
    let before = carried_out(chain.snapshot(&query).await?);
    let block = match &before {
        Some(_) => chain.head().await?.number,
        None => send(&bundle, signed, chain, sender).await?,
    };
    let standing = carried_out(chain.snapshot_at(&query, block).await?).ok_or(ReduceError::Nothing(request))?;
    let evidence = chain.collect_evidence(&query, block).await?;
    Ok(Reduced {
        bundle: Bundle { reduction: Some(EnteredReduction { document: document.clone(), evidence }), ..bundle },
        from: document.from,
        to: standing.amount,
        overpaid: standing.granted.held().unwrap_or_default().saturating_sub(standing.amount.into()),
        block,
        entered_before: before.and_then(|entry| entry.reduced).map(|reduced| reduced.at),
    })
}

/// Sends it; returns the height of its block.
async fn send(
    bundle: &Bundle,
    signed: &SignedReduction,
    chain: &impl Chain,
    sender: &dyn Signer,
) -> Result<u64, ReduceError> {
    let signer = signed.signer()?;
    if signer == sender.address() {
        return Err(ReduceError::NeedsTwoKeys(signer));
    }
    let document = &signed.document;
    if chain.was_reduced(&document.program, document.request, document.digest()?).await? {
        let query = SnapshotQuery::of_approval(document.program.clone(), document.nullifier);
        let entry = chain.snapshot(&query).await?.decision;
        let stands = match entry {
            Some(entry) if entry.request == document.request => format!("{} stands", words(bundle, entry.amount)),
            Some(entry) => format!("the approval of request {} stands in its place", entry.request),
            None => "nothing stands".to_owned(),
        };
        return Err(ReduceError::EnteredBefore(stands));
    }
    let entry = reducible(bundle, chain, sender.address()).await?;
    reducible(bundle, chain, signer).await?;
    if entry.amount != document.from {
        let (from, stands) = (words(bundle, document.from), words(bundle, entry.amount));
        return Err(ReduceError::Outdated { from, stands });
    }
    Ok(chain.reduce(sender, signed).await?.block.number)
}

/// That a bundle is of an approval with the evidence of its entry: without it, no audit would take the bundle that a reduction is put into.
fn decided(bundle: &Bundle) -> Result<(), ReduceError> {
    match (bundle.decision.approved, &bundle.evidence) {
        (false, _) => Err(ReduceError::NotDecided("the bundle is a refusal, and only an approval is lowered")),
        (true, None) => Err(ReduceError::NotDecided("the bundle has no evidence: it was not decided")),
        (true, Some(_)) => Ok(()),
    }
}

/// An amount in the program's currency.
fn words(bundle: &Bundle, minor: u64) -> String {
    let pays = bundle.program.pays.as_ref();
    pays.map_or_else(|| minor.to_string(), |pays| Amount::new(minor, pays.currency.clone()).to_string())
}

/// The approval that stands, if this key may reduce it now.
async fn reducible(bundle: &Bundle, chain: &impl Chain, key: Address) -> Result<DecisionEntry, ReduceError> {
    let (program, asked) = (&bundle.program, &bundle.request.request);
    let query = SnapshotQuery {
        requester: Some(asked.requester.clone()),
        signer: Some(key),
        ..SnapshotQuery::of_approval(program.id.clone(), bundle.decision.nullifier)
    };
    let snapshot = chain.snapshot(&query).await?;
    let nothing = || ReduceError::Nothing(asked.digest());
    let entry = snapshot.decision.filter(|entry| entry.request == asked.digest()).ok_or_else(nothing)?;
    let enacted = snapshot.program.filter(|enacted| enacted.differs_from(program).is_none());
    let enacted = enacted.ok_or_else(|| ReduceError::Program(program.id.clone()))?;
    let requester = asked.requester.clone();
    if enacted.closed_at.is_some() || snapshot.requester.is_none_or(|standing| standing.until.is_some()) {
        return Err(ReduceError::NotAuthorised { requester, program: program.id.clone() });
    }
    let active = snapshot.signer.filter(|key| key.owner == requester);
    if active.is_none_or(|key| key.retired_at.is_some() || key.revoked_at.is_some()) {
        return Err(ReduceError::NotTheRequester { key, requester });
    }
    let last = program.correctable_until(asked.period)?;
    if program.today(chain.now().await?)? > last {
        return Err(ReduceError::TooLate(last));
    }
    Ok(entry)
}
