//! Rows of a CSV file, read one chunk at a time and checked against the schema.
//!
//! Guarantee: memory doesn't grow with the file, whatever the file contains (a row is at most 1 MiB, a missing quote is noticed there); a bad cell is
//! reported with line, column and reason, and never with its contents, because reports end up in logs.

pub use super::bad_rows::RowProblem;

use super::members;
use crate::{people::national_id::IdReader, rejection::Rejection};
use sealroot_protocol::{
    date::FactsPeriod,
    field::F,
    identifier::{Identifier, NotAnIdentifier},
    record::{Attributes, Serial, Subject},
    schema::{ATTRIBUTES, Attribute, AttributeKind, IDENTITY, Schema, ValueError, text_value},
};
use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Longest row, bytes.
const MAX_ROW: u64 = 1 << 20;

/// Which columns hold what; attributes are found by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The national id. It becomes the subject, and the text attribute [`IDENTITY`] where the schema has one; it is stored nowhere.
    pub national_id: String,
    /// The business key that the serial is made from; none: the national id.
    pub business_key: Option<String>,
    /// Where the period of the facts comes from.
    pub period: PeriodSource,
}

/// Where the period of the facts comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodSource {
    /// A column of `YYYY-MM` or `timeless`.
    Column(String),
    /// The same for all rows.
    Fixed(FactsPeriod),
}

impl Default for Columns {
    /// `national_id`, timeless.
    fn default() -> Self {
        Self {
            national_id: "national_id".into(),
            business_key: None,
            period: PeriodSource::Fixed(FactsPeriod::Timeless),
        }
    }
}

/// A row that fits the schema.
#[derive(Debug, Clone)]
pub struct ParsedRow {
    /// Line on which it begins.
    pub line: u64,
    /// The person that it is about.
    pub subject: Subject,
    /// Stable identity.
    pub serial: Serial,
    /// Period of the facts.
    pub period: FactsPeriod,
    /// The facts.
    pub attributes: Attributes,
}

/// Some rows of the file.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Good rows.
    pub rows: Vec<ParsedRow>,
    /// Bad rows; one entry per bad cell.
    pub problems: Vec<RowProblem>,
    /// Rows read, good or bad.
    pub read: u64,
    /// How many of them are bad.
    pub bad: u64,
}

/// Reads a file chunk by chunk.
pub struct RowReader<R> {
    reader: csv::Reader<Limited<R>>,
    since_row: Arc<AtomicU64>,
    ids: IdReader,
    schema_name: String,
    header: Vec<String>,
    national_id: usize,
    business_key: usize,
    period: Result<usize, FactsPeriod>,
    attributes: Vec<(usize, Attribute)>,
    household: bool,
    ignored: Vec<String>,
    record: csv::ByteRecord,
}

