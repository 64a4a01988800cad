//! Errors as clients of a node know them: EIP-1474's codes, and a revert's data under code 3.

use crate::error::ChainError;
use jsonrpsee::types::ErrorObjectOwned;
use sealroot_protocol::code::{Code, Coded};
use serde_json::json;

/// Why a request has no result.
#[derive(Debug)]
pub(super) enum RpcError {
    /// The parameters are not the method's.
    Params(String),
    /// No such block.
    NoBlock(String),
    /// More than the node gives at a time.
    Limit(String),
    /// A transaction that can't come into a block.
    Refused(String, Code),
    /// The chain's own.
    Chain(ChainError),
}

impl From<ChainError> for RpcError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        let plain = |code, message: String| ErrorObjectOwned::owned(code, message, None::<()>);
        match error {
            RpcError::Params(message) => plain(-32602, message),
            RpcError::NoBlock(message) => plain(-32001, message),
            RpcError::Limit(message) => plain(-32005, message),
            RpcError::Refused(message, code) => {
                ErrorObjectOwned::owned(-32003, message, Some(json!({ "code": code.as_str() })))
            }
            RpcError::Chain(error) => of_chain(&error),
        }
    }
}

fn of_chain(error: &ChainError) -> ErrorObjectOwned {
    let code = error.code();
    let named = |number, message: String| {
        let advice = error.advice().unwrap_or_else(|| code.remedy().to_owned());
        ErrorObjectOwned::owned(number, message, Some(json!({ "code": code.as_str(), "advice": advice })))
    };
    match error {
        // The revert's bytes are the data: clients decode the contract's error from them.
        ChainError::Rejected(rejection) => {
            ErrorObjectOwned::owned(3, format!("execution reverted: {rejection}"), Some(rejection.output()))
        }
        // In the words that clients look for.
        ChainError::OutOfTurn { expected, found } => {
            let relation = if found < expected { "low" } else { "high" };
            named(-32000, format!("nonce too {relation}: next nonce {expected}, tx nonce {found}"))
        }
        ChainError::NoSuchBlock(..) => named(-32001, error.to_string()),
        _ if code == Code::ChainBusy => named(-32005, error.to_string()),
        _ if code == Code::NotAContract => named(-32003, error.to_string()),
        _ => named(-32000, error.to_string()),
    }
}
