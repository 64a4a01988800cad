//! One import under way: what it was asked, where it stands, what it has to report.

use super::plan::{ImportPlan, ImportReport};
use crate::{
    records::{
        bad_rows::{LISTED, RowProblem},
        household::Claimed,
        issue::SchemaShape,
        rows::ParsedRow,
    },
    store::{Epoch, Reference},
};
use sealroot_protocol::{
    record::Record,
    schema::{Attribute, SchemaId},
};
use std::collections::BTreeSet;

/// One import under way.
pub(super) struct Run {
    pub(super) plan: ImportPlan,
    pub(super) schema_id: SchemaId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) shape: SchemaShape,
    pub(super) batch: [u8; 16],
    pub(super) epoch: Epoch,
    pub(super) next_index: u64,
    pub(super) periods: BTreeSet<u32>,
    /// Members whom another household had when a row named them.
    pub(super) claimed: Vec<Claimed>,
    pub(super) report: ImportReport,
}

/// A row with the references it is found by.
pub(super) struct Keyed {
    pub(super) row: ParsedRow,
    pub(super) lookup: Reference,
    pub(super) serial: Reference,
    pub(super) subject: Reference,
}

impl Run {
    /// Whether there is still something to be written: not in a dry run, and not once the file is known to be rejected.
    pub(super) fn writing(&self) -> bool {
        !self.plan.dry_run && (self.report.progress.bad_rows == 0 || self.plan.skip_bad_rows)
    }

    pub(super) fn bad_row(&mut self, line: u64, what: &str) {
        self.report.progress.bad_rows += 1;
        self.list_problems(vec![RowProblem { line, column: None, what: what.to_owned() }]);
    }

    pub(super) fn list_problems(&mut self, problems: Vec<RowProblem>) {
        let room = LISTED - self.report.problems.len();
        self.report.problems.extend(problems.into_iter().take(room));
    }

    pub(super) fn differing(&self, record: &Record, row: &ParsedRow) -> Vec<String> {
        let pairs = record.attributes.0.iter().zip(&row.attributes.0);
        self.attributes.iter().zip(pairs).filter(|(_, (old, new))| old != new).map(|(a, _)| a.name.clone()).collect()
    }
}
