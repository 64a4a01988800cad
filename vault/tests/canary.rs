//! Planted values are found nowhere in the vault's files, in any encoding; a positive control shows that the search would find them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sealroot_handover::Access;
use sealroot_protocol::{
    field::{self, F},
    schema::text_value,
};
use sealroot_testing::registry::{self, HEADER, Registry, access, enrol, plan, wallet, which};
use sealroot_vault::{Argon2Cost, MasterKey, Vault, import::ImportMode, rows::PeriodSource};
use sqlx::{Connection, SqliteConnection};
use std::{fs, io::Cursor, path::Path};

const NATIONAL_ID: &str = "CANARY-Żółć-7731905";
const BUSINESS_KEY: &str = "KANARIENVOGEL/88-17";
const REASON: &str = "canary reason 5550123";
const MONEY: &str = "7319052844.16";
const MINOR_UNITS: i64 = 731_905_284_416;
const BORN: &str = "1931-07-23";
const BORN_VALUE: i64 = 19_310_723;
const PASSPHRASE: &str = "correct canary battery staple";

/// A value and everything it could be stored as.
struct Canary {
    name: &'static str,
    forms: Vec<(String, Vec<u8>)>,
}

fn text(name: &'static str, value: &str) -> Canary {
    let mut forms = bytes_forms("text", value.as_bytes());
    forms.push(("utf-16le".into(), value.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    forms.push(("utf-16be".into(), value.encode_utf16().flat_map(u16::to_be_bytes).collect()));
    forms.extend(element_forms("hash", text_value(value)));
    Canary { name, forms }
}

fn integer(name: &'static str, value: i64) -> Canary {
    let mut forms = bytes_forms("decimal", value.to_string().as_bytes());
    // The shortest forms: SQLite stores an integer in as few as 4 or 6 big-endian bytes.
    let significant = (8 - value.leading_zeros() as usize / 8).max(4);
    forms.push(("big-endian".into(), value.to_be_bytes()[8 - significant..].to_vec()));
    forms.push(("little-endian".into(), value.to_le_bytes()[..significant].to_vec()));
    forms.extend(element_forms("element", F::from(value as u64)));
    Canary { name, forms }
}

fn element(name: &'static str, value: F) -> Canary {
    Canary { name, forms: element_forms("element", value) }
}

fn element_forms(what: &str, value: F) -> Vec<(String, Vec<u8>)> {
    let big = field::to_bytes(value);
    let mut forms = bytes_forms(what, &big);
    forms.push((format!("{what}, little-endian"), big.iter().rev().copied().collect()));
    forms.push((format!("{what}, decimal"), value.to_string().into_bytes()));
    // Montgomery limbs, as memory holds them.
    forms.push((format!("{what}, Montgomery"), value.0.0.iter().flat_map(|limb| limb.to_le_bytes()).collect()));
    forms
}

fn bytes_forms(what: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms = vec![
        (what.to_owned(), bytes.to_vec()),
        (format!("{what}, hex"), hex::encode(bytes).into_bytes()),
        (format!("{what}, HEX"), hex::encode_upper(bytes).into_bytes()),
    ];
    // Base64 at any alignment: the characters that depend on these bytes alone.
    for alphabet in [b"+/", b"-_"] {
        for shift in 0..3 {
            let padded = [&[0u8; 2][..shift], bytes].concat();
            let encoded = base64(&padded, alphabet);
            let (from, to) = ((shift * 8).div_ceil(6), padded.len() * 8 / 6);
            forms.push((format!("{what}, base64 at {shift}"), encoded[from..to].to_vec()));
        }
    }
    forms
}

fn base64(bytes: &[u8], last: &[u8; 2]) -> Vec<u8> {
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |acc, b| acc << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|i| alphabet[(word >> (18 - 6 * i) & 63) as usize]));
    }
    out
}

/// Where a form of a canary stands in the files of a directory.
fn found(directory: &Path, canaries: &[Canary]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for canary in canaries {
            for (form, needle) in &canary.forms {
                assert!(needle.len() >= 4, "{} as {form} is too short to search for", canary.name);
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    out.push(format!("{} as {form} in {}", canary.name, path.file_name().unwrap().display()));
                }
            }
        }
    }
    out
}

