//! How contracts that are on a network came there.
//!
//! Guarantee: each was created by this program's own creation code, so that its storage began with what the constructor writes and nothing besides: code alone doesn't say
//! so, because another constructor could leave the same code with an officer of its own in storage. From then on the code that was compared is all that writes.

use super::{NetworkChain, deploy::expected_contracts, error::NodeError};
use crate::{
    calls::view,
    contracts::{self, officers::Officers},
    error::ChainError,
};
use alloy_consensus::{Transaction as _, transaction::SignerRecoverable};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolEvent, SolValue};

/// Blocks within which a deployment's transactions are looked for: an interrupted one goes on later.
const WITHIN: u64 = 4096;

/// How a deployment began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// Whose first seven transactions it is.
    pub deployer: Address,
    /// Seconds between proposal and confirmation of an act that gives power.
    pub delay: u64,
    /// Whom the constructor made officers.
    pub first_officers: Vec<Address>,
    /// Height of the first creation, and of the last.
    pub blocks: (u64, u64),
}

impl NetworkChain {
    /// That the pinned contracts are this program's, with their neighbours' addresses and this delay in their code, and were created by the deployer with this program's
    /// creation code.
    pub async fn creation(&self, deployer: Address) -> Result<Creation, ChainError> {
        let delay = view(self, self.contracts.officers, Officers::delayCall {}).await?;
        let head = self.newest().await?;
        self.checked_codes(&head).await?;
        let expected = expected_contracts(self.pins.chain_id, deployer, delay);
        let (_, pins) = expected.ok_or(NodeError::NotCreated("the contracts can't be created with this delay"))?;
        for ((found, expected), (name, _)) in self.pins.contracts.iter().zip(&pins).zip(&contracts::ALL) {
            if found.0 != expected.0 {
                return Err(NodeError::OtherDeployer { name, address: found.0, deployer }.into());
            }
            if found.1 != expected.1 {
                return Err(NodeError::OtherBuild { name, address: found.0 }.into());
            }
        }
        let joined = [Some(Officers::Joined::SIGNATURE_HASH), None, None, None];
        let first = self.blocks_with(self.contracts.officers, joined).await?.first().copied();
        let first = first.ok_or(NodeError::NotCreated("the officers' contract has no event of its creation"))?;
        let last = head.block.number.min(first.saturating_add(WITHIN));
        self.creations(deployer, delay, first, last).await
    }

    async fn creations(&self, deployer: Address, delay: u64, first: u64, last: u64) -> Result<Creation, ChainError> {
        let mut officers = Vec::new();
        let mut turn = 0u64;
        let (_, expected) = contracts::deployment(deployer, &officers, delay);
        for number in first..=last {
            let at = self.numbered(number).await?;
            let Some(transactions) = self.transactions_of(&at).await? else { break };
            for transaction in transactions.iter() {
                if transaction.recover_signer().ok() != Some(deployer) || transaction.nonce() != turn {
                    continue;
                }
                let Some(own) = usize::try_from(turn).ok().and_then(|turn| expected.get(turn)) else { break };
                // The first one has the officers in its arguments; everything else is known.
                let is_own = if turn == 0 {
                    officers = named_officers(transaction.input(), delay).unwrap_or_default();
                    !officers.is_empty()
                } else {
                    transaction.input() == own
                };
                let (_, _, succeeded) = self
                    .included(*transaction.tx_hash(), Some(number))
                    .await?
                    .ok_or(NodeError::Body { what: "receipts", number })?;
                if !is_own || transaction.to().is_some() || !succeeded {
                    let name = contracts::ALL.get(turn as usize).map_or("a contract", |(name, _)| *name);
                    return Err(NodeError::OtherCreation { name, number }.into());
                }
                turn += 1;
            }
            if turn == expected.len() as u64 {
                return Ok(Creation { deployer, delay, first_officers: officers, blocks: (first, number) });
            }
        }
        Err(NodeError::NotCreated("the deployer's first seven transactions aren't all there").into())
    }
}

/// The officers in the arguments of the officers' contract, if all else of its creation is this program's.
fn named_officers(data: &Bytes, delay: u64) -> Option<Vec<Address>> {
    let code = contracts::OFFICERS.creation(Vec::new());
    let arguments = data.strip_prefix(code.as_ref())?;
    let (officers, named) = <(Vec<Address>, U256)>::abi_decode_params(arguments).ok()?;
    let again = (officers.clone(), named).abi_encode_params();
    (named == U256::from(delay) && again == arguments).then_some(officers)
}
