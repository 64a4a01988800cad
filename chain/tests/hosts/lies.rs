//! A node that lies in one value at a time: whatever it changes, the answer is the honest one or an error, never another.
//!
//! `SEALROOT_CASES=100000` tells every lie; CI a sample of them.

use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use sealroot_chain::{Calls, Chain, ChainError, NetworkChain, NetworkOptions, SeenBlock, Signed, check_seen};
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::{
    cases,
    chain::*,
    hosts::{Remote, post},
    seed,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the proxy changes in an answer.
type Lie = Arc<dyn Fn(&str, &mut Value) + Send + Sync>;

/// Stands between the host and its node.
#[derive(Clone)]
struct Proxy {
    url: String,
    lie: Arc<Mutex<Option<Lie>>>,
    /// Answers by method, as they came.
    heard: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
    /// Whether transactions are kept from the node.
    swallows: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self { url, lie: Arc::default(), heard: Arc::default(), swallows: Arc::default() };
        let (this, node) = (proxy.clone(), node.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(this.clone().answer(stream, node.clone()));
            }
        });
        proxy
    }

    async fn answer(self, mut stream: TcpStream, node: String) {
        let Some(body) = request(&mut stream).await else { return };
        let question: Value = serde_json::from_str(&body).unwrap();
        // A batch asks one method many times.
        let first = question.get(0).unwrap_or(&question);
        let method = first["method"].as_str().unwrap().to_owned();
        let mut answer: Value = if method == "eth_sendRawTransaction" && self.swallows.load(Ordering::SeqCst) {
            json!({ "jsonrpc": "2.0", "id": first["id"], "error": { "code": -32000, "message": "already known" } })
        } else {
            serde_json::from_str(&post(&node, &body).await).unwrap()
        };
        let lie = self.lie.lock().unwrap().clone();
        let one = |answer: &mut Value| {
            self.heard.lock().unwrap().entry(method.clone()).or_default().push(answer.clone());
            lie.iter().for_each(|lie| lie(&method, answer));
        };
        match &mut answer {
            Value::Array(answers) => answers.iter_mut().for_each(one),
            answer => one(answer),
        }
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(text.as_bytes()).await;
    }

    fn tell(&self, lie: Option<Lie>) {
        *self.lie.lock().unwrap() = lie;
    }
}

/// The body of an HTTP request.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length: usize = head.split("content-length:").nth(1)?.split("\r\n").next()?.trim().parse().ok()?;
        if bytes.len() >= end + 4 + length {
            return String::from_utf8(bytes[end + 4..end + 4 + length].to_vec()).ok();
        }
    }
}

/// What is asked through the node, and how it answers.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    Snapshot,
    Call,
    Evidence,
    Sent,
    Events,
}

async fn ask(asked: Asked, proxy: &Proxy, world: &World<Remote>, sent: &Signed) -> Result<String, ChainError> {
    let options = NetworkOptions { patience: Duration::from_millis(400), ..NetworkOptions::default() };
    let network = NetworkChain::connect(&proxy.url, world.chain.pins.clone(), options).await?;
    let query = world.query(Some(11));
    Ok(match asked {
        Asked::Snapshot => format!("{:?}", network.snapshot(&query).await?),
        Asked::Call => format!("{:?}", network.agency_head(&name("registry")).await?),
        Asked::Evidence => {
            let head = network.head().await?.number;
            format!("{:?}", network.collect_evidence(&query, head).await?)
        }
        Asked::Sent => format!("{:?}", network.submit(sent.clone()).await?),
        Asked::Events => {
            let logs = network.logs(network.contracts().agencies, [None; 4]).await?;
            logs.iter().map(|log| format!("{log:?}\n")).collect()
        }
    })
}

/// The places of all values in an answer.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found)),
        Value::Array(items) => {
            found.push(at.clone());
            items.iter().enumerate().for_each(|(i, item)| places(item, format!("{at}/{i}"), found));
        }
        _ => found.push(at),
    }
}

