//! One import under way: what it was asked, where it stands, what it has to report.

use super::{
    compared::Compared,
    plan::{ImportPlan, ImportReport},
};
use crate::{
    records::{
        bad_rows::RowProblem,
        household::Claimed,
        issue::{FoundBy, SchemaShape},
        rows::{About, ParsedRow, Unread},
    },
    store::Epoch,
};
use sealroot_protocol::{
    record::Record,
    schema::{Attribute, SchemaId},
};
use std::collections::{BTreeMap, BTreeSet};

/// One import under way.
pub(super) struct Run {
    pub(super) plan: ImportPlan,
    pub(super) schema_id: SchemaId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) shape: SchemaShape,
    pub(super) batch: [u8; 16],
    pub(super) epoch: Epoch,
    /// Index of the first record that is new: what has a later one was written by this import.
    pub(super) first_index: u64,
    pub(super) next_index: u64,
    /// Whether rows had to be marked as seen.
    pub(super) marked: bool,
    pub(super) periods: BTreeSet<u32>,
    /// Members whom another household had when a row named them.
    pub(super) claimed: Vec<Claimed>,
    /// Whom rows are about that were not imported: nobody of them is missing from the file.
    pub(super) skipped: Vec<About>,
    /// Rows that are bad only because the vault has their records.
    pub(super) already: u64,
    /// New records that were written, by period.
    pub(super) written: BTreeMap<u32, u64>,
    /// Whose records rows were compared with.
    pub(super) compared: Compared,
    pub(super) report: ImportReport,
}

/// A row with the references it is found by.
pub(super) struct Keyed {
    pub(super) row: ParsedRow,
    pub(super) found_by: FoundBy,
}

impl Run {
    /// Whether there is still something to be written: not in a dry run, and not once the file is known to be rejected.
    pub(super) fn writing(&self) -> bool {
        !self.plan.dry_run && (self.report.progress.bad_rows == 0 || self.plan.skip_bad_rows)
    }

    /// A row that fits the schema and can't be imported. The person whom it is about is not missing.
    pub(super) fn skip(&mut self, row: &ParsedRow, what: &str) {
        self.report.progress.bad_rows += 1;
        self.skipped.push(row.about());
        self.list_problems(vec![RowProblem::new(row.line, None, what)]);
    }

    /// The same, for a row whose id is likely to be another person's than the one that it is about: nobody can be known to be missing then.
    pub(super) fn skip_unknown(&mut self, row: &ParsedRow, problem: RowProblem, why: &'static str) {
        self.report.progress.bad_rows += 1;
        self.skipped.push(row.about());
        self.list_problems(vec![problem]);
        self.unread(Unread { line: row.line, why });
    }

    /// A row of which nobody knows whom it is about. The first of them is told.
    pub(super) fn unread(&mut self, unread: Unread) {
        let first = self.report.unread.filter(|before| before.line <= unread.line);
        self.report.unread = Some(first.unwrap_or(unread));
    }

    pub(super) fn list_problems(&mut self, problems: Vec<RowProblem>) {
        problems.into_iter().for_each(|problem| self.report.problems.push(problem));
    }

    pub(super) fn differing(&self, record: &Record, row: &ParsedRow) -> Vec<String> {
        let pairs = record.attributes.0.iter().zip(&row.attributes.0);
        self.attributes.iter().zip(pairs).filter(|(_, (old, new))| old != new).map(|(a, _)| a.name.clone()).collect()
    }
}
