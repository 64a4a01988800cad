//! Asking: one signed request about one applicant, under the policies that are in force.
//!
//! Guarantee: a request leaves here only if the applicant's wallet would accept it now; it is the wallet's own check that says so. Program and policies fit
//! each other, so that nobody is asked under a law that pays in another currency than it counts in.

use alloy_primitives::Address;
use rand::CryptoRng;
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_policy::Unfit;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    canonical::{DocumentError, Suite},
    code::{Code, Coded},
    consent::RequestDigest,
    date::{Date, NotADate, Period},
    id_form::IdFormError,
    name::Name,
    policy::{PolicyDigest, PolicyDocument, applicant_id},
    program::Program,
    release::CLOCKS,
    request::{MAX_LIFETIME, Nonce, Request, SignedRequest, SigningError},
    schema::text_value,
    signature::Signer,
    snapshot::{Correcting, NotCorrectable, SnapshotQuery},
};
use sealroot_requests::{Applying, Rejection, check};
use std::collections::BTreeMap;

/// What an office wants to know of one applicant.
#[derive(Clone)]
pub struct AskInput {
    /// Under which program.
    pub program: Name,
    /// The office's name on chain.
    pub requester: Name,
    /// The applicant's national id; none where the program is anonymous.
    pub applicant: Option<String>,
    /// The secret of this case, if there is one already. It is shared with the applicant.
    pub case_secret: Option<CaseSecret>,
    /// Why, in words that the applicant is shown. Their hash becomes public, and can be guessed at.
    pub purpose: String,
    /// A day of the claimed period; today by the chain's clock if none is given.
    pub period_of: Option<Date>,
    /// Seconds until the request expires.
    pub lifetime: u64,
    /// Address for the payment.
    pub recipient: Option<Address>,
    /// The request whose approval this one corrects.
    pub corrects: Option<RequestDigest>,
}

/// A request, and what opens the applicant in it.
pub struct Asked {
    /// To be given to the applicant's wallet and to the provers.
    pub request: SignedRequest,
    /// To be given to the applicant alone: without it nobody can tell from the request whose it is. None where the program is anonymous.
    pub case_secret: Option<CaseSecret>,
}

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The published documents can't be had.
    #[error(transparent)]
    Documents(#[from] HostError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain's time is no day.
    #[error(transparent)]
    Clock(#[from] NotADate),
    /// The program has no such period.
    #[error("{day} is in no period of {program}")]
    NoPeriod {
        /// The day asked for.
        day: Date,
        /// The program.
        program: Name,
    },
    /// A published policy has no digest.
    #[error(transparent)]
    Policy(#[from] DocumentError),
    /// No version of a policy is in force.
    #[error("no published version of policy {policy} is enacted and in force on {day}")]
    NotInForce {
        /// The policy.
        policy: Name,
        /// The period's first day.
        day: Date,
    },
    /// Program and policies contradict each other.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A check of the applicant's wallet fails.
    #[error("the applicant's wallet would reject this request: {0}")]
    WouldBeRejected(Box<Rejection>),
    /// The chain knows no key of the office that signs, or knows it as another office's.
    #[error(
        "the chain knows {signer} {} and not as a key of {requester}; under the program {program} these offices may ask: {}",
        owner.as_ref().map_or("as nobody's key".to_owned(), |owner| format!("as a key of {owner}")),
        offices.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
    )]
    UnknownOffice {
        /// The office that was named.
        requester: Name,
        /// The key that signs.
        signer: Address,
        /// Whose key it is.
        owner: Option<Name>,
        /// Under which program.
        program: Name,
        /// The offices that the program names.
        offices: Vec<Name>,
    },
    /// An applicant was named where nobody may be.
    #[error("{0} is anonymous: don't name an applicant")]
    AnonymousProgram(Name),
    /// What names the applicant is not an id as the program's agencies spell theirs.
    #[error("the applicant's id {0}")]
    Applicant(#[from] IdFormError),
    /// Nobody was named.
    #[error("{0} needs an applicant")]
    NoApplicant(Name),
    /// The published program isn't the enacted one.
    #[error("the chain computes another scope for this program and period")]
    ScopeMismatch,
    /// No approval under the request that is to be corrected.
    #[error(
        "no approval under request {corrects} was entered on this chain for {program}: there is nothing to correct"
    )]
    NothingToCorrect {
        /// The request that was named.
        corrects: RequestDigest,
        /// The program.
        program: Name,
    },
    /// Another correction came first.
    #[error("the approval under request {corrects} was corrected: the one under request {by} stands")]
    AlreadyCorrected {
        /// The request that was named.
        corrects: RequestDigest,
        /// The one whose approval stands.
        by: RequestDigest,
    },
    /// The approval is for another period, whose approvals can't be corrected any more.
    #[error(
        "the approval under request {corrects} is for {} to {}, and could be corrected until {last}",
        period.start, period.end
    )]
    CorrectsClosedPeriod {
        /// The request that was named.
        corrects: RequestDigest,
        /// The period of its approval.
        period: Period,
        /// The last day.
        last: Date,
    },
    /// A proof stands for the approval, and this program's corrections are judged as the office's word.
    #[error(
        "the contract verified the proofs of the approval under request {corrects}; an office's word doesn't replace it"
    )]
    CorrectsProof {
        /// The request that was named.
        corrects: RequestDigest,
    },
    /// Another office vouches for the approval, and decides under the program still.
    #[error("the approval under request {corrects} is the word of {requester}, which decides under the program still")]
    CorrectsAnotherOffices {
        /// The request that was named.
        corrects: RequestDigest,
        /// The other office.
        requester: Name,
    },
    /// The request contradicts itself, or can't be signed.
    #[error(transparent)]
    Request(#[from] SigningError),
}

