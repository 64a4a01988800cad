//! Import: a CSV file becomes records, all of it or nothing.
//!
//! Guarantees: the file is read in constant memory; everything is one transaction, so that `kill -9` leaves no half import; at most one live record per
//! (schema, subject, period) and per serial, and nobody in two households; an update leaves unchanged rows as they are, keeps serials, and removes rows that
//! the file lacks only on request and only in periods that the file speaks of.

pub use super::bad_rows::{BadRows, LISTED};

use crate::{
    bad_rows::RowProblem,
    enrol::Restart,
    error::{Rejection, VaultError},
    household::{Claimed, Written},
    issue::{self, Draft, SchemaShape},
    rows::{Columns, ParsedRow, RowReader},
    seal,
    store::{Epoch, ImportRow, RecordRow, Records, RecordsTx, Reference, Store},
    tree,
    vault::{Vault, counter, working_epoch},
};
use sealroot_protocol::{
    record::{Leaf, Record},
    schema::{Attribute, Schema, SchemaId},
    tree::{CAPACITY, LeafIndex},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::Read,
};

/// Rows that are worked on together. Memory grows with it, and nodes of the tree are hashed once per chunk.
const CHUNK: usize = 2048;

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    /// What the columns mean.
    pub schema: Schema,
    /// Which columns hold id, key and period.
    pub columns: Columns,
    /// Add, or compare and update.
    pub mode: ImportMode,
    /// Only show what would happen.
    pub dry_run: bool,
    /// Import the good rows of a file that has bad ones. Otherwise nothing of it is imported.
    pub skip_bad_rows: bool,
}

/// Add, or compare and update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Every row is a new record.
    Add,
    /// Rows are compared with the records that have the same business key and period.
    Update {
        /// Remove the records that the file lacks, in the periods that it speaks of.
        remove_missing: bool,
    },
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// New records.
    pub added: u64,
    /// Records with a new version.
    pub changed: u64,
    /// Records that stayed as they are.
    pub unchanged: u64,
    /// Rows that can't be imported.
    pub bad_rows: u64,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Rows, by what became of them.
    pub progress: Progress,
    /// Live records that the file lacks.
    pub missing: u64,
    /// How many of them were removed.
    pub removed: u64,
    /// Bad cells, the first [`LISTED`].
    pub problems: Vec<RowProblem>,
    /// Changed rows, the first [`LISTED`].
    pub changes: Vec<RowChange>,
    /// Columns that the schema doesn't know.
    pub ignored_columns: Vec<String>,
    /// Whether it is in the vault now.
    pub committed: bool,
}

/// A row that differs from its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Line on which the row begins.
    pub line: u64,
    /// Attributes that differ; never their values.
    pub attributes: Vec<String>,
    /// Whether the person differs: his key then starts anew.
    pub subject: bool,
}

/// One import under way.
struct Run {
    plan: ImportPlan,
    schema_id: SchemaId,
    attributes: Vec<Attribute>,
    shape: SchemaShape,
    batch: [u8; 16],
    epoch: Epoch,
    next_index: u64,
    periods: BTreeSet<u32>,
    /// Members whom another household had when a row named them.
    claimed: Vec<Claimed>,
    report: ImportReport,
}

/// A row with the references it is found by.
struct Keyed {
    row: ParsedRow,
    lookup: Reference,
    serial: Reference,
    subject: Reference,
}

