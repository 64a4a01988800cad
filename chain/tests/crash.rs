//! `kill -9` and power cuts while blocks are appended: after reopening no acknowledged block is lost and the state is the head's.
//!
//! The test executable starts itself again as the victim. `SEALROOT_CASES=200` kills, or cuts the power, 200 times; CI a few times.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use rand::{SeedableRng, rngs::StdRng};
use sealroot_chain::{AnchorCall, Calls, Chain, EmbeddedChain};
use sealroot_protocol::{field::Digest, tree::Root};
use sealroot_testing::{
    cases,
    chain::*,
    power::{Recorder, Recording},
    seed,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const DIRECTORY: &str = "SEALROOT_CRASH_DIRECTORY";
const BLOCKS: &str = "SEALROOT_CRASH_BLOCKS";

/// The victim: anchors root after root and says so after each acknowledgement.
#[tokio::test]
async fn victim() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let blocks: u64 = std::env::var(BLOCKS).unwrap().parse().unwrap();
    let chain = EmbeddedChain::open(Path::new(&directory)).await.unwrap();
    let mut head = chain.agency_head(&name("registry")).await.unwrap().unwrap();
    for _ in 0..blocks {
        let next = Root(sealroot_protocol::field::F::from(head.sequence + 1));
        let anchor = AnchorCall {
            root: next,
            sequence: head.sequence + 1,
            previous: head.root,
            access_log: Digest([1; 32]),
            access_log_size: head.sequence + 1,
            not_after: None,
        };
        chain.anchor(&key("registry-key"), &name("registry"), &anchor).await.unwrap();
        head.sequence += 1;
        head.root = Some(next);
        println!("acknowledged {}", head.sequence);
        std::io::stdout().flush().unwrap();
    }
    chain.close().await.unwrap();
}

/// The test executable as the victim, for so many blocks.
fn victim_of(directory: &Path, blocks: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["victim", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .env(BLOCKS, blocks.to_string());
    command
}

/// The newest block that was acknowledged, of lines of the victim's output. The harness begins the first line with the test's name.
fn acknowledged(lines: impl Iterator<Item = String>) -> Option<u64> {
    lines.filter_map(|line| line.split("acknowledged ").nth(1).and_then(|n| n.parse().ok())).last()
}

/// Says what is broken; otherwise the number of the newest anchor.
async fn reopened(directory: &Path, acknowledged: u64) -> Result<u64, String> {
    // Opening recomputes the state root from the rows and compares it with the head's header.
    let chain = EmbeddedChain::open(directory).await.map_err(|error| format!("it doesn't open: {error}"))?;
    let head = chain.agency_head(&name("registry")).await.map_err(|error| error.to_string())?;
    let head = head.ok_or("the agency is gone")?;
    // At most the one in flight is there beside the acknowledged.
    if !(acknowledged..=acknowledged + 1).contains(&head.sequence) {
        return Err(format!("{} of {acknowledged} acknowledged anchors are there", head.sequence));
    }
    if head.root != (head.sequence > 0).then(|| root(head.sequence)) {
        return Err("its newest root is another one".into());
    }
    let block = chain.head().await.map_err(|error| error.to_string())?;
    let header = chain.header(block.number).await.map_err(|error| error.to_string())?.0;
    if alloy_primitives::keccak256(header) == block.hash { Ok(head.sequence) } else { Err("another header".into()) }
}

#[tokio::test]
async fn no_acknowledged_block_is_lost() {
    let cases = cases(6);
    let mut seed = seed(3);
    let World { chain, directory } = World::registered().await;
    drop(chain);
    let mut last = 0;
    for case in 0..cases {
        let mut child =
            victim_of(directory.path(), u64::MAX).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || acknowledged(lines.map_while(Result::ok)));
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(60_000 + (seed >> 33) % 240_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap().unwrap_or(last);
        last = reopened(directory.path(), acknowledged).await.unwrap_or_else(|what| panic!("case {case}: {what}"));
    }
    assert!(last > 0, "the victim never got to work: raise the time before the kill");
}

/// Of what wasn't synced nothing is certain: see `sealroot_testing::power`.
#[tokio::test]
async fn acknowledged_blocks_survive_power_cuts() {
    let Some(recorder) = Recorder::new() else { return };
    let World { chain, directory } = World::registered().await;
    chain.close().await.unwrap();
    let path = directory.path().canonicalize().unwrap();
    let recording = recorder.record(&victim_of(&path, 12), &path);
    assert_eq!(acknowledged(recording.said(recording.len()).into_iter()), Some(12), "the record has them");
    let seed = seed(3) << 32;
    for case in 0..cases(12) {
        cut(&recording, seed + case).await.unwrap_or_else(|what| panic!("{what}\n{recording:?}"));
    }
    // Without syncs the same cuts break it.
    let forgetful = recording.without_syncs(|name| name.starts_with("chain.sqlite"));
    assert!(forgetful.len() < recording.len());
    for case in 0..100 {
        if cut(&forgetful, seed + case).await.is_err() {
            return;
        }
    }
    panic!("a chain whose files are never synced survives every power cut");
}

async fn cut(recording: &Recording, seed: u64) -> Result<(), String> {
    let mut random = StdRng::seed_from_u64(seed);
    let moment = recording.moment(&mut random);
    let acknowledged = acknowledged(recording.said(moment).into_iter()).unwrap_or(0);
    let directory = tempfile::tempdir().unwrap();
    recording.cut(moment, &mut random).write(directory.path());
    let key = directory.path().join("sealer.key");
    fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let what = reopened(directory.path(), acknowledged).await.map(drop);
    what.map_err(|what| format!("seed {seed}: the power is cut before act {moment}: {what}"))
}
