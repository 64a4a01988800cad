//! A trust file's content, from what a chain and its keys are now.

use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    snapshot::{Contracts, Revision},
};
use sealroot_verifier::{
    trust::{PinnedBlock, PinnedCheckpoints, PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Trust},
    universal_key::UniversalKey,
};

/// What a host of the contracts says of itself.
#[derive(Debug, Clone)]
pub struct ChainFacts {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where the contracts are.
    pub contracts: Contracts,
    /// keccak256 of the code at each address.
    pub code_hashes: Vec<(Address, B256)>,
    /// The addresses that seal the chain's blocks; none where seals aren't checked.
    pub sealers: Vec<Address>,
    /// A block that can't vanish any more, to know a network without seals by.
    pub known_block: Option<PinnedBlock>,
    /// Organisations whose signatures are to count on a network without seals.
    pub checkpoints: Option<PinnedCheckpoints>,
}

/// A universal key and the name of its file beside the trust file.
pub struct KeyFile<'a> {
    /// The key.
    pub key: &'a UniversalKey,
    /// A bare name, no path.
    pub name: String,
}

/// A contract is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chain has no contract at {0}")]
pub struct NoContract(pub Address);

impl Coded for NoContract {
    fn code(&self) -> Code {
        Code::NoContract
    }
}

/// Pins this chain and these keys.
///
/// Non-guarantee: that they deserve trust. The host says what it is; compare it with what is known from elsewhere before relying on it.
pub fn trust_in(chain: &ChainFacts, keys: &[KeyFile<'_>]) -> Result<Trust, NoContract> {
    let pin = |address| {
        let found = chain.code_hashes.iter().find(|(other, _)| *other == address);
        found
            .map(|(address, code_hash)| PinnedContract { address: *address, code_hash: *code_hash })
            .ok_or(NoContract(address))
    };
    let contracts = &chain.contracts;
    Ok(Trust {
        suite: Suite,
        chain_id: chain.chain_id,
        universal_keys: keys
            .iter()
            .map(|file| PinnedKey { shape: file.key.shape(), sha256: file.key.hash(), file: file.name.clone() })
            .collect(),
        contracts: PinnedContracts {
            revision: Revision::Second,
            officers: pin(contracts.officers)?,
            agencies: pin(contracts.agencies)?,
            policies: pin(contracts.policies)?,
            requesters: pin(contracts.requesters)?,
            poseidon: pin(contracts.poseidon)?,
            programs: pin(contracts.programs)?,
            decisions: pin(contracts.decisions)?,
        },
        sealers: chain.sealers.iter().map(|address| PinnedSealer { address: *address, from: 0, until: None }).collect(),
        blocks: chain.known_block.into_iter().collect(),
        checkpoints: chain.checkpoints.clone(),
        withdrawn: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts() -> ChainFacts {
        let [officers, agencies, policies, requesters, poseidon, programs, decisions] =
            [1, 2, 3, 4, 5, 6, 7].map(Address::repeat_byte);
        let contracts = Contracts { officers, agencies, policies, requesters, poseidon, programs, decisions };
        let code_hashes = contracts.in_order().map(|address| (address, B256::repeat_byte(address.0[0])));
        ChainFacts {
            chain_id: 7,
            contracts,
            code_hashes: code_hashes.to_vec(),
            sealers: vec![Address::repeat_byte(9)],
            known_block: None,
            checkpoints: None,
        }
    }

    #[test]
    fn every_contract_is_pinned_or_there_is_no_trust_file() {
        let trust = trust_in(&facts(), &[]).unwrap();
        let pinned = trust.contracts.in_order().map(|pin| (pin.address, pin.code_hash));
        assert_eq!(pinned.to_vec(), facts().code_hashes);
        for missing in 0..7 {
            let mut facts = facts();
            let (address, _) = facts.code_hashes.remove(missing);
            assert_eq!(trust_in(&facts, &[]), Err(NoContract(address)));
        }
    }
}
