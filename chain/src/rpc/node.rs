//! Asking a node: one method of the execution API each. What it answers is for others to check.

use super::error::NodeError;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_rpc_types_eth::{Block, EIP1186AccountProofResponse, Filter, Log, TransactionReceipt};
use jsonrpsee::{
    core::{
        client::{ClientT, Error},
        params::BatchRequestBuilder,
    },
    http_client::{HttpClient, HttpClientBuilder},
    rpc_params,
};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long one answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer: events and receipts of a full block.
const MAX_ANSWER: u32 = 64 << 20;
/// Attempts where nobody answers, with a growing pause between them.
const ATTEMPTS: u32 = 4;

/// A connection. Clones share it.
#[derive(Clone)]
pub(super) struct Node {
    url: String,
    client: HttpClient,
}

impl Node {
    pub(super) fn at(url: &str) -> Result<Self, NodeError> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(NodeError::Url(url.to_owned()));
        }
        let built = HttpClientBuilder::default().request_timeout(TIMEOUT).max_response_size(MAX_ANSWER).build(url);
        let client = built.map_err(|_| NodeError::Url(url.to_owned()))?;
        Ok(Self { url: shown_url(url), client })
    }

    pub(super) async fn chain_id(&self) -> Result<u64, NodeError> {
        self.ask::<U64>("eth_chainId", rpc_params![]).await.map(|id| id.to())
    }

    /// A block by number (hexadecimal) or tag, with the hashes of its transactions.
    pub(super) async fn block(&self, which: &str) -> Result<Option<Block>, NodeError> {
        self.ask("eth_getBlockByNumber", rpc_params![which, false]).await
    }

    /// The same with whole transactions.
    pub(super) async fn whole_block(&self, number: u64) -> Result<Option<Block>, NodeError> {
        self.ask("eth_getBlockByNumber", rpc_params![U64::from(number), true]).await
    }

    /// When the next block would be, if the node says so. Only for rehearsals.
    pub(super) async fn pending_time(&self) -> Option<u64> {
        let block: Option<serde_json::Value> =
            self.ask("eth_getBlockByNumber", rpc_params!["pending", false]).await.ok()?;
        let time: U64 = serde_json::from_value(block?.get("timestamp")?.clone()).ok()?;
        Some(time.to())
    }

    /// Blocks from one to another, at once; none where one of them isn't there.
    pub(super) async fn blocks(&self, first: u64, last: u64) -> Result<Option<Vec<Block>>, NodeError> {
        let method = "eth_getBlockByNumber";
        let mut batch = BatchRequestBuilder::new();
        for number in first..=last {
            let asked = batch.insert(method, rpc_params![U64::from(number), false]);
            asked.map_err(|error| NodeError::Unreadable { method, why: error.to_string() })?;
        }
        let mut pause = Duration::from_millis(100);
        for attempt in 1.. {
            match self.client.batch_request::<Option<Block>>(batch.clone()).await {
                Ok(answers) => {
                    let read = answers.into_iter().collect::<Result<Option<Vec<Block>>, _>>();
                    return read.map_err(|error| NodeError::Unreadable { method, why: error.message().to_owned() });
                }
                Err(error) if attempt >= ATTEMPTS => return Err(self.failed(method, error)),
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 4;
        }
        Ok(None)
    }

    pub(super) async fn receipts(&self, number: u64) -> Result<Option<Vec<TransactionReceipt>>, NodeError> {
        self.ask("eth_getBlockReceipts", rpc_params![U64::from(number)]).await
    }

    pub(super) async fn receipt(&self, hash: B256) -> Result<Option<TransactionReceipt>, NodeError> {
        self.ask("eth_getTransactionReceipt", rpc_params![hash]).await
    }

    pub(super) async fn proof(
        &self,
        address: Address,
        slots: &[U256],
        number: u64,
    ) -> Result<EIP1186AccountProofResponse, NodeError> {
        let slots: Vec<B256> = slots.iter().map(|slot| B256::from(*slot)).collect();
        self.ask("eth_getProof", rpc_params![address, slots, U64::from(number)]).await
    }

    pub(super) async fn code(&self, address: Address, number: u64) -> Result<Bytes, NodeError> {
        self.ask("eth_getCode", rpc_params![address, U64::from(number)]).await
    }

    pub(super) async fn logs(&self, filter: &Filter) -> Result<Vec<Log>, NodeError> {
        self.ask("eth_getLogs", rpc_params![filter]).await
    }

    pub(super) async fn gas_price(&self) -> Result<u64, NodeError> {
        let price: U256 = self.ask("eth_gasPrice", rpc_params![]).await?;
        u64::try_from(price).map_err(|_| NodeError::Unreadable { method: "eth_gasPrice", why: "beyond 64 bits".into() })
    }

    /// Once: whether it arrived where nobody answers, only the chain says.
    pub(super) async fn send(&self, raw: &Bytes) -> Result<B256, NodeError> {
        self.once("eth_sendRawTransaction", rpc_params![raw]).await
    }

    /// Asks again where nobody answers: what is asked changes nothing.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: jsonrpsee::core::params::ArrayParams,
    ) -> Result<T, NodeError> {
        let mut pause = Duration::from_millis(100);
        for _ in 1..ATTEMPTS {
            match self.once(method, params.clone()).await {
                Err(NodeError::Unreachable { .. }) => tokio::time::sleep(pause).await,
                answered => return answered,
            }
            pause *= 4;
        }
        self.once(method, params).await
    }

    async fn once<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: jsonrpsee::core::params::ArrayParams,
    ) -> Result<T, NodeError> {
        self.client.request(method, params).await.map_err(|error| self.failed(method, error))
    }

    fn failed(&self, method: &'static str, error: Error) -> NodeError {
        match error {
            Error::Call(error) => NodeError::Refused {
                method,
                code: error.code(),
                message: sealroot_protocol::printable::printable(error.message()),
                data: error.data().and_then(|data| serde_json::from_str(data.get()).ok()),
            },
            Error::ParseError(error) => NodeError::Unreadable { method, why: error.to_string() },
            Error::Transport(error) if error.to_string().contains("403") => NodeError::OtherName(self.url.clone()),
            other => NodeError::Unreachable { url: self.url.clone(), why: other.to_string() },
        }
    }
}

/// A node's address for messages: user, password and keys in its path are its owner's.
pub fn shown_url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_names_a_key() {
        assert_eq!(shown_url("https://user:secret@node.example:8545/v3/KEY?x=1"), "https://node.example:8545");
        assert_eq!(shown_url("http://127.0.0.1:8545"), "http://127.0.0.1:8545");
    }
}
