//! What goes wrong between this program and a node, and what a node says that can't be.

use crate::error::ChainError;
use alloy_primitives::{Address, B256};
use sealroot_protocol::code::{Code, Coded};

#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum NodeError {
    #[error("{0} is no address of a node: it begins with http:// or https://")]
    Url(String),
    /// Nobody answered.
    #[error("the node at {url} doesn't answer: {why}")]
    Unreachable { url: String, why: String },
    /// It is there, under other names.
    #[error("the node at {0} answers, but isn't served under this name")]
    OtherName(String),
    /// It answered with an error of its own.
    #[error("the node refuses {method}: {message} (code {code})")]
    Refused { method: &'static str, code: i32, message: String, data: Option<String> },
    /// Not in the form of the execution API.
    #[error("the node's answer to {method} can't be read: {why}")]
    Unreadable { method: &'static str, why: String },
    #[error("the node's chain has id {found}, and the trust file pins {pinned}")]
    OtherChain { found: u64, pinned: u64 },
    /// The contract isn't the pinned one.
    #[error("contract {name} at {address} has another code than the trust file pins, or isn't there")]
    OtherCode { name: &'static str, address: Address },
    #[error("the node has no block {0}")]
    NoBlock(String),
    /// A header that isn't what was asked for, or whose hash is another.
    #[error("the node's block {number} is false: {what}")]
    Header { number: u64, what: &'static str },
    #[error("block {number} has hash {found}, and the trust file pins {pinned}")]
    Pinned { number: u64, found: B256, pinned: B256 },
    /// Sealed by nobody whom the caller knows.
    #[error("block {0} is not sealed by a sealer that the trust file names for its height")]
    Sealer(u64),
    #[error("the node's proof of {what} under block {number} is false")]
    Proof { what: String, number: u64 },
    #[error("the node's code of contract {0} is not the one that the chain has")]
    Code(Address),
    #[error("what the node says of the {what} of block {number} does not lead to the block's header")]
    Body { what: &'static str, number: u64 },
    /// It may still come.
    #[error("transaction {hash} is in no block after {seconds} seconds")]
    Waiting { hash: B256, seconds: u64 },
    /// Signed, and not in a block: who has the bytes can still send them.
    #[error("the node doesn't take transaction {hash}: {message} (code {code})")]
    NotTaken { hash: B256, message: String, code: i32 },
    /// It names other numbers of a key than the chain has.
    #[error("the node says that transaction number {0} of this key was sent, and its own chain shows that it wasn't")]
    Turn(u64),
    #[error("another process has been sending with key {key} for {seconds} seconds")]
    KeyBusy { key: Address, seconds: u64 },
    #[error("transaction {0} is in a block and failed there")]
    Failed(B256),
    #[error("a unit of gas costs {price} wei, and at most {limit} may be paid")]
    TooDear { price: u64, limit: u64 },
    /// Its first seven transactions make the contracts' addresses.
    #[error("the deployer {deployer} has sent {sent} transactions that aren't this deployment's")]
    UsedDeployer { deployer: Address, sent: u64 },
    /// Somebody else's contracts at these addresses, with this code.
    #[error("{0} is no officer of the contracts that are there")]
    NoOfficer(Address),
    /// Contracts whose addresses another key made.
    #[error("contract {name} at {address} isn't where {deployer} would have made it: another key deployed")]
    OtherDeployer { name: &'static str, address: Address, deployer: Address },
    /// The pinned code isn't what this program's sources compile to.
    #[error(
        "contract {name} at {address} has not the code that this program's sources compile to, with its neighbours' addresses and its delay"
    )]
    OtherBuild { name: &'static str, address: Address },
    /// Its storage may have begun with anything.
    #[error(
        "contract {name} was created in block {number} by another constructor than this program's, or failed there"
    )]
    OtherCreation { name: &'static str, number: u64 },
    #[error("how the contracts came on chain can't be shown: {0}")]
    NotCreated(&'static str),
    /// A call that doesn't end with what the node gives.
    #[error("what the call reads can't be collected: {0}")]
    Endless(&'static str),
}

impl Coded for NodeError {
    fn code(&self) -> Code {
        match self {
            Self::Url(_) => Code::BadUrl,
            Self::Unreachable { .. } | Self::OtherName(_) => Code::NodeUnreachable,
            Self::Refused { .. }
            | Self::NotTaken { .. }
            | Self::Turn(_)
            | Self::Unreadable { .. }
            | Self::Endless(_) => Code::NodeRefused,
            Self::OtherChain { .. } | Self::OtherCode { .. } => Code::OtherChain,
            Self::OtherDeployer { .. } | Self::OtherBuild { .. } | Self::OtherCreation { .. } | Self::NotCreated(_) => {
                Code::DeploymentFalse
            }
            Self::NoBlock(_) => Code::NoSuchBlock,
            Self::Pinned { .. }
            | Self::Header { .. }
            | Self::Sealer(_)
            | Self::Proof { .. }
            | Self::Code(_)
            | Self::Body { .. } => Code::NodeFalse,
            Self::Waiting { .. } => Code::TransactionWaiting,
            Self::KeyBusy { .. } => Code::ChainBusy,
            Self::Failed(_) => Code::CallFailed,
            Self::UsedDeployer { .. } | Self::NoOfficer(_) => Code::DeployerUsed,
            Self::TooDear { .. } => Code::GasTooDear,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::OtherName(url) => {
                let name = url.rsplit("//").next().unwrap_or_default().rsplit_once(':').map_or("", |(name, _)| name);
                Some(format!("have its operator start it with `chain serve --host {name}`"))
            }
            Self::NotTaken { hash, .. } => Some(format!(
                "it is signed, so a node that kept it can still send it: run this again, or look for {hash} before you do anything else with this key"
            )),
            _ => None,
        }
    }
}

impl From<NodeError> for ChainError {
    fn from(error: NodeError) -> Self {
        Self::host(error)
    }
}
