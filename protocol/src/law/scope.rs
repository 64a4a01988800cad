//! Scope: program and period at one deployment. A holder gets one approval per scope.

use crate::{
    date::Period,
    field::{self, F, field_newtype},
    name::Name,
    poseidon,
    tag::Tag,
};
use alloy_primitives::{Address, keccak256};
use serde::{Deserialize, Serialize};

field_newtype! {
    /// `Poseidon(tag, deployment, program, period_start, period_end)`.
    Scope
}

/// Chain and program contract: scopes of different deployments never coincide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Address of the programs contract.
    pub programs: Address,
}

impl Deployment {
    /// `trunc248(keccak256(abi.encode(uint256 chainId, address programs)))`.
    pub fn to_field(&self) -> F {
        let mut encoded = [0; 64];
        encoded[24..32].copy_from_slice(&self.chain_id.to_be_bytes());
        encoded[44..].copy_from_slice(self.programs.as_slice());
        field::truncate_248(&keccak256(encoded).0)
    }
}

/// What a scope commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeOpening {
    /// Chain and program contract.
    pub deployment: Deployment,
    /// The program.
    pub program: Name,
    /// The period.
    pub period: Period,
}

impl ScopeOpening {
    /// The scope.
    pub fn scope(&self) -> Scope {
        let (start, end) = (self.period.start.yyyymmdd(), self.period.end.yyyymmdd());
        Scope(poseidon::hash(
            Tag::Scope,
            [self.deployment.to_field(), self.program.to_field(), F::from(start), F::from(end)],
        ))
    }
}
