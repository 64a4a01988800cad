//! Typed calls for people: officers, agencies and requesters, and the views that are not part of a snapshot.

use crate::{
    act::{Act, bytes32, element},
    chain::{Chain, Receipt},
    contracts::{
        agencies::Agencies,
        decisions::Decisions::{self, Part as PartCall, Reduction as ReductionCall, Request as RequestCall},
        officers::Officers,
        policies::Policies,
        programs::Programs,
    },
    error::ChainError,
};
use alloy_primitives::{Address, B256, Log, U256, aliases::U48, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use sealroot_protocol::{
    bundle::Bundle,
    consent::{Nullifier, RequestDigest},
    date::Date,
    field::{self, Digest},
    name::Name,
    program::Program,
    reduction::SignedReduction,
    refusals::BatchRoot,
    request::SignedRequest,
    scope::Scope,
    signature::Signer,
    snapshot::Registry,
    tree::Root,
};
use std::{collections::BTreeSet, future::Future};

/// One step of an agency's history of roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorCall {
    /// The new root; the current one again, to confirm it and to anchor a new access-log head.
    pub root: Root,
    /// Its number: one more than the agency's current sequence.
    pub sequence: u64,
    /// The agency's current root; none at first.
    pub previous: Option<Root>,
    /// Head of the access log.
    pub access_log: Digest,
    /// Entries under that head.
    pub access_log_size: u64,
    /// Unix time of the last second at which the anchor may land: a moment, because a day ends at different moments in different programs.
    pub not_after: Option<u64>,
}

/// An agency's newest anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgencyHead {
    /// Anchors so far.
    pub sequence: u64,
    /// The current root; none before the first anchor.
    pub root: Option<Root>,
    /// Entries under the newest anchored head of the access log: the next anchor has no fewer. 0 before the first anchor, and where the key that anchored it is
    /// revoked: what that key said binds nobody.
    pub access_log_size: u64,
    /// Seconds of grace.
    pub grace: u32,
    /// Since when the agency is withdrawn.
    pub withdrawn_at: Option<u64>,
}

/// An act that one officer has proposed and no other confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// The officer that proposed it.
    pub proposer: Address,
    /// When, in Unix seconds.
    pub proposed_at: u64,
    /// Whether it only takes power away, and so has no delay and no veto.
    pub immediate: bool,
}

/// A proposal of another act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The officer that proposed it.
    pub proposer: Address,
    /// When, in Unix seconds.
    pub proposed_at: u64,
    /// The version that it enacts, where it enacts a policy.
    pub policy: Option<Digest>,
}

