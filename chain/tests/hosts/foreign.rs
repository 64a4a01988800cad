//! Other people's clients on a served chain: ethers and viem read it, watch its events, and send a transaction of an officer's key.

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
