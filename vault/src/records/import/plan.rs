//! What to import, how, and what came of it.

use super::{
    removal::{MissingIn, Removal},
    times::Times,
};
use crate::{
    error::{Rejection, VaultError},
    records::{
        bad_rows::{BadRows, Problems},
        rows::{Columns, Unread},
    },
};
use sealroot_protocol::schema::Schema;

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    /// What the columns mean.
    pub schema: Schema,
    /// Which columns hold id, key and period.
    pub columns: Columns,
    /// Add, or compare and update.
    pub mode: ImportMode,
    /// Only show what would happen, the failure of the real import included ([`ImportReport::would_fail`]).
    pub dry_run: bool,
    /// Import the good rows of a file that has bad ones. Otherwise nothing of it is imported.
    pub skip_bad_rows: bool,
}

/// Add, or compare and update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Every row is a new record.
    Add,
    /// Rows are compared with the records that have the same business key and period.
    Update {
        /// What becomes of the records that the file lacks, in the periods that it speaks of.
        missing: Missing,
    },
}

/// What becomes of the records that an update's file lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// They stay.
    Keep,
    /// They are removed, as far as that was confirmed.
    Remove(Removal),
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// New records.
    pub added: u64,
    /// Records with a new version.
    pub changed: u64,
    /// Records that stayed as they are.
    pub unchanged: u64,
    /// Rows that can't be imported.
    pub bad_rows: u64,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Rows, by what became of them.
    pub progress: Progress,
    /// Live records that the file lacks.
    pub missing: u64,
    /// Where they are: the periods that the file speaks of and lacks records of.
    pub missing_in: Vec<MissingIn>,
    /// How many of them were removed.
    pub removed: u64,
    /// Why the file doesn't show who is missing from it, if it doesn't.
    pub unread: Option<Unread>,
    /// Bad cells.
    pub problems: Problems,
    /// Changed rows, the first [`super::LISTED`].
    pub changes: Vec<RowChange>,
    /// Columns that the schema doesn't know.
    pub ignored_columns: Vec<String>,
    /// How long it took, part by part.
    pub times: Times,
    /// Whether it is in the vault now.
    pub committed: bool,
    /// What the real import would fail with, after a dry run.
    pub would_fail: Option<WouldFail>,
}

/// Why an import fails that was understood to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WouldFail {
    /// Rows can't be imported.
    BadRows(Box<BadRows>),
    /// Removals aren't confirmed, or can't be known.
    Rejected(Rejection),
}

impl From<WouldFail> for VaultError {
    fn from(failure: WouldFail) -> Self {
        match failure {
            WouldFail::BadRows(bad) => Self::BadRows(bad),
            WouldFail::Rejected(rejection) => Self::Rejected(rejection),
        }
    }
}

/// A row that differs from its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Line on which the row begins.
    pub line: u64,
    /// Attributes that differ; never their values.
    pub attributes: Vec<String>,
    /// Whether the person differs: that person's key then starts anew.
    pub subject: bool,
}
