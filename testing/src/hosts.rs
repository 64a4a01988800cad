//! The same world on other hosts: the embedded chain behind its own node, and Foundry's anvil.

use crate::chain::{CHAIN_ID, DELAY, Timed, World, key, time};
use alloy_primitives::{Address, B256, Bytes, Log};
use sealroot_chain::{
    BlockClock, BlockEvents, Chain, ChainError, EmbeddedChain, NetworkChain, NetworkOptions, Pins, Prepared, Receipt,
    SealerPin, Signed,
    rpc::Deployment,
    serve::{Served, serve},
};
use sealroot_protocol::{
    evidence::Evidence,
    signature::Signer,
    snapshot::{BlockRef, Contracts, Snapshot, SnapshotQuery},
};
use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A chain behind a node, with the node.
pub struct Remote {
    /// The host.
    pub network: NetworkChain,
    /// Where the node listens.
    pub url: String,
    /// What the trust file would pin.
    pub pins: Pins,
    node: Behind,
}

enum Behind {
    Served { chain: Box<EmbeddedChain>, _served: Served },
    Anvil { _node: Anvil },
}

/// A node that ends with the test.
pub struct Anvil(Child);

impl Anvil {
    /// Starts it on a free port, without fees, and with a first block; none where it isn't installed.
    pub async fn start(arguments: &[&str]) -> Option<(Self, String)> {
        let mut child = Command::new(anvil_program()?)
            .args(["--port", "0", "--base-fee", "0", "--gas-price", "0", "--accounts", "1"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let node = Self(child);
        let mut lines = output.lines();
        let listening = lines.find_map(|line| line.unwrap().split("Listening on ").nth(1).map(str::to_owned)).unwrap();
        // Its output is read to the end: a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{}", listening.trim());
        // Its block 0 has the root of an empty state, and its state isn't empty.
        ask(&url, "anvil_mine", serde_json::json!(["0x1"])).await.unwrap();
        Some((node, url))
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a trust file pins of an embedded chain.
pub async fn pins_of(chain: &EmbeddedChain) -> Pins {
    Pins {
        chain_id: chain.chain_id(),
        contracts: chain.code_hashes().await.unwrap(),
        sealers: vec![SealerPin { address: chain.sealer(), from: 0, until: None }],
        blocks: BTreeMap::new(),
    }
}

impl World<Remote> {
    /// Contracts only, on 2026-10-01, behind the embedded chain's own node.
    pub async fn served() -> Self {
        let World { chain, directory } = World::bare().await;
        let served = serve(chain.clone(), "127.0.0.1:0".parse().unwrap(), &[]).await.unwrap();
        let url = format!("http://{}", served.address());
        let pins = pins_of(&chain).await;
        let network = NetworkChain::connect(&url, pins.clone(), NetworkOptions::default()).await.unwrap();
        Self {
            chain: Remote { network, url, pins, node: Behind::Served { chain: Box::new(chain), _served: served } },
            directory,
        }
    }

    /// The same on Foundry's anvil, deployed from this process; none where it isn't installed.
    pub async fn anvil() -> Option<Self> {
        let (chain_id, start) = (CHAIN_ID.to_string(), time("2026-10-01").to_string());
        let (node, url) = Anvil::start(&["--chain-id", &chain_id, "--timestamp", &start]).await?;
        let deployment = Deployment {
            officers: ["officer-1", "officer-2", "officer-3"].map(|n| key(n).address()).to_vec(),
            delay: DELAY,
        };
        let deployed =
            NetworkChain::deploy(&url, &key("deployer"), &deployment, NetworkOptions::default(), |_, _| {}).await;
        let (network, pins) = deployed.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let world = Self { chain: Remote { network, url, pins, node: Behind::Anvil { _node: node } }, directory };
        // Its blocks may share a second, and what an officer proposes in the second of their own appointment is void.
        world.wait(1).await;
        Some(world)
    }
}

/// The program itself, not npm's script before it: that one would leave the program running.
const ANVIL: &str = if cfg!(target_arch = "aarch64") {
    "@foundry-rs/anvil-linux-arm64/bin/anvil"
} else {
    "@foundry-rs/anvil-linux-amd64/bin/anvil"
};

/// Where anvil is; a failure where everything is required.
fn anvil_program() -> Option<PathBuf> {
    let found = env::var_os("SEALROOT_NODE_MODULES").map(|modules| PathBuf::from(modules).join(ANVIL));
    let found = found.filter(|program| program.exists());
    assert!(
        found.is_some() || env::var_os("SEALROOT_REQUIRE_ALL").is_none(),
        "run `npm ci` in tests/node and set SEALROOT_NODE_MODULES to its node_modules directory"
    );
    found
}

impl Remote {
    /// Any method of the node.
    pub async fn ask(&self, method: &str, params: serde_json::Value) -> serde_json::Value {
        ask(&self.url, method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

/// Any method of a node: its result, or its error.
pub async fn ask(url: &str, method: &str, params: serde_json::Value) -> Result<serde_json::Value, serde_json::Value> {
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let answer = post(url, &body.to_string()).await;
    let mut answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    match answer.get_mut("error") {
        Some(error) => Err(error.take()),
        None => Ok(answer["result"].take()),
    }
}

/// The body that a node answers a body with.
pub async fn post(url: &str, body: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A node that has heard enough answers before the end, and hangs up.
    let _ = stream.write_all(body.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

impl Timed for Remote {
    async fn set_time(&self, time: u64) {
        match &self.node {
            Behind::Served { chain, .. } => chain.set_clock(BlockClock::Standing(time)).await.unwrap(),
            Behind::Anvil { .. } => {
                let head = self.network.head().await.unwrap().time;
                self.ask("evm_setNextBlockTimestamp", serde_json::json!([time.max(head + 1)])).await;
            }
        }
    }
}

impl Chain for Remote {
    fn chain_id(&self) -> u64 {
        self.network.chain_id()
    }
    fn contracts(&self) -> Contracts {
        self.network.contracts()
    }
    async fn head(&self) -> Result<BlockRef, ChainError> {
        self.network.head().await
    }
    async fn block(&self, number: u64) -> Result<BlockRef, ChainError> {
        self.network.block(number).await
    }
    async fn now(&self) -> Result<u64, ChainError> {
        self.network.now().await
    }
    async fn call(&self, from: Address, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        self.network.call(from, to, data).await
    }
    async fn prepare(&self, from: Address, to: Address, data: Bytes) -> Result<Prepared, ChainError> {
        self.network.prepare(from, to, data).await
    }
    async fn submit(&self, signed: Signed) -> Result<Receipt, ChainError> {
        self.network.submit(signed).await
    }
    async fn send(&self, signer: &dyn Signer, to: Address, data: Bytes) -> Result<Receipt, ChainError> {
        self.network.send(signer, to, data).await
    }
    async fn logs(&self, contract: Address, topics: [Option<B256>; 4]) -> Result<Vec<Log>, ChainError> {
        self.network.logs(contract, topics).await
    }
    fn shows_every_event(&self) -> bool {
        self.network.shows_every_event()
    }
    async fn events_between(&self, first: u64, last: u64) -> Result<Vec<BlockEvents>, ChainError> {
        self.network.events_between(first, last).await
    }
    async fn finalized(&self) -> Result<BlockRef, ChainError> {
        self.network.finalized().await
    }
    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, ChainError> {
        self.network.snapshot(query).await
    }
    async fn snapshot_at(&self, query: &SnapshotQuery, block: u64) -> Result<Snapshot, ChainError> {
        self.network.snapshot_at(query, block).await
    }
    async fn collect_evidence(&self, query: &SnapshotQuery, block: u64) -> Result<Evidence, ChainError> {
        self.network.collect_evidence(query, block).await
    }
    async fn code_hashes(&self) -> Result<[(Address, B256); 7], ChainError> {
        self.network.code_hashes().await
    }
}