/// What people do on a chain. Implemented for every host.
pub trait Calls: Chain + Sized {
    /// First officer. Where another has proposed the same act already, and it has no delay, this is the second: it is done then.
    fn propose(&self, officer: &dyn Signer, act: &Act) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move { self.send(officer, target(self, act), act.proposing()?).await }
    }

    /// Second officer, after the delay where the act has one. Everything is checked now.
    fn confirm(&self, officer: &dyn Signer, act: &Act) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move { self.send(officer, target(self, act), act.confirming()?).await }
    }

    /// Any officer takes back a proposal of an act with a delay, or one that is void; of an act without delay, its proposer.
    fn cancel(&self, officer: &dyn Signer, act: &Act) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let id = act.id()?;
            self.send(officer, target(self, act), Officers::cancelCall { id }.abi_encode().into()).await
        }
    }

    /// Whether an act could be confirmed as things are, the two people and the delay aside. Proposals aren't checked
    /// otherwise: what they need may come in the meantime.
    fn rehearse(&self, act: &Act) -> impl Future<Output = Result<(), ChainError>> + Send {
        async move {
            let target = target(self, act);
            self.call(target, target, act.calldata()?).await.map(drop)
        }
    }

    /// Seconds that enactments wait.
    fn delay(&self) -> impl Future<Output = Result<u64, ChainError>> + Send {
        async move { view(self, self.contracts().officers, Officers::delayCall {}).await }
    }

    /// Seconds that this act waits, if it has a delay: more than others where a law is made for days that have begun.
    fn delay_of(&self, act: &Act) -> impl Future<Output = Result<u64, ChainError>> + Send {
        async move {
            let selector = act.calldata()?.first_chunk::<4>().copied().unwrap_or_default();
            view(self, target(self, act), Policies::delayOfCall { selector: selector.into() }).await
        }
    }

    /// As [`proposal`](Self::proposal), if it is not void: its proposer has not left since, and the time to confirm it is not over.
    fn standing_proposal(&self, act: &Act) -> impl Future<Output = Result<Option<Proposal>, ChainError>> + Send {
        async move {
            let Some(proposal) = self.proposal(act).await? else { return Ok(None) };
            let since = Officers::sinceCall { person: proposal.proposer };
            let since = view(self, self.contracts().officers, since).await?;
            let confirmable = view(self, target(self, act), Officers::CONFIRMABLECall {}).await?;
            let last = proposal.proposed_at.saturating_add(self.delay_of(act).await?).saturating_add(confirmable);
            let stands = since != 0 && since < proposal.proposed_at && self.now().await? <= last;
            Ok(stands.then_some(proposal))
        }
    }

    /// The proposal of exactly this act that is not confirmed yet; it may be void.
    fn proposal(&self, act: &Act) -> impl Future<Output = Result<Option<Proposal>, ChainError>> + Send {
        async move {
            let call = Officers::proposalsCall { act: act.id()? };
            let entry = view(self, target(self, act), call).await?;
            Ok((entry.proposedAt != 0).then_some(Proposal {
                proposer: entry.proposer,
                proposed_at: entry.proposedAt,
                immediate: entry.immediate,
            }))
        }
    }

    /// Other acts of the same kind about the same policy, program, agency or requester that were proposed and wait to be confirmed: what an officer who
    /// confirms something that nobody proposed may have meant.
    fn waiting_beside(&self, act: &Act) -> impl Future<Output = Result<Vec<Waiting>, ChainError>> + Send {
        async move {
            let own = act.calldata()?;
            let event = [Some(Officers::Proposed::SIGNATURE_HASH), None, None, None];
            let mut waiting = Vec::new();
            let mut seen = BTreeSet::from([act.id()?]);
            for log in self.logs(target(self, act), event).await? {
                let Ok(proposed) = Officers::Proposed::decode_log(&log) else { continue };
                let is_its_act = keccak256(&proposed.act) == proposed.id;
                if !is_its_act || subject(&proposed.act) != subject(&own) || !seen.insert(proposed.id) {
                    continue;
                }
                let call = Officers::proposalsCall { act: proposed.id };
                let entry = view(self, target(self, act), call).await?;
                if entry.proposedAt != 0 {
                    let policy = enacted_version(&proposed.act);
                    waiting.push(Waiting {
                        proposer: entry.proposer,
                        proposed_at: entry.proposedAt,
                        policy: policy.map(|version| Digest(version.digest.0)),
                    });
                }
            }
            Ok(waiting)
        }
    }

    /// Anchors a root as the agency whose key signs.
    fn anchor(
        &self,
        signer: &dyn Signer,
        agency: &Name,
        anchor: &AnchorCall,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let call = Agencies::anchorCall {
                id: bytes32(agency),
                root: field::to_bytes(anchor.root.0).into(),
                sequence: anchor.sequence,
                previous: anchor.previous.map(|root| field::to_bytes(root.0).into()).unwrap_or_default(),
                accessLog: anchor.access_log.0.into(),
                accessLogSize: U48::saturating_from(anchor.access_log_size),
                notAfter: anchor.not_after.unwrap_or_default(),
            };
            self.send(signer, self.contracts().agencies, call.abi_encode().into()).await
        }
    }

    /// Withdraws a root as the agency: for ever, without grace.
    fn withdraw_root(
        &self,
        signer: &dyn Signer,
        agency: &Name,
        root: Root,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let call = Agencies::withdrawRootCall { id: bytes32(agency), root: field::to_bytes(root.0).into() };
            self.send(signer, self.contracts().agencies, call.abi_encode().into()).await
        }
    }

    /// The agency's newest anchor; none if it isn't registered.
    fn agency_head(&self, agency: &Name) -> impl Future<Output = Result<Option<AgencyHead>, ChainError>> + Send {
        async move {
            let entry = view(self, self.contracts().agencies, Agencies::agenciesCall { id: bytes32(agency) }).await?;
            if entry.registeredAt == 0 {
                return Ok(None);
            }
            let root = (!entry.head.is_zero()).then(|| field::from_bytes(&entry.head.0).map(Root)).transpose();
            let newest = Agencies::rootsCall { id: bytes32(agency), root: entry.head };
            let newest = view(self, self.contracts().agencies, newest).await?;
            let by = view(self, self.contracts().agencies, Agencies::keysCall { key: newest.by }).await?;
            let access_log_size = if by.revokedAt == 0 { newest.accessLogSize.to() } else { 0 };
            Ok(Some(AgencyHead {
                access_log_size,
                sequence: entry.sequence,
                root: root?,
                grace: entry.grace,
                withdrawn_at: (entry.withdrawnAt != 0).then_some(entry.withdrawnAt),
            }))
        }
    }

    /// Retires an agency's or requester's own key: what it signed lives to its expiry.
    fn retire_own_key(
        &self,
        signer: &dyn Signer,
        registry: Address,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            self.send(signer, registry, Agencies::retireKeyCall { key: signer.address() }.abi_encode().into()).await
        }
    }

    /// Revokes an agency's or requester's own key: nothing that it signed counts any more.
    fn revoke_own_key(
        &self,
        signer: &dyn Signer,
        registry: Address,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            self.send(signer, registry, Agencies::revokeKeyCall { key: signer.address() }.abi_encode().into()).await
        }
    }

    /// Enters an approval as the requester whose key signs. The contract checks everything but the proofs: verify first.
    fn approve(
        &self,
        signer: &dyn Signer,
        bundle: &Bundle,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let call = approval_call(bundle)?;
            self.send(signer, self.contracts().decisions, call.abi_encode().into()).await
        }
    }

    /// Approves by proof, in a program that is decided so: the contract verifies the proofs under these policy keys, which are in EIP-197 form, one for each
    /// part. Anybody may send it, and a copy gains nothing.
    fn approve_by_proof(
        &self,
        sender: &dyn Signer,
        bundle: &Bundle,
        keys: &[Vec<u8>],
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let call = approval_by_proof_call(bundle, keys)?;
            self.send(sender, self.contracts().decisions, call.abi_encode().into()).await
        }
    }

    /// Lowers an approval, or takes it back, as the second of two keys of the requester: the first one signed.
    fn reduce(
        &self,
        sender: &dyn Signer,
        signed: &SignedReduction,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let reduction = signed.reduction()?;
            let call = Decisions::reduceCall {
                reduction: ReductionCall {
                    program: bytes32(&reduction.program),
                    nullifier: element(reduction.nullifier.0),
                    request: field::to_bytes(reduction.request.0).into(),
                    from: reduction.from,
                    to: reduction.to,
                    document: reduction.document.0.into(),
                    expiry: reduction.expiry,
                },
                signature: signed.signature.to_bytes().to_vec().into(),
            };
            self.send(sender, self.contracts().decisions, call.abi_encode().into()).await
        }
    }

    /// Whether a reduction with this document was ever entered for an approval of this request, whatever came after it.
    fn was_reduced(
        &self,
        program: &Name,
        request: RequestDigest,
        document: Digest,
    ) -> impl Future<Output = Result<bool, ChainError>> + Send {
        async move {
            let (event, request) = (Decisions::Reduced::SIGNATURE_HASH, B256::from(field::to_bytes(request.0)));
            let topics = [Some(event), Some(program.to_bytes32().into()), None, Some(request)];
            let logs = self.logs(self.contracts().decisions, topics).await?;
            let of = |log: &Log| Decisions::Reduced::decode_log(log).is_ok_and(|event| event.document.0 == document.0);
            Ok(logs.iter().any(of))
        }
    }

    /// Makes a digest that of the one service card of an agency or requester, as one of its keys.
    fn set_card(
        &self,
        signer: &dyn Signer,
        registry: Registry,
        owner: &Name,
        card: Digest,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let registry = match registry {
                Registry::Agencies => self.contracts().agencies,
                Registry::Requesters => self.contracts().requesters,
            };
            let call = Agencies::setCardCall { owner: bytes32(owner), digest: card.0.into() };
            self.send(signer, registry, call.abi_encode().into()).await
        }
    }

    /// Dates a batch of refusals by the Merkle root of their bundles' digests.
    fn date_refusals(
        &self,
        signer: &dyn Signer,
        requester: &Name,
        batch: BatchRoot,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send {
        async move {
            let call = Decisions::dateRefusalsCall { requester: bytes32(requester), root: batch.0.0.into() };
            self.send(signer, self.contracts().decisions, call.abi_encode().into()).await
        }
    }

    /// What a program has approved so far, in minor units.
    fn spent(&self, program: &Name) -> impl Future<Output = Result<U256, ChainError>> + Send {
        async move { view(self, self.contracts().decisions, Decisions::spentCall { program: bytes32(program) }).await }
    }

    /// The scope as the contract computes it.
    fn scope_on_chain(&self, program: &Name, start: Date) -> impl Future<Output = Result<Scope, ChainError>> + Send {
        async move {
            let call = Programs::scopeCall { id: bytes32(program), start: start.yyyymmdd() };
            let value: U256 = view(self, self.contracts().programs, call).await?;
            Ok(Scope(field::from_bytes(&value.to_be_bytes())?))
        }
    }

    /// The nullifiers that approvals under this request spent, in the order in which they were entered first: one, where its office is honest. What stands under them now, a
    /// snapshot says.
    fn approvals_under(
        &self,
        program: &Name,
        request: RequestDigest,
    ) -> impl Future<Output = Result<Vec<Nullifier>, ChainError>> + Send {
        async move {
            let request = B256::from(field::to_bytes(request.0));
            let event = Decisions::Approved::SIGNATURE_HASH;
            let topics = [Some(event), Some(program.to_bytes32().into()), None, Some(request)];
            let mut nullifiers = Vec::new();
            for log in self.logs(self.contracts().decisions, topics).await? {
                let Some(topic) = log.topics().get(2) else { continue };
                let nullifier = Nullifier(field::from_bytes(&topic.0)?);
                if !nullifiers.contains(&nullifier) {
                    nullifiers.push(nullifier);
                }
            }
            Ok(nullifiers)
        }
    }
}

