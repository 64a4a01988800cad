//! Writing one chunk of an import's rows: new records, and new versions of those that differ.

use super::{
    plan::RowChange,
    run::{Keyed, Run},
};
use crate::{
    error::{Rejection, VaultError},
    people::{holder::Holder, restart::Restart},
    records::{
        bad_rows::LISTED,
        household::{self, Written},
        issue::{self, Draft},
    },
    store::{RecordRow, Records, RecordsTx, Reference, Store},
    tree,
    vault::Vault,
};
use sealroot_protocol::{
    record::Record,
    tree::{CAPACITY, LeafIndex},
};
use std::collections::HashMap;

impl<S: Store> Vault<S> {
    /// `holders` is what is known of the people in the chunk.
    pub(super) async fn write_chunk(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        mut holders: HashMap<Reference, Holder>,
        new: Vec<Keyed>,
        existing: Vec<(Keyed, RecordRow)>,
    ) -> Result<(), VaultError> {
        let ids: Vec<[u8; 16]> = existing.iter().map(|(_, row)| row.id).collect();
        tx.mark_seen(&ids).await?;
        let (keyed, rows): (Vec<Keyed>, Vec<RecordRow>) = existing.into_iter().unzip();
        // An unchanged row stays, and a changed one keeps what the file doesn't say: both must be what the tree says.
        tree::check_leaves(tx, &rows, run.epoch).await?;
        let revealed = self.issuer.reveal_all(self.store.keys(), rows).await?;

        let (mut drafts, mut ended, mut restarted) = (Vec::new(), Vec::new(), Vec::new());
        let writing = run.writing();
        if run.plan.schema.household {
            let rows = new.iter().chain(keyed.iter().zip(&revealed).filter_map(|(k, (_, record))| {
                let changed = record.subject != k.row.subject || record.attributes != k.row.attributes;
                changed.then_some(k)
            }));
            let rows: Vec<&Keyed> = rows.collect();
            let earlier = self.earlier_ids(tx, rows.iter().flat_map(|k| household::present(&k.row))).await?;
            let written: Vec<Written> =
                rows.iter().map(|k| Written::of(self, run.schema_id, &k.row, k.found_by.serial, &earlier)).collect();
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
            // Of a `many` schema the serial alone counts, not the record's holder: nobody's key has to wait.
            if subject_changed && !run.shape.many {
                holders.insert(
                    k.found_by.subject,
                    self.restart_holder(tx, k.found_by.subject, Restart::NextAnchor).await?,
                );
                restarted.push(k.found_by.subject);
            }
            let holder = holders.get(&k.found_by.subject);
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
        drafts.reserve(if writing { new.len() } else { 0 });
        for k in new {
            if !writing {
                continue;
            }
            if run.next_index >= CAPACITY {
                return Err(Rejection::TreeFull.into());
            }
            *run.written.entry(k.row.period.value()).or_default() += 1;
            let index = LeafIndex(run.next_index as u32);
            run.next_index += 1;
            let holder = holders.get(&k.found_by.subject);
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
            drafts.push(Draft {
                id: issue::fresh_record_id(now),
                version: 1,
                index,
                record,
                digest: k.row.digest,
                found_by: Some(k.found_by),
                shape: run.shape,
            });
        }
        if drafts.is_empty() {
            return Ok(());
        }
        tx.end_records(&ended, run.epoch).await?;
        let times = self.write_versions(tx, &run.batch, run.epoch, drafts).await?;
        run.report.times.add(&times);
        restarted.sort_unstable();
        restarted.dedup();
        for subject in restarted {
            // The person's records of other schemas and periods carry the same day.
            if let Some(holder) = holders.get(&subject) {
                self.reissue(tx, &run.batch, run.epoch, &subject, holder).await?;
            }
        }
        Ok(())
    }
}
