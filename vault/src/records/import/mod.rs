//! Import: a CSV file becomes records, all of it or nothing.
//!
//! Guarantees: the file is read in constant memory; everything is one transaction, so that `kill -9` leaves no half import; at most one live record per
//! (schema, subject, period) and per serial, and nobody in two households; an update leaves unchanged rows as they are, keeps serials, and removes records that
//! the file lacks only on request, confirmed ([`Removal`]), and only in periods that the file speaks of; nobody is removed who stands in the file, be the row
//! good or bad; a dry run fails with what the import would fail with;
//! a file that was compared with records and changed nothing stands in the access log of the people whom it was about.

mod ahead;
mod alike;
mod chunk;
mod compared;
mod missing;
mod plan;
mod removal;
mod renamed;
mod run;
pub(crate) mod times;

pub use super::bad_rows::{BadRows, LISTED};
pub use compared::TOLD;
pub use plan::{ImportMode, ImportPlan, ImportReport, Missing, Progress, RowChange, WouldFail};
pub use removal::{MOST_PERCENT, MissingIn, Removal, Removals};
pub use times::Times;

use crate::{
    error::{Rejection, VaultError},
    keys::seal,
    records::{
        bad_rows::RowProblem,
        issue::{FoundBy, SchemaShape},
        rows::{ParsedRow, RowReader},
    },
    store::{ImportRow, RecordRow, Records, RecordsTx, Reference, Store, Tag},
    tree::{
        epoch::{next_index, set_next_index, working_epoch},
        parallel::off_the_runtime,
    },
    vault::Vault,
};
use ahead::Hashing;
use compared::Compared;
use run::{Keyed, Run};
use sealroot_protocol::date::Date;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::Read,
};
use times::Lap;

/// Rows that are worked on together. Memory grows with it, and nodes of the tree are hashed once per chunk.
const CHUNK: usize = 1000;
const TWICE: &str = "this person, or this business key, stands twice in the file for this period";
const WHICH: &str =
    "the person or business key of this row stands in the file before, so one of the rows could be about somebody else";

