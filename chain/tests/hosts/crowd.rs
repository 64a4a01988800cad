//! Many clients at once: each nullifier is accepted exactly once, however often it is sent and by how many, and nothing acknowledged is lost.
//!
//! `SEALROOT_CASES=20000` sends that many transactions of a tenth as many nullifiers.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_chain::{Calls, Chain, ChainError, EmbeddedChain, NetworkChain, NetworkOptions};
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::{
    cases,
    chain::*,
    hosts::{Remote, ask},
    seed,
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_on_the_served_chain() {
    let world = World::<Remote>::served().await;
    crowd(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_on_anvil() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    crowd(world).await;
}

/// Keys of the office: each client has one, and sends its own in turn.
const CLIENTS: usize = 4;

async fn crowd(world: World<Remote>) {
    let submissions = cases(120) as usize;
    let nullifiers = (submissions / 10).max(4) as u64;
    world.register().await;
    let mut program = program();
    program.pays.as_mut().unwrap().budget = nullifiers;
    world.enact_program(program).await;
    for client in 1..CLIENTS {
        let act = sealroot_chain::Act::AddRequesterKey(name("welfare-office"), key(&client_key(client)).address());
        world.enact(&act).await.unwrap();
    }
    let world = Arc::new(world);
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let world = world.clone();
        clients.spawn(async move {
            let network = NetworkChain::connect(&world.chain.url, world.chain.pins.clone(), NetworkOptions::default());
            let network = network.await.unwrap();
            let mut random = StdRng::seed_from_u64(seed(16) + client as u64);
            let mut accepted = Vec::new();
            for _ in 0..submissions / CLIENTS {
                let value = 1000 + random.random_range(0..nullifiers);
                let mut request = world.request();
                request.nonce.0.0[..8].copy_from_slice(&random.random::<u64>().to_be_bytes());
                let call = world.approval(request, value, 1).abi_encode();
                match network.send(&key(&client_key(client)), network.contracts().decisions, call.into()).await {
                    Ok(_) => accepted.push(value),
                    Err(ChainError::Rejected(rejection)) => assert_eq!(rejection.code(), Code::NullifierSpent),
                    // It was rehearsed, and another client's was in the block before it.
                    Err(error) => panic!("{error}"),
                }
            }
            accepted
        });
    }
    let mut accepted = Vec::new();
    while let Some(done) = clients.join_next().await {
        accepted.extend(done.unwrap());
    }
    let distinct: BTreeSet<u64> = accepted.iter().copied().collect();
    assert_eq!(distinct.len(), accepted.len(), "none twice");
    let spent = world.chain.spent(&name("heating-allowance")).await.unwrap();
    assert_eq!(spent, U256::from(accepted.len()), "each that was acknowledged is there, and no other");
}

fn client_key(client: usize) -> String {
    if client == 0 { "welfare-office-key".into() } else { format!("welfare-office-key-{client}") }
}

/// Transactions that come at once share blocks, and each gets its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn transactions_share_a_block() {
    let world = World::bare().await;
    world.register().await;
    world.enact_program(program()).await;
    let World { chain, directory } = world;
    let before = chain.head().await.unwrap();
    let decisions = chain.contracts().decisions;
    let mut signed = Vec::new();
    let world = World { chain, directory };
    // One key's transactions in turn; half of them of one nullifier.
    let first = world.chain.prepare(key("welfare-office-key").address(), decisions, Vec::new().into()).await.unwrap();
    for turn in 0..40u64 {
        let mut request = world.request();
        request.nonce.0.0[0] = turn as u8;
        let data = world.approval(request, 100 + turn, 1).abi_encode().into();
        let prepared = sealroot_chain::Prepared { nonce: first.nonce + turn, data, ..first.clone() };
        signed.push(prepared.sign(&key("welfare-office-key")).unwrap());
    }
    let chain = &world.chain;
    let sent: Vec<_> = signed.iter().map(|signed| chain.submit(signed.clone())).collect();
    let receipts = join_all(sent).await;
    let receipts: Vec<_> = receipts.into_iter().map(Result::unwrap).collect();
    let blocks = chain.head().await.unwrap().number - before.number;
    assert!(blocks < 40, "{blocks} blocks for 40 transactions");
    assert!(receipts.windows(2).all(|pair| pair[0].block.number <= pair[1].block.number), "in their order");
    for (signed, receipt) in signed.iter().zip(&receipts) {
        assert_eq!(receipt.transaction, signed.hash());
        assert_eq!(chain.submit(signed.clone()).await.unwrap(), *receipt);
    }
    let World { chain, directory } = world;
    chain.close().await.unwrap();
    let chain = EmbeddedChain::open(directory.path()).await.unwrap();
    assert_eq!(chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(40));
}

/// More requests than the node works on at a time: some are told so by the standard error, the others are answered, and it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_overloaded_node_says_so() {
    let world = World::<Remote>::served().await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let url = world.chain.url.clone();
        let account = world.chain.contracts().officers;
        asked.spawn(async move { ask(&url, "eth_getProof", json!([account, ["0x0"], "0x1"])).await });
    }
    let mut answered = 0;
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap() {
            Ok(_) => answered += 1,
            Err(error) => assert_eq!(error["code"], -32005, "{error}"),
        }
    }
    assert!(answered > 0);
    world.chain.ask("eth_blockNumber", json!([])).await;
}
