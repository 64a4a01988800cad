//! The file: one SQLite database, written by this process alone.
//!
//! Guarantee: what a use case answered is on disk (WAL, `synchronous = FULL`), and what it deleted is overwritten there (`secure_delete`).

use crate::{
    error::PostError,
    schema::{SCHEMA, VERSION},
};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

/// Opens the file of this name in a directory, or makes it there.
pub(crate) async fn open(path: &Path) -> Result<SqliteConnection, PostError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("secure_delete", "ON")
        .busy_timeout(Duration::from_secs(10));
    let mut connection = SqliteConnection::connect_with(&options).await?;
    // Believe what the database says, not what was asked.
    let journal: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut connection).await?.try_get(0)?;
    let synchronous: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut connection).await?.try_get(0)?;
    if journal != "wal" || synchronous != 2 {
        return Err(PostError::File("it isn't durable where it lies; keep it on a local disk".into()));
    }
    check(&mut connection).await?;
    Ok(connection)
}

/// Makes the tables in a new file; refuses a file of another form.
async fn check(connection: &mut SqliteConnection) -> Result<(), PostError> {
    let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?.try_get(0)?;
    let found = objects(connection).await?;
    if version == 0 && found.is_empty() {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {VERSION}")))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        return Ok(());
    }
    if version != VERSION {
        return Err(PostError::File(format!("it has version {version}, and this program reads {VERSION}")));
    }
    // A trigger could keep envelopes back, or copy them.
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await?;
    sqlx::raw_sql(SCHEMA).execute(&mut fresh).await?;
    if found != objects(&mut fresh).await? {
        return Err(PostError::File("it has other tables, indices or triggers than this program makes".into()));
    }
    Ok(())
}

async fn objects(connection: &mut SqliteConnection) -> Result<Vec<(String, String, Option<String>)>, PostError> {
    let rows =
        sqlx::query("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

/// A count or time as SQLite has it: 63 bits are more than there can be.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The same, read.
pub(crate) fn natural(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
