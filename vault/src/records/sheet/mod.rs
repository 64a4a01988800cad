//! What a spreadsheet wrote: a CSV file, read row by row (RFC 4180), strictly.
//!
//! Guarantees: every line of the file is a row, is blank, or is named as one that can't be read: a quote that doesn't close swallows nothing, because a line
//! that could be a row is never taken for part of a cell; the numbers of lines are those that an editor shows, whatever ends the lines; memory doesn't grow
//! with the file, whatever it contains; no message repeats a cell.
//! Non-guarantee: that a cell is UTF-8; the reader of a cell says so, and [`encoding::suspect`] names what it may be.
//!
//! The libraries for CSV are lenient where this must not be: a quote in the wrong place opens a cell that goes on to the next quote, rows among it.

mod cells;
pub(crate) mod encoding;
mod header;
mod lines;

pub(crate) use header::{Header, NotASheet};

use cells::{Cells, Split};
use lines::{Found, Line, Lines};
use std::io::{self, Read};

/// Longest row, bytes.
const MAX_ROW: usize = 1 << 20;

/// A CSV file whose header was read.
pub(crate) struct Sheet<R> {
    lines: Lines<R>,
    cells: Cells,
    header: Header,
}

/// What comes next in the file.
#[derive(Debug)]
pub(crate) enum Next<'a> {
    /// A row with a cell for each named column.
    Row(Row<'a>),
    /// A line that is no row; the file goes on with the line after it.
    Broken {
        /// Its number.
        line: u64,
        /// Why, without its contents.
        what: String,
    },
    /// The file can't be read further: nobody knows what stands behind.
    Unreadable {
        /// The first line that can't be read.
        line: u64,
        /// Why.
        what: String,
    },
    /// The end of the file.
    End,
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// Line on which it begins, from 1 on.
    pub(crate) line: u64,
    /// On how many lines it stands.
    pub(crate) lines: u64,
    cells: &'a Cells,
}

impl<'a> Row<'a> {
    /// A cell by its column, without its quotes.
    pub(crate) fn cell(&self, column: usize) -> &'a [u8] {
        self.cells.cell(column)
    }
}

impl<R: Read> Sheet<R> {
    /// Reads the header. `needed` are the names of columns that the file should have: they tell which separator it uses.
    pub(crate) fn open(source: R, needed: &[&str]) -> Result<Self, NotASheet> {
        let mut lines = Lines::new(source, MAX_ROW);
        let header = header::read(&mut lines, needed)?;
        Ok(Self { lines, cells: Cells::default(), header })
    }

    /// The header.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The next row, or why the next line is none.
    pub(crate) fn next(&mut self) -> Next<'_> {
        match self.advance() {
            Ok(Step::Row { line, lines }) => Next::Row(Row { line, lines, cells: &self.cells }),
            Ok(Step::Broken { line, what }) => Next::Broken { line, what },
            Ok(Step::End) => Next::End,
            Err(error) => {
                let line = self.lines.number();
                self.lines.close();
                Next::Unreadable { line, what: format!("the file can't be read further: {error}") }
            }
        }
    }

    fn advance(&mut self) -> io::Result<Step> {
        loop {
            let number = self.lines.number();
            let line = match self.lines.at(0)? {
                Found::End => return Ok(Step::End),
                Found::TooLong => {
                    self.lines.skip_line()?;
                    return Ok(Step::Broken { line: number, what: "the line is longer than 1 MiB".into() });
                }
                Found::Line(line) => line,
            };
            self.cells.clear();
            match self.cells.push(self.lines.text(line), self.header.separator) {
                Split::Done => {}
                Split::Open => return self.continued(number, line),
                Split::Bad(what) => {
                    self.lines.consume(line.next, 1);
                    return Ok(Step::Broken { line: number, what: what.into() });
                }
            }
            self.lines.consume(line.next, 1);
            if self.cells.are_blank() {
                continue;
            }
            return Ok(match self.cells.misfit(self.header.width()) {
                None => Step::Row { line: number, lines: 1 },
                Some(what) => Step::Broken { line: number, what },
            });
        }
    }

    /// A quoted cell is open at the end of the row's first line: where it closes, or that it doesn't.
    fn continued(&mut self, number: u64, first: Line) -> io::Result<Step> {
        let (mut last, mut count) = (first, 1);
        // Where the quote opens that is open now.
        let mut opened = number;
        let what = loop {
            let line = match self.lines.at(last.next)? {
                Found::End => break "a quote opens here and never closes",
                Found::TooLong => break "a quote opens here and doesn't close within 1 MiB",
                Found::Line(line) => line,
            };
            if line.end > MAX_ROW {
                break "a quote opens here and doesn't close within 1 MiB: a closing quote may be missing";
            }
            let text = self.lines.text(line);
            // As many separators as a row has: the quote swallowed a row, or would.
            let separators = text.iter().filter(|byte| **byte == self.header.separator).count();
            if separators + 1 >= self.header.width() {
                break "a quote opens here and doesn't close on its line, and the lines after it look like rows: a closing quote is missing, \
                       or a cell has line breaks in it";
            }
            let before = self.cells.closed();
            let split = self.cells.push(text, self.header.separator);
            if self.cells.closed() > before {
                opened = number + count;
            }
            (last, count) = (line, count + 1);
            match split {
                Split::Open => {}
                Split::Bad(_) => break "a quote opens here and doesn't close at the end of a cell",
                Split::Done if self.cells.misfit(self.header.width()).is_some() => {
                    break "a quote opens here and doesn't close on its line, and what it holds makes no row of the header's columns";
                }
                Split::Done => {
                    self.lines.consume(line.next, count);
                    return Ok(Step::Row { line: number, lines: count });
                }
            }
        };
        self.lines.consume(first.next, 1);
        let what = match opened == number {
            true => what.to_owned(),
            // That line is read again as a row of its own, and named, too.
            false => "the row goes on in the lines after it, and a quote that opens there doesn't close".to_owned(),
        };
        Ok(Step::Broken { line: number, what })
    }
}

/// What [`Next`] is without the row's cells.
enum Step {
    Row { line: u64, lines: u64 },
    Broken { line: u64, what: String },
    End,
}

#[cfg(test)]
mod tests;
