//! Other people's clients on a served chain: ethers, viem and alloy read it, watch its events, and send a transaction of an officer's key.

use alloy_network::{EthereumWallet, TransactionBuilder};
use alloy_provider::{Provider, ProviderBuilder};
use alloy_rpc_types_eth::{BlockId, Filter, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, SolError, sol};
use sealroot_chain::{Act, Calls, Chain};
use sealroot_testing::{chain::*, hosts::Remote};
use std::{env, path::PathBuf, process::Command};

#[tokio::test(flavor = "multi_thread")]
async fn ethers_and_viem_read_and_write() {
    let Some(modules) = env::var_os("SEALROOT_NODE_MODULES") else {
        assert!(env::var_os("SEALROOT_REQUIRE_ALL").is_none(), "run `npm ci` in tests/node");
        return;
    };
    let world = World::<Remote>::served().await;
    let script = PathBuf::from(modules).with_file_name("clients.mjs");
    for (client, newcomer) in [("ethers", "newcomer-1"), ("viem", "newcomer-2")] {
        let act = Act::AddOfficer(key(newcomer).address());
        let call = alloy_primitives::hex::encode_prefixed(act.calldata().unwrap());
        let before = world.chain.head().await.unwrap();
        let secret = alloy_primitives::hex::encode_prefixed(key("officer-1").to_bytes());
        let output = Command::new("node")
            .arg(&script)
            .args([client, &world.chain.url, &secret, &world.chain.contracts().officers.to_string(), &call])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{client}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let seen: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
        assert_eq!(seen["chainId"], CHAIN_ID);
        assert_eq!(seen["head"], before.hash.to_string());
        assert_eq!(seen["delay"], DELAY);
        assert_eq!(seen["status"], true);
        assert_eq!(seen["events"], 1);
        assert_eq!(seen["revert"], "NotAnOfficer");
        assert!(world.chain.proposal(&act).await.unwrap().is_some(), "{client} proposed it");
        assert_eq!(seen["block"], world.chain.head().await.unwrap().number);
    }
}

sol! {
    function delay() returns (uint64);
    function propose(bytes call);
    error NotAnOfficer(address sender);
}

#[tokio::test(flavor = "multi_thread")]
async fn alloy_reads_and_writes() {
    let world = World::<Remote>::served().await;
    let (officers, head) = (world.chain.contracts().officers, world.chain.head().await.unwrap());
    let signer = PrivateKeySigner::from_slice(&key("officer-1").to_bytes()[..]).unwrap();
    let url = world.chain.url.parse().unwrap();
    let provider = ProviderBuilder::new().wallet(EthereumWallet::from(signer)).connect_http(url);
    assert_eq!(provider.get_chain_id().await.unwrap(), CHAIN_ID);
    let block = provider.get_block(BlockId::latest()).await.unwrap().unwrap();
    assert_eq!((block.header.hash, block.header.inner.hash_slow()), (head.hash, head.hash));
    let delay =
        provider.call(TransactionRequest::default().with_to(officers).with_input(delayCall {}.abi_encode())).await;
    assert_eq!(delayCall::abi_decode_returns(&delay.unwrap()).unwrap(), DELAY);
    let code = provider.get_code_at(officers).await.unwrap();
    let proof = provider.get_proof(officers, vec![]).await.unwrap();
    assert_eq!(alloy_primitives::keccak256(code), proof.code_hash);

    let act = Act::AddOfficer(key("newcomer").address());
    let input = proposeCall { call: act.calldata().unwrap() }.abi_encode();
    let call = TransactionRequest::default().with_to(officers).with_input(input);
    // Left alone, it offers a wei more than the nothing that blocks ask for, and no account here has one.
    let offered = provider.send_transaction(call.clone()).await.unwrap_err();
    assert_eq!(offered.as_error_resp().unwrap().code, -32003);
    // And it counts what was refused.
    let free = call.clone().with_max_fee_per_gas(0).with_max_priority_fee_per_gas(0).with_nonce(0);
    let pending = provider.send_transaction(free).await.unwrap();
    let receipt = pending.get_receipt().await.unwrap();
    assert!(receipt.status() && world.chain.proposal(&act).await.unwrap().is_some());
    let number = receipt.block_number.unwrap();
    let found = provider.get_logs(&Filter::new().address(officers).from_block(number)).await.unwrap();
    assert_eq!((found.len(), number), (1, world.chain.head().await.unwrap().number));

    let stranger = key("stranger").address();
    let refused = provider.call(call.with_from(stranger)).await.unwrap_err();
    let data = refused.as_error_resp().and_then(|error| error.as_revert_data()).unwrap();
    assert_eq!(NotAnOfficer::abi_decode(&data).unwrap().sender, stranger);
}