impl<S: Store> Vault<S> {
    /// Imports a CSV file. `progress` is called after every chunk.
    pub async fn import(
        &self,
        source: impl Read + Send + 'static,
        plan: ImportPlan,
        mut progress: impl FnMut(&Progress) + Send,
    ) -> Result<ImportReport, VaultError> {
        let schema_id = if plan.dry_run {
            plan.schema.id().map_err(|e| Rejection::Schema(e.to_string()))?
        } else {
            self.add_schema(&plan.schema).await?
        };
        let attributes = plan.schema.attributes().map_err(|e| Rejection::Schema(e.to_string()))?;
        let shape = SchemaShape { used: attributes.len(), many: plan.schema.many };
        let (ring, schema, columns) = (self.issuer.ring.clone(), plan.schema.clone(), plan.columns.clone());
        let mut reader = tree::off_the_runtime(move || RowReader::new(source, &schema, &columns, ring)).await?;

        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        tx.clear_seen().await?;
        let mut run = Run {
            schema_id,
            attributes,
            shape,
            batch: seal::random_bytes(),
            epoch: working_epoch(&mut tx).await?,
            next_index: counter(&mut tx, "next_index").await?,
            periods: BTreeSet::new(),
            claimed: Vec::new(),
            report: ImportReport { ignored_columns: reader.ignored_columns().to_vec(), ..ImportReport::default() },
            plan,
        };
        let outcome = loop {
            let (back, chunk) = tree::off_the_runtime(move || {
                let chunk = reader.next_chunk(CHUNK);
                (reader, chunk)
            })
            .await;
            reader = back;
            let Some(chunk) = chunk else { break Ok(()) };
            run.report.progress.rows += chunk.read;
            run.report.progress.bad_rows += chunk.bad;
            run.list_problems(chunk.problems);
            if let Err(error) = self.import_chunk(&mut tx, &mut run, chunk.rows).await {
                break Err(error);
            }
            progress(&run.report.progress);
        };
        let outcome = match outcome {
            Ok(()) => self.import_missing(&mut tx, &mut run).await,
            Err(error) => Err(error),
        };
        let outcome = match outcome {
            Ok(()) => self.import_claimed(&mut tx, &mut run).await,
            Err(error) => Err(error),
        };
        let bad = run.report.progress.bad_rows;
        let give_up = match outcome {
            Err(error) => Some(error),
            // Which of two rows that name one person is the bad one, nobody can say: such a file isn't imported in part.
            Ok(twice) if (bad > 0 && !run.plan.skip_bad_rows || twice) && !run.plan.dry_run => {
                Some(VaultError::BadRows(Box::new(BadRows {
                    bad_rows: bad,
                    problems: std::mem::take(&mut run.report.problems),
                })))
            }
            Ok(_) => None,
        };
        if give_up.is_some() || run.plan.dry_run {
            drop(tx);
            self.drop_batch(&run.batch).await;
            return give_up.map_or(Ok(run.report), Err);
        }
        tx.clear_seen().await?;
        tx.set_value("next_index", &run.next_index.to_be_bytes()).await?;
        let done = run.report.progress;
        tx.add_import(&ImportRow {
            id: seal::random_bytes(),
            schema: schema_id,
            at: self.clock.now(),
            added: done.added,
            changed: done.changed,
            unchanged: done.unchanged,
            removed: run.report.removed,
        })
        .await?;
        self.commit_with_keys(tx, &run.batch).await?;
        run.report.committed = true;
        Ok(run.report)
    }

    async fn import_chunk(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        rows: Vec<ParsedRow>,
    ) -> Result<(), VaultError> {
        let keyed = self.first_of_file(tx, run, rows).await?;
        let lookups: Vec<Reference> = keyed.iter().map(|k| k.lookup).collect();
        let serials: Vec<Reference> = keyed.iter().map(|k| k.serial).collect();
        let by_lookup: HashMap<Reference, RecordRow> =
            tx.live_by_lookup(&lookups).await?.into_iter().map(|row| (row.lookup, row)).collect();
        let by_serial: HashMap<Reference, RecordRow> =
            tx.live_by_serial(&serials).await?.into_iter().map(|row| (row.serial, row)).collect();

        let (mut new, mut existing) = (Vec::new(), Vec::new());
        for k in keyed {
            let conflict = match (run.plan.mode, by_serial.get(&k.serial), by_lookup.get(&k.lookup)) {
                (_, None, None) => {
                    new.push(k);
                    continue;
                }
                (ImportMode::Update { .. }, Some(row), other) if other.is_none_or(|other| other.id == row.id) => {
                    existing.push((k, row.clone()));
                    continue;
                }
                (ImportMode::Add, _, Some(_)) => {
                    "this person already has a record of this schema and period: use --update"
                }
                (ImportMode::Add, Some(_), None) => "another person has a record with this business key: use --update",
                (ImportMode::Update { .. }, None, _) => {
                    "this person's record has another business key: remove that record first, its serial stays its own"
                }
                (ImportMode::Update { .. }, Some(_), _) => {
                    "this person already has another record of this schema and period"
                }
            };
            run.bad_row(k.row.line, conflict);
        }
        self.write_chunk(tx, run, new, existing).await
    }

