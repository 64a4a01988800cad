//! How long a large chain takes to open: `SEALROOT_CASES=100000 cargo test --release -p sealroot-chain --all-features --lib large -- --nocapture`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use super::*;
use alloy_primitives::{Bloom, U256, keccak256};
use header::Fields;
use sealroot_protocol::code::{Code, Coded};
use state::Changes;
use std::time::Instant;

/// As many approvals as `SEALROOT_CASES` says, four words and a block each: opened with everything recomputed, and refused when one word is another.
#[tokio::test]
async fn a_large_chain_is_recomputed_at_opening() {
    let decisions: u64 = std::env::var("SEALROOT_CASES").map_or(2000, |text| text.parse().unwrap());
    let key = |n: u8| SecretSigningKey::from_bytes(&[n; 32]).unwrap();
    let time = 1_790_000_000;
    let officers = vec![key(1).address(), key(2).address()];
    let genesis = Genesis { chain_id: 7, time, officers, delay: 0, clock: BlockClock::Standing(time) };
    let directory = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::create(directory.path(), &genesis).await.unwrap();
    let (contract, sealer) = (chain.contracts.decisions, chain.sealer.clone().unwrap());
    let mut inner = chain.lock().await.unwrap();
    for decision in 0..decisions {
        let mut changes = Changes::default();
        for word in 0..4u64 {
            let slot = U256::from_be_bytes(keccak256([decision.to_be_bytes(), word.to_be_bytes()].concat()).0);
            let value = slot | U256::ONE;
            assert!(inner.state.set_slot(contract, slot, value));
            changes.words.push((contract, slot, U256::ZERO, value));
        }
        // Only the head's root is looked at when a chain is opened.
        let head = decision + 1 == decisions;
        let fields = Fields {
            parent: inner.head.hash,
            sealer: sealer.address(),
            state_root: if head { inner.state.root() } else { B256::ZERO },
            transactions_root: alloy_trie::EMPTY_ROOT_HASH,
            receipts_root: alloy_trie::EMPTY_ROOT_HASH,
            bloom: Bloom::ZERO,
            number: inner.head.number + 1,
            gas_used: 0,
            time: inner.head.time + 1,
        };
        let sealed = block::sealed_block(7, &sealer, fields, Vec::new()).unwrap();
        let clock = block::sealed_clock(inner.clock, 7, sealed.hash, &sealer).unwrap();
        inner.store.append(&sealed, &changes, &clock, &[]).await.unwrap();
        inner.head = sealed.into();
    }
    let head = inner.head;
    drop(inner);
    drop(chain);
    let begun = Instant::now();
    let chain = EmbeddedChain::open(directory.path()).await.unwrap();
    println!("{decisions} decisions opened in {:.2} s", begun.elapsed().as_secs_f64());
    assert_eq!(chain.head().await.unwrap(), head);
    drop(chain);

    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("chain.sqlite"));
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let sql = "UPDATE storage SET value = randomblob(32) WHERE (address, slot) = (SELECT address, slot FROM storage ORDER BY slot LIMIT 1 OFFSET 100)";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    assert_eq!(EmbeddedChain::open(directory.path()).await.err().unwrap().code(), Code::ChainDamaged);
}
