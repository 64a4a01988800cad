//! Roots: prepared, anchored, superseded, withdrawn, and what stays readable.

use sealroot_testing::registry::{self, Backing, DAY, Registry, TIMING, access, citizen, csv, import, plan, which};
use sealroot_vault::{Rejection, VaultError, anchor::LandedAnchor, store::RootState};
use std::io::Cursor;

suite!(
    old_roots_stay_readable_until_their_grace_ends,
    a_withdrawn_root_is_not_read_and_not_anchored_again,
    a_prepared_root_stands_while_the_vault_changes,
    restart_reconciles_with_the_chain,
    the_log_alone_is_anchored,
    a_vault_that_was_set_back_does_not_know_the_newest_root,
);

async fn old_roots_stay_readable_until_their_grace_ends<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..20)).await;
    let first = registry.anchor(&vault).await;
    // Long after it was anchored, a root is current; its grace starts when it is replaced.
    registry.sleep(100 * DAY);
    let old = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    let update = plan(registry::REMOVE);
    let text = csv(0..19).replace(&citizen(3), &citizen(3).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), update, |_| {}).await.unwrap();
    let unanchored = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(unanchored.record, old.record, "what isn't anchored isn't read");
    let second = registry.anchor(&vault).await;
    assert_ne!(first, second);
    registry.sleep(TIMING.grace as i64);
    vault.prune().await.unwrap();
    let still = vault.open_record(&which(&vault, 3), Some(first), &access()).await.unwrap();
    assert_eq!((&still.record, still.path.root(still.record.leaf())), (&old.record, first));
    assert!(vault.open_record(&which(&vault, 19), Some(first), &access()).await.is_ok());
    let new = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(new.root, second);
    assert_ne!(new.record.attributes, old.record.attributes);

    registry.sleep(1);
    let error = vault.open_record(&which(&vault, 3), Some(first), &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::GraceEnded(_))), "{error}");
    let keys = vault.status().await.unwrap().data_keys;
    let pruned = vault.prune().await.unwrap();
    assert_eq!((pruned.roots, pruned.versions), (1, 2));
    assert!(pruned.nodes >= 16);
    let status = vault.status().await.unwrap();
    assert_eq!((status.counts.superseded, status.data_keys), (0, keys - 2));
    assert!(vault.open_record(&which(&vault, 3), None, &access()).await.is_ok());
    assert_eq!(vault.check().await.unwrap(), 19);
}

async fn a_withdrawn_root_is_not_read_and_not_anchored_again<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let root = registry.anchor(&vault).await;
    vault.mark_withdrawn(root).await.unwrap();
    // Again, as after an interruption.
    vault.mark_withdrawn(root).await.unwrap();
    for named in [None, Some(root)] {
        assert!(vault.open_record(&which(&vault, 1), named, &access()).await.is_err());
    }
    assert!(matches!(vault.pending_root().await, Err(VaultError::Rejected(Rejection::RootWithdrawn(_)))));
    import(&vault, csv([7])).await;
    let next = registry.anchor(&vault).await;
    assert_eq!(vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().root, next);
    assert!(matches!(
        vault.open_record(&which(&vault, 1), Some(root), &access()).await,
        Err(VaultError::Rejected(Rejection::RootWithdrawn(_)))
    ));
}

async fn a_prepared_root_stands_while_the_vault_changes<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..8)).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!(vault.pending_root().await.unwrap().unwrap(), pending);
    let text = csv(0..9).replace(&citizen(3), &citizen(3).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await.unwrap();
    vault
        .mark_anchored(&LandedAnchor { root: pending.root, sequence: 1, block: 1, block_time: registry::NOON })
        .await
        .unwrap();
    let opened = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(opened.root, pending.root);
    assert_eq!(opened.path.root(opened.record.leaf()), pending.root);
    assert!(vault.open_record(&which(&vault, 8), None, &access()).await.is_err(), "not under this root");
    // Prepared roots that never came on chain are left behind by the next that does.
    let skipped = vault.pending_root().await.unwrap().unwrap();
    import(&vault, csv([30])).await;
    let last = vault.pending_root().await.unwrap().unwrap();
    vault
        .mark_anchored(&LandedAnchor { root: last.root, sequence: 2, block: 2, block_time: registry::NOON })
        .await
        .unwrap();
    assert!(vault.open_record(&which(&vault, 3), Some(skipped.root), &access()).await.is_err());
    let states: Vec<_> = vault.status().await.unwrap().roots.iter().map(|(row, _)| row.state).collect();
    assert_eq!(states, [RootState::Anchored, RootState::Retired, RootState::Anchored]);
}