impl<C: Chain> Calls for C {}

/// The call that enters a bundle's approval. Everybody can read it for ever: of the proofs it holds roots, nullifier and amount only.
///
/// The contract sees no decision, so a refusal is turned away here: entered, it would spend the person's nullifier.
pub fn approval_call(bundle: &Bundle) -> Result<Decisions::approveCall, ChainError> {
    if !bundle.decision.approved {
        return Err(ChainError::NotAnApproval);
    }
    Ok(Decisions::approveCall {
        request: request(&bundle.request),
        signature: bundle.request.signature.to_bytes().to_vec().into(),
        roots: bundle
            .parts
            .iter()
            .map(|part| part.inputs.used_roots().iter().map(|root| element(root.0)).collect())
            .collect(),
        amount: bundle.decision.amount,
        nullifier: element(bundle.decision.nullifier.0),
        bundle: bundle.digest()?.0.into(),
    })
}

/// The call with which the contract verifies a bundle's proofs itself. Everybody can read it for ever, and it has no place for an output that isn't paid: a part
/// that reveals one is turned away here, because no proof of it would hold there.
pub fn approval_by_proof_call(bundle: &Bundle, keys: &[Vec<u8>]) -> Result<Decisions::approveByProofCall, ChainError> {
    if !bundle.decision.approved {
        return Err(ChainError::NotAnApproval);
    }
    if let Some(part) = (0..bundle.parts.len()).find(|part| reveals_more(&bundle.program, *part, bundle)) {
        return Err(ChainError::OutputNotPaid { part });
    }
    let parts = bundle.parts.iter().zip(keys).map(|(part, key)| PartCall {
        policyKey: key.clone().into(),
        proof: std::array::from_fn(|i| U256::from_be_slice(&part.proof.0[32 * i..32 * i + 32])),
        roots: part.inputs.used_roots().iter().map(|root| element(root.0)).collect(),
    });
    Ok(Decisions::approveByProofCall {
        request: request(&bundle.request),
        signature: bundle.request.signature.to_bytes().to_vec().into(),
        parts: parts.collect(),
        amount: bundle.decision.amount,
        nullifier: element(bundle.decision.nullifier.0),
    })
}

