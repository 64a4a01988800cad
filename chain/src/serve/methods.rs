//! The node's methods, by name.

use super::{Node, arguments::Arguments, error::RpcError};
use alloy_primitives::{B256, U64, U256};
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, FeeHistory};
use jsonrpsee::{
    RpcModule,
    core::RegisterMethodError,
    types::{ErrorObjectOwned, Params},
};
use sealroot_protocol::snapshot::BlockRef;
use serde::Serialize;
use std::{future::Future, sync::Arc};

type Answer<T> = Result<T, RpcError>;
type Registered = Result<(), RegisterMethodError>;

/// Every method that the node has.
pub(super) fn methods(node: Node) -> Result<RpcModule<Node>, RegisterMethodError> {
    let mut module = RpcModule::new(node);
    identity(&mut module)?;
    blocks(&mut module)?;
    accounts(&mut module)?;
    transactions(&mut module)?;
    Ok(module)
}

fn identity(module: &mut RpcModule<Node>) -> Registered {
    add(module, "web3_clientVersion", none, |_, ()| async {
        Ok(concat!("sealroot/", env!("CARGO_PKG_VERSION")).to_owned())
    })?;
    add(module, "net_version", none, |node, ()| async move { Ok(node.chain_id().to_string()) })?;
    add(module, "net_listening", none, |_, ()| async { Ok(true) })?;
    add(module, "eth_chainId", none, |node, ()| async move { Ok(U64::from(node.chain_id())) })?;
    add(module, "eth_syncing", none, |_, ()| async { Ok(false) })?;
    // The node signs for nobody.
    add(module, "eth_accounts", none, |_, ()| async { Ok(Vec::<String>::new()) })
}

fn blocks(module: &mut RpcModule<Node>) -> Registered {
    add(module, "eth_blockNumber", none, |node, ()| async move {
        let BlockRef { number, .. } = node.head().await?;
        Ok(U64::from(number))
    })?;
    let block = |a: &mut Arguments<'_>| Ok((a.next("block")?, a.optional("full transactions")?.unwrap_or(false)));
    add(module, "eth_getBlockByNumber", block, |node, (number, full): (BlockNumberOrTag, bool)| async move {
        if number.is_pending() {
            return node.pending().await;
        }
        let block = node.block(number.into(), full).await?;
        serde_json::to_value(block).map_err(|error| RpcError::Params(error.to_string()))
    })?;
    let block = |a: &mut Arguments<'_>| Ok((a.next("block hash")?, a.optional("full transactions")?.unwrap_or(false)));
    add(module, "eth_getBlockByHash", block, |node, (hash, full): (B256, bool)| async move {
        node.block(BlockId::hash(hash), full).await
    })?;
    add(module, "eth_getBlockReceipts", |a| a.next("block"), |node, id| async move { node.receipts(id).await })?;
    add(module, "eth_getLogs", |a| a.next("filter"), |node, filter| async move { node.logs(filter).await })
}

fn accounts(module: &mut RpcModule<Node>) -> Registered {
    let account = |a: &mut Arguments<'_>| Ok((a.next("address")?, a.optional("block")?));
    add(module, "eth_getBalance", account, |node, (address, at)| async move { node.balance(address, at).await })?;
    add(module, "eth_getTransactionCount", account, |node, (address, at)| async move {
        node.transaction_count(address, at).await
    })?;
    add(module, "eth_getCode", account, |node, (address, at)| async move { node.code(address, at).await })?;
    add(
        module,
        "eth_getStorageAt",
        |a| Ok((a.next("address")?, a.next("slot")?, a.optional("block")?)),
        |node, (address, slot, at)| async move { node.storage(address, slot, at).await },
    )?;
    add(
        module,
        "eth_getProof",
        |a| Ok((a.next("address")?, a.next("slots")?, a.optional("block")?)),
        |node, (address, slots, at)| async move { node.proof(address, slots, at).await },
    )
}

fn transactions(module: &mut RpcModule<Node>) -> Registered {
    let call = |a: &mut Arguments<'_>| Ok((a.next("call")?, a.optional("block")?));
    add(module, "eth_call", call, |node, (call, at)| async move { node.call(call, at).await })?;
    add(module, "eth_estimateGas", call, |node, (call, at)| async move { node.estimate_gas(call, at).await })?;
    // Gas is free.
    add(module, "eth_gasPrice", none, |_, ()| async { Ok(U64::ZERO) })?;
    add(module, "eth_maxPriorityFeePerGas", none, |_, ()| async { Ok(U64::ZERO) })?;
    add(
        module,
        "eth_feeHistory",
        |a| Ok((a.next("number of blocks")?, a.next("newest block")?, a.optional("percentiles")?.unwrap_or_default())),
        |node, (blocks, newest, percentiles): (U64, BlockNumberOrTag, Vec<f64>)| async move {
            let history: FeeHistory = node.fee_history(blocks.to(), newest, percentiles.len()).await?;
            Ok(history)
        },
    )?;
    add(
        module,
        "eth_sendRawTransaction",
        |a| a.next("transaction"),
        |node, raw| async move { node.send_raw(raw).await },
    )?;
    add(
        module,
        "eth_getTransactionByHash",
        |a| a.next("transaction hash"),
        |node, hash| async move { node.transaction(hash).await },
    )?;
    add(
        module,
        "eth_getTransactionReceipt",
        |a| a.next("transaction hash"),
        |node, hash| async move { node.receipt(hash).await },
    )?;
    add(
        module,
        "eth_getTransactionByBlockNumberAndIndex",
        |a| Ok((a.next("block")?, a.next("index")?)),
        |node, (number, index): (BlockNumberOrTag, U256)| async move {
            node.transaction_at(number.into(), index.saturating_to()).await
        },
    )
}

fn none(_: &mut Arguments<'_>) -> Answer<()> {
    Ok(())
}

/// Registers a method: a place among those in progress, then its arguments, then its answer.
fn add<A, R, P, F, Fut>(module: &mut RpcModule<Node>, name: &'static str, parse: P, run: F) -> Registered
where
    A: Send + 'static,
    R: Serialize + Clone + Send + 'static,
    P: Fn(&mut Arguments<'_>) -> Answer<A> + Clone + Send + Sync + 'static,
    F: Fn(Arc<Node>, A) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer<R>> + Send,
{
    let method = move |params: Params<'static>, node: Arc<Node>, _| {
        let (parse, run) = (parse.clone(), run.clone());
        async move {
            let work = async {
                let _place = node.admit()?;
                let arguments = {
                    let mut arguments = Arguments::of(&params)?;
                    let parsed = parse(&mut arguments)?;
                    arguments.end()?;
                    parsed
                };
                run(node.clone(), arguments).await
            };
            work.await.map_err(ErrorObjectOwned::from)
        }
    };
    module.register_async_method(name, method).map(drop)
}
