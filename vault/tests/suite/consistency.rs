//! What concurrent use and dropped transactions leave behind; the stored tree.

use sealroot_protocol::record::Leaf;
use sealroot_testing::registry::{Backing, Registry, about_people, access, csv, import, which};
use sealroot_vault::store::{Records, RecordsTx, Store};

suite!(
    concurrent_reads_and_writes_are_consistent,
    the_stored_tree_is_the_tree_in_memory,
    a_transaction_that_is_dropped_leaves_no_trace,
);

async fn concurrent_reads_and_writes_are_consistent<B: Backing>() {
    let registry = Registry::new();
    let vault = std::sync::Arc::new(registry.create::<B>().await);
    import(&vault, csv(0..50)).await;
    let root = registry.anchor(&vault).await;
    let importing = {
        let vault = vault.clone();
        tokio::spawn(async move { import(&vault, csv(100..3000)).await })
    };
    let reading: Vec<_> = (0..8)
        .map(|n| {
            let vault = vault.clone();
            tokio::spawn(async move {
                for i in 0..10 {
                    let opened = vault.open_record(&which(&vault, (n * 6 + i) % 50), None, &access()).await.unwrap();
                    assert_eq!(opened.root, root);
                }
            })
        })
        .collect();
    for task in reading {
        task.await.unwrap();
    }
    assert!(importing.await.unwrap().committed);
    assert_eq!(about_people(&vault).await.len(), 80);
    assert_eq!(vault.check().await.unwrap(), 2950);
}

/// Random batches of appends, updates and removals over several epochs: root and paths as in the protocol's tree, old epochs unchanged by new ones.
async fn the_stored_tree_is_the_tree_in_memory<B: Backing>() {
    use sealroot_protocol::tree::{LeafIndex, MemoryTree};
    use std::collections::BTreeMap;
    let registry = Registry::new();
    let store = B::open(&registry.path()).await;
    let (mut memory, mut random, mut size) = (MemoryTree::new(), sealroot_testing::seed(1) | 1, 0u32);
    let mut next = |bound: u32| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 20) as u32 % bound
    };
    let mut history = Vec::new();
    for epoch in 1..=sealroot_testing::cases(12) {
        let mut tx = store.records().write().await.unwrap();
        for _ in 0..2 {
            let mut changes = BTreeMap::new();
            for _ in 0..next(40) {
                changes.insert(LeafIndex(size), Leaf(u64::from(next(u32::MAX)).into()));
                size += 1;
            }
            for _ in 0..next(10) {
                let value = if next(3) == 0 { Leaf::EMPTY } else { Leaf(u64::from(next(u32::MAX)).into()) };
                changes.insert(LeafIndex(next(size.max(1))), value);
            }
            size = size.max(changes.keys().last().map_or(0, |index| index.0 + 1));
            for (index, leaf) in &changes {
                memory.set(*index, *leaf);
            }
            let root = sealroot_vault::tree::apply(&mut tx, epoch, &changes).await.unwrap();
            assert_eq!(root, memory.root());
        }
        tx.commit().await.unwrap();
        history.push(memory.clone());
    }
    let mut tx = store.records().write().await.unwrap();
    for keep in [1, history.len() as u64 / 2, history.len() as u64] {
        tx.prune_nodes(keep).await.unwrap();
        for (epoch, tree) in (1..).zip(&history).filter(|(epoch, _)| *epoch >= keep) {
            assert_eq!(sealroot_vault::tree::root(&mut tx, epoch).await.unwrap(), tree.root(), "epoch {epoch}");
            for index in (0..size).step_by(7).map(LeafIndex) {
                let (leaf, path) = sealroot_vault::tree::path(&mut tx, index, epoch).await.unwrap();
                assert_eq!((path.clone(), path.root(leaf)), (tree.path(index), tree.root()));
            }
        }
    }
}

async fn a_transaction_that_is_dropped_leaves_no_trace<B: Backing>() {
    let registry = Registry::new();
    let store = B::open(&registry.path()).await;
    let mut tx = store.records().write().await.unwrap();
    tx.set_value("epoch", &[1]).await.unwrap();
    drop(tx);
    let mut tx = store.records().write().await.unwrap();
    assert_eq!(tx.value("epoch").await.unwrap(), None);
    tx.set_value("epoch", &[2]).await.unwrap();
    let mut before = store.records().read().await.unwrap();
    assert_eq!(before.value("epoch").await.unwrap(), None, "a reader doesn't see what isn't committed");
    tx.commit().await.unwrap();
    assert_eq!(before.value("epoch").await.unwrap(), None, "and keeps the state that it began with");
    assert_eq!(store.records().read().await.unwrap().value("epoch").await.unwrap(), Some(vec![2]));
}
