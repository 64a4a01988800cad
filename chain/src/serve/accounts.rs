//! Accounts, storage and proofs, and calls that leave no trace.

use super::{Node, error::RpcError};
use crate::{embedded::view::At, error::ChainError};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_rpc_types_eth::{BlockId, EIP1186AccountProofResponse, EIP1186StorageProof, TransactionRequest};
use alloy_serde::storage::JsonStorageKey;
use alloy_trie::{EMPTY_ROOT_HASH, KECCAK_EMPTY};

/// Slots of one proof.
const MAX_SLOTS: usize = 1024;
/// An estimate is at most so much above what suffices: 1/64.
const PRECISION: u64 = 64;

impl Node {
    pub(super) async fn balance(&self, address: Address, at: Option<BlockId>) -> Result<U256, RpcError> {
        Ok(self.chain.account(self.at(at).await?, address).await?.balance)
    }

    pub(super) async fn transaction_count(&self, address: Address, at: Option<BlockId>) -> Result<U64, RpcError> {
        Ok(U64::from(self.chain.account(self.at(at).await?, address).await?.nonce))
    }

    pub(super) async fn code(&self, address: Address, at: Option<BlockId>) -> Result<Bytes, RpcError> {
        Ok(self.chain.account(self.at(at).await?, address).await?.code)
    }

    pub(super) async fn storage(
        &self,
        address: Address,
        slot: JsonStorageKey,
        at: Option<BlockId>,
    ) -> Result<B256, RpcError> {
        let slot = U256::from_be_bytes(slot.as_b256().0);
        Ok(self.chain.slot(self.at(at).await?, address, slot).await?.into())
    }

    pub(super) async fn proof(
        &self,
        address: Address,
        keys: Vec<JsonStorageKey>,
        at: Option<BlockId>,
    ) -> Result<EIP1186AccountProofResponse, RpcError> {
        if keys.len() > MAX_SLOTS {
            return Err(RpcError::Limit(format!("at most {MAX_SLOTS} slots in one proof")));
        }
        let number = match self.at(at).await? {
            At::Block(number) => number,
            At::Next => self.head().await?.number,
        };
        let slots: Vec<U256> = keys.iter().map(|key| U256::from_be_bytes(key.as_b256().0)).collect();
        let proof = match self.chain.prove(number, address, &slots).await? {
            Ok(proof) => proof,
            Err(account_proof) => {
                let storage_proof = keys.into_iter().map(|key| EIP1186StorageProof::new(key, U256::ZERO, Vec::new()));
                return Ok(EIP1186AccountProofResponse {
                    address,
                    code_hash: KECCAK_EMPTY,
                    storage_hash: EMPTY_ROOT_HASH,
                    account_proof,
                    storage_proof: storage_proof.collect(),
                    ..EIP1186AccountProofResponse::default()
                });
            }
        };
        let entries = keys.into_iter().zip(proof.storage);
        Ok(EIP1186AccountProofResponse {
            address,
            balance: proof.balance,
            code_hash: proof.code_hash,
            nonce: proof.nonce,
            storage_hash: proof.storage_root,
            account_proof: proof.proof,
            storage_proof: entries
                .map(|(key, entry)| EIP1186StorageProof::new(key, entry.value, entry.proof))
                .collect(),
        })
    }

    pub(super) async fn call(&self, call: TransactionRequest, at: Option<BlockId>) -> Result<Bytes, RpcError> {
        let at = self.at(at).await?;
        Ok(self.ask(at, &call, call.gas).await?.0)
    }

    /// The least gas that suffices, up to 1/64: contracts ask how much is left, so what was used says too little.
    pub(super) async fn estimate_gas(&self, call: TransactionRequest, at: Option<BlockId>) -> Result<U64, RpcError> {
        let at = self.at(Some(at.unwrap_or_else(BlockId::pending))).await?;
        let (_, used) = self.ask(at, &call, call.gas).await?;
        let (mut fails, mut suffices) = (used.saturating_sub(1), call.gas.unwrap_or(crate::embedded::MAX_GAS));
        // Most calls need little more than they use.
        let mut attempt = used.saturating_add(used / PRECISION);
        while suffices - fails > suffices / PRECISION && attempt < suffices {
            match self.ask(at, &call, Some(attempt)).await {
                Ok(_) => suffices = attempt,
                Err(RpcError::Chain(ChainError::Rejected(_) | ChainError::Halted(_))) => fails = attempt,
                Err(error) => return Err(error),
            }
            attempt = fails + (suffices - fails) / 2;
        }
        Ok(U64::from(suffices))
    }

    async fn ask(&self, at: At, call: &TransactionRequest, gas: Option<u64>) -> Result<(Bytes, u64), RpcError> {
        let input = call.input.unique_input().map_err(|error| RpcError::Params(error.to_string()))?;
        let to = call.to.and_then(|to| to.to().copied());
        let (from, value) = (call.from.unwrap_or_default(), call.value.unwrap_or_default());
        Ok(self.chain.ask(at, from, to, input.cloned().unwrap_or_default(), value, gas).await?)
    }
}