/// Another value of the same kind.
fn changed(value: &mut Value) {
    *value = match value.take() {
        Value::String(text) if text.len() > 2 => {
            let (start, last) = text.split_at(text.len() - 1);
            json!(format!("{start}{}", if last == "1" { "2" } else { "1" }))
        }
        Value::Array(mut items) => {
            items.pop();
            Value::Array(items)
        }
        Value::Bool(value) => json!(!value),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
        _ => json!("0x1"),
    };
}

async fn lie_in_turn(world: World<Remote>) {
    world.register().await;
    world.enact_program(program()).await;
    let call = world.approval(world.request(), 11, 400);
    let data = alloy_sol_types::SolCall::abi_encode(&call).into();
    let office = key("welfare-office-key");
    let chain = &world.chain;
    let prepared =
        chain.prepare(sealroot_protocol::signature::Signer::address(&office), chain.contracts().decisions, data);
    let sent = prepared.await.unwrap().sign(&office).unwrap();
    chain.submit(sent.clone()).await.unwrap();
    let proxy = Proxy::before(&chain.url).await;
    let (mut lies, mut told) = (Vec::new(), [0; 2]);
    for asked in [Asked::Snapshot, Asked::Call, Asked::Evidence, Asked::Sent, Asked::Events] {
        proxy.heard.lock().unwrap().clear();
        let honest = ask(asked, &proxy, &world, &sent).await.unwrap();
        for (method, answers) in std::mem::take(&mut *proxy.heard.lock().unwrap()) {
            for answer in answers {
                let mut found = Vec::new();
                places(&answer["result"], "/result".into(), &mut found);
                lies.extend(found.into_iter().map(|place| (asked, method.clone(), place, honest.clone())));
            }
        }
    }
    lies.sort_by(|a, b| (format!("{:?}", a.0), &a.1, &a.2).cmp(&(format!("{:?}", b.0), &b.1, &b.2)));
    lies.dedup_by(|a, b| (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2));
    lies.shuffle(&mut StdRng::seed_from_u64(seed(16)));
    lies.truncate(cases(150) as usize);
    for (asked, method, place, honest) in lies {
        let (of, at) = (method.clone(), place.clone());
        proxy.tell(Some(Arc::new(move |method, answer| {
            if method == of
                && let Some(value) = answer.pointer_mut(&at)
            {
                changed(value);
            }
        })));
        match ask(asked, &proxy, &world, &sent).await {
            // On a network without seals it isn't promised that no event was kept back; that none was made up is.
            Ok(answer) if asked == Asked::Events && !chain.shows_every_event() => {
                assert!(answer.lines().all(|event| honest.contains(event)), "a lie in {method} at {place}");
                told[0] += 1;
            }
            Ok(answer) => {
                assert_eq!(answer, honest, "{asked:?} believed a lie in {method} at {place}");
                told[0] += 1;
            }
            Err(error) => {
                let code = error.code();
                let named =
                    [Code::NodeFalse, Code::NodeRefused, Code::OtherChain, Code::NoSuchBlock, Code::NodeUnreachable];
                let waits = asked == Asked::Sent && code == Code::TransactionWaiting;
                assert!(named.contains(&code) || waits, "{asked:?}, {method} at {place}: {code} {error}");
                told[1] += 1;
            }
        }
        proxy.tell(None);
    }
    assert!(told[1] > told[0] / 10, "most lies are in what is relied on: {told:?}");
    ask(Asked::Snapshot, &proxy, &world, &sent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_lie_of_a_served_chains_node_is_believed() {
    lie_in_turn(World::<Remote>::served().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_lie_of_anvil_is_believed() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    lie_in_turn(world).await;
}

/// A node that keeps the newest blocks back shows an older chain: a party that saw a later block notices.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lags_behind_what_was_seen_is_refused() {
    let world = World::<Remote>::served().await;
    let older = world.chain.head().await.unwrap().number;
    world.register().await;
    let seen: SeenBlock = world.chain.head().await.unwrap().into();
    let old = world.chain.ask("eth_getBlockByNumber", json!([format!("0x{older:x}"), false])).await;
    let proxy = Proxy::before(&world.chain.url).await;
    let network = NetworkChain::connect(&proxy.url, world.chain.pins.clone(), NetworkOptions::default()).await.unwrap();
    check_seen(&network, Some(seen)).await.unwrap();
    let newest = seen.number;
    proxy.tell(Some(Arc::new(move |method, answer| {
        if method == "eth_getBlockByNumber" && answer["result"]["number"] == json!(format!("0x{newest:x}")) {
            answer["result"] = old.clone();
        }
    })));
    assert_eq!(failed(check_seen(&network, Some(seen)).await), Code::ChainRolledBack);
}

/// Nobody there: said so, with where; and the same connection goes on once somebody is.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_away_is_named() {
    let World { chain, directory: _directory } = World::bare().await;
    let pins = sealroot_testing::hosts::pins_of(&chain).await;
    let served = sealroot_chain::serve::serve(chain.clone(), "127.0.0.1:0".parse().unwrap(), &[]).await.unwrap();
    let address = served.address();
    let url = format!("http://{address}");
    let network = NetworkChain::connect(&url, pins.clone(), NetworkOptions::default()).await.unwrap();
    let head = network.head().await.unwrap();
    served.stop().await;
    let error = network.head().await.unwrap_err();
    assert_eq!(error.code(), Code::NodeUnreachable);
    assert!(error.to_string().contains(&url), "{error}");
    let served = sealroot_chain::serve::serve(chain, address, &[]).await.unwrap();
    assert_eq!(network.head().await.unwrap(), head);
    // Another chain at the same address is not taken for this one.
    served.stop().await;
    let World { chain, directory: _other } = World::bare().await;
    let _served = sealroot_chain::serve::serve(chain, address, &[]).await.unwrap();
    assert_eq!(failed(network.head().await), Code::NodeFalse, "sealed by somebody else");
    assert_eq!(failed(NetworkChain::connect(&url, pins, NetworkOptions::default()).await), Code::NodeFalse);
}

/// A node that takes a transaction and says otherwise: it gets one signature for one act, and no rejection of its making is believed.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_says_of_a_transaction_is_no_proof() {
    let world = World::<Remote>::served().await;
    world.register().await;
    world.enact_program(program()).await;
    let proxy = Proxy::before(&world.chain.url).await;
    let options = NetworkOptions { patience: Duration::from_secs(5), ..NetworkOptions::default() };
    let network = NetworkChain::connect(&proxy.url, world.chain.pins.clone(), options).await.unwrap();
    let office = key("welfare-office-key");
    let turns = async || {
        let nonce = world.chain.ask("eth_getTransactionCount", json!([office_address(), "latest"])).await;
        u64::from_str_radix(nonce.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    };
    let says = |code: i64, message: &str, data: &str| {
        let error = json!({ "code": code, "message": message, "data": data });
        let lie = move |method: &str, answer: &mut Value| match method {
            "eth_sendRawTransaction" => *answer = json!({ "jsonrpc": "2.0", "id": answer["id"], "error": error }),
            "eth_getTransactionReceipt" => answer["result"] = Value::Null,
            "eth_getTransactionCount" => answer["result"] = json!("0xff"),
            _ => {}
        };
        Some(Arc::new(lie) as Lie)
    };
    // RootWithdrawn, NullifierSpent, or nothing that a contract says.
    for (turn, (code, message, data)) in
        [(-32000, "nonce too low", "0x"), (3, "execution reverted", "0x3d4f4f43"), (-32603, "internal error", "0x")]
            .into_iter()
            .enumerate()
    {
        let before = turns().await;
        let mut request = world.request();
        request.nonce.0[0] = turn as u8;
        let call = alloy_sol_types::SolCall::abi_encode(&world.approval(request, 40 + turn as u64, 1));
        proxy.tell(says(code, message, data));
        let sent = network.send(&office, network.contracts().decisions, call.into()).await;
        proxy.tell(None);
        assert_eq!(turns().await, before + 1, "one act, one signature: {message}");
        let receipt = sent.unwrap_or_else(|error| panic!("{message}: it stands, and {error}"));
        assert_eq!(world.chain.block(receipt.block.number).await.unwrap(), receipt.block);
    }
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), alloy_primitives::U256::from(3));
}

