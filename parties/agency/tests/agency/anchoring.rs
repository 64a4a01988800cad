//! A vault and a chain that disagree, and agree again.

use crate::registry::{CSV, NATIONAL_ID, NOW, key, name, new_chain, new_vault, register, rows};
use sealroot_agency::{
    anchor::{AnchorError, anchor},
    import::{ImportError, import},
    restore::{RestoreInput, restore},
    status::StatusError,
    withdraw_root::withdraw_root,
};
use sealroot_chain::{BlockClock, Chain};
use sealroot_handover::Access;
use sealroot_protocol::{
    code::{Code, Coded},
    tree::Root,
};
use sealroot_vault::{EmbeddedVault, Integrity, Rejection, restore::Restored, restore::Standing};
use sealroot_wallet::SecretKey;

#[tokio::test]
async fn a_root_is_anchored_once_and_withdrawn_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain) = (new_vault(directory.path(), 3).await, new_chain(directory.path()).await);
    let unregistered = anchor(&vault, &chain, &key(3)).await.unwrap_err();
    assert_eq!(unregistered.code(), Code::UnregisteredAgency);
    register(&chain).await;

    let unknown = import(rows("income"), CSV, &vault, |_| ()).await.unwrap_err();
    assert!(matches!(&unknown, ImportError::UnknownSchema(name) if name == "income"));
    assert_eq!(import(rows("residence"), CSV, &vault, |_| ()).await.unwrap().progress.added, 1);

    let anchored = anchor(&vault, &chain, &key(3)).await.unwrap();
    let root = anchored.root.unwrap();
    assert_eq!((anchored.sequence, anchored.block), (1, chain.head().await.unwrap().number));
    let again = anchor(&vault, &chain, &key(3)).await.unwrap();
    assert_eq!((again.root, again.sequence), (None, 1));

    // Nothing was anchored under this hash: what counts is listed.
    let other = Root(7u8.into());
    let unknown = withdraw_root(other, &vault, &chain, &key(3)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::UnknownRoot);
    assert!(unknown.to_string().contains(&root.to_string()), "{unknown}");
    let block = withdraw_root(root, &vault, &chain, &key(3)).await.unwrap().block;
    // As after a crash between chain and vault: the chain is left as it is.
    assert_eq!(withdraw_root(root, &vault, &chain, &key(3)).await.unwrap().block, block);
    assert_eq!(chain.head().await.unwrap().number, block);
}

/// The old root would still count on the day from which a new key may claim.
#[tokio::test]
async fn a_vault_with_less_grace_than_the_chain_anchors_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain) = (new_vault(directory.path(), 2).await, new_chain(directory.path()).await);
    register(&chain).await;
    let before = chain.head().await.unwrap().number;
    let rejected = anchor(&vault, &chain, &key(3)).await.unwrap_err();
    assert!(matches!(rejected, AnchorError::GraceMismatch { .. }));
    assert_eq!(rejected.to_string(), "days of grace: the vault counts 2, the chain grants 3");
    assert_eq!(chain.head().await.unwrap().number, before);
}

fn access() -> Access {
    Access { who: "clerk".into(), why: "passport 7/26".into() }
}

async fn enrol(vault: &EmbeddedVault, byte: u8) {
    let wallet = SecretKey::from_bytes(&[byte; 32]).unwrap();
    let challenge = vault.enrolment_challenge(vault.subject(NATIONAL_ID).unwrap()).await.unwrap();
    let proof = wallet.prove_possession(&challenge, None, [3; 32]);
    vault.enrol(&challenge, &proof, None, &access()).await.unwrap();
}

/// The deadline of a replaced key is the vault's clock's, and the chain's decides. Where the two are further apart than the deadline is away, another run changes nothing.
#[tokio::test]
async fn a_chain_that_is_ahead_of_the_vaults_clock_is_called_so() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain) = (new_vault(directory.path(), 3).await, new_chain(directory.path()).await);
    register(&chain).await;
    import(rows("residence"), CSV, &vault, |_| ()).await.unwrap();
    enrol(&vault, 5).await;
    anchor(&vault, &chain, &key(3)).await.unwrap();
    enrol(&vault, 6).await;
    chain.set_clock(BlockClock::Standing(NOW + 10 * 86_400)).await.unwrap();
    for _ in 0..2 {
        let late = anchor(&vault, &chain, &key(3)).await.unwrap_err();
        assert_eq!(late.code(), Code::AnchorTooLate, "{late}");
        let advice = late.advice().unwrap();
        let said = advice.contains("10 days ahead of this machine's") && advice.contains("2026-01-01 00:00:00 UTC");
        assert!(said && !advice.contains("run it again:"), "{advice}");
    }
    // By the vault's own clock it is late, too: the next run postpones it.
    let late = AnchorError::TooLate { deadline: NOW, chain: NOW + 2, vault: NOW + 1 };
    assert!(late.advice().unwrap().starts_with("run it again:"));
}

/// The chain's word reaches the vault: a withdrawn root is the newest one all the same.
#[tokio::test]
async fn a_restore_is_told_that_the_newest_root_was_withdrawn() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain) = (new_vault(directory.path(), 3).await, new_chain(directory.path()).await);
    register(&chain).await;
    import(rows("residence"), CSV, &vault, |_| ()).await.unwrap();
    let root = anchor(&vault, &chain, &key(3)).await.unwrap().root.unwrap();
    for withdrawn in [false, true] {
        if withdrawn {
            withdraw_root(root, &vault, &chain, &key(3)).await.unwrap();
        }
        let input = RestoreInput { agency: name(), although_older: false, drop_records: 0, access: access() };
        let mut told = None;
        restore(input, &chain, async |how| {
            told = Some((how.chain.unwrap().root, how.withdrawn));
            let standing = Standing::Newest;
            Ok(Restored { standing, withdrawn: how.withdrawn, lost: 0, renamed: 0, erased: 0, dropped: 0, reissued: 0 })
        })
        .await
        .unwrap();
        assert_eq!(told, Some((root, withdrawn)));
    }
}

/// Advice names sections of the page for operators: they are there.
#[test]
fn sections_that_advice_names_are_there() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/OPERATING.md")).unwrap();
    let foreign = Rejection::ForeignRoot(sealroot_protocol::field::Digest([1; 32]));
    let ahead = AnchorError::TooLate { deadline: NOW, chain: NOW + 7200, vault: NOW };
    let inconsistent = StatusError::Inconsistent(Integrity::Tree.into());
    for advice in [foreign.advice(), ahead.advice(), inconsistent.advice()] {
        let advice = advice.unwrap();
        let (_, rest) = advice.split_once("under \"").unwrap();
        let section = rest.split_once('"').unwrap().0;
        assert!(
            page.lines().any(|line| line.trim_start_matches('#').trim() == section && line.starts_with('#')),
            "{section}"
        );
    }
}
