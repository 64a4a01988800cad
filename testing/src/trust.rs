//! The trust file that pins a chain's contracts, for tests that prove nothing.

use alloy_primitives::{Address, B256};
use sealroot_protocol::{canonical::Suite, field::Digest, machine::Shape, snapshot::Revision};
use sealroot_verifier::trust::{PinnedBlock, PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Trust};

/// Pins contracts by their code, sealers for all heights, and blocks. Its universal key is nobody's.
pub fn trust(
    chain_id: u64,
    contracts: [(Address, B256); 7],
    sealers: impl IntoIterator<Item = Address>,
    blocks: Vec<PinnedBlock>,
) -> Trust {
    let pins = contracts.map(|(address, code_hash)| PinnedContract { address, code_hash });
    let [officers, agencies, policies, requesters, poseidon, programs, decisions] = pins;
    Trust {
        suite: Suite,
        chain_id,
        universal_keys: vec![PinnedKey { shape: Shape::Solo, sha256: Digest([0; 32]), file: "solo.key".into() }],
        contracts: PinnedContracts {
            revision: Revision::Second,
            officers,
            agencies,
            policies,
            requesters,
            poseidon,
            programs,
            decisions,
        },
        sealers: sealers.into_iter().map(|address| PinnedSealer { address, from: 0, until: None }).collect(),
        checkpoints: None,
        blocks,
        withdrawn: Vec::new(),
    }
}