async fn restart_reconciles_with_the_chain<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    vault.reconcile(None).await.unwrap();
    import(&vault, csv(0..3)).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    drop(vault);
    // The anchor landed, and the vault died before it heard of it.
    let vault = registry.open::<B>().await;
    let anchor = LandedAnchor { root: pending.root, sequence: 1, block: 5, block_time: registry::NOON };
    vault.reconcile(Some(&anchor)).await.unwrap();
    vault.reconcile(Some(&anchor)).await.unwrap();
    assert_eq!(vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().root, pending.root);
    assert!(matches!(vault.reconcile(None).await, Err(VaultError::Rejected(Rejection::ChainBehind))));
    let foreign = LandedAnchor { root: sealroot_protocol::tree::Root(9u64.into()), sequence: 2, ..anchor };
    assert!(matches!(vault.reconcile(Some(&foreign)).await, Err(VaultError::Rejected(Rejection::ForeignRoot(_)))));
}

/// A log that grew by what concerns people comes under the chain at once, also where no record changed; by the vault's own states, once a day.
async fn the_log_alone_is_anchored<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let root = registry.anchor(&vault).await;
    assert!(vault.pending_root().await.unwrap().is_none(), "that it was anchored is the vault's own state");
    vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    for _ in 0..2 {
        let head = vault.log_head().await.unwrap();
        let pending = vault.pending_root().await.unwrap().unwrap();
        assert!(pending.log_alone && pending.root == root, "asked twice, it is the same");
        assert!(pending.log_size <= head.size);
    }
    assert_eq!(registry.anchor(&vault).await, root);
    assert!(vault.pending_root().await.unwrap().is_none());
    assert_eq!(vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().root, root);
    registry.anchor(&vault).await;
    registry.sleep(DAY);
    let daily = vault.pending_root().await.unwrap().unwrap();
    assert!(daily.log_alone);
    registry.sleep(4 * DAY);
    vault.prune().await.unwrap();
    // The root is the newest one, however long ago its first anchor was followed by another of the same root.
    assert_eq!(vault.open_record(&which(&vault, 2), Some(root), &access()).await.unwrap().root, root);
    assert_eq!(vault.check().await.unwrap(), 3);
}

/// The chain tells what neither database does: that there is a root which this vault never made.
async fn a_vault_that_was_set_back_does_not_know_the_newest_root<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    vault.meet_chain(None).await.unwrap();
    let first = registry.anchor(&vault).await;
    vault.meet_chain(Some((first, 1))).await.unwrap();
    import(&vault, csv([7])).await;
    // Prepared, and on chain before the vault was told.
    let second = vault.pending_root().await.unwrap().unwrap().root;
    vault.meet_chain(Some((second, 2))).await.unwrap();
    vault.meet_chain(Some((first, 1))).await.unwrap();
    assert_eq!(registry.anchor(&vault).await, second);
    for (chain, behind) in [
        (None, true),
        (Some((first, 1)), true),
        (Some((first, 3)), false),
        (Some((second, 3)), false),
        (Some((sealroot_protocol::tree::Root(7u64.into()), 3)), false),
    ] {
        let refused = vault.meet_chain(chain).await.unwrap_err();
        let expected = match &refused {
            VaultError::Rejected(Rejection::ChainBehind) => behind,
            VaultError::Rejected(Rejection::ForeignRoot(_)) => !behind,
            _ => false,
        };
        assert!(expected, "{chain:?}: {refused}");
    }
}
