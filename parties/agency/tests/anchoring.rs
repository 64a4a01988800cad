//! A vault and an embedded chain that disagree, and agree again.

#![allow(clippy::unwrap_used)]

use sealroot_agency::{
    anchor::{AnchorError, anchor},
    import::{ImportError, ImportInput, SchemaChoice, import},
    init::{InitInput, Initialised, init},
    withdraw_root::withdraw_root,
};
use sealroot_chain::{BlockClock, Chain, EmbeddedChain, Genesis};
use sealroot_officer::{agency_registration, confirm, propose};
use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    schema::Schema,
    signature::SecretSigningKey,
};
use sealroot_vault::{
    MasterKey, Vault, import::ImportMode, master::write_key_file, rows::Columns, seal::Key, sqlite::SqliteStore,
};
use std::path::Path;

const START: u64 = 1_767_225_600;
const SCHEMA: &str = "name = \"residence\"\ntitle = { en = \"Residence\" }\n\n[[attribute]]\nname = \"identity\"\nkind = \"text\"\ntitle = { en = \"National id\" }\n";

fn key(byte: u8) -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[byte; 32]).unwrap()
}

fn name() -> Name {
    "civil-registry".parse().unwrap()
}

async fn new_vault(directory: &Path, grace_days: u32) -> Vault<SqliteStore> {
    std::fs::create_dir_all(directory).unwrap();
    let path = directory.join("master.key");
    write_key_file(&path, &Key::random()).unwrap();
    let schemas = vec![Schema::from_toml(SCHEMA).unwrap()];
    let input = InitInput { agency: name(), schemas, subject_key: None, grace_days };
    let create = async |agency: &Name, creation| {
        Vault::create_embedded(&directory.join("vault"), agency, &MasterKey::File(path.clone()), creation).await
    };
    let Initialised { vault, schemas } = init(input, create).await.unwrap();
    assert_eq!(schemas.len(), 1);
    vault
}

async fn new_chain(directory: &Path) -> EmbeddedChain {
    let officers = vec![key(1).address(), key(2).address()];
    let genesis = Genesis { chain_id: 7, time: START, officers, delay: 60, clock: BlockClock::Standing(START) };
    EmbeddedChain::create(&directory.join("chain"), &genesis).await.unwrap()
}

async fn register(chain: &EmbeddedChain) {
    let act = agency_registration(name(), key(3).address(), 3).unwrap();
    let from = propose(&act, chain, &key(1)).await.unwrap().confirm_from.unwrap();
    chain.set_clock(BlockClock::Standing(from)).await.unwrap();
    confirm(&act, chain, &key(2)).await.unwrap();
}

fn rows(schema: &str) -> ImportInput {
    ImportInput {
        schema: SchemaChoice::Named(schema.into()),
        columns: Columns::default(),
        mode: ImportMode::Add,
        dry_run: false,
        skip_bad_rows: false,
    }
}

#[tokio::test]
async fn a_root_is_anchored_once_and_withdrawn_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain) = (new_vault(directory.path(), 3).await, new_chain(directory.path()).await);
    let unregistered = anchor(&vault, &chain, &key(3)).await.unwrap_err();
    assert_eq!(unregistered.code(), Code::UnregisteredAgency);
    register(&chain).await;

    let csv: &[u8] = b"national_id\n19840311-0042\n";
    let unknown = import(rows("income"), csv, &vault, |_| ()).await.unwrap_err();
    assert!(matches!(&unknown, ImportError::UnknownSchema(name) if name == "income"));
    assert_eq!(import(rows("residence"), csv, &vault, |_| ()).await.unwrap().progress.added, 1);

    let anchored = anchor(&vault, &chain, &key(3)).await.unwrap();
    let root = anchored.root.unwrap();
    assert_eq!((anchored.sequence, anchored.block), (1, chain.head().await.unwrap().number));
    let again = anchor(&vault, &chain, &key(3)).await.unwrap();
    assert_eq!((again.root, again.sequence), (None, 1));

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
    assert_eq!(rejected.to_string(), "the vault counts 2 days of grace, the chain grants 3");
    assert_eq!(chain.head().await.unwrap().number, before);
}
