//! The embedded chain's node as foreign tools ask it: methods, errors, limits, and who may ask.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, BlockClock, Chain, EmbeddedChain, Genesis,
    contracts::officers::Officers,
    serve::{self, HEARTBEAT, serve},
};
use sealroot_testing::{
    chain::*,
    hosts::{Remote, ask, post},
};
use serde_json::{Value, json};

/// The code and the message of an error.
async fn error(url: &str, method: &str, params: Value) -> (i64, String) {
    let error = ask(url, method, params.clone()).await.expect_err(&format!("{method} {params}"));
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_say_what_the_chain_says() {
    let world = World::<Remote>::served().await;
    world.register().await;
    let (chain, head) = (&world.chain, world.chain.head().await.unwrap());
    assert!(chain.ask("web3_clientVersion", json!([])).await.as_str().unwrap().starts_with("sealroot/"));
    assert_eq!(chain.ask("net_version", json!([])).await, CHAIN_ID.to_string());
    assert_eq!(number(&chain.ask("eth_chainId", json!([])).await), CHAIN_ID);
    assert_eq!(number(&chain.ask("eth_blockNumber", json!([])).await), head.number);
    for method in ["eth_gasPrice", "eth_maxPriorityFeePerGas"] {
        assert_eq!(number(&chain.ask(method, json!([])).await), 0, "gas is free");
    }
    // A block by its number, its hash and its name, with hashes and with whole transactions.
    let by_number = chain.ask("eth_getBlockByNumber", json!([format!("0x{:x}", head.number), true])).await;
    assert_eq!(by_number["hash"], json!(head.hash));
    assert_eq!(by_number, chain.ask("eth_getBlockByHash", json!([head.hash, true])).await);
    assert_eq!(by_number, chain.ask("eth_getBlockByNumber", json!(["finalized", true])).await);
    assert_eq!(chain.ask("eth_getBlockByNumber", json!(["0xffffff", false])).await, Value::Null);
    assert_eq!(chain.ask("eth_getBlockByHash", json!([B256::ZERO, false])).await, Value::Null);
    assert_eq!(chain.ask("eth_getBlockByNumber", json!(["earliest", false])).await["number"], "0x0");
    let pending = chain.ask("eth_getBlockByNumber", json!(["pending", false])).await;
    assert_eq!((number(&pending["number"]), &pending["hash"]), (head.number + 1, &Value::Null));

    let transaction = &by_number["transactions"][0];
    let hash = &transaction["hash"];
    assert_eq!(chain.ask("eth_getTransactionByHash", json!([hash])).await, *transaction);
    let receipt = chain.ask("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!((&receipt["status"], &receipt["blockHash"]), (&json!("0x1"), &json!(head.hash)));
    assert_eq!(chain.ask("eth_getBlockReceipts", json!(["latest"])).await[0], receipt);
    assert_eq!(chain.ask("eth_getTransactionReceipt", json!([B256::ZERO])).await, Value::Null);
    // Events by block, by contract and by topic are the receipts'.
    let contract = chain.contracts().requesters;
    let all = chain.ask("eth_getLogs", json!([{ "fromBlock": "earliest", "address": contract }])).await;
    let topic = &all[0]["topics"][0];
    let same =
        chain.ask("eth_getLogs", json!([{ "fromBlock": "0x0", "toBlock": "latest", "topics": [[topic]] }])).await;
    assert!(!all.as_array().unwrap().is_empty() && same.as_array().unwrap().contains(&all[0]));
    let logs = chain.ask("eth_getLogs", json!([{ "blockHash": head.hash }])).await;
    assert_eq!(logs, receipt["logs"]);

    let officer = key("officer-1").address();
    assert!(number(&chain.ask("eth_getTransactionCount", json!([officer, "latest"])).await) > 0);
    assert_eq!(number(&chain.ask("eth_getTransactionCount", json!([officer, "0x1"])).await), 0, "the past");
    assert_eq!(number(&chain.ask("eth_getBalance", json!([officer])).await), 0);
    let code = chain.ask("eth_getCode", json!([contract, "latest"])).await;
    let code = alloy_primitives::hex::decode(code.as_str().unwrap()).unwrap();
    assert!(chain.pins.contracts.contains(&(contract, keccak256(code))));
    let delay = Officers::delayCall {}.abi_encode();
    let call = json!({ "to": chain.contracts().officers, "data": alloy_primitives::hex::encode_prefixed(&delay) });
    let answer = chain.ask("eth_call", json!([call, "latest"])).await;
    assert_eq!(answer, json!(B256::from(U256::from(DELAY))));
    let estimate = number(&chain.ask("eth_estimateGas", json!([call])).await);
    assert!((21_000..60_000).contains(&estimate), "{estimate}");
    let history = chain.ask("eth_feeHistory", json!(["0x2", "latest", [50.0]])).await;
    assert_eq!(history["baseFeePerGas"], json!(["0x0", "0x0", "0x0"]));
    let proof = chain.ask("eth_getProof", json!([Address::repeat_byte(9), ["0x0"], "latest"])).await;
    assert_eq!((&proof["nonce"], &proof["balance"]), (&json!("0x0"), &json!("0x0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_that_clients_know() {
    let world = World::<Remote>::served().await;
    let url = world.chain.url.as_str();
    let officers = world.chain.contracts().officers;
    assert_eq!(error(url, "eth_nothing", json!([])).await.0, -32601);
    for (method, params) in [
        ("eth_getBalance", json!([])),
        ("eth_getBalance", json!(["0x12"])),
        ("eth_getBalance", json!([officers, "latest", 7])),
        ("eth_getBlockByNumber", json!(["yesterday"])),
        ("eth_getBalance", json!({ "address": officers })),
        ("eth_getLogs", json!([{ "fromBlock": "0x2", "toBlock": "0x1" }])),
    ] {
        assert_eq!(error(url, method, params).await.0, -32602, "{method}");
    }
    assert_eq!(error(url, "eth_getBalance", json!([officers, "0xffff"])).await.0, -32001);
    // A revert has code 3, and the contract's error as its data.
    let call_ = Act::AddOfficer(key("officer-4").address()).calldata().unwrap();
    let data = alloy_primitives::hex::encode_prefixed(Officers::proposeCall { call_ }.abi_encode());
    let call = json!({ "from": key("stranger").address(), "to": officers, "input": data });
    for method in ["eth_call", "eth_estimateGas"] {
        let reverted = ask(url, method, json!([call])).await.unwrap_err();
        assert_eq!(reverted["code"], 3);
        let data = reverted["data"].as_str().unwrap();
        assert!(data.starts_with(&alloy_primitives::hex::encode_prefixed(&keccak256("NotAnOfficer(address)")[..4])));
    }
    // Transactions that come into no block.
    let officer = key("officer-1");
    let act = |n: &str| Act::AddOfficer(key(n).address()).calldata().unwrap();
    let prepared = world
        .chain
        .prepare(officer.address(), officers, Officers::proposeCall { call_: act("a") }.abi_encode().into())
        .await
        .unwrap();
    let raw = |prepared: sealroot_chain::Prepared| json!([prepared.sign(&officer).unwrap().raw()]);
    let before = world.chain.head().await.unwrap();
    for (change, code, words) in [
        (raw(sealroot_chain::Prepared { nonce: prepared.nonce + 1, ..prepared.clone() }), -32000, "nonce too high"),
        (raw(sealroot_chain::Prepared { chain_id: 1, ..prepared.clone() }), -32003, "another chain"),
        (raw(sealroot_chain::Prepared { gas_price: 1, ..prepared.clone() }), -32003, "insufficient funds"),
        (raw(sealroot_chain::Prepared { to: None, ..prepared.clone() }), -32003, "contracts only"),
        (raw(sealroot_chain::Prepared { to: Some(Address::ZERO), ..prepared.clone() }), -32003, "contracts only"),
        (json!(["0x1234"]), -32003, "no signed transaction"),
    ] {
        let (found, message) = error(url, "eth_sendRawTransaction", change).await;
        assert_eq!(found, code, "{message}");
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(world.chain.head().await.unwrap(), before, "nothing came into a block");
    let good = raw(prepared.clone());
    let hash = world.chain.ask("eth_sendRawTransaction", good.clone()).await;
    assert_eq!(world.chain.ask("eth_sendRawTransaction", good).await, hash, "sent again");
    let late = raw(sealroot_chain::Prepared { gas_limit: prepared.gas_limit - 1, ..prepared });
    assert!(error(url, "eth_sendRawTransaction", late).await.1.contains("nonce too low"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_bounded() {
    let world = World::<Remote>::served().await;
    let url = world.chain.url.as_str();
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": [] });
    let batch: Vec<_> = (0..serve::MAX_BATCH).map(|_| one.clone()).collect();
    let answers: Value = serde_json::from_str(&post(url, &json!(batch).to_string()).await).unwrap();
    assert_eq!(answers.as_array().unwrap().len(), serve::MAX_BATCH as usize);
    let larger: Vec<_> = (0..=serve::MAX_BATCH).map(|_| one.clone()).collect();
    let refused: Value = serde_json::from_str(&post(url, &json!(larger).to_string()).await).unwrap();
    assert!(refused["error"]["code"].is_i64(), "{refused}");
    let long = format!("\"{}\"", "x".repeat(serve::MAX_BODY as usize));
    assert!(!post(url, &long).await.contains("result"));
    assert!(post(url, "{").await.contains("-32700"), "a standard error");
    let slots: Vec<String> = (0..1025).map(|n| format!("0x{n:x}")).collect();
    let address = world.chain.contracts().officers;
    assert_eq!(error(url, "eth_getProof", json!([address, slots, "latest"])).await.0, -32005);
    let far = json!([{ "fromBlock": "0x0", "toBlock": "0xffffffff" }]);
    assert!(ask(url, "eth_getLogs", far).await.is_ok(), "what is beyond the head isn't there yet");
}

/// A web page that has its own name lead to this port (DNS rebinding) asks under that name.
#[tokio::test(flavor = "multi_thread")]
async fn only_known_names_are_answered() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let World { chain, directory: _directory } = World::bare().await;
    let served = serve(chain, "127.0.0.1:0".parse().unwrap(), &["chain.example".into()]).await.unwrap();
    let port = served.address().port();
    for (host, allowed) in [
        (format!("127.0.0.1:{port}"), true),
        (format!("localhost:{port}"), true),
        (format!("chain.example:{port}"), true),
        ("evil.example".to_owned(), false),
        (format!("evil.example:{port}"), false),
    ] {
        let mut stream = tokio::net::TcpStream::connect(served.address()).await.unwrap();
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#;
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.contains("0x7a69"), allowed, "{host}: {answer}");
    }
    served.stop().await;
}

/// A chain whose head is old gets an empty block; one whose clock stands is left alone. After the end of the service the directory is free.
#[tokio::test(flavor = "multi_thread")]
async fn a_served_chain_lives() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let genesis = |clock| Genesis {
        chain_id: CHAIN_ID,
        time: now - HEARTBEAT - 5,
        officers: vec![key("a").address(), key("b").address()],
        delay: 1,
        clock,
    };
    let directory = tempfile::tempdir().unwrap();
    for (name, clock) in [("follows", BlockClock::System), ("stands", BlockClock::Standing(now - HEARTBEAT - 3))] {
        let place = directory.path().join(name);
        let chain = EmbeddedChain::create(&place, &genesis(BlockClock::Standing(now - HEARTBEAT - 5))).await.unwrap();
        chain.set_clock(clock).await.unwrap();
        let before = chain.head().await.unwrap();
        let served = serve(chain.clone(), "127.0.0.1:0".parse().unwrap(), &[]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let beats = chain.head().await.unwrap().number - before.number;
        assert_eq!(beats, u64::from(name == "follows"), "{name}");
        served.stop().await;
        chain.close().await.unwrap();
        EmbeddedChain::open(&place).await.unwrap();
    }
}