impl<R: Read> RowReader<R> {
    /// Reads the header and finds the columns. Blocks on `source`.
    pub(crate) fn new(source: R, schema: &Schema, columns: &Columns, ids: IdReader) -> Result<Self, Rejection> {
        let since_row = Arc::new(AtomicU64::new(0));
        let limited = Limited { source, since_row: since_row.clone() };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(limited);
        let mut record = csv::ByteRecord::new();
        let plan = |text: String| Rejection::Plan(text);
        if !reader.read_byte_record(&mut record).map_err(|e| plan(format!("the header can't be read: {e}")))? {
            return Err(plan("the file is empty: its first line must name the columns".into()));
        }
        since_row.store(0, Ordering::Relaxed);
        let header = record
            .iter()
            .enumerate()
            .map(|(i, cell)| {
                let cell = if i == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
                String::from_utf8(cell.to_vec()).map_err(|_| plan(format!("the name of column {} is not UTF-8", i + 1)))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(twice) = header.iter().enumerate().find(|(i, name)| header[..*i].contains(name)) {
            return Err(plan(format!("column {} stands twice in the header", twice.1)));
        }
        let find = |name: &str| {
            header.iter().position(|h| h == name).ok_or_else(|| plan(format!("the header has no column {name}")))
        };
        let national_id = find(&columns.national_id)?;
        if schema.household && columns.business_key.is_none() {
            // Made from the head's id, the serial would change with the head, and the household could claim a second time.
            return Err(plan(
                "name the column of the household's number: it stays when another member becomes the head".into(),
            ));
        }
        let business_key = columns.business_key.as_deref().map_or(Ok(national_id), find)?;
        let period = match &columns.period {
            PeriodSource::Column(name) => Ok(find(name)?),
            PeriodSource::Fixed(period) => Err(*period),
        };
        let attributes = schema
            .attributes()
            .map_err(|e| Rejection::Schema(e.to_string()))?
            .into_iter()
            .map(|attribute| {
                let identity = attribute.name == IDENTITY && attribute.kind.is_text();
                let at = match find(&attribute.name) {
                    Err(_) if identity => Ok(national_id),
                    other => other,
                }?;
                Ok((at, attribute))
            })
            .collect::<Result<Vec<_>, Rejection>>()?;
        let used = |i: usize| {
            i == national_id || i == business_key || period == Ok(i) || attributes.iter().any(|(at, _)| *at == i)
        };
        let ignored = header.iter().enumerate().filter(|(i, _)| !used(*i)).map(|(_, name)| name.clone()).collect();
        Ok(Self {
            reader,
            since_row,
            ids,
            schema_name: schema.name.to_string(),
            header,
            national_id,
            business_key,
            period,
            attributes,
            household: schema.household,
            ignored,
            record,
        })
    }

    /// Columns that the schema doesn't know.
    pub fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }

    /// The next rows, at most `limit`; `None` at the end. Blocks on the source.
    pub fn next_chunk(&mut self, limit: usize) -> Option<Chunk> {
        let mut chunk = Chunk::default();
        while chunk.rows.len() < limit && chunk.problems.len() < limit {
            let line_before = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    // Nothing behind it can be trusted to begin at a row.
                    chunk.read += 1;
                    chunk.bad += 1;
                    chunk.problems.push(RowProblem { line: line_before, column: None, what: unreadable(&error) });
                    self.reader.get_mut().exhausted();
                    return Some(chunk);
                }
            }
            self.since_row.store(0, Ordering::Relaxed);
            chunk.read += 1;
            let line = self.record.position().map_or(line_before, csv::Position::line);
            match self.parse(line) {
                Ok(row) => chunk.rows.push(row),
                Err(problems) => {
                    chunk.bad += 1;
                    chunk.problems.extend(problems);
                }
            }
        }
        (chunk.read > 0).then_some(chunk)
    }

    fn parse(&self, line: u64) -> Result<ParsedRow, Vec<RowProblem>> {
        let problem = |column: Option<&str>, what: String| RowProblem { line, column: column.map(str::to_owned), what };
        if self.record.len() != self.header.len() {
            let reason = format!("the row has {} cells, the header {}", self.record.len(), self.header.len());
            return Err(vec![problem(None, reason)]);
        }
        let mut problems = Vec::new();
        let mut cell = |at: usize| match std::str::from_utf8(&self.record[at]) {
            Ok(text) => Some(text),
            Err(_) => {
                problems.push(problem(Some(&self.header[at]), "is not UTF-8".into()));
                None
            }
        };
        let national_id = cell(self.national_id);
        let business_key = cell(self.business_key);
        let period_text = self.period.ok().map(&mut cell);
        let texts: Vec<Option<&str>> = self.attributes.iter().map(|(at, _)| cell(*at)).collect();

        let id = national_id.and_then(|text| {
            self.ids
                .read(text)
                .map_err(|error| problems.push(problem(Some(&self.header[self.national_id]), error.to_string())))
                .ok()
        });
        // The default business key is the id, in its one spelling.
        let key = if self.business_key == self.national_id {
            id.clone()
        } else {
            business_key.and_then(|text| {
                let told = |error: NotAnIdentifier| {
                    problems.push(problem(Some(&self.header[self.business_key]), error.to_string()))
                };
                Identifier::new(text).map_err(told).ok()
            })
        };
        let period = match (&self.period, period_text.flatten()) {
            (Err(fixed), _) => Some(*fixed),
            (Ok(at), Some(text)) => text.parse::<FactsPeriod>().map_or_else(
                |_| {
                    let reason = "expected a month such as 2026-01, or timeless".to_owned();
                    problems.push(problem(Some(&self.header[*at]), reason));
                    None
                },
                Some,
            ),
            (Ok(_), None) => None,
        };
        let mut attributes = Attributes([F::from(0u8); ATTRIBUTES]);
        for (slot, ((at, attribute), text)) in attributes.0.iter_mut().zip(self.attributes.iter().zip(&texts)) {
            let Some(text) = text else { continue };
            let value = if attribute.name == IDENTITY && attribute.kind.is_text() {
                identity(*at == self.national_id, text, id.as_ref(), &self.ids)
            } else {
                parse_cell(&attribute.kind, text, &self.ids)
            };
            match value {
                Ok(value) => *slot = value,
                Err(reason) => problems.push(problem(Some(&self.header[*at]), reason)),
            }
        }
        match (id, key, period) {
            (Some(id), Some(key), Some(period)) if problems.is_empty() => {
                let (subject, serial) = (self.ids.subject(&id), self.ids.ring().serial(&self.schema_name, &key));
                let wrong = if self.household { members::check_row(&attributes, subject) } else { Vec::new() };
                if !wrong.is_empty() {
                    let at = |attribute: Option<usize>| attribute.map_or(self.national_id, |i| self.attributes[i].0);
                    return Err(wrong
                        .into_iter()
                        .map(|(attribute, reason)| problem(Some(&self.header[at(attribute)]), reason.to_owned()))
                        .collect());
                }
                Ok(ParsedRow { line, subject, serial, period, attributes })
            }
            _ => {
                problems.dedup();
                Err(problems)
            }
        }
    }
}