/// A node that keeps a transaction, and shows another one that is in a block under its hash, has put none there.
#[tokio::test(flavor = "multi_thread")]
async fn another_transactions_place_is_not_this_ones() {
    let world = World::<Remote>::served().await;
    world.register().await;
    world.enact_program(program()).await;
    let proxy = Proxy::before(&world.chain.url).await;
    let options = NetworkOptions { patience: Duration::from_secs(2), ..NetworkOptions::default() };
    let network = NetworkChain::connect(&proxy.url, world.chain.pins.clone(), options).await.unwrap();
    let office = key("welfare-office-key");
    let approval = |nonce: u8| {
        let mut request = world.request();
        request.nonce.0[0] = nonce;
        alloy_sol_types::SolCall::abi_encode(&world.approval(request, 40 + u64::from(nonce), 1))
    };
    let there = network.send(&office, network.contracts().decisions, approval(1).into()).await.unwrap();
    let shown = world.chain.ask("eth_getTransactionReceipt", json!([there.transaction])).await;
    let kept = network.prepare(office_address(), network.contracts().decisions, approval(2).into()).await.unwrap();
    let kept = kept.sign(&office).unwrap();
    let hash = json!(kept.hash());
    proxy.swallows.store(true, Ordering::SeqCst);
    proxy.tell(Some(Arc::new(move |method, answer| match method {
        "eth_getTransactionReceipt" => answer["result"] = shown.clone(),
        "eth_getBlockByNumber" => {
            for transaction in answer["result"]["transactions"].as_array_mut().into_iter().flatten() {
                if transaction.is_object() {
                    transaction["hash"] = hash.clone();
                }
            }
        }
        _ => {}
    })));
    assert_eq!(failed(network.submit(kept.clone()).await), Code::TransactionWaiting);
    proxy.tell(None);
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), alloy_primitives::U256::from(1));
    // What was kept comes into a block once the node takes it.
    proxy.swallows.store(false, Ordering::SeqCst);
    network.submit(kept).await.unwrap();
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), alloy_primitives::U256::from(2));
}

