//! A vault and a chain that disagree, and agree again.

use crate::registry::{CSV, key, new_chain, new_vault, register, rows};
use sealroot_agency::{
    anchor::{AnchorError, anchor},
    import::{ImportError, import},
    withdraw_root::withdraw_root,
};
use sealroot_chain::Chain;
use sealroot_protocol::{
    code::{Code, Coded},
    tree::Root,
};

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
