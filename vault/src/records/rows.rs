//! Rows of a CSV file, read one chunk at a time and checked against the schema.
//!
//! Guarantees: memory doesn't grow with the file, whatever the file contains; a bad cell is reported with line, column and reason, and never with its contents,
//! because reports end up in logs; whom a bad row is about is known, or it is said that nobody can know.

pub use super::{
    bad_rows::{ProblemGroup, Problems, RowProblem},
    columns::{Columns, PeriodSource},
};

use super::{
    columns::Places,
    members,
    sheet::{Next, Row, Sheet, encoding},
};
use crate::{people::national_id::IdReader, rejection::Rejection, store::LookRow};
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    field::F,
    identifier::{Identifier, NotAnIdentifier},
    record::{Attributes, Serial, Subject},
    schema::{ATTRIBUTES, AttributeKind, IDENTITY, Schema, ValueError, text_value},
};
use std::{io::Read, ops::RangeInclusive};

/// Whom a row is about, and for when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The person.
    pub subject: Subject,
    /// Stable identity of the record.
    pub serial: Serial,
    /// Period of the facts.
    pub period: FactsPeriod,
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
    /// The attributes' digest, where it was computed ahead.
    pub(crate) digest: Option<F>,
    /// What the ids that it names look like, with the attribute of each; none for the person's whose row it is.
    pub(crate) looks: Vec<(Option<usize>, LookRow)>,
}

impl ParsedRow {
    /// Whom it is about, and for when.
    pub fn about(&self) -> About {
        About { subject: self.subject, serial: self.serial, period: self.period }
    }
}

/// Why a file doesn't show who is missing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// The first line that is to blame.
    pub line: u64,
    /// What can't be known.
    pub why: &'static str,
}

const UNIDENTIFIED: &str = "whom this row is about can't be read";
const SEVERAL_LINES: &str = "a cell goes over several lines, in which a damaged row could hide";
/// Of a row that says two things of whom it is about.
const CONTRADICTS: &str = "its identity differs from its national id, so whom this row is about can't be known";
const CUT: &str = "the file can't be read from here on";

/// Some rows of the file.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Good rows.
    pub rows: Vec<ParsedRow>,
    /// Bad rows; one entry per bad cell.
    pub problems: Vec<RowProblem>,
    /// Whom bad rows are about, as far as they say: nobody of them is missing from the file.
    pub skipped: Vec<About>,
    /// Whether there is a row of which nobody knows whom it is about.
    pub unread: Option<Unread>,
    /// Rows read, good or bad.
    pub read: u64,
    /// How many of them are bad.
    pub bad: u64,
}

impl Chunk {
    fn unread(&mut self, line: u64, why: &'static str) {
        self.unread.get_or_insert(Unread { line, why });
    }
}

/// Reads a file chunk by chunk.
pub struct RowReader<R> {
    sheet: Sheet<R>,
    parser: Parser,
}

/// What turns a row's cells into facts.
struct Parser {
    ids: IdReader,
    schema: Schema,
    names: Vec<String>,
    places: Places,
    /// Plausible days of each attribute.
    days: Vec<Option<RangeInclusive<Date>>>,
    today: Date,
}

/// A row with bad cells.
struct BadRow {
    problems: Vec<RowProblem>,
    /// Whom it is about, or why that can't be known.
    about: Result<About, &'static str>,
}

impl<R: Read> RowReader<R> {
    /// Reads the header and finds the columns. Blocks on `source`. What is plausible is judged by the day of import.
    pub(crate) fn new(
        source: R,
        schema: &Schema,
        columns: &Columns,
        today: Date,
        ids: IdReader,
    ) -> Result<Self, Rejection> {
        let attributes = schema.attributes().map_err(|e| Rejection::Schema(e.to_string()))?;
        let sheet = Sheet::open(source, &columns.needed(&attributes))?;
        let places = columns.find(schema, attributes, sheet.header(), today)?;
        let names = sheet.header().names.clone();
        let days = schema.plausible_days(today);
        Ok(Self { sheet, parser: Parser { ids, schema: schema.clone(), names, places, days, today } })
    }

    /// Columns that the schema doesn't know.
    pub fn ignored_columns(&self) -> &[String] {
        &self.parser.places.ignored
    }

    /// The next rows, at most `limit`; `None` at the end. Blocks on the source.
    pub fn next_chunk(&mut self, limit: usize) -> Option<Chunk> {
        let mut chunk = Chunk::default();
        while chunk.rows.len() < limit && chunk.problems.len() < limit {
            let (line, what, why) = match self.sheet.next() {
                Next::End => break,
                Next::Row(row) => {
                    chunk.read += 1;
                    if row.lines > 1 {
                        chunk.unread(row.line, SEVERAL_LINES);
                    }
                    match self.parser.parse(&row) {
                        Ok(row) => chunk.rows.push(row),
                        Err(BadRow { problems, about }) => {
                            chunk.bad += 1;
                            chunk.problems.extend(problems);
                            match about {
                                Ok(about) => chunk.skipped.push(about),
                                Err(why) => chunk.unread(row.line, why),
                            }
                        }
                    }
                    continue;
                }
                Next::Broken { line, what } => (line, what, UNIDENTIFIED),
                Next::Unreadable { line, what } => (line, what, CUT),
            };
            chunk.read += 1;
            chunk.bad += 1;
            chunk.problems.push(RowProblem::new(line, None, what));
            chunk.unread(line, why);
        }
        (chunk.read > 0).then_some(chunk)
    }
}

