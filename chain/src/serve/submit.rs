//! Signed transactions of other processes.

use super::{Node, error::RpcError};
use crate::{chain::Chain, transaction::Signed};
use alloy_consensus::Transaction as _;
use alloy_primitives::{B256, Bytes};
use sealroot_protocol::code::{Code, Coded};

impl Node {
    /// Takes a signed transaction and answers once it is in a block on disk. Sent again, it is answered the same.
    pub(super) async fn send_raw(&self, raw: Bytes) -> Result<B256, RpcError> {
        let signed = Signed::decode(raw).map_err(|error| RpcError::Refused(error.to_string(), error.code()))?;
        let envelope = signed.envelope();
        if envelope.chain_id() != Some(self.chain_id()) {
            let message = format!("the transaction is for another chain than {}", self.chain_id());
            return Err(RpcError::Refused(message, Code::BadTransaction));
        }
        // No account has a balance, and none needs one.
        if envelope.max_fee_per_gas() > 0 || !envelope.value().is_zero() {
            let message = "insufficient funds for gas * price + value: gas is free on this chain, so offer no fee and send no value";
            return Err(RpcError::Refused(message.into(), Code::BadTransaction));
        }
        Ok(self.chain.submit(signed).await?.transaction)
    }
}
