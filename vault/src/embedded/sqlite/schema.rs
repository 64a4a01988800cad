//! Tables, indices, triggers and views of a file, compared with what the migrations make.
//!
//! A trigger that ignores inserts, or puts deleted rows back, makes every promise about a write void; a view can stand for a table. Guarantee: a file that has more, less or
//! others than a new one isn't used. Nor is, where all rows of a table are asked for, one whose indices don't have the rows that it has. Non-guarantee: that nobody adds a trigger while the vault is open; what a promise depends on is therefore read back as well.

use super::Tables;
use crate::store::StoreError;
use sealroot_protocol::printable::printable;
use sqlx::{
    AssertSqlSafe, Row, SqlSafeStr, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::SqlitePoolOptions,
};

/// Makes the tables that are missing.
pub(super) async fn migrate(db: &SqlitePool, file: &'static str, tables: Tables) -> Result<(), StoreError> {
    let migrations = (1..).zip(tables).map(|(version, (title, sql))| {
        Migration::new(version, (*title).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    match Migrator::with_migrations(migrations.collect()).run(db).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMismatch(_) | MigrateError::VersionMissing(_)) => Err(StoreError::OtherVersion(file)),
        Err(error) => Err(error.into()),
    }
}

/// Compares a file with a new one.
pub(super) async fn check(db: &SqlitePool, file: &'static str, tables: Tables) -> Result<(), StoreError> {
    // One connection: another would have a memory of its own.
    let fresh = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect("sqlite::memory:")
        .await?;
    migrate(&fresh, file, tables).await?;
    let (expected, found) = (objects(&fresh).await?, objects(db).await?);
    fresh.close().await;
    let lacks = expected.iter().find(|object| !found.contains(object)).map(|object| ("lacks", object));
    let has = found.iter().find(|object| !expected.contains(object)).map(|object| ("has", object));
    // A foreign one first: a table that was changed is missing as well as foreign.
    match has.or(lacks) {
        Some((verb, Object { kind, name, .. })) => {
            Err(StoreError::ForeignSchema { file, verb, kind: printable(kind), name: printable(name) })
        }
        None => Ok(()),
    }
}

/// Compares the indices of a table, or of all, with its rows, and looks whether the pages fit together.
pub(super) async fn check_indices(
    db: &mut SqliteConnection,
    file: &'static str,
    table: Option<&'static str>,
) -> Result<(), StoreError> {
    let sql = table.map_or("PRAGMA integrity_check".into(), |table| format!("PRAGMA integrity_check('{table}')"));
    let what: String = sqlx::query(AssertSqlSafe(sql)).fetch_one(db).await?.try_get(0)?;
    if what == "ok" { Ok(()) } else { Err(StoreError::Structure { file, what: printable(&what) }) }
}

/// A table, index, trigger or view, and the statement that made it.
#[derive(PartialEq, Eq)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

async fn objects(db: &SqlitePool) -> Result<Vec<Object>, StoreError> {
    let rows = sqlx::query("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let (kind, name, table) = (row.try_get("type")?, row.try_get("name")?, row.try_get("tbl_name")?);
            Ok(Object { kind, name, table, sql: row.try_get("sql")? })
        })
        .collect()
}
