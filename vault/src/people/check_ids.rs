//! Which ids of a file are one person, now that ids have one spelling.
//!
//! A vault stores no ids, so it can't look through its own: the agency names the file that it imports from. What is reported are lines, never ids.

use super::{looks, national_id::IdReader};
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    records::sheet::{Next, Sheet},
    store::{LookRow, Records, RecordsTx, Reference, Store},
    tree::parallel::off_the_runtime,
    vault::Vault,
};
use sealroot_protocol::{identifier::Identifier, schema::Schema};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Read,
};

/// What a file's ids come to. Lines are those of an editor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdsReport {
    /// Rows read.
    pub rows: u64,
    /// Ids that are refused, and lines that are no rows: line and reason.
    pub refused: Vec<(u64, String)>,
    /// Lines whose ids are spelled differently and are one person.
    pub one_person: Vec<Vec<u64>>,
    /// Lines whose id, as it is written, the vault knows as another person than by its one spelling: from before ids had one.
    pub known_otherwise: Vec<u64>,
    /// Lines whose id means nobody any more: another one took its place (`change_id`), and an import refuses it.
    pub changed: Vec<u64>,
    /// Lines whose ids look like each other, in letters of different scripts, and are several people's.
    pub alike: Vec<Vec<u64>>,
    /// Lines whose id looks like another person's in the vault.
    pub alike_known: Vec<u64>,
}

impl IdsReport {
    /// Whether there is anything to do.
    pub fn is_clean(&self) -> bool {
        let Self { rows: _, refused, one_person, known_otherwise, changed, alike, alike_known } = self;
        refused.is_empty()
            && known_otherwise.is_empty()
            && changed.is_empty()
            && alike_known.is_empty()
            && one_person.is_empty()
            && alike.is_empty()
    }
}

/// Ids of a file: as they are written, with their lines.
type Written = BTreeMap<String, Vec<u64>>;

/// What stands in a column.
struct Column {
    rows: u64,
    written: Written,
    /// Lines that are no rows, with the reason.
    broken: Vec<(u64, String)>,
}

impl<S: Store> Vault<S> {
    /// Reads the ids of a CSV file as `schema` says, or as the registered schemas do.
    pub async fn check_ids(
        &self,
        source: impl Read + Send + 'static,
        column: &str,
        schema: Option<&Schema>,
    ) -> Result<IdsReport, VaultError> {
        let reader = match schema {
            Some(schema) => self.id_reader_of(schema).await?,
            None => self.id_reader(),
        };
        let column = column.to_owned();
        let Column { rows, written, broken } = off_the_runtime(move || read(source, &column)).await?;
        let mut report = IdsReport { rows, refused: broken, ..IdsReport::default() };
        let people = sort(&reader, &written, &mut report);
        let lines_of = |spellings: &BTreeSet<&str>| -> BTreeSet<u64> {
            spellings.iter().filter_map(|text| written.get(*text)).flatten().copied().collect()
        };
        self.check_looks(&reader, people.iter().map(|(id, spellings)| (id, lines_of(spellings))), &mut report).await?;
        for (id, spellings) in &people {
            let lines = lines_of(spellings);
            if self.was_changed(&reader, id).await? {
                report.changed.extend(&lines);
            }
            if spellings.len() > 1 {
                report.one_person.push(lines.into_iter().collect());
            }
            for text in spellings.iter().filter(|text| **text != id.as_str()) {
                if self.knows(&reader, text).await? {
                    report.known_otherwise.extend(&written[*text]);
                }
            }
        }
        for text in written.keys().filter(|text| reader.read(text).is_err()) {
            if self.knows(&reader, text).await? {
                report.known_otherwise.extend(&written[text]);
            }
        }
        report.refused.sort_unstable();
        report.one_person.sort_unstable();
        report.known_otherwise.sort_unstable();
        report.changed.sort_unstable();
        Ok(report)
    }

    /// Ids that look like each other, or like another person's in the vault.
    async fn check_looks(
        &self,
        reader: &IdReader,
        people: impl Iterator<Item = (&Identifier, BTreeSet<u64>)>,
        report: &mut IdsReport,
    ) -> Result<(), VaultError> {
        let ids: Vec<(LookRow, BTreeSet<u64>)> =
            people.map(|(id, lines)| (reader.look(id, reader.subject(id)), lines)).collect();
        report.alike = looks::groups(&ids);
        let mut tx = self.store.records().read().await?;
        for (look, lines) in &ids {
            if tx.looks(&[look.skeleton], look.ascii).await?.iter().any(|known| looks::alike(look, known)) {
                report.alike_known.extend(lines);
            }
        }
        report.alike_known.sort_unstable();
        Ok(())
    }

    /// Whether another id took the place of this one.
    async fn was_changed(&self, reader: &IdReader, id: &Identifier) -> Result<bool, VaultError> {
        let reference: Reference = {
            let ring = reader.ring();
            references::subject(&ring, ring.subject(id))
        };
        let mut tx = self.store.records().read().await?;
        Ok(self.holders(&mut tx, &[reference]).await?.get(&reference).is_some_and(|holder| holder.replaced))
    }

    /// Whether the vault has records or a key under an id as it is written.
    async fn knows(&self, reader: &IdReader, text: &str) -> Result<bool, VaultError> {
        let reference: Reference = {
            let ring = reader.ring();
            references::subject(&ring, ring.subject_as_written(text))
        };
        let mut tx = self.store.records().read().await?;
        match self.holders(&mut tx, &[reference]).await?.get(&reference) {
            Some(holder) => Ok(!holder.replaced),
            None => Ok(!tx.versions_of_subject(&reference).await?.is_empty()),
        }
    }
}

/// Spellings by the person that they mean.
fn sort<'a>(reader: &IdReader, written: &'a Written, report: &mut IdsReport) -> HashMap<Identifier, BTreeSet<&'a str>> {
    let mut people: HashMap<Identifier, BTreeSet<&str>> = HashMap::new();
    for (text, lines) in written {
        match reader.read(text) {
            Ok(id) => _ = people.entry(id).or_default().insert(text),
            Err(error) => report.refused.extend(lines.iter().map(|line| (*line, format!("the id {error}")))),
        }
    }
    people
}

/// The ids of a column.
fn read(source: impl Read, column: &str) -> Result<Column, Rejection> {
    let mut sheet = Sheet::open(source, &[column])?;
    let at = sheet.header().find(column)?;
    let mut found = Column { rows: 0, written: Written::new(), broken: Vec::new() };
    loop {
        let (line, what) = match sheet.next() {
            Next::End => return Ok(found),
            Next::Row(row) => match str::from_utf8(row.cell(at)) {
                Ok(text) => {
                    found.rows += 1;
                    found.written.entry(text.to_owned()).or_default().push(row.line);
                    continue;
                }
                Err(_) => (row.line, "the id is not UTF-8".to_owned()),
            },
            Next::Broken { line, what } | Next::Unreadable { line, what } => (line, what),
        };
        found.rows += 1;
        found.broken.push((line, what));
    }
}