impl Parser {
    fn parse(&self, row: &Row<'_>) -> Result<ParsedRow, BadRow> {
        let line = row.line;
        let problem = |at: usize, what: String| RowProblem::new(line, self.names.get(at).cloned(), what);
        let mut problems = Vec::new();
        let mut cell = |at: usize| match std::str::from_utf8(row.cell(at)) {
            Ok(text) => Some(text),
            Err(_) => {
                let suspected = encoding::suspect(row.cell(at));
                problems.push(problem(at, format!("is not UTF-8; it looks like {suspected}: save the file as UTF-8")));
                None
            }
        };
        let Places { national_id: id_at, business_key: key_at, .. } = self.places;
        let national_id = cell(id_at);
        let business_key = cell(key_at);
        let period_text = self.places.period.ok().map(&mut cell);
        let texts: Vec<Option<&str>> = self.places.attributes.iter().map(|(at, _)| cell(*at)).collect();

        let id = national_id.and_then(|text| {
            self.ids.read(text).map_err(|error| problems.push(problem(id_at, error.to_string()))).ok()
        });
        // The default business key is the id, in its one spelling.
        let key = if key_at == id_at {
            id.clone()
        } else {
            business_key.and_then(|text| {
                let told = |error: NotAnIdentifier| problems.push(problem(key_at, error.to_string()));
                Identifier::new(text).map_err(told).ok()
            })
        };
        let period = match (&self.places.period, period_text.flatten()) {
            (Err(fixed), _) => Some(*fixed),
            (Ok(at), Some(text)) => match self.period(text) {
                Ok(period) => Some(period),
                Err(reason) => {
                    problems.push(problem(*at, reason));
                    None
                }
            },
            (Ok(_), None) => None,
        };
        let mut attributes = Attributes([F::from(0u8); ATTRIBUTES]);
        let subject = id.as_ref().map(|id| self.ids.subject(id));
        let mut looks: Vec<_> =
            id.iter().zip(subject).map(|(id, subject)| (None, self.ids.look(id, subject))).collect();
        let mut contradicts = false;
        let cells = self.places.attributes.iter().zip(&texts).zip(&self.days);
        for (i, (slot, (((at, attribute), text), days))) in attributes.0.iter_mut().zip(cells).enumerate() {
            let Some(text) = text else { continue };
            let value = if attribute.name == IDENTITY && attribute.kind.is_text() {
                let value = identity(*at == id_at, text, id.as_ref(), &self.ids);
                contradicts |= value.is_err();
                value
            } else if matches!(attribute.kind, AttributeKind::Member {}) && !text.is_empty() {
                self.member(text).map(|(value, look)| {
                    looks.push((Some(i), look));
                    value
                })
            } else {
                parse_cell(&attribute.kind, text, days.as_ref())
            };
            match value {
                Ok(value) => *slot = value,
                Err(reason) => problems.push(problem(*at, reason)),
            }
        }
        let about = match (subject, &key, period) {
            (Some(subject), Some(key), Some(period)) => {
                let serial = self.ids.ring().serial(self.schema.name.as_str(), key);
                Some(About { subject, serial, period })
            }
            _ => None,
        };
        let about = about.ok_or(UNIDENTIFIED).and_then(|about| if contradicts { Err(CONTRADICTS) } else { Ok(about) });
        match about {
            Ok(about) if problems.is_empty() => {
                let wrong =
                    if self.schema.household { members::check_row(&attributes, about.subject) } else { Vec::new() };
                let at = |attribute: Option<usize>| {
                    attribute.and_then(|i| self.places.attributes.get(i)).map_or(id_at, |(at, _)| *at)
                };
                problems.extend(wrong.into_iter().map(|(i, reason)| problem(at(i), reason.to_owned())));
                if problems.is_empty() {
                    let About { subject, serial, period } = about;
                    Ok(ParsedRow { line, subject, serial, period, attributes, digest: None, looks })
                } else {
                    Err(BadRow { problems, about: Ok(about) })
                }
            }
            about => {
                problems.dedup();
                Err(BadRow { problems, about })
            }
        }
    }

    /// A member's national id becomes a subject here: the pseudonym alone is stored.
    fn member(&self, text: &str) -> Result<(F, LookRow), String> {
        let id = self.ids.read(text).map_err(|error| format!("{error}; expected a national id, or nothing"))?;
        let subject = self.ids.subject(&id);
        Ok((subject.0, self.ids.look(&id, subject)))
    }

    fn period(&self, text: &str) -> Result<FactsPeriod, String> {
        let period = text.parse::<FactsPeriod>().map_err(|_| "expected a month such as 2026-01, or timeless")?;
        self.schema.check_period(period, self.today).map_err(|error| error.to_string())?;
        Ok(period)
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

/// The schema's parser, with a message that doesn't repeat the cell.
fn parse_cell(kind: &AttributeKind, text: &str, days: Option<&RangeInclusive<Date>>) -> Result<F, String> {
    match kind {
        AttributeKind::Date {} | AttributeKind::DayNumber {} => {
            let day = text.parse::<Date>().map_err(|_| "expected a day that exists, such as 2026-01-31")?;
            match days.filter(|days| !days.contains(&day)) {
                Some(days) => Err(format!("must be between {} and {}", days.start(), days.end())),
                None => kind.parse(text).map_err(|error| error.to_string()),
            }
        }
        _ => kind.parse(text).map_err(|error| match error {
            ValueError::OutOfRange { .. } | ValueError::Syntax(_) | ValueError::Text(_) | ValueError::Member => {
                error.to_string()
            }
        }),
    }
}
