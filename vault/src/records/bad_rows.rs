//! Rows of a file that can't be imported.
//!
//! Guarantee: a bad cell is reported with line, column and what is wrong, and never with its contents, because reports end up in logs; however many rows have
//! the same fault, it is said once.

use sealroot_protocol::{
    code::{Code, Coded},
    printable::counted,
};
use std::fmt;

/// Problems and changes that a report lists; all are counted.
pub const LISTED: usize = 100;

/// Lines that a group of problems names; all are counted.
const LINES: usize = 5;

/// Why a row can't be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line of the file on which the row begins, from 1 on, as an editor counts them.
    pub line: u64,
    /// Column, if one is to blame.
    pub column: Option<String>,
    /// What is wrong; never the cell's contents.
    pub what: String,
    /// [`Code::BadRows`], or a narrower one.
    pub code: Code,
}

impl RowProblem {
    pub(crate) fn new(line: u64, column: Option<String>, what: impl Into<String>) -> Self {
        Self { line, column, what: what.into(), code: Code::BadRows }
    }
}

/// `, column born: no day`, with the code where it says more than that the row is bad.
fn told(f: &mut fmt::Formatter<'_>, column: Option<&str>, code: Code, what: &str) -> fmt::Result {
    column.map_or(Ok(()), |column| write!(f, ", column {column}"))?;
    if code == Code::BadRows { write!(f, ": {what}") } else { write!(f, ": {what} [{code}]") }
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        told(f, self.column.as_deref(), self.code, &self.what)
    }
}

/// The same fault in some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemGroup {
    /// Column, if one is to blame.
    pub column: Option<String>,
    /// What is wrong; never the cell's contents.
    pub what: String,
    /// The first lines with it.
    pub lines: Vec<u64>,
    /// How many rows have it.
    pub count: u64,
    /// [`Code::BadRows`], or a narrower one.
    pub code: Code,
}

impl fmt::Display for ProblemGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = self.count.saturating_sub(self.lines.len() as u64);
        f.write_str(if self.count == 1 { "line " } else { "lines " })?;
        for (i, line) in self.lines.iter().enumerate() {
            let between = match i {
                0 => "",
                _ if more == 0 && i + 1 == self.lines.len() => " and ",
                _ => ", ",
            };
            write!(f, "{between}{line}")?;
        }
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        told(f, self.column.as_deref(), self.code, &self.what)
    }
}

/// What is wrong with a file's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    /// One by one, the first [`LISTED`].
    pub listed: Vec<RowProblem>,
    /// By column and fault, the first [`LISTED`] of them, with all their rows counted.
    pub groups: Vec<ProblemGroup>,
}

impl Problems {
    /// Takes another one.
    pub(crate) fn push(&mut self, problem: RowProblem) {
        let same = |group: &ProblemGroup| group.column == problem.column && group.what == problem.what;
        let (at, room) = (self.groups.iter().position(same), self.groups.len() < LISTED);
        match at.and_then(|at| self.groups.get_mut(at)) {
            Some(group) => {
                group.count += 1;
                if group.lines.len() < LINES {
                    group.lines.push(problem.line);
                }
            }
            None if room => self.groups.push(ProblemGroup {
                column: problem.column.clone(),
                what: problem.what.clone(),
                lines: vec![problem.line],
                count: 1,
                code: problem.code,
            }),
            None => {}
        }
        if self.listed.len() < LISTED {
            self.listed.push(problem);
        }
    }
}

/// A file with bad rows, of which nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.summary())]
pub struct BadRows {
    /// Rows that were read.
    pub rows: u64,
    /// How many of them are bad.
    pub bad_rows: u64,
    /// How many of these are bad only because the vault has their records already.
    pub already: u64,
    /// What is wrong with them.
    pub problems: Problems,
}

impl BadRows {
    /// Whether all of the file is in the vault already: it was imported before.
    pub fn is_repetition(&self) -> bool {
        self.already > 0 && self.already == self.rows
    }

    fn summary(&self) -> String {
        if self.is_repetition() {
            return format!(
                "nothing was imported: the vault has records for the whole file already ({}), as after importing it before",
                counted(self.rows, "row", "rows")
            );
        }
        let first = self.problems.groups.first().map(ToString::to_string).unwrap_or_default();
        let rows = counted(self.bad_rows, "row", "rows");
        format!("{rows} of {} can't be imported, so nothing was; the first fault: {first}", self.rows)
    }
}

impl Coded for BadRows {
    fn code(&self) -> Code {
        Code::BadRows
    }

    fn advice(&self) -> Option<String> {
        let update = "import it with --update, which compares the rows with the records and changes what differs";
        self.is_repetition().then(|| update.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_said_once() {
        let mut problems = Problems::default();
        let problem = |line, column: Option<&str>, what: &str| RowProblem::new(line, column.map(str::to_owned), what);
        (2..62).for_each(|line| problems.push(problem(line, None, "is there already")));
        problems.push(problem(70, Some("born"), "no day"));
        problems.push(problem(71, Some("district"), "no day"));
        problems.push(problem(72, Some("district"), "no day"));
        let said: Vec<_> = problems.groups.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "lines 2, 3, 4, 5, 6 and 55 more: is there already",
                "line 70, column born: no day",
                "lines 71 and 72, column district: no day"
            ]
        );
        (0..1000).for_each(|line| problems.push(problem(line, None, &line.to_string())));
        assert_eq!((problems.listed.len(), problems.groups.len()), (LISTED, LISTED));
    }
}
