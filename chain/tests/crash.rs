//! `kill -9` while blocks are appended: after reopening no acknowledged block is lost and the state is the head's.
//!
//! The test executable starts itself again as the victim. `SEALROOT_CASES=200` kills 200 times; CI kills a few times.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use sealroot_chain::{AnchorCall, Calls, Chain, EmbeddedChain};
use sealroot_protocol::{field::Digest, tree::Root};
use sealroot_testing::{cases, chain::*, seed};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const DIRECTORY: &str = "SEALROOT_CRASH_DIRECTORY";

/// The victim: anchors root after root and says so after each acknowledgement.
#[tokio::test]
async fn victim() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let chain = EmbeddedChain::open(Path::new(&directory)).await.unwrap();
    let mut head = chain.agency_head(&name("registry")).await.unwrap().unwrap();
    loop {
        let next = Root(sealroot_protocol::field::F::from(head.sequence + 1));
        let anchor = AnchorCall {
            root: next,
            sequence: head.sequence + 1,
            previous: head.root,
            access_log: Digest([1; 32]),
            not_after: None,
        };
        chain.anchor(&key("registry-key"), &name("registry"), &anchor).await.unwrap();
        head.sequence += 1;
        head.root = Some(next);
        println!("acknowledged {}", head.sequence);
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn no_acknowledged_block_is_lost() {
    let cases = cases(6);
    let mut seed = seed(3);
    let World { chain, directory } = World::registered().await;
    drop(chain);
    let mut last = 0;
    for case in 0..cases {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["victim", "--exact", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            // The harness begins the first line with the test's name.
            let number = |line: String| line.split("acknowledged ").nth(1).and_then(|n| n.parse::<u64>().ok());
            lines.map_while(Result::ok).filter_map(number).last()
        });
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(60_000 + (seed >> 33) % 240_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap().unwrap_or(last);
        // Opening recomputes the state root from the rows and compares it with the head's header.
        let chain = EmbeddedChain::open(directory.path()).await.unwrap();
        let head = chain.agency_head(&name("registry")).await.unwrap().unwrap();
        assert!(
            head.sequence >= acknowledged,
            "case {case}: {} of {acknowledged} acknowledged anchors are there",
            head.sequence
        );
        assert!(
            head.sequence <= acknowledged + 1,
            "case {case}: at most the one in flight is there beside the acknowledged"
        );
        assert_eq!(head.root, (head.sequence > 0).then(|| root(head.sequence)));
        let block = chain.head().await.unwrap();
        assert_eq!(alloy_primitives::keccak256(chain.header(block.number).await.unwrap().0), block.hash);
        last = head.sequence;
    }
    assert!(last > 0, "the victim never got to work: raise the time before the kill");
}
