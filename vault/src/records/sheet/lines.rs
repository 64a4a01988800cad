//! Lines as an editor counts them: LF, CR LF and a CR alone each end one, also mixed in one file.
//!
//! Guarantee: at most the lines that are looked at are in memory, and never more than the longest row and one block.

use std::io::{self, ErrorKind, Read};

/// Bytes that are read at a time.
const BLOCK: usize = 64 << 10;

/// The lines of a source that were not consumed yet. Offsets count from the first of them.
pub(super) struct Lines<R> {
    source: R,
    /// Longest line, bytes.
    longest: usize,
    block: Vec<u8>,
    buffer: Vec<u8>,
    /// Where in the buffer the first line begins that was not consumed.
    start: usize,
    number: u64,
    ended: bool,
}

/// A line's place: where it begins, where its text ends, and where the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) next: usize,
}

/// What begins at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A line, perhaps the last one without an end.
    Line(Line),
    /// A line that doesn't end within the limit.
    TooLong,
    /// Nothing: the file ends.
    End,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R, longest: usize) -> Self {
        Self { source, longest, block: vec![0; BLOCK], buffer: Vec::new(), start: 0, number: 1, ended: false }
    }

    /// Number of the first line that was not consumed, from 1 on.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The first bytes that were not consumed, at most one block.
    pub(super) fn head(&mut self) -> io::Result<&[u8]> {
        while self.buffer.len() - self.start < BLOCK && self.fill()? {}
        Ok(&self.buffer[self.start..])
    }

    /// The line that begins at an offset.
    pub(super) fn at(&mut self, offset: usize) -> io::Result<Found> {
        let start = self.start + offset;
        let mut at = start;
        loop {
            let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
            if let Some(found) = self.buffer.get(at..).and_then(|rest| rest.iter().position(ends)) {
                let end = at + found;
                if end - start > self.longest {
                    return Ok(Found::TooLong);
                }
                let next = end + self.end_at(end)?;
                return Ok(Found::Line(Line { start: offset, end: end - self.start, next: next - self.start }));
            }
            at = self.buffer.len();
            if at.saturating_sub(start) > self.longest {
                return Ok(Found::TooLong);
            }
            if !self.fill()? {
                return Ok(if at > start {
                    let end = at - self.start;
                    Found::Line(Line { start: offset, end, next: end })
                } else {
                    Found::End
                });
            }
        }
    }

    /// A line's text, without its end.
    pub(super) fn text(&self, line: Line) -> &[u8] {
        &self.buffer[self.start + line.start..self.start + line.end]
    }

    /// Consumes what lies before an offset: so many lines.
    pub(super) fn consume(&mut self, offset: usize, lines: u64) {
        self.start += offset;
        self.number += lines;
        if self.start >= BLOCK {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
    }

    /// Consumes bytes that are no line, such as a byte-order mark.
    pub(super) fn consume_bytes(&mut self, bytes: usize) {
        self.consume(bytes, 0);
    }

    /// Consumes a line that is too long, without keeping it.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.start..];
            if let Some(found) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let end = self.start + found;
                let length = self.end_at(end)?;
                self.consume(end + length - self.start, 1);
                return Ok(());
            }
            self.buffer.clear();
            self.start = 0;
            if !self.fill()? {
                self.number += 1;
                return Ok(());
            }
        }
    }

    /// Reads nothing more.
    pub(super) fn close(&mut self) {
        self.buffer.clear();
        self.start = 0;
        self.ended = true;
    }

    /// How long the end of a line is: 2 for CR LF. A CR that is the last byte read so far may have its LF in the next block.
    fn end_at(&mut self, end: usize) -> io::Result<usize> {
        if self.buffer[end] == b'\n' {
            return Ok(1);
        }
        while self.buffer.len() == end + 1 && self.fill()? {}
        Ok(if self.buffer.get(end + 1) == Some(&b'\n') { 2 } else { 1 })
    }

    /// Reads a block more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let read = loop {
            match self.source.read(&mut self.block) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.buffer.extend_from_slice(&self.block[..read]);
        self.ended = read == 0;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Gives a byte at a time, as a pipe may.
    struct Slowly<'a>(&'a [u8]);
    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            (buffer[0], self.0) = (*first, rest);
            Ok(1)
        }
    }

    fn numbered(source: impl Read) -> Vec<(u64, String)> {
        let mut lines = Lines::new(source, 100);
        let mut out = Vec::new();
        loop {
            match lines.at(0).unwrap() {
                Found::End => return out,
                Found::TooLong => {
                    out.push((lines.number(), "too long".into()));
                    lines.skip_line().unwrap();
                }
                Found::Line(line) => {
                    out.push((lines.number(), String::from_utf8(lines.text(line).to_vec()).unwrap()));
                    lines.consume(line.next, 1);
                }
            }
        }
    }

    #[test]
    fn each_kind_of_end_ends_one_line() {
        let text = b"a\nb\r\nc\rd\n\re\r\r\nf\n\n\r\rg";
        let expected = ["a", "b", "c", "d", "", "e", "", "f", "", "", "", "g"];
        for lines in [numbered(&text[..]), numbered(Slowly(text))] {
            assert_eq!(lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), expected);
            assert!(lines.iter().map(|(number, _)| *number).eq(1..=12));
        }
        assert_eq!(numbered(&b"a\r\n"[..]).len(), 1, "no line behind the last end");
        assert!(numbered(&b""[..]).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line() {
        let long = format!("a\n{}\r\nb\r{}", "x".repeat(70_000), "y".repeat(101));
        for lines in [numbered(long.as_bytes()), numbered(Slowly(long.as_bytes()))] {
            let expected = ["a", "too long", "b", "too long"];
            assert_eq!(lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), expected);
            assert!(lines.iter().map(|(number, _)| *number).eq(1..=4));
        }
    }
}
