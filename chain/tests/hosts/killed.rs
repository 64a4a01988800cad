//! A served chain whose process is killed again and again while many clients send, some of which are cut off in the middle: what was acknowledged is there, and once.
//!
//! The test executable starts itself again as the server. `SEALROOT_CASES=20000` sends that many transactions of a tenth as many nullifiers.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_chain::{Act, Calls, Chain, ChainError, EmbeddedChain, NetworkChain, NetworkOptions, Pins, serve::serve};
use sealroot_protocol::{
    code::{Code, Coded},
    request::Request,
};
use sealroot_testing::{cases, chain::*, hosts::pins_of, seed};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const DIRECTORY: &str = "SEALROOT_SERVED_DIRECTORY";
const PORT: &str = "SEALROOT_SERVED_PORT";
const CLIENTS: usize = 4;

/// The victim: serves until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let port: u16 = std::env::var(PORT).unwrap().parse().unwrap();
    let chain = EmbeddedChain::open(Path::new(&directory)).await.unwrap();
    let served = serve(chain, ([127, 0, 0, 1], port).into(), &[]).await.unwrap();
    println!("listening {}", served.address().port());
    std::io::stdout().flush().unwrap();
    std::future::pending::<()>().await;
}

/// Starts it, and waits until it listens.
fn started(directory: &Path, port: u16) -> (Child, u16) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::server", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .env(PORT, port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.find_map(|line| line.split("listening ").nth(1)?.parse().ok()).unwrap();
    (child, port)
}

fn client_key(client: usize) -> String {
    if client == 0 { "welfare-office-key".into() } else { format!("welfare-office-key-{client}") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_outlives_the_servers_death() {
    let submissions = cases(80) as usize;
    let nullifiers = (submissions / 10).max(4) as u64;
    let world = World::bare().await;
    world.register().await;
    let mut program = program();
    program.pays.as_mut().unwrap().budget = nullifiers;
    world.enact_program(program).await;
    for client in 1..CLIENTS {
        let act = Act::AddRequesterKey(name("welfare-office"), key(&client_key(client)).address());
        world.enact(&act).await.unwrap();
    }
    let pins = pins_of(&world.chain).await;
    let calls: Vec<Request> = (0..CLIENTS).map(|_| world.request()).collect();
    let World { chain, directory } = world;
    chain.close().await.unwrap();

    let (mut server, port) = started(directory.path(), 0);
    let url = format!("http://127.0.0.1:{port}");
    let done = Arc::new(AtomicUsize::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for (client, request) in calls.into_iter().enumerate() {
        let (url, pins, done) = (url.clone(), pins.clone(), done.clone());
        clients.spawn(async move {
            let accepted = sent(client, request, submissions / CLIENTS, nullifiers, &url, pins).await;
            done.fetch_add(1, Ordering::SeqCst);
            accepted
        });
    }
    let mut random = StdRng::seed_from_u64(seed(16));
    let mut kills = 0;
    while done.load(Ordering::SeqCst) < CLIENTS {
        tokio::time::sleep(Duration::from_millis(random.random_range(150..900))).await;
        server.kill().unwrap();
        server.wait().unwrap();
        kills += 1;
        (server, _) = started(directory.path(), port);
    }
    let mut acknowledged = Vec::new();
    while let Some(done) = clients.join_next().await {
        acknowledged.extend(done.unwrap());
    }
    server.kill().unwrap();
    server.wait().unwrap();

    let chain = EmbeddedChain::open(directory.path()).await.unwrap();
    let distinct: BTreeSet<u64> = acknowledged.iter().copied().collect();
    assert_eq!(distinct.len(), acknowledged.len(), "none was acknowledged twice");
    let world = World { chain, directory };
    let mut there = 0;
    for value in 1000..1000 + nullifiers {
        let query =
            sealroot_protocol::snapshot::SnapshotQuery::of_approval(name("heating-allowance"), nullifier(value));
        let stands = world.chain.snapshot(&query).await.unwrap().decision.is_some();
        assert!(stands || !distinct.contains(&value), "{value} was acknowledged and is gone");
        there += u64::from(stands);
    }
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(there), "each counts once");
    assert!(kills > 0 && !acknowledged.is_empty());
}

/// What was acknowledged to one client, of which one in eight submissions is cut off in the middle.
async fn sent(client: usize, request: Request, submissions: usize, nullifiers: u64, url: &str, pins: Pins) -> Vec<u64> {
    let signer = key(&client_key(client));
    let mut random = StdRng::seed_from_u64(seed(16) + client as u64);
    let mut accepted = Vec::new();
    let mut network = None;
    for _ in 0..submissions {
        let value = 1000 + random.random_range(0..nullifiers);
        let mut request = request.clone();
        request.nonce.0.0[..8].copy_from_slice(&random.random::<u64>().to_be_bytes());
        let patience = if random.random_range(0..8) == 0 { random.random_range(1..60) } else { 60_000 };
        let attempt = async {
            if network.is_none() {
                let connected = NetworkChain::connect(url, pins.clone(), NetworkOptions::default()).await?;
                network = Some(connected);
            }
            let Some(network) = &network else { return Err(ChainError::NotAnApproval) };
            let call = approval_of(&signed(request, "welfare-office-key"), value, 1);
            network.send(&signer, network.contracts().decisions, call.abi_encode().into()).await
        };
        match tokio::time::timeout(Duration::from_millis(patience), attempt).await {
            Ok(Ok(_)) => accepted.push(value),
            Ok(Err(ChainError::Rejected(rejection))) => assert_eq!(rejection.code(), Code::NullifierSpent),
            // Nobody answered for a while, or this client was cut off: whether it is on chain, only the chain says.
            Ok(Err(error)) => {
                let is_away = matches!(
                    error.code(),
                    Code::NodeUnreachable | Code::TransactionWaiting | Code::TransactionOutOfTurn
                );
                assert!(is_away, "{error}");
            }
            Err(_) => {}
        }
    }
    accepted
}