/// The attribute that an applicant is compared with: the person's id, and never something else that a file says.
fn identity(is_the_id: bool, text: &str, id: Option<&Identifier>, ids: &IdReader) -> Result<F, String> {
    let Some(id) = id else { return Ok(F::from(0u8)) };
    if !is_the_id && ids.read(text).map_err(|error| error.to_string())? != *id {
        return Err(
            "differs from the row's national id: an office would ask for one person and get another one's record"
                .into(),
        );
    }
    Ok(text_value(id.as_str()))
}

/// The schema's parser, with a message that doesn't repeat the cell. A member's national id becomes a subject here: the pseudonym alone is stored.
fn parse_cell(kind: &AttributeKind, text: &str, ids: &IdReader) -> Result<F, String> {
    match kind {
        AttributeKind::Member {} if !text.is_empty() => match ids.read(text) {
            Ok(id) => Ok(ids.subject(&id).0),
            Err(error) => Err(format!("{error}; expected a national id, or nothing")),
        },
        AttributeKind::Date {} | AttributeKind::DayNumber {} => {
            kind.parse(text).map_err(|_| "expected a day that exists, such as 2026-01-31".into())
        }
        _ => kind.parse(text).map_err(|error| match error {
            ValueError::OutOfRange { .. } | ValueError::Syntax(_) | ValueError::Text(_) | ValueError::Member => {
                error.to_string()
            }
        }),
    }
}

fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "the file can't be read further".into(),
    }
}

/// Fails when a single row takes more than [`MAX_ROW`] bytes.
struct Limited<R> {
    source: R,
    since_row: Arc<AtomicU64>,
}

impl<R> Limited<R> {
    fn exhausted(&self) {
        self.since_row.store(u64::MAX / 2, Ordering::Relaxed);
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let before = self.since_row.load(Ordering::Relaxed);
        if before >= u64::MAX / 2 {
            return Ok(0);
        }
        if before > MAX_ROW {
            return Err(io::Error::other("a row is longer than 1 MiB: a closing quote may be missing"));
        }
        let read = self.source.read(buffer)?;
        self.since_row.store(before + read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