/// Whether a part has an output that the program doesn't pay.
fn reveals_more(program: &Program, part: usize, bundle: &Bundle) -> bool {
    let paid = program.pays.as_ref().filter(|pays| usize::from(pays.part) == part).map(|pays| usize::from(pays.output));
    let outputs = bundle.parts.get(part).map(|part| part.inputs.outputs).unwrap_or_default();
    outputs.iter().enumerate().any(|(i, output)| *output != 0 && Some(i) != paid)
}

/// A request in the contract's form: its purpose as a hash only.
pub fn request(signed: &SignedRequest) -> RequestCall {
    let request = &signed.request;
    RequestCall {
        program: bytes32(&request.program),
        periodStart: request.period.start.yyyymmdd(),
        periodEnd: request.period.end.yyyymmdd(),
        scope: element(request.scope().0),
        policies: request.policies.iter().map(|policy| B256::from(policy.0.0)).collect(),
        requester: bytes32(&request.requester),
        purposeHash: keccak256(&request.purpose),
        applicant: element(request.applicant.0),
        nonce: request.nonce.0,
        notBefore: request.not_before,
        expiry: request.expiry,
        recipient: request.recipient.unwrap_or_default(),
        corrects: request.corrects.map(|digest| field::to_bytes(digest.0).into()).unwrap_or_default(),
    }
}

