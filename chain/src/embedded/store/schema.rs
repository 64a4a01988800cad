//! The tables, and that a database has them and nothing else.

use crate::embedded::error::EmbeddedError;
use sqlx::{Connection, Row, SqliteConnection};

/// Every table of `chain.sqlite`. `docs/DATA_MODEL.md` has a row for each column, which a test compares.
const SCHEMA: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, time INTEGER NOT NULL,
    header BLOB NOT NULL) STRICT;
CREATE TABLE transactions (block INTEGER NOT NULL REFERENCES blocks, position INTEGER NOT NULL,
    hash BLOB NOT NULL UNIQUE, raw BLOB NOT NULL, receipt BLOB NOT NULL, PRIMARY KEY (block, position)) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (address BLOB NOT NULL, block INTEGER NOT NULL REFERENCES blocks, nonce INTEGER NOT NULL,
    balance BLOB NOT NULL, code_hash BLOB NOT NULL, PRIMARY KEY (address, block)) STRICT, WITHOUT ROWID;
CREATE TABLE storage (address BLOB NOT NULL, slot BLOB NOT NULL, block INTEGER NOT NULL REFERENCES blocks,
    value BLOB NOT NULL, PRIMARY KEY (address, slot, block)) STRICT, WITHOUT ROWID;
CREATE TABLE codes (hash BLOB PRIMARY KEY, code BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// Makes the tables in an empty database.
pub(super) async fn create(connection: &mut SqliteConnection) -> Result<(), EmbeddedError> {
    sqlx::raw_sql(SCHEMA).execute(connection).await?;
    Ok(())
}

/// Whether nothing was ever made in it.
pub(super) async fn is_empty(connection: &mut SqliteConnection) -> Result<bool, EmbeddedError> {
    Ok(objects(connection).await?.is_empty())
}

/// Compares tables, indices, triggers and views with those of a new database. A trigger could make every later block vanish, a view stand for a table.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), EmbeddedError> {
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await?;
    create(&mut fresh).await?;
    let (expected, found) = (objects(&mut fresh).await?, objects(connection).await?);
    let missing = expected.iter().find(|object| !found.contains(object)).map(|object| ("lacks", object));
    let foreign = found.iter().find(|object| !expected.contains(object)).map(|object| ("has", object));
    match missing.or(foreign) {
        None if expected.len() == found.len() => Ok(()),
        None => Err(EmbeddedError::Damaged("a table or index stands twice in it".into())),
        Some((verb, Object { kind, name, .. })) => {
            let (kind, name) = (shown(kind), shown(name));
            Err(EmbeddedError::Damaged(format!(
                "it {verb} the {kind} {name}, as this program's migrations don't make it"
            )))
        }
    }
}

/// A table, index, trigger or view, and the statement that made it.
#[derive(Debug, PartialEq, Eq)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

async fn objects(connection: &mut SqliteConnection) -> Result<Vec<Object>, EmbeddedError> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name";
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Object, EmbeddedError> {
        Ok(Object { kind: row.try_get(0)?, name: row.try_get(1)?, table: row.try_get(2)?, sql: row.try_get(3)? })
    };
    rows.iter().map(read).collect()
}

/// Names in a damaged database are somebody else's text.
fn shown(text: &str) -> String {
    sealroot_protocol::printable::printable(text).chars().take(60).collect()
}
