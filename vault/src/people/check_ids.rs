//! Which ids of a file are one person, now that ids have one spelling.
//!
//! A vault stores no ids, so it can't look through its own: the agency names the file that it imports from. What is reported are lines, never ids.

use super::national_id::IdReader;
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    store::{Records, RecordsTx, Reference, Store},
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
    /// Ids that are refused: line and reason.
    pub refused: Vec<(u64, String)>,
    /// Lines whose ids are spelled differently and are one person.
    pub one_person: Vec<Vec<u64>>,
    /// Lines whose id, as it is written, the vault knows as another person than by its one spelling: from before ids had one.
    pub known_otherwise: Vec<u64>,
}

impl IdsReport {
    /// Whether there is anything to do.
    pub fn is_clean(&self) -> bool {
        self.refused.is_empty() && self.one_person.is_empty() && self.known_otherwise.is_empty()
    }
}

/// Ids of a file: as they are written, with their lines.
type Written = BTreeMap<String, Vec<u64>>;

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
        let (rows, written) = off_the_runtime(move || read(source, &column)).await?;
        let mut report = IdsReport { rows, ..IdsReport::default() };
        let people = sort(&reader, &written, &mut report);
        for (id, spellings) in &people {
            let lines: BTreeSet<u64> = spellings.iter().flat_map(|text| &written[*text]).copied().collect();
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
        Ok(report)
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
fn read(source: impl Read, column: &str) -> Result<(u64, Written), Rejection> {
    let plan = |text: String| Rejection::Plan(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let header = reader.headers().map_err(|e| plan(format!("the header can't be read: {e}")))?;
    let name = |cell: &str| cell.trim_start_matches('\u{feff}') == column;
    let at = header.iter().position(name).ok_or_else(|| plan(format!("the header has no column {column}")))?;
    let (mut rows, mut written) = (0, Written::new());
    for record in reader.records() {
        let record = record.map_err(|e| plan(format!("the file can't be read: {e}")))?;
        rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        written.entry(record.get(at).unwrap_or_default().to_owned()).or_default().push(line);
    }
    Ok((rows, written))
}