    /// References of the rows; drops those whose person or business key stood in the file before.
    async fn first_of_file(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        rows: Vec<ParsedRow>,
    ) -> Result<Vec<Keyed>, VaultError> {
        let mut keyed = Vec::with_capacity(rows.len());
        {
            let ring = self.ring();
            let mut here = HashSet::with_capacity(2 * rows.len());
            for row in rows {
                let period = row.period.value();
                let serial = issue::serial(&ring, run.schema_id, row.serial, period);
                let only = run.shape.many.then_some(row.serial);
                let lookup = issue::lookup(&ring, run.schema_id, row.subject, period, only);
                let subject = issue::subject(&ring, row.subject);
                if here.insert(lookup) & here.insert(serial) {
                    keyed.push(Keyed { row, lookup, serial, subject });
                } else {
                    run.bad_row(row.line, TWICE);
                }
            }
        }
        let marks: Vec<[u8; 16]> = keyed.iter().flat_map(|k| [mark(&k.lookup), mark(&k.serial)]).collect();
        let before: HashSet<[u8; 16]> = tx.mark_seen(&marks).await?.into_iter().collect();
        let mut first = Vec::with_capacity(keyed.len());
        for k in keyed {
            if before.contains(&mark(&k.lookup)) || before.contains(&mark(&k.serial)) {
                run.bad_row(k.row.line, TWICE);
            } else {
                run.periods.insert(k.row.period.value());
                first.push(k);
            }
        }
        Ok(first)
    }

    async fn write_chunk(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        new: Vec<Keyed>,
        existing: Vec<(Keyed, RecordRow)>,
    ) -> Result<(), VaultError> {
        let ids: Vec<[u8; 16]> = existing.iter().map(|(_, row)| row.id).collect();
        tx.mark_seen(&ids).await?;
        let (keyed, rows): (Vec<Keyed>, Vec<RecordRow>) = existing.into_iter().unzip();
        // An unchanged row stays, and a changed one keeps what the file doesn't say: both must be what the tree says.
        tree::check_leaves(tx, &rows, run.epoch).await?;
        let revealed = self.issuer.reveal_all(self.store.keys(), rows).await?;

        let subjects: BTreeSet<Reference> = new.iter().chain(&keyed).map(|k| k.subject).collect();
        let mut holders = self.holders(tx, &subjects.into_iter().collect::<Vec<_>>()).await?;
        let (mut drafts, mut ended, mut restarted) = (Vec::new(), Vec::new(), Vec::new());
        let writing = run.writing();
        if run.plan.schema.household {
            let rows = new.iter().chain(keyed.iter().zip(&revealed).filter_map(|(k, (_, record))| {
                let changed = record.subject != k.row.subject || record.attributes != k.row.attributes;
                changed.then_some(k)
            }));
            let written: Vec<Written> = rows.map(|k| Written::of(self, run.schema_id, &k.row, k.serial)).collect();
            let settled = self.settle_members(tx, run.epoch, &written).await?;
            run.claimed.extend(settled.claimed);
            for (head, restart) in settled.restarts.into_iter().filter(|_| writing) {
                holders.insert(head, self.restart_holder(tx, head, restart).await?);
                restarted.push(head);
            }
        }
        for (k, (row, record)) in keyed.into_iter().zip(revealed) {
            let subject_changed = record.subject != k.row.subject;
            let attributes = run.differing(&record, &k.row);
            if attributes.is_empty() && !subject_changed {
                run.report.progress.unchanged += 1;
                continue;
            }
            run.report.progress.changed += 1;
            if run.report.changes.len() < LISTED {
                run.report.changes.push(RowChange { line: k.row.line, attributes, subject: subject_changed });
            }
            if !writing {
                continue;
            }
            // Of a `many` schema the serial counts alone, whoever holds the record: nobody's key has to wait.
            if subject_changed && !run.shape.many {
                holders.insert(k.subject, self.restart_holder(tx, k.subject, Restart::NextAnchor).await?);
                restarted.push(k.subject);
            }
            let holder = holders.get(&k.subject);
            let record = Record {
                attributes: k.row.attributes,
                subject: k.row.subject,
                holder: holder.and_then(|h| h.key),
                holder_since: holder.and_then(|h| h.since),
                ..record
            };
            ended.push((row.id, row.version));
            drafts.push(issue::next_version(&row, record, run.shape));
        }
        run.report.progress.added += new.len() as u64;
        let now = self.clock.now();
        for k in new {
            if !writing {
                continue;
            }
            if run.next_index >= CAPACITY {
                return Err(Rejection::TreeFull.into());
            }
            let index = LeafIndex(run.next_index as u32);
            run.next_index += 1;
            let holder = holders.get(&k.subject);
            let record = Record {
                schema_id: run.schema_id,
                attributes: k.row.attributes,
                holder: holder.and_then(|h| h.key),
                holder_since: holder.and_then(|h| h.since),
                subject: k.row.subject,
                period: k.row.period,
                serial: k.row.serial,
                salt: issue::fresh_salt(),
            };
            drafts.push(Draft { id: issue::fresh_record_id(now), version: 1, index, record, shape: run.shape });
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let fresh: Vec<[u8; 16]> = drafts.iter().filter(|d| d.version == 1).map(|d| d.id).collect();
        tx.mark_seen(&fresh).await?;
        tx.end_records(&ended, run.epoch).await?;
        self.write_versions(tx, &run.batch, run.epoch, drafts).await?;
        restarted.sort_unstable();
        restarted.dedup();
        for subject in restarted {
            // His records of other schemas and periods carry the same day.
            if let Some(holder) = holders.get(&subject) {
                self.reissue(tx, &run.batch, run.epoch, &subject, holder).await?;
            }
        }
        Ok(())
    }

    /// Counts, and removes on request, the records that an update's file lacks.
    async fn import_missing(&self, tx: &mut <S::Records as Records>::Tx, run: &mut Run) -> Result<(), VaultError> {
        let ImportMode::Update { remove_missing } = run.plan.mode else { return Ok(()) };
        for period in run.periods.clone() {
            let mut after = None;
            loop {
                let rows = tx.unseen(run.schema_id, Some(period), after, CHUNK as u32).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.index);
                run.report.missing += rows.len() as u64;
                if remove_missing && run.writing() {
                    let ended: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
                    tx.end_records(&ended, run.epoch).await?;
                    self.dissolve(tx, run.epoch, &rows).await?;
                    let leaves: BTreeMap<_, _> = rows.iter().map(|row| (row.index, Leaf::EMPTY)).collect();
                    tree::apply(tx, run.epoch, &leaves).await?;
                    run.report.removed += rows.len() as u64;
                }
            }
        }
        Ok(())
    }
}

