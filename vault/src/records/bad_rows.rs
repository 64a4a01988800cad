//! Rows of a file that can't be imported.
//!
//! Guarantee: a bad cell is reported with line, column and what is wrong, and never with its contents, because reports end up in logs.

use sealroot_protocol::code::{Code, Coded};
use std::fmt;

/// Problems and changes that a report lists; all are counted.
pub const LISTED: usize = 100;

/// Why a row can't be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line of the file on which the row begins, from 1 on; the header is line 1.
    pub line: u64,
    /// Column, if one is to blame.
    pub column: Option<String>,
    /// What is wrong; never the cell's contents.
    pub what: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.what),
            None => write!(f, "line {}: {}", self.line, self.what),
        }
    }
}

/// A file with bad rows, of which nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{bad_rows} rows can't be imported, so nothing was; the first: {}", .problems.first().map(ToString::to_string).unwrap_or_default())]
pub struct BadRows {
    /// How many rows.
    pub bad_rows: u64,
    /// Bad cells, the first [`LISTED`].
    pub problems: Vec<RowProblem>,
}

impl Coded for BadRows {
    fn code(&self) -> Code {
        Code::BadRows
    }
}
