//! Files that aren't text: keys, tables, databases.

use super::Found;
use sealroot_verifier::{
    key_header::{KeyHeader, KeyKind, KeySecurity},
    universal_key::UniversalKey,
};

/// How a file of tables begins.
const TABLES: &[u8] = b"sealroot/1:table";

/// How a database of SQLite begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    universal_key(bytes).or_else(|| proving_key(bytes)).or_else(|| tables(bytes)).or_else(|| database(bytes))
}

fn setup(insecure: bool) -> &'static str {
    if insecure { "development: INSECURE" } else { "ceremony" }
}

fn universal_key(bytes: &[u8]) -> Option<Found> {
    let key = UniversalKey::from_unpinned(bytes, KeySecurity::AllowInsecure).ok()?;
    Some(
        Found::new("universal key")
            .text("sha256", key.hash())
            .text("shape", key.shape())
            .text("circuit", key.circuit())
            .text("setup", setup(key.is_insecure())),
    )
}

fn proving_key(bytes: &[u8]) -> Option<Found> {
    let (header, _) = KeyHeader::decode(bytes, KeyKind::Proving, KeySecurity::AllowInsecure).ok()?;
    Some(
        Found::new("proving key")
            .text("shape", header.shape)
            .text("circuit", header.circuit)
            .text("setup", setup(header.insecure)),
    )
}

fn tables(bytes: &[u8]) -> Option<Found> {
    bytes.starts_with(TABLES).then(|| Found::new("tables of a proving key").number("bytes", bytes.len()))
}

fn database(bytes: &[u8]) -> Option<Found> {
    let what = "the database of a vault or of a chain: `agency status` and `chain show` say what is in it";
    bytes.starts_with(SQLITE).then(|| Found::new("SQLite database").text("holds", what))
}
