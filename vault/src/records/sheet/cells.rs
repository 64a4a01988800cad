//! The cells of a row (RFC 4180), line by line: a quote opens a cell at its beginning, closes it at its end, and stands twice where it is meant.

use sealroot_protocol::printable::counted;

/// The cells read so far.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Their texts, one behind the other.
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Whether the last one is quoted and goes on.
    open: bool,
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// With the row.
    Done,
    /// Within a quoted cell.
    Open,
    /// It has no cells, and why.
    Bad(&'static str),
}

const INSIDE: &str =
    "a quote stands in the middle of a cell: a cell with a quote in it is quoted, and the quote doubled";
const BEHIND: &str = "a quote closes before the cell ends: a cell with a quote in it is quoted, and the quote doubled";
const NUL: &str = "a character stands here that no text has (NUL)";

impl Cells {
    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.open = false;
    }

    /// How many are complete.
    pub(super) fn closed(&self) -> usize {
        self.ends.len()
    }

    /// A cell, without its quotes; nothing where there is none.
    pub(super) fn cell(&self, column: usize) -> &[u8] {
        let start = column.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let end = self.ends.get(column).copied();
        start.zip(end).and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    /// Whether no cell holds anything but spaces: what a spreadsheet writes below its last row.
    pub(super) fn are_blank(&self) -> bool {
        self.text.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Why they are no row of so many columns: too few, or something behind the last.
    pub(super) fn misfit(&self, width: usize) -> Option<String> {
        let last =
            (0..self.closed()).rev().find(|column| !self.cell(*column).is_empty()).map_or(0, |column| column + 1);
        if self.closed() < width {
            Some(format!("the row has {}, the header {width}", counted(self.closed(), "cell", "cells")))
        } else if last > width {
            Some(format!("the row has {}, the header {width}", counted(last, "cell", "cells")))
        } else {
            None
        }
    }

    /// Reads a line: the row's first, or one on which an open cell goes on.
    pub(super) fn push(&mut self, line: &[u8], separator: u8) -> Split {
        if line.contains(&0) {
            return Split::Bad(NUL);
        }
        let mut rest = line;
        if self.open {
            self.text.push(b'\n');
        }
        loop {
            if let Some(quoted) = if self.open { Some(rest) } else { rest.strip_prefix(b"\"") } {
                let Some(behind) = self.quoted(quoted) else { return Split::Open };
                match behind.split_first() {
                    None => return self.end(),
                    Some((byte, next)) if *byte == separator => rest = next,
                    Some(_) => return Split::Bad(BEHIND),
                }
                self.end();
                continue;
            }
            let stop = rest.iter().position(|byte| *byte == separator || *byte == b'"');
            let (cell, behind) = rest.split_at(stop.unwrap_or(rest.len()));
            self.text.extend_from_slice(cell);
            match behind.split_first() {
                None => return self.end(),
                Some((byte, next)) if *byte == separator => rest = next,
                Some(_) => return Split::Bad(INSIDE),
            }
            self.end();
        }
    }

    /// Reads a quoted cell up to its closing quote; what stands behind it, nothing if it doesn't close on this line.
    fn quoted<'a>(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        self.open = true;
        loop {
            let Some(quote) = rest.iter().position(|byte| *byte == b'"') else {
                self.text.extend_from_slice(rest);
                return None;
            };
            let (cell, behind) = rest.split_at(quote);
            self.text.extend_from_slice(cell);
            let behind = &behind[1..];
            match behind.strip_prefix(b"\"") {
                Some(next) => {
                    self.text.push(b'"');
                    rest = next;
                }
                None => {
                    self.open = false;
                    return Some(behind);
                }
            }
        }
    }

    fn end(&mut self) -> Split {
        self.ends.push(self.text.len());
        Split::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(lines: &[&str], separator: u8) -> (Split, Vec<String>) {
        let mut cells = Cells::default();
        let split = lines.iter().fold(Split::Done, |_, line| cells.push(line.as_bytes(), separator));
        (split, (0..cells.closed()).map(|i| String::from_utf8_lossy(cells.cell(i)).into_owned()).collect())
    }

    #[test]
    fn cells_are_those_of_rfc_4180() {
        for (lines, expected) in [
            (&["a,b,c"][..], &["a", "b", "c"][..]),
            (&[""], &[""]),
            (&[","], &["", ""]),
            (&["a,"], &["a", ""]),
            (&["\"\",\"a,b\",\"say \"\"hi\"\"\""], &["", "a,b", "say \"hi\""]),
            (&["\"a", "", "b\",c"], &["a\n\nb", "c"]),
            (&["x,\"a\"\"", "\"\"", "z\""], &["x", "a\"\n\"\nz"]),
            (&["a b,\u{e9} "], &["a b", "\u{e9} "]),
        ] {
            assert_eq!(
                split(lines, b','),
                (Split::Done, expected.iter().map(|s| (*s).to_owned()).collect()),
                "{lines:?}"
            );
        }
        assert_eq!(split(&["a;\"b;c\"\t"], b'\t').0, Split::Bad(INSIDE));
        assert_eq!(split(&["a;\"b,c\""], b';').1, ["a", "b,c"]);
    }

    #[test]
    fn a_quote_anywhere_else_is_refused() {
        for bad in ["a\"b", "a,b\"", "a, \"b\"", "\"a\"b,c", "\"a\" ,b", "\"a\"\"\"b", "a,b\"c\"d"] {
            assert!(matches!(split(&[bad], b',').0, Split::Bad(_)), "{bad}");
        }
        for open in ["\"a", "a,\"", "a,\"b,c", "\"a\"\"", "\"\"\""] {
            assert_eq!(split(&[open], b',').0, Split::Open, "{open}");
        }
        assert_eq!(split(&["a,\0"], b',').0, Split::Bad(NUL));
    }
}