fn target(chain: &impl Chain, act: &Act) -> Address {
    act.target(&chain.contracts())
}

/// What an act is about: its kind, and the name that stands first in it; of a policy's enactment, the policy.
fn subject(calldata: &[u8]) -> Option<(&[u8], &[u8])> {
    let (kind, arguments) = calldata.split_at_checked(4)?;
    // A version is laid out behind the words that point to it and, in a retroactive one, name what it replaces. Its digest comes before its policy.
    let at = if kind == Policies::enactCall::SELECTOR {
        64
    } else if kind == Policies::enactRetroactiveCall::SELECTOR {
        96
    } else {
        0
    };
    Some((kind, arguments.get(at..at + 32)?))
}

/// The version that an act enacts, if it enacts one.
fn enacted_version(act: &[u8]) -> Option<Policies::Version> {
    let retroactive = || Policies::enactRetroactiveCall::abi_decode(act).ok().map(|call| call.version);
    Policies::enactCall::abi_decode(act).ok().map(|call| call.version).or_else(retroactive)
}

/// Calls a view and decodes what it returns.
pub async fn view<C: SolCall + Send>(chain: &impl Chain, to: Address, call: C) -> Result<C::Return, ChainError> {
    let output = chain.call(Address::ZERO, to, call.abi_encode().into()).await?;
    C::abi_decode_returns(&output).map_err(|error| ChainError::Halted(error.to_string()))
}
