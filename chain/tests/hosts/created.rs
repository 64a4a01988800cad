//! How contracts came on a chain: by this program's constructors, or by others that leave the same code with something else in storage.

use alloy_primitives::{Address, Bytes, keccak256};
use sealroot_chain::{Chain, NetworkChain, NetworkOptions, Pins, contracts, rpc::expected_contracts};
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::{
    chain::*,
    hosts::{Remote, ask},
};
use serde_json::json;
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread")]
async fn the_served_chains_creation_is_shown() {
    let world = World::<Remote>::served().await;
    let sealer = world.chain.pins.sealers[0].address;
    created(world, sealer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anvils_creation_is_shown() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    created(world, key("deployer").address()).await;
}

async fn created(world: World<Remote>, deployer: Address) {
    let creation = world.chain.network.creation(deployer).await.unwrap();
    let officers = ["officer-1", "officer-2", "officer-3"].map(|officer| key(officer).address());
    assert_eq!((creation.deployer, creation.delay), (deployer, DELAY));
    assert_eq!(creation.first_officers, officers);
    assert!(creation.blocks.1 <= world.chain.head().await.unwrap().number);
    // Later acts don't change it.
    world.register().await;
    assert_eq!(world.chain.network.creation(deployer).await.unwrap(), creation);
    let other = world.chain.network.creation(key("officer-1").address()).await.unwrap_err();
    assert_eq!(other.code(), Code::DeploymentFalse, "{other}");
    assert!(other.to_string().contains("another key deployed"), "{other}");
}

/// A constructor that makes somebody an officer whom no event names, and returns the honest code: address and code hash are the expected ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_false_constructor_is_noticed() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    let url = world.chain.url.clone();
    let deployer: Address =
        serde_json::from_value(world.chain.ask("eth_accounts", json!([])).await[0].clone()).unwrap();
    let officers = ["officer-1", "officer-2"].map(|officer| key(officer).address());
    let (_, creations) = contracts::deployment(deployer, &officers, DELAY);
    let runtime = world.chain.ask("eth_call", json!([{ "from": deployer, "data": creations[0] }, "latest"])).await;
    let runtime: Bytes = serde_json::from_value(runtime).unwrap();
    for (turn, honest) in creations.iter().enumerate() {
        let data = if turn == 0 { false_constructor(&runtime, officers[0]) } else { honest.clone() };
        let sent = json!([{ "from": deployer, "data": data, "gas": "0x1c9c380" }]);
        let hash = ask(&url, "eth_sendTransaction", sent).await.unwrap();
        let receipt = loop {
            let receipt = world.chain.ask("eth_getTransactionReceipt", json!([hash])).await;
            if !receipt.is_null() {
                break receipt;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        assert_eq!(receipt["status"], "0x1", "{turn}");
    }
    let (_, pinned) = expected_contracts(CHAIN_ID, deployer, DELAY).unwrap();
    let pins = Pins { chain_id: CHAIN_ID, contracts: pinned, sealers: Vec::new(), blocks: BTreeMap::new() };
    // Addresses and code are what they should be.
    let network = NetworkChain::connect(&url, pins, NetworkOptions::default()).await.unwrap();
    let error = network.creation(deployer).await.unwrap_err();
    assert_eq!(error.code(), Code::DeploymentFalse);
    assert!(error.to_string().contains("Officers") && error.to_string().contains("another constructor"), "{error}");
}

/// `SSTORE(slot 0xee, 1); LOG2(Joined, person); CODECOPY(runtime); RETURN`.
fn false_constructor(runtime: &[u8], person: Address) -> Bytes {
    let joined = keccak256("Joined(address)");
    let length = u16::try_from(runtime.len()).unwrap().to_be_bytes();
    let store = [0x60, 0x01, 0x60, 0xee, 0x55];
    let log = [&[0x73][..], person.as_slice(), &[0x7f], joined.as_slice(), &[0x60, 0, 0x60, 0, 0xa2]].concat();
    let ahead = store.len() + log.len() + 15;
    let offset = u16::try_from(ahead).unwrap().to_be_bytes();
    let copy = [&[0x61][..], &length, &[0x61], &offset, &[0x60, 0, 0x39]].concat();
    let end = [&[0x61][..], &length, &[0x60, 0, 0xf3]].concat();
    let code = [&store[..], &log, &copy, &end, runtime].concat();
    assert_eq!(code.len(), ahead + runtime.len());
    code.into()
}
