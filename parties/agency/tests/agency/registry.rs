//! A civil registry with a vault, and a chain that may know it.

use sealroot_agency::{
    import::{ImportInput, SchemaChoice},
    init::{InitInput, Initialised, init},
};
use sealroot_chain::{BlockClock, EmbeddedChain, Genesis};
use sealroot_officer::{agency_registration, confirm, propose};
use sealroot_protocol::{name::Name, schema::Schema, signature::SecretSigningKey};
use sealroot_vault::{
    Clock, Creation, EmbeddedVault, MasterKey, Vault, import::ImportMode, master::write_key_file, rows::Columns,
    seal::Key,
};
use std::path::Path;

/// The time at which both clocks stand, but for the delay of a registration.
pub const NOW: u64 = 1_767_225_600;

/// Whose record the registry has.
pub const NATIONAL_ID: &str = "19840311-0042";

/// The registry's file.
pub const CSV: &[u8] = b"national_id\n19840311-0042\n";

const SCHEMA: &str = r#"
name = "residence"
title = { en = "Residence" }
period = "timeless"

[[attribute]]
name = "identity"
kind = "text"
title = { en = "National id" }
"#;

pub fn key(byte: u8) -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[byte; 32]).unwrap()
}

pub fn name() -> Name {
    "civil-registry".parse().unwrap()
}

pub fn schema() -> Schema {
    Schema::from_toml(SCHEMA).unwrap()
}

pub async fn new_vault(directory: &Path, grace_days: u32) -> EmbeddedVault {
    let path = directory.join("master.key");
    write_key_file(&path, &Key::random()).unwrap();
    let input = InitInput { agency: name(), schemas: vec![schema()], subject_key: None, grace_days };
    let create = async |agency: &Name, creation| {
        let creation = Creation { clock: Clock::new(|| NOW as i64), ..creation };
        Vault::create_embedded(&directory.join("vault"), agency, &MasterKey::File(path.clone()), creation).await
    };
    let Initialised { vault, schemas } = init(input, create).await.unwrap();
    assert_eq!(schemas, [(schema().name.clone(), schema().id().unwrap())]);
    vault
}

pub async fn new_chain(directory: &Path) -> EmbeddedChain {
    let officers = vec![key(1).address(), key(2).address()];
    let genesis = Genesis { chain_id: 7, time: NOW, officers, delay: 60, clock: BlockClock::Standing(NOW) };
    EmbeddedChain::create(&directory.join("chain"), &genesis).await.unwrap()
}

/// Two officers register the registry with `key(3)` and three days of grace.
pub async fn register(chain: &EmbeddedChain) {
    let act = agency_registration(name(), key(3).address(), 3).unwrap();
    let from = propose(&act, chain, &key(1)).await.unwrap().confirm_from.unwrap();
    chain.set_clock(BlockClock::Standing(from)).await.unwrap();
    confirm(&act, chain, &key(2)).await.unwrap();
}

pub fn rows(schema: &str) -> ImportInput {
    ImportInput {
        schema: SchemaChoice::Named(schema.into()),
        columns: Columns::default(),
        mode: ImportMode::Add,
        dry_run: false,
        skip_bad_rows: false,
    }
}