fn planted() -> Vec<Canary> {
    vec![
        text("national id", NATIONAL_ID),
        text("business key", BUSINESS_KEY),
        text("reason", REASON),
        text("money", MONEY),
        integer("minor units", MINOR_UNITS),
        text("born", BORN),
        integer("born as integer", BORN_VALUE),
        text("passphrase", PASSPHRASE),
    ]
}

#[tokio::test]
async fn no_planted_value_is_in_any_file() {
    let registry = Registry::new();
    let master = || MasterKey::Passphrase(PASSPHRASE.to_owned().into());
    let creation = sealroot_vault::Creation { argon2: Argon2Cost::LEAST, ..registry.creation() };
    let vault = Vault::create_embedded(&registry.path(), &registry::agency(), &master(), creation).await.unwrap();
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |flag: &str| format!("{header}{NATIONAL_ID},{BUSINESS_KEY},{BORN},south,{flag},{MONEY},1.00,2.00,3\n");
    let mut plan = plan(ImportMode::Add);
    plan.columns.business_key = Some("key".into());
    vault.import(Cursor::new(row("false")), plan.clone(), |_| {}).await.unwrap();
    let subject = vault.subject(NATIONAL_ID).unwrap();
    enrol(&vault, subject, &wallet(9), None).await;
    registry.anchor(&vault).await;
    let mut asked = which(&vault, 0);
    asked.subject = subject;
    let why = Access { who: REASON.into(), why: REASON.into() };
    let record = vault.open_record(&asked, None, &why).await.unwrap().record;

    let mut canaries = planted();
    canaries.extend([
        element("subject", record.subject.0),
        element("serial", record.serial.0),
        element("salt", record.salt.0),
        element("key", wallet(9).public_key().x()),
        element("key", wallet(9).public_key().y()),
    ]);
    // Write-ahead logs and shared memory are searched while they are full, and again after each kind of write.
    assert_eq!(found(&registry.path(), &canaries), Vec::<String>::new(), "after import");
    plan.mode = registry::UPDATE;
    vault.import(Cursor::new(row("true")), plan.clone(), |_| {}).await.unwrap();
    enrol(&vault, subject, &wallet(10), None).await;
    assert_eq!(found(&registry.path(), &canaries), Vec::<String>::new(), "after update");
    vault.rotate_keys(|_| {}).await.unwrap();
    vault.erase(subject, &access()).await.unwrap();
    assert_eq!(found(&registry.path(), &canaries), Vec::<String>::new(), "after erasure");
    // A rejected file leaves nothing, and its report doesn't repeat it.
    plan.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    let rejected = row(NATIONAL_ID);
    let error = vault.import(Cursor::new(rejected), plan, |_| {}).await.unwrap_err();
    assert!(!error.to_string().contains("CANARY") && !format!("{error:?}").contains("CANARY"), "{error:?}");
    vault.close().await;
    assert_eq!(found(&registry.path(), &canaries), Vec::<String>::new(), "after closing");
}

/// Positive control: each value, stored carelessly in a database, is found, and so is every single form in a file.
#[tokio::test]
async fn the_search_finds_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plain.db");
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    sqlx::query("CREATE TABLE careless (a TEXT, b TEXT, c TEXT, d TEXT, e INTEGER, f TEXT, g INTEGER, h TEXT)")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO careless VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(NATIONAL_ID)
        .bind(BUSINESS_KEY)
        .bind(REASON)
        .bind(MONEY)
        .bind(MINOR_UNITS)
        .bind(BORN)
        .bind(BORN_VALUE)
        .bind(PASSPHRASE)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let hits = found(directory.path(), &planted());
    for canary in planted() {
        assert!(hits.iter().any(|hit| hit.starts_with(canary.name)), "{} was not found: {hits:?}", canary.name);
    }
    for canary in planted() {
        for (form, needle) in &canary.forms {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join("file"), [b"before ", needle.as_slice(), b" behind"].concat()).unwrap();
            let hits = found(directory.path(), std::slice::from_ref(&canary));
            assert!(hits.iter().any(|hit| hit.contains(form.as_str())), "{} as {form}", canary.name);
        }
    }
}
