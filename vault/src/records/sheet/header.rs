//! The first lines of a file: byte-order mark, `sep=`, and the header, which also tells what separates the cells.
//!
//! The header's names are repeated in messages only where one of them is a name that is needed: a file without a header begins with somebody's data.

use super::{
    cells::{Cells, Split},
    encoding,
    lines::{Found, Lines},
};
use crate::rejection::Rejection;
use sealroot_protocol::printable::quoted;
use std::{collections::BTreeSet, fmt, io::Read};

/// What separates cells, the usual one first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Names of columns that a message lists.
const NAMED: usize = 40;

/// A file's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// What separates the cells.
    pub(crate) separator: u8,
    /// The names in order, without the empty ones at the end. One that is empty between others is a column without a name.
    pub(crate) names: Vec<String>,
}

/// Why a file can't be read as a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotASheet {
    /// Another format or encoding.
    Format(String),
    /// The header can't be used.
    Header(String),
}

impl Header {
    /// How many columns it names.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Where a column stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| found == name)
    }

    /// Where a column that must be there stands; or what is wrong, with the name that was probably meant.
    pub(crate) fn find(&self, name: &str) -> Result<usize, Rejection> {
        self.position(name).ok_or_else(|| {
            let plain = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
            let meant = self.names.iter().find(|found| plain(found) == plain(name));
            let meant = meant.map_or_else(String::new, |meant| {
                format!(" ({} was meant, probably: write it as {name})", quoted(meant))
            });
            Rejection::Plan(format!("the header has no column {name}{meant}; {self}"))
        })
    }
}

/// For messages: what separates the columns, and which there are.
impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its columns, separated by {}, are", called(self.separator))?;
        for (i, name) in self.names.iter().take(NAMED).enumerate() {
            let name: String = sealroot_protocol::printable::printable(name).chars().take(NAMED).collect();
            write!(f, "{} \"{name}\"", if i == 0 { "" } else { "," })?;
        }
        match self.names.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Reads everything before the first row.
pub(super) fn read<R: Read>(lines: &mut Lines<R>, needed: &[&str]) -> Result<Header, NotASheet> {
    let unreadable = |error: std::io::Error| NotASheet::Format(format!("the file can't be read: {error}"));
    let head = lines.head().map_err(unreadable)?;
    if let Some(what) = encoding::not_text(head) {
        return Err(NotASheet::Format(what.into()));
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        lines.consume_bytes(3);
    }
    let mut stated = None;
    loop {
        let line = match lines.at(0).map_err(unreadable)? {
            Found::End => {
                return Err(NotASheet::Header("the file is empty: its first line must name the columns".into()));
            }
            Found::TooLong => return Err(NotASheet::Header("the first line is longer than 1 MiB".into())),
            Found::Line(line) => line,
        };
        let text = lines.text(line).to_vec();
        let number = lines.number();
        lines.consume(line.next, 1);
        if text.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            continue;
        }
        if stated.is_none()
            && let Some(separator) = stated_separator(&text)?
        {
            stated = Some(separator);
            continue;
        }
        return header(&text, number, stated, needed);
    }
}

/// `sep=;`, which spreadsheets write and read, with or without quotes around it.
fn stated_separator(line: &[u8]) -> Result<Option<u8>, NotASheet> {
    let line = line.strip_prefix(b"\"").map_or(line, |inner| inner.strip_suffix(b"\"").unwrap_or(line));
    let Some((word, rest)) = line.split_at_checked(4).filter(|(word, _)| word.eq_ignore_ascii_case(b"sep=")) else {
        return Ok(None);
    };
    debug_assert_eq!(word.len(), 4);
    match rest {
        [separator] if separator.is_ascii() && !separator.is_ascii_alphanumeric() && *separator != b'"' => {
            Ok(Some(*separator))
        }
        _ => Err(NotASheet::Header(
            "its first line begins with sep= and names no separator: one character, such as sep=;".into(),
        )),
    }
}

fn header(line: &[u8], number: u64, stated: Option<u8>, needed: &[&str]) -> Result<Header, NotASheet> {
    let candidates = stated.map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
    let mut best: Option<(usize, Header)> = None;
    let (mut bad, mut not_utf8) = (None, None);
    for separator in candidates {
        let mut cells = Cells::default();
        match cells.push(line, separator) {
            Split::Done => {}
            Split::Open => {
                bad = bad.or(Some("a quote opens there and doesn't close on the line"));
                continue;
            }
            Split::Bad(what) => {
                bad = bad.or(Some(what));
                continue;
            }
        }
        let names =
            (0..cells.closed()).map(|i| String::from_utf8(cells.cell(i).to_vec())).collect::<Result<Vec<_>, _>>();
        let Ok(mut names) = names else {
            not_utf8 = Some(encoding::suspect(line));
            continue;
        };
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let found = needed.iter().filter(|name| names.iter().any(|n| n == *name)).count();
        // The most needed names, then the most columns: a title such as "a, b" among columns that `;` separates is one column.
        let rank = |found: usize, header: &Header| (found, header.width());
        let header = Header { separator, names };
        if best.as_ref().is_none_or(|(most, other)| rank(found, &header) > rank(*most, other)) {
            best = Some((found, header));
        }
    }
    if let Some(encoding) = not_utf8 {
        return Err(NotASheet::Format(format!("the header is not in UTF-8; it looks like {encoding}")));
    }
    let Some((found, header)) = best else {
        let what = bad.unwrap_or("it has no cells");
        return Err(NotASheet::Header(format!("line {number}, the header, can't be read: {what}")));
    };
    if found == 0 && !needed.is_empty() && !mentions(line, needed) {
        return Err(NotASheet::Header(format!(
            "line {number} names none of the columns that are needed ({}): the file lacks its header, or its cells are separated by something else than \
             , ; TAB or |",
            needed.join(", ")
        )));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = header.names.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) {
        return Err(NotASheet::Header(format!("column {twice} stands twice in the header: {header}")));
    }
    Ok(header)
}

/// Whether a needed name stands in the line as a term of its own, in whatever case: then the line is a header.
fn mentions(line: &[u8], needed: &[&str]) -> bool {
    let text = String::from_utf8_lossy(line).to_lowercase();
    let terms: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    needed.iter().any(|name| terms.contains(name.to_lowercase().as_str()))
}

/// A separator's name in a message.
fn called(separator: u8) -> String {
    match separator {
        b'\t' => "TAB".into(),
        b' ' => "a space".into(),
        other => char::from(other).to_string(),
    }
}
