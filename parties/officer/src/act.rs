//! Acts of two officers: one proposes, another confirms after the delay.
//!
//! Guarantees: nobody carries an act out by forgetting that it was proposed already; the contracts require two people and the delay. What the contracts would
//! refuse after the delay is refused before it, as far as the chain shows it now.

use crate::standing::carried_out;
use alloy_primitives::{Address, Bytes};
use sealroot_chain::{Act, Calls, Chain, ChainError, Waiting};
use sealroot_protocol::{
    code::{Code, Coded},
    date::{Date, NotADate},
    moment::Moment,
    signature::Signer,
};

/// A proposal that waits for another officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposed {
    /// Height of the block that holds it.
    pub block: u64,
    /// Unix time from which another officer can confirm it; none if this proposal was the second of an act without delay, which carries it out.
    pub confirm_from: Option<u64>,
}

/// A call that an officer's wallet of other software signs and sends: a hardware wallet, or an account of several signers (a Safe). Its value is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedCall {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The officer's account. From another one the contract rejects it.
    pub from: Address,
    /// The contract.
    pub to: Address,
    /// ABI-encoded.
    pub data: Bytes,
}

/// An act that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Height of the block that holds it.
    pub block: u64,
}

/// Why an act was neither proposed nor confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Another officer has proposed the same act, which has no delay.
    #[error("{proposer} has proposed it: to propose it again carries it out")]
    ProposedAlready {
        /// Who.
        proposer: Address,
    },
    /// Nothing is proposed, because it has happened: somebody confirmed it.
    #[error("nothing waits to be confirmed: this was carried out at {}", Moment::from_unix(*.at))]
    Done {
        /// When, in Unix seconds.
        at: u64,
    },
    /// Not this was proposed, but something like it.
    #[error("nobody has proposed exactly this; what waits to be confirmed for the same name is {}", listed(.0))]
    OthersWait(Vec<Waiting>),
    /// The day from which it is to hold will have begun somewhere before it can be confirmed.
    #[error(
        "it is to hold from {first} on, and when it can be confirmed, {confirmed} will have begun somewhere; laws don't reach back"
    )]
    TooLate {
        /// The earliest day that it names.
        first: Date,
        /// The newest day that has begun anywhere when the delay is over.
        confirmed: Date,
    },
    /// The chain's time is no day.
    #[error(transparent)]
    Clock(#[from] NotADate),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

fn listed(waiting: &[Waiting]) -> String {
    let one = |w: &Waiting| {
        let version = w.policy.map_or_else(|| "one".to_owned(), |digest| format!("version {digest}"));
        format!("{version}, proposed by {} at {}", w.proposer, Moment::from_unix(w.proposed_at))
    };
    waiting.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl Coded for ActError {
    fn code(&self) -> Code {
        match self {
            Self::ProposedAlready { .. } => Code::AlreadyProposed,
            Self::Done { .. } => Code::AlreadyEnacted,
            Self::OthersWait(_) => Code::NotProposed,
            Self::TooLate { .. } => Code::AlreadyBegun,
            Self::Clock(_) => Code::Clock,
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::ProposedAlready { .. } => Some("confirm the proposal instead (--confirm), if you agree".into()),
            Self::TooLate { confirmed, .. } => Some(format!("choose a day after {confirmed}")),
            Self::OthersWait(_) => Some(
                "ask the other officer which text, address or days were proposed, and whether both of you have the same universal keys; both confirm the same, \
                 to the letter"
                    .into(),
            ),
            Self::Done { .. } | Self::Clock(_) => None,
            Self::Chain(error) => error.advice(),
        }
    }
}

/// Proposes an act for another officer to confirm. What it needs must be there already: agencies before the policies that read their records, policies before
/// the program that joins them.
pub async fn propose(act: &Act, chain: &impl Chain, officer: &dyn Signer) -> Result<Proposed, ActError> {
    check_proposal(act, chain, officer.address()).await?;
    let block = chain.propose(officer, act).await?.block.number;
    let Some(proposal) = chain.proposal(act).await? else { return Ok(Proposed { block, confirm_from: None }) };
    let delay = if proposal.immediate { 0 } else { chain.delay_of(act).await? };
    Ok(Proposed { block, confirm_from: Some(proposal.proposed_at + delay) })
}

/// Confirms an act that another officer has proposed. The contracts check everything now.
pub async fn confirm(act: &Act, chain: &impl Chain, officer: &dyn Signer) -> Result<Confirmed, ActError> {
    match chain.confirm(officer, act).await {
        Ok(receipt) => Ok(Confirmed { block: receipt.block.number }),
        Err(error) => Err(unconfirmed(act, chain, error).await?),
    }
}

/// The call that proposes an act, checked as [`propose`] checks it, for the wallet of other software in which the officer's key is.
pub async fn unsigned_proposal(act: &Act, chain: &impl Chain, officer: Address) -> Result<UnsignedCall, ActError> {
    check_proposal(act, chain, officer).await?;
    let data = act.proposing().map_err(ChainError::from)?;
    let call = UnsignedCall::new(chain, officer, act, data);
    call.rehearse(chain).await?;
    Ok(call)
}

/// The call that confirms an act. It must be sent as it is: the contracts would reject it now if they will.
pub async fn unsigned_confirmation(act: &Act, chain: &impl Chain, officer: Address) -> Result<UnsignedCall, ActError> {
    let data = act.confirming().map_err(ChainError::from)?;
    let call = UnsignedCall::new(chain, officer, act, data);
    match call.rehearse(chain).await {
        Ok(()) => Ok(call),
        Err(error) => Err(unconfirmed(act, chain, error).await?),
    }
}

impl UnsignedCall {
    fn new(chain: &impl Chain, from: Address, act: &Act, data: Bytes) -> Self {
        Self { chain_id: chain.chain_id(), from, to: act.target(&chain.contracts()), data }
    }

    async fn rehearse(&self, chain: &impl Chain) -> Result<(), ChainError> {
        chain.call(self.from, self.to, self.data.clone()).await.map(drop)
    }
}

async fn check_proposal(act: &Act, chain: &impl Chain, officer: Address) -> Result<(), ActError> {
    // A second proposal of an act without delay carries it out: nobody does that by forgetting a flag.
    let standing = chain.standing_proposal(act).await?;
    if let Some(other) = standing.filter(|other| other.immediate && other.proposer != officer) {
        return Err(ActError::ProposedAlready { proposer: other.proposer });
    }
    check_days(act, chain).await?;
    Ok(chain.rehearse(act).await?)
}

/// Why a confirmation was rejected, as the officer has to hear it.
async fn unconfirmed(act: &Act, chain: &impl Chain, error: ChainError) -> Result<ActError, ActError> {
    // A second click, or another officer was faster: not the same as an act that nobody has proposed.
    if error.code() != Code::NotProposed {
        return Ok(error.into());
    }
    if let Some(at) = carried_out(act, chain).await? {
        return Ok(ActError::Done { at });
    }
    let waiting = chain.waiting_beside(act).await?;
    Ok(if waiting.is_empty() { error.into() } else { ActError::OthersWait(waiting) })
}

/// The days that an act names must have begun nowhere when it can be confirmed. The rehearsal can't say so: it is as of today. A retroactive law is exempt, being
/// one for days that have begun.
async fn check_days(act: &Act, chain: &impl Chain) -> Result<(), ActError> {
    let confirmed = Date::begun_anywhere(chain.now().await?.saturating_add(chain.delay_of(act).await?))?;
    match act {
        Act::EnactPolicy(policy) if policy.in_force.from <= confirmed => {
            Err(ActError::TooLate { first: policy.in_force.from, confirmed })
        }
        Act::EndPolicy(_, until) if *until < confirmed => Err(ActError::TooLate { first: *until, confirmed }),
        _ => Ok(()),
    }
}
