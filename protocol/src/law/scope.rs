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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The vectors of `docs/spec/encodings.md`, by others: the deployments with @noble/hashes' keccak-256, the scope with a Poseidon in Python whose
    /// constants come from Grain as circomlib's do.
    #[test]
    fn deployments_and_scopes_are_what_the_specification_says() {
        let page = include_str!("../../../docs/spec/encodings.md");
        for (chain_id, programs, field) in [
            (
                31_337,
                "0x5fbdb2315678afecb367f032d93f642f64180aa3",
                "0x004eff3c5b1f35f65d2bda0ccda908c188864ba7e5ec40a4fd1eb5969fe8758c",
            ),
            (
                1,
                "0x1111111111111111111111111111111111111111",
                "0x00e0c7a9983a810c24cb2fe92669f4f7e99cdccb534b2d47678b3ca9b9c903bb",
            ),
        ] {
            let deployment = Deployment { chain_id, programs: programs.parse().unwrap() };
            assert_eq!(field::to_hex(deployment.to_field()), field);
            assert!(page.contains(programs) && page.contains(field), "{programs}");
        }
        let opening = ScopeOpening {
            deployment: Deployment {
                chain_id: 31_337,
                programs: "0x5fbdb2315678afecb367f032d93f642f64180aa3".parse().unwrap(),
            },
            program: "heating-allowance".parse().unwrap(),
            period: serde_json::from_str(r#"{"start":"2026-11-01","end":"2026-11-30"}"#).unwrap(),
        };
        let scope = opening.scope().to_string();
        assert!(page.contains(&scope), "{scope}");
    }
}
