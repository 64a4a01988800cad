//! Why a store fails.

use sealroot_protocol::code::{Code, Coded};

/// The database failed, or can't give the durability that is promised.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// From the driver.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("database migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A pragma didn't take.
    #[error("the database refuses {pragma} = {wanted} (it says {found}): acknowledged writes would not be durable")]
    Durability {
        /// Name of the setting.
        pragma: &'static str,
        /// Value that is needed.
        wanted: &'static str,
        /// Value read back.
        found: String,
    },
    /// The directory can't be used.
    #[error("{path}: {source}")]
    File {
        /// The file or directory.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A column doesn't have the form that this program writes.
    #[error("column {0} holds a value that this program never writes")]
    Column(&'static str),
    /// A sink that is down, full or closed.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Database(_) => Code::Database,
            Self::Migration(_) => Code::DatabaseMigration,
            Self::Durability { .. } => Code::DatabaseNotDurable,
            Self::File { .. } => Code::InputOutput,
            Self::Column(_) => Code::DatabaseForeignValue,
            Self::Unavailable(_) => Code::StoreUnavailable,
        }
    }
}
