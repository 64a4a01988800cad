//! The contracts: bindings and bytecode from the committed artefacts (`contracts/artifacts/`, rebuilt and compared by CI).

#![allow(missing_docs, clippy::too_many_arguments)]

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolValue;
use sealroot_protocol::snapshot::Contracts;
use std::sync::LazyLock;

pub mod officers {
    alloy_sol_types::sol!(Officers, "../contracts/artifacts/Officers.json");
}
pub mod agencies {
    alloy_sol_types::sol!(Agencies, "../contracts/artifacts/Agencies.json");
}
pub mod policies {
    alloy_sol_types::sol!(Policies, "../contracts/artifacts/Policies.json");
}
pub mod requesters {
    alloy_sol_types::sol!(Requesters, "../contracts/artifacts/Requesters.json");
}
pub mod programs {
    alloy_sol_types::sol!(Programs, "../contracts/artifacts/Programs.json");
}
pub mod decisions {
    alloy_sol_types::sol!(Decisions, "../contracts/artifacts/Decisions.json");
}

/// One compiled contract.
pub struct Artefact {
    /// The JSON as committed.
    pub json: &'static str,
    bytecode: LazyLock<Bytes>,
}

macro_rules! artefacts {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub static $constant: Artefact = Artefact {
            json: include_str!(concat!("../../contracts/artifacts/", $name, ".json")),
            bytecode: LazyLock::new(|| bytecode(include_str!(concat!("../../contracts/artifacts/", $name, ".json")))),
        };)*
        /// Name and artefact of every contract, in the order of deployment.
        pub static ALL: [(&str, &Artefact); 7] = [$(($name, &$constant)),*];
    };
}
artefacts! {
    /// The officers, who enact.
    OFFICERS = "Officers";
    /// Agencies and roots.
    AGENCIES = "Agencies";
    /// Policies.
    POLICIES = "Policies";
    /// Requesters.
    REQUESTERS = "Requesters";
    /// The scope's hash.
    POSEIDON = "Poseidon6";
    /// Programs.
    PROGRAMS = "Programs";
    /// Decisions.
    DECISIONS = "Decisions";
}

#[expect(clippy::expect_used, reason = "the artefacts are compiled in; a broken one fails every test")]
fn bytecode(json: &str) -> Bytes {
    let artefact: serde_json::Value = serde_json::from_str(json).expect("artefacts are JSON");
    artefact["bytecode"].as_str().and_then(|text| text.parse().ok()).expect("artefacts hold bytecode")
}

impl Artefact {
    /// Creation code with the ABI encoding of the constructor's arguments.
    pub fn creation(&self, arguments: Vec<u8>) -> Bytes {
        [self.bytecode.as_ref(), &arguments].concat().into()
    }
}

/// The seven creations by `deployer` beginning at its nonce 0, and the addresses that result.
pub fn deployment(deployer: Address, officers: &[Address], delay: u64) -> (Contracts, [Bytes; 7]) {
    let at = |nonce: u64| deployer.create(nonce);
    let c = Contracts {
        officers: at(0),
        agencies: at(1),
        policies: at(2),
        requesters: at(3),
        poseidon: at(4),
        programs: at(5),
        decisions: at(6),
    };
    let creations = [
        OFFICERS.creation((officers.to_vec(), U256::from(delay)).abi_encode_params()),
        AGENCIES.creation((c.officers,).abi_encode_params()),
        POLICIES.creation((c.officers, c.agencies).abi_encode_params()),
        REQUESTERS.creation((c.officers,).abi_encode_params()),
        POSEIDON.creation(Vec::new()),
        PROGRAMS.creation((c.officers, c.requesters, c.poseidon, c.policies).abi_encode_params()),
        DECISIONS.creation((c.programs,).abi_encode_params()),
    ];
    (c, creations)
}
