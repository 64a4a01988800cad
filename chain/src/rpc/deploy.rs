//! Putting the contracts on a network.
//!
//! Guarantee: the addresses follow from the deployer's key, and the code from the artefacts, the addresses and the delay: what is on chain afterwards is compared with what
//! was computed here. A deployment that was interrupted goes on where it stopped.

use super::{NetworkChain, NetworkOptions, Node, Pins, error::NodeError, state::Known};
use crate::{
    calls::view,
    chain::Chain,
    contracts::{self, officers::Officers},
    embedded::execute::{self, Environment},
    error::ChainError,
};
use alloy_primitives::{Address, B256};
use sealroot_protocol::{signature::Signer, snapshot::Contracts};
use std::{collections::BTreeMap, sync::Arc};

/// What a deployment is to be.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The officers, who enact: two people at least.
    pub officers: Vec<Address>,
    /// Seconds between proposal and confirmation of an act that gives power.
    pub delay: u64,
}

/// The addresses and the code that a deployer's first seven transactions make; none where a creation fails.
pub fn expected_contracts(chain_id: u64, deployer: Address, delay: u64) -> Option<(Contracts, [(Address, B256); 7])> {
    let environment = Environment { chain_id, number: 0, time: 0, sealer: deployer };
    let state = execute::deployed(environment, delay)?;
    let contracts = contracts::deployment(deployer, &[], delay).0;
    let mut pins = contracts.in_order().map(|address| (address, B256::ZERO));
    for (address, hash) in &mut pins {
        *hash = state.code_hash(*address)?;
    }
    Some((contracts, pins))
}

impl NetworkChain {
    /// Creates the contracts that aren't there yet, as the key's first transactions, and returns the chain with its pins. `progress` is told each contract once it is there.
    pub async fn deploy(
        url: &str,
        deployer: &dyn Signer,
        deployment: &Deployment,
        options: NetworkOptions,
        mut progress: impl FnMut(&'static str, Address) + Send,
    ) -> Result<(Self, Pins), ChainError> {
        let node = Node::at(url)?;
        let chain_id = node.chain_id().await?;
        let from = deployer.address();
        let (addresses, pinned) = expected_contracts(chain_id, from, deployment.delay)
            .ok_or(NodeError::Endless("the contracts can't be created with these terms"))?;
        let pins = Pins { chain_id, contracts: pinned, sealers: Vec::new(), blocks: BTreeMap::new() };
        let chain = Self { node, pins: Arc::new(pins.clone()), contracts: addresses, options, bodies: Arc::default() };
        let (_, creations) = contracts::deployment(from, &deployment.officers, deployment.delay);
        for (turn, (((name, _), (address, hash)), data)) in
            (0u64..).zip(contracts::ALL.iter().zip(pinned).zip(creations))
        {
            let head = chain.newest().await?;
            let mut known = Known::default();
            known.learn_account(&chain.node, &head, address).await?;
            match known.code_hash(address) {
                Some(found) if found == hash => {}
                Some(_) => return Err(NodeError::OtherCode { name, address }.into()),
                None => {
                    known.learn_account(&chain.node, &head, from).await?;
                    if known.nonce(from) != turn {
                        return Err(NodeError::UsedDeployer { deployer: from, sent: known.nonce(from) }.into());
                    }
                    let prepared = chain.prepare_for(from, None, data).await?;
                    chain.deliver(&prepared.sign(deployer)?).await?;
                }
            }
            progress(name, address);
        }
        let head = chain.newest().await?;
        chain.checked_codes(&head).await?;
        chain.check_officers(deployment).await?;
        Ok((chain, pins))
    }

    /// Officers stand in storage, not in code.
    async fn check_officers(&self, deployment: &Deployment) -> Result<(), ChainError> {
        let officers = self.contracts().officers;
        for person in &deployment.officers {
            if view(self, officers, Officers::sinceCall { person: *person }).await? == 0 {
                return Err(NodeError::NoOfficer(*person).into());
            }
        }
        Ok(())
    }
}