impl Coded for AskError {
    fn code(&self) -> Code {
        match self {
            Self::Documents(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Clock(_) => Code::Clock,
            Self::NoPeriod { .. } => Code::NoPeriod,
            Self::Policy(_) => Code::BadPolicy,
            Self::NotInForce { .. } => Code::NoPolicy,
            Self::Unfit(error) => error.code(),
            Self::WouldBeRejected(rejection) => rejection.code(),
            Self::UnknownOffice { .. } => Code::RequesterKeyUnknown,
            Self::AnonymousProgram(_) => Code::AnonymousProgram,
            Self::Applicant(error) => error.code(),
            Self::NoApplicant(_) => Code::NoApplicant,
            Self::ScopeMismatch => Code::ScopeMismatch,
            Self::NothingToCorrect { .. } | Self::AlreadyCorrected { .. } => Code::CorrectsUnknown,
            Self::CorrectsClosedPeriod { .. } => Code::CorrectionTooLate,
            Self::CorrectsProof { .. } => Code::AssuranceLowered,
            Self::CorrectsAnotherOffices { .. } => Code::AnotherOfficesApproval,
            Self::Request(SigningError::Request(_)) => Code::BadRequest,
            Self::Request(SigningError::Signer(error)) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::Documents(error) => return error.advice(),
            Self::Chain(error) => return error.advice(),
            Self::NotInForce { .. } => {
                "get the enacted version's document and put it with the published ones (--published)"
            }
            Self::Unfit(error) => return error.advice(),
            Self::WouldBeRejected(rejection) => match **rejection {
                Rejection::Key { .. } => {
                    "sign with a key of the requester that is neither retired nor revoked (--signing-key)"
                }
                Rejection::Purpose => "write the purpose without control, invisible or direction-changing characters",
                Rejection::ClaimTooEarly(_) | Rejection::ClaimTooLate(_) | Rejection::AsOfInFuture(_) => {
                    "name a day of a period that can be claimed today (--period-of)"
                }
                _ => return rejection.advice(),
            },
            Self::UnknownOffice { .. } => {
                "sign with a key of the office that you name (--signing-key, --requester); two officers register a new office with \
                 `sealroot chain register-requester`"
            }
            Self::NoApplicant(_) => "name the applicant, and the case's secret (--applicant, --case-secret)",
            Self::NothingToCorrect { .. } => {
                "name the digest of the request whose approval is to be corrected (`sealroot inspect` of its request or bundle shows it); a refusal isn't \
                 corrected: ask again without --corrects"
            }
            Self::AlreadyCorrected { by, .. } => return Some(format!("correct that one: --corrects {by}")),
            Self::ScopeMismatch => "the published program is not the enacted one; get the right document",
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

/// Writes and signs a request. The case secret is drawn here unless there is one.
pub async fn ask(
    input: AskInput,
    chain: &impl Chain,
    documents: &impl Documents,
    signer: &dyn Signer,
    rng: &mut impl CryptoRng,
) -> Result<Asked, AskError> {
    let program = documents.program(&input.program).await?;
    let now = chain.now().await?;
    let day = match input.period_of {
        Some(day) => day,
        None => program.today(now)?,
    };
    let no_period = || AskError::NoPeriod { day, program: program.id.clone() };
    let period = program.period_containing(day).ok_or_else(no_period)?;
    let (policies, laws): (Vec<_>, Vec<_>) = in_force(&program, period, chain, documents).await?.into_iter().unzip();
    sealroot_policy::fit(&program, &laws)?;
    let mut nonce = [0; 16];
    rng.fill_bytes(&mut nonce);
    let expiry = now.saturating_add(input.lifetime);
    let mut request = Request {
        suite: Suite,
        deployment: chain.deployment(),
        program: program.id.clone(),
        period,
        policies,
        requester: input.requester,
        purpose: input.purpose,
        applicant: Applicant::ANONYMOUS,
        nonce: Nonce(nonce.into()),
        not_before: dated_back(now, expiry),
        expiry,
        recipient: input.recipient,
        corrects: input.corrects,
    };
    let applying = match (input.applicant, program.anonymous) {
        (Some(_), true) => return Err(AskError::AnonymousProgram(program.id)),
        (None, false) => return Err(AskError::NoApplicant(program.id)),
        (None, true) => None,
        (Some(id), false) => {
            let identity = applicant_id(&id, &laws)?;
            let case_secret = input.case_secret.unwrap_or_else(|| fresh_secret(rng));
            request.applicant = Applicant::commit(request.scope(), text_value(identity.as_str()), &case_secret);
            Some(Applying { identity: id, case_secret })
        }
    };
    // The contract computes the scope too; a difference would make every proof useless.
    if chain.scope_on_chain(&program.id, period.start).await? != request.scope() {
        return Err(AskError::ScopeMismatch);
    }
    if let Some(corrects) = request.corrects {
        stands(corrects, &request, &program, chain).await?;
    }
    let signed = request.sign(signer)?;
    let query = SnapshotQuery::of_request(&signed, signer.address());
    let (snapshot, pinned) = (chain.snapshot(&query).await?, [chain.deployment()]);
    check(signed.clone(), &program, &laws, &snapshot, &pinned, applying.as_ref(), now).map_err(|rejection| {
        match rejection {
            Rejection::Signer { requester, signer } => AskError::UnknownOffice {
                requester,
                signer,
                owner: snapshot.signer.as_ref().map(|key| key.owner.clone()),
                program: program.id.clone(),
                offices: program.requesters.clone(),
            },
            rejection => AskError::WouldBeRejected(Box::new(rejection)),
        }
    })?;
    // Dated back, it would pass for one that a retired key signed in time.
    if snapshot.signer.as_ref().is_some_and(|key| key.retired_at.is_some_and(|at| at <= now)) {
        let rejection = Rejection::Key { requester: signed.request.requester.clone() };
        return Err(AskError::WouldBeRejected(Box::new(rejection)));
    }
    Ok(Asked { request: signed, case_secret: applying.map(|applying| applying.case_secret.clone()) })
}

/// That the approval under `corrects` is the one that stands, and of a period whose approvals an office can still correct: `verify` would reject everything that
/// is proved for it otherwise.
async fn stands(
    corrects: RequestDigest,
    request: &Request,
    rules: &Program,
    chain: &impl Chain,
) -> Result<(), AskError> {
    let missing = || AskError::NothingToCorrect { corrects, program: rules.id.clone() };
    // An anonymous request has as many approvals as people who answered it: one that stands is enough, and `verify` compares the person's own.
    let mut found = None;
    for nullifier in chain.approvals_under(&rules.id, corrects).await? {
        let query = SnapshotQuery::of_approval(rules.id.clone(), nullifier);
        let snapshot = chain.snapshot(&SnapshotQuery { requester: Some(request.requester.clone()), ..query }).await?;
        let Some(entry) = snapshot.decision else { continue };
        let stands = entry.request == corrects;
        found = Some((entry, snapshot.decided_by));
        if stands {
            break;
        }
    }
    let (entry, decided_by) = found.ok_or_else(missing)?;
    if entry.request != corrects {
        return Err(AskError::AlreadyCorrected { corrects, by: entry.request });
    }
    // Which way the correction will be entered is decided when it is: where one way is left, it can be asked for.
    let (by, now) = (rules.decided_by.strongest(), chain.now().await?);
    let correction = Correcting { by, request, corrects, now };
    entry.correctable(correction, rules, decided_by).map_err(|error| match error {
        NotCorrectable::Unknown(by) => AskError::AlreadyCorrected { corrects, by },
        NotCorrectable::AnotherOffices(requester) => AskError::CorrectsAnotherOffices { corrects, requester },
        NotCorrectable::AssuranceLowered => AskError::CorrectsProof { corrects },
        NotCorrectable::TooLate(period, last) => AskError::CorrectsClosedPeriod { corrects, period, last },
        NotCorrectable::UnknownPeriod => missing(),
    })
}

/// A wallet or prover whose clock is a little behind reads the request at once. One that is to live as long as it may isn't dated back that far.
fn dated_back(now: u64, expiry: u64) -> u64 {
    now.saturating_sub(CLOCKS).max(expiry.saturating_sub(MAX_LIFETIME)).min(now)
}

fn fresh_secret(rng: &mut impl CryptoRng) -> CaseSecret {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    CaseSecret::from_random(bytes)
}

/// The version of each policy that is enacted and in force on the period's first day. Others may be published beside it.
async fn in_force(
    program: &Program,
    period: Period,
    chain: &impl Chain,
    documents: &impl Documents,
) -> Result<Vec<(PolicyDigest, PolicyDocument)>, AskError> {
    let mut policies = Vec::new();
    for id in &program.policies {
        let mut versions = BTreeMap::new();
        for document in documents.versions(id).await? {
            versions.insert(document.policy.digest()?, document);
        }
        let query = SnapshotQuery::of_policies(versions.keys().copied());
        let snapshot = chain.snapshot(&query).await?;
        let found = versions.into_iter().find(|(digest, _)| {
            snapshot.policies.get(digest).is_some_and(|entry| {
                entry.id == *id && entry.withdrawn_at.is_none() && entry.in_force.contains(period.start)
            })
        });
        policies.push(found.ok_or_else(|| AskError::NotInForce { policy: id.clone(), day: period.start })?);
    }
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_dated_back_within_their_lifetime() {
        let (now, day) = (1_795_000_000, 86_400);
        assert_eq!(dated_back(now, now + 14 * day), now - CLOCKS);
        assert_eq!(dated_back(now, now + MAX_LIFETIME - 10), now - 10);
        assert_eq!(dated_back(now, now + MAX_LIFETIME), now);
        // Longer than a request may live: refused as such, not shortened unasked.
        assert_eq!(dated_back(now, now + MAX_LIFETIME + 1), now);
        assert_eq!(dated_back(5, 10), 0);
    }
}