impl<S: Store> Vault<S> {
    /// Reports members who are in two households now that the whole file is in; says whether there are any.
    async fn import_claimed(&self, tx: &mut <S::Records as Records>::Tx, run: &mut Run) -> Result<bool, VaultError> {
        let twice = self.in_two_households(tx, &std::mem::take(&mut run.claimed)).await?;
        for claimed in &twice {
            run.report.progress.bad_rows += 1;
            let column = run.attributes.get(claimed.attribute).map(|attribute| attribute.name.clone());
            let what = "is a member of another household of this schema and period: update that one, too".to_owned();
            run.list_problems(vec![RowProblem { line: claimed.line, column, what }]);
        }
        Ok(!twice.is_empty())
    }
}

const TWICE: &str = "this person, or this business key, stands twice in the file for this period";

impl Run {
    /// Whether there is still something to be written: not in a dry run, and not once the file is known to be rejected.
    fn writing(&self) -> bool {
        !self.plan.dry_run && (self.report.progress.bad_rows == 0 || self.plan.skip_bad_rows)
    }

    fn bad_row(&mut self, line: u64, what: &str) {
        self.report.progress.bad_rows += 1;
        self.list_problems(vec![RowProblem { line, column: None, what: what.to_owned() }]);
    }

    fn list_problems(&mut self, problems: Vec<RowProblem>) {
        let room = LISTED - self.report.problems.len();
        self.report.problems.extend(problems.into_iter().take(room));
    }

    fn differing(&self, record: &Record, row: &ParsedRow) -> Vec<String> {
        let pairs = record.attributes.0.iter().zip(&row.attributes.0);
        self.attributes.iter().zip(pairs).filter(|(_, (old, new))| old != new).map(|(a, _)| a.name.clone()).collect()
    }
}

/// References are 256 bits; half of one is enough to tell rows of a file apart.
fn mark(reference: &Reference) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&reference[..16]);
    out
}