fn office_address() -> alloy_primitives::Address {
    sealroot_protocol::signature::Signer::address(&key("welfare-office-key"))
}

/// Events that a node hides are there all the same, where the chain has seals; and a head that was told doesn't vanish.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_chain_can_neither_be_thinned_nor_shortened() {
    let world = World::<Remote>::served().await;
    world.register().await;
    let proxy = Proxy::before(&world.chain.url).await;
    let network = NetworkChain::connect(&proxy.url, world.chain.pins.clone(), NetworkOptions::default()).await.unwrap();
    let agencies = network.contracts().agencies;
    let honest = world.chain.logs(agencies, [None; 4]).await.unwrap();
    proxy.tell(Some(Arc::new(|method, answer| {
        if method == "eth_getLogs" {
            answer["result"] = json!([]);
        }
    })));
    assert_eq!(network.logs(agencies, [None; 4]).await.unwrap(), honest);
    assert!(honest.len() > 3);
    proxy.tell(None);

    let head = world.chain.head().await.unwrap();
    let mut watch = sealroot_chain::Watch::new(&network, head.number - 2, 0);
    assert!(!watch.look().await.unwrap().0.is_empty());
    let (old, cap) = (world.chain.block(head.number - 1).await.unwrap(), head.number - 1);
    let shown = world.chain.ask("eth_getBlockByNumber", json!([format!("{cap:#x}"), false])).await;
    proxy.tell(Some(Arc::new(move |method, answer| {
        if method == "eth_getBlockByNumber" {
            let number = answer["result"]["number"].as_str().unwrap_or("0x0").trim_start_matches("0x").to_owned();
            if u64::from_str_radix(&number, 16).unwrap() > cap {
                answer["result"] = shown.clone();
            }
        }
    })));
    let error = watch.look().await.unwrap_err();
    assert!([Code::ChainRolledBack, Code::NodeFalse].contains(&error.code()), "{error}");
    assert_eq!(old.number, cap);
}
