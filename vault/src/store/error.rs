//! Why a store fails.

use sealroot_protocol::{
    code::{Code, Coded},
    printable::counted,
};
use sqlx::migrate::MigrateError;

/// The database failed, or can't give the durability that is promised.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// From the driver.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("database migration: {0}")]
    Migration(#[from] MigrateError),
    /// The tables are another version's.
    #[error("{0} was made by another version of this program, whose tables are not this version's")]
    OtherVersion(&'static str),
    /// A table, index, trigger or view that the migrations don't make, or make otherwise.
    #[error("{file} {verb} the {kind} {name}, as this program never makes it: somebody changed the database's schema")]
    ForeignSchema {
        /// The database's file.
        file: &'static str,
        /// Whether it lacks or has it.
        verb: &'static str,
        /// Table, index, trigger or view.
        kind: String,
        /// Its name.
        name: String,
    },
    /// An index lacks a row of its table or has another's, or pages don't fit together.
    #[error("{file} is damaged: {what}")]
    Structure {
        /// The database's file.
        file: &'static str,
        /// What the database finds.
        what: String,
    },
    /// A row whose tag isn't this vault's, or is another row's.
    #[error("a row of {0} is not the one that this vault wrote")]
    Tag(&'static str),
    /// The rows of a table aren't those that were written: one is missing, was set back, or is one too many.
    #[error("the rows of {0} are not those that this vault wrote last")]
    Rows(&'static str),
    /// What the store holds isn't what its newest transaction left.
    #[error("the vault's state is missing, or another than this vault wrote last")]
    State,
    /// The access log has an entry without its hashes, or hashes without their entry.
    #[error("the access log's hashes do not fit its entries: it was cut or changed")]
    LogCut,
    /// What was done is durable, and the access log doesn't say so yet.
    #[error("what was written is stored, but the access log could not be told so: {0}")]
    Untold(#[source] Box<StoreError>),
    /// Another process appended an entry there first.
    #[error("the access log has an entry {0} already")]
    Taken(u64),
    /// A write that didn't reach the rows that it was meant for.
    #[error(
        "a write to {table} reached {} where it had to reach {wanted}: nothing is promised that depends on it",
        counted(*reached, "row", "rows")
    )]
    Lost {
        /// The table.
        table: &'static str,
        /// Rows that had to change.
        wanted: u64,
        /// Rows that did.
        reached: u64,
    },
    /// Rows that are still there after they were deleted.
    #[error("after a deletion {table} has still {} of it: nothing is promised that depends on it", counted(*left, "row", "rows"))]
    Left {
        /// The table.
        table: &'static str,
        /// Rows that are left.
        left: u64,
    },
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
    /// A write by a process that only reads.
    #[error("the vault was opened to be read, beside a process that writes")]
    Reading,
    /// A sink that is down, full or closed.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Database(error)
            | Self::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                of_driver(error).unwrap_or(match self {
                    Self::Migration(_) => Code::DatabaseMigration,
                    _ => Code::Database,
                })
            }
            Self::Migration(_) => Code::DatabaseMigration,
            Self::Structure { .. } => Code::DatabaseDamaged,
            Self::OtherVersion(_) => Code::DatabaseOtherVersion,
            Self::ForeignSchema { .. } => Code::DatabaseForeignSchema,
            Self::Tag(_) => Code::StoredRowForged,
            Self::Rows(_) => Code::StoredRowsReplaced,
            Self::State => Code::VaultSetBack,
            Self::LogCut => Code::AccessLogInconsistent,
            Self::Untold(error) => error.code_of_log(),
            Self::Taken(_) => Code::StoreUnavailable,
            Self::Lost { .. } | Self::Left { .. } => Code::DatabaseWriteLost,
            Self::Durability { .. } => Code::DatabaseNotDurable,
            Self::File { source, .. } => match sealroot_files::code_of(source) {
                code @ (Code::NotRegularFile | Code::FileTooLarge) => code,
                _ => Code::InputOutput,
            },
            Self::Column(_) => Code::DatabaseForeignValue,
            Self::Reading => Code::VaultInUse,
            Self::Unavailable(_) => Code::StoreUnavailable,
        }
    }
}

impl StoreError {
    /// The code where the access log couldn't be written. Room on the disk doesn't help a log that was cut.
    pub(crate) fn code_of_log(&self) -> Code {
        match self {
            Self::LogCut => Code::AccessLogInconsistent,
            _ => Code::AccessLogUnwritable,
        }
    }
}

/// What no second run helps with: SQLite calls it corrupt (11), or no database (26); or a value has a type that this program never writes.
fn of_driver(error: &sqlx::Error) -> Option<Code> {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Some(Code::DatabaseForeignValue),
        _ => {
            let code = error.as_database_error()?.code()?;
            matches!(&*code, "11" | "26").then_some(Code::DatabaseDamaged)
        }
    }
}
