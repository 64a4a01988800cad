//! What a chain takes from strangers: signed transactions, and whatever comes to a node's port.

use alloy_primitives::Bytes;
use sealroot_chain::{
    BlockClock, Chain, EmbeddedChain, Genesis, Signed,
    serve::{Served, serve},
};
use sealroot_protocol::signature::SecretSigningKey;
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::OnceLock,
    time::Duration,
};

/// A transaction has one encoding, a chain and a sender.
pub fn raw_transaction(data: &[u8]) {
    let Ok(signed) = Signed::decode(Bytes::copy_from_slice(data)) else { return };
    assert_eq!(signed.raw(), data, "one transaction, one encoding");
    assert_eq!(signed.hash(), alloy_primitives::keccak256(data));
    assert_eq!(Signed::decode(signed.raw().clone()).as_ref(), Ok(&signed));
}

struct Node {
    runtime: tokio::runtime::Runtime,
    chain: EmbeddedChain,
    _served: Served,
    _directory: tempfile::TempDir,
    address: SocketAddr,
}

fn node() -> &'static Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| {
        let runtime = super::fixed(tokio::runtime::Runtime::new());
        let directory = super::fixed(tempfile::tempdir());
        let officer = |n: u8| super::fixed(SecretSigningKey::from_bytes(&[n; 32])).address();
        let time = 1_790_000_000;
        let genesis = Genesis {
            chain_id: 7,
            time,
            officers: vec![officer(1), officer(2)],
            delay: 3600,
            clock: BlockClock::Standing(time),
        };
        let (chain, served) = runtime.block_on(async {
            let chain = super::fixed(EmbeddedChain::create(directory.path(), &genesis).await);
            let served = super::fixed(serve(chain.clone(), (Ipv4Addr::LOCALHOST, 0).into(), &[]).await);
            (chain, served)
        });
        let address = served.address();
        Node { runtime, chain, _served: served, _directory: directory, address }
    })
}

/// Whatever comes to the port of a node is answered as HTTP and JSON-RPC have it, within seconds, and changes nothing: nobody who signs has a role here.
pub fn rpc(data: &[u8]) {
    let node = node();
    let before = super::fixed(node.runtime.block_on(node.chain.head()));
    let answer = super::fixed(post(node.address, data));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    match status {
        // Notifications are not answered.
        "200" if body.is_empty() => {}
        "200" => {
            let value: serde_json::Value = super::fixed(serde_json::from_str(body));
            let one = |answer: &serde_json::Value| {
                let is_answer =
                    answer["jsonrpc"] == "2.0" && answer.get("result").is_some() != answer.get("error").is_some();
                // JSON-RPC's code of an internal error: nothing that is sent from outside may lead there.
                is_answer && answer["error"]["code"] != -32603
            };
            assert!(value.as_array().map_or_else(|| one(&value), |all| all.iter().all(one)), "{body}");
        }
        other => assert!(["400", "413", "415"].contains(&other), "status {other}: {head}"),
    }
    assert_eq!(super::fixed(node.runtime.block_on(node.chain.head())), before);
}

fn post(address: SocketAddr, body: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
