//! The attacker's hand: SQL on the vault's files, beside the vault.

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

pub struct Database(SqliteConnection);

impl Database {
    pub async fn open(directory: &Path, file: &str) -> Self {
        let options = SqliteConnectOptions::new().filename(directory.join(file)).foreign_keys(false);
        Self(SqliteConnection::connect_with(&options).await.unwrap())
    }

    /// Returns how many rows changed.
    pub async fn run(&mut self, sql: &str) -> u64 {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0).await.unwrap().rows_affected()
    }

    /// The same, where a constraint may forbid it.
    pub async fn attempt(&mut self, sql: &str) -> bool {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0)
            .await
            .is_ok_and(|done| done.rows_affected() > 0)
    }

    /// The first column of each row, as SQL writes it.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(|row| row.try_get(0).unwrap()).collect()
    }

    pub async fn count(&mut self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut self.0).await.unwrap().try_get(0).unwrap()
    }

    pub async fn close(self) {
        self.0.close().await.unwrap();
    }
}
