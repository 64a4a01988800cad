//! A network that takes a block back: what was in it is sent again, and counts once its block has as many behind it as was asked for.

use sealroot_chain::{Act, Calls, Chain, NetworkChain, NetworkOptions};
use sealroot_testing::{chain::*, hosts::Remote};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn what_vanished_from_anvil_is_sent_again() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    let options = NetworkOptions { confirmations: 3, patience: Duration::from_secs(60), ..NetworkOptions::default() };
    let network = NetworkChain::connect(&world.chain.url, world.chain.pins.clone(), options).await.unwrap();
    let before = world.chain.head().await.unwrap();
    let act = Act::AddOfficer(key("officer-4").address());
    let sent = tokio::spawn({
        let (network, act) = (network.clone(), act.clone());
        async move { network.propose(&key("officer-1"), &act).await }
    });
    while world.chain.head().await.unwrap().number == before.number {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(world.chain.proposal(&act).await.unwrap().is_some());
    let first = world.chain.block(before.number + 1).await.unwrap();
    world.chain.ask("anvil_mine", json!(["0x1"])).await;
    world.chain.ask("anvil_reorg", json!([2, []])).await;
    assert!(world.chain.proposal(&act).await.unwrap().is_none(), "it vanished");
    assert!(!sent.is_finished(), "too few blocks were behind it");
    // Blocks come, in one of which it is again.
    let receipt = loop {
        world.chain.ask("anvil_mine", json!(["0x1"])).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        if sent.is_finished() {
            break sent.await.unwrap().unwrap();
        }
    };
    assert_ne!(receipt.block.hash, first.hash);
    assert_eq!(network.block(receipt.block.number).await.unwrap(), receipt.block);
    assert!(network.head().await.unwrap().number >= receipt.block.number + 3);
    assert!(network.proposal(&act).await.unwrap().is_some());
}