impl<S: Store> Vault<S> {
    /// Imports a CSV file. `progress` is called after every chunk.
    pub async fn import<R: Read + Send + 'static>(
        &self,
        source: R,
        plan: ImportPlan,
        mut progress: impl FnMut(&Progress) + Send,
    ) -> Result<ImportReport, VaultError> {
        let schema_id = if plan.dry_run {
            self.may_add_schema(&plan.schema).await?;
            plan.schema.id().map_err(|e| Rejection::Schema(e.to_string()))?
        } else {
            self.add_schema(&plan.schema).await?
        };
        let attributes = plan.schema.attributes().map_err(|e| Rejection::Schema(e.to_string()))?;
        let shape = SchemaShape { used: attributes.len(), many: plan.schema.many };
        let ids = self.id_reader_of(&plan.schema).await?;
        let (schema, columns) = (plan.schema.clone(), plan.columns.clone());
        let today = u64::try_from(self.clock.now()).map_err(|_| Rejection::Date)?;
        let today = Date::from_unix_time(today).map_err(|_| Rejection::Date)?;
        let reader = off_the_runtime(move || RowReader::new(source, &schema, &columns, today, ids)).await?;

        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        tx.clear_seen().await?;
        self.tie_key_column(&mut tx, &plan.schema, &plan.columns).await?;
        let first_index = next_index(&mut tx).await?;
        let mut run = Run {
            schema_id,
            attributes,
            shape,
            batch: seal::random_bytes(),
            epoch: working_epoch(&mut tx).await?,
            first_index,
            next_index: first_index,
            marked: false,
            periods: BTreeSet::new(),
            claimed: Vec::new(),
            skipped: Vec::new(),
            already: 0,
            written: BTreeMap::new(),
            compared: Compared::default(),
            report: ImportReport { ignored_columns: reader.ignored_columns().to_vec(), ..ImportReport::default() },
            plan,
        };
        let hashing = Hashing::of(run.plan.mode, run.plan.dry_run);
        let mut lap = Lap::new();
        let (mut reader, mut read) = ahead::next(reader, CHUNK, hashing).await;
        let outcome = loop {
            run.report.times.parse += read.parse;
            run.report.times.hash_beside += read.hash;
            let Some(chunk) = read.chunk else { break Ok(()) };
            run.report.progress.rows += chunk.read;
            run.report.progress.bad_rows += chunk.bad;
            run.list_problems(chunk.problems);
            run.skipped.extend(chunk.skipped);
            chunk.unread.into_iter().for_each(|unread| run.unread(unread));
            run.report.times.wait += lap.take();
            let written = async {
                let mut lap = Lap::new();
                let before = run.report.times.written();
                let done = self.import_chunk(&mut tx, &mut run, chunk.rows).await;
                // What isn't writing is comparing.
                let all = lap.take();
                run.report.times.compare += all.saturating_sub(run.report.times.written() - before);
                (done, lap)
            };
            let (following, (written, since)) = tokio::join!(ahead::next(reader, CHUNK, hashing), written);
            lap = since;
            if let Err(error) = written {
                break Err(error);
            }
            (reader, read) = following;
            progress(&run.report.progress);
        };
        run.report.times.wait += lap.take();
        let blocked = match outcome {
            Ok(()) => self.import_missing(&mut tx, &mut run).await,
            Err(error) => Err(error),
        };
        let outcome = match blocked {
            Ok(blocked) => self.import_claimed(&mut tx, &mut run).await.map(|twice| (blocked, twice)),
            Err(error) => Err(error),
        };
        let failure = outcome.map(|(blocked, twice)| {
            let bad = run.report.progress.bad_rows;
            // Which of two rows that name one person is the bad one, nobody can say: such a file isn't imported in part.
            if bad > 0 && !run.plan.skip_bad_rows || twice {
                let (rows, already, problems) = (run.report.progress.rows, run.already, run.report.problems.clone());
                return Some(WouldFail::BadRows(Box::new(BadRows { rows, bad_rows: bad, already, problems })));
            }
            if run.report.progress.rows == 0 {
                return Some(WouldFail::Rejected(Rejection::NoRows));
            }
            blocked.map(WouldFail::Rejected)
        });
        if run.plan.dry_run || !matches!(failure, Ok(None)) {
            let told = self.tell_compared(&mut tx, &run).await;
            drop(tx);
            self.drop_batch(&run.batch).await;
            told?;
            let failure = failure?;
            if !run.plan.dry_run
                && let Some(failure) = failure
            {
                return Err(failure.into());
            }
            run.report.would_fail = failure;
            return Ok(run.report);
        }
        tx.clear_seen().await?;
        tx.forget_lines().await?;
        set_next_index(&mut tx, run.next_index).await?;
        let done = run.report.progress;
        tx.add_import(&ImportRow {
            id: seal::random_bytes(),
            schema: schema_id,
            at: self.clock.now(),
            added: done.added,
            changed: done.changed,
            unchanged: done.unchanged,
            removed: run.report.removed,
            tag: Tag::default(),
        })
        .await?;
        self.commit_with_keys(tx, &run.batch).await?;
        run.report.times.commit += lap.take();
        run.report.committed = true;
        Ok(run.report)
    }

    async fn import_chunk(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        rows: Vec<ParsedRow>,
    ) -> Result<(), VaultError> {
        let (rows, holders) = self.renamed(tx, run, rows).await?;
        let rows = self.told_apart(tx, run, rows).await?;
        let keyed = self.first_of_chunk(run, rows);
        let lookups: Vec<Reference> = keyed.iter().map(|k| k.found_by.lookup).collect();
        let serials: Vec<Reference> = keyed.iter().map(|k| k.found_by.serial).collect();
        let by_lookup: HashMap<Reference, RecordRow> =
            tx.live_by_lookup(&lookups).await?.into_iter().map(|row| (row.lookup, row)).collect();
        let by_serial: HashMap<Reference, RecordRow> =
            tx.live_by_serial(&serials).await?.into_iter().map(|row| (row.serial, row)).collect();
        let marked: HashSet<[u8; 16]> = if run.marked {
            tx.seen(&keyed.iter().flat_map(marks).collect::<Vec<_>>()).await?.into_iter().collect()
        } else {
            HashSet::new()
        };

        let (mut new, mut existing, mut to_mark) = (Vec::with_capacity(keyed.len()), Vec::new(), Vec::new());
        for k in keyed {
            let (serial, lookup) = (by_serial.get(&k.found_by.serial), by_lookup.get(&k.found_by.lookup));
            let written = serial.into_iter().chain(lookup).any(|row| u64::from(row.index.0) >= run.first_index);
            if written || marks(&k).iter().any(|mark| marked.contains(mark)) {
                run.skip_unknown(&k.row, RowProblem::new(k.row.line, None, TWICE), WHICH);
                continue;
            }
            run.periods.insert(k.row.period.value());
            run.compared.note(serial.into_iter().chain(lookup));
            if serial.is_none() && lookup.is_none() {
                new.push(k);
                continue;
            }
            to_mark.extend(marks(&k));
            let conflict = match (run.plan.mode, serial, lookup) {
                (ImportMode::Update { .. }, Some(row), other) if other.is_none_or(|other| other.id == row.id) => {
                    existing.push((k, row.clone()));
                    continue;
                }
                (ImportMode::Add, _, Some(_)) => {
                    run.already += 1;
                    "this person already has a record of this schema and period: use --update"
                }
                (ImportMode::Add, _, None) => "another person has a record with this business key: use --update",
                (ImportMode::Update { .. }, None, _) => {
                    "this person's record has another business key: remove that record first, its serial stays its own"
                }
                (ImportMode::Update { .. }, Some(_), _) => {
                    "this person already has another record of this schema and period"
                }
            };
            run.skip(&k.row, conflict);
        }
        // A record that is written is found by its references; every other row is remembered by them.
        if !run.writing() {
            to_mark.extend(new.iter().flat_map(marks));
        }
        run.marked |= !to_mark.is_empty();
        tx.mark_seen(&to_mark).await?;
        self.mark_skipped(tx, run).await?;
        self.write_chunk(tx, run, holders, new, existing).await
    }

    /// References of the rows; drops those whose person or business key stood in the chunk before.
    fn first_of_chunk(&self, run: &mut Run, rows: Vec<ParsedRow>) -> Vec<Keyed> {
        let ring = self.ring();
        let mut keyed = Vec::with_capacity(rows.len());
        let mut here = HashSet::with_capacity(2 * rows.len());
        for row in rows {
            let found_by = FoundBy::of(&ring, run.schema_id, &row.about(), run.shape.many);
            if here.insert(found_by.lookup) & here.insert(found_by.serial) {
                keyed.push(Keyed { row, found_by });
            } else {
                run.skip_unknown(&row, RowProblem::new(row.line, None, TWICE), WHICH);
            }
        }
        keyed
    }
}

/// What a row is remembered by that wrote no record.
fn marks(keyed: &Keyed) -> [[u8; 16]; 2] {
    [mark(&keyed.found_by.lookup), mark(&keyed.found_by.serial)]
}

/// References are 256 bits; half of one is enough to tell rows of a file apart.
fn mark(reference: &Reference) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&reference[..16]);
    out
}
