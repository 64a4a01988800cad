//! The end of an import: records that the file lacks, and members who are in two households now that the whole file is in.

use super::{
    CHUNK,
    plan::{ImportMode, Missing},
    removal::MissingIn,
    run::Run,
};
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    records::{bad_rows::RowProblem, issue, rows::Unread},
    store::{Records, RecordsTx, Reference, Store},
    tree,
    vault::Vault,
};
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    record::Leaf,
};
use std::collections::BTreeMap;

impl<S: Store> Vault<S> {
    /// Marks the records of people whose rows were not imported: they stand in the file, so they are not missing from it.
    pub(super) async fn mark_skipped(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
    ) -> Result<(), VaultError> {
        let skipped = std::mem::take(&mut run.skipped);
        if skipped.is_empty() || run.plan.mode == ImportMode::Add {
            return Ok(());
        }
        let (lookups, serials): (Vec<Reference>, Vec<Reference>) = {
            let ring = self.ring();
            let found_by = |about: &crate::records::rows::About| {
                let (period, schema) = (about.period.value(), run.schema_id);
                let only = run.shape.many.then_some(about.serial);
                let lookup = references::lookup(&ring, schema, about.subject, period, only);
                (lookup, references::serial(&ring, schema, about.serial, period))
            };
            skipped.iter().map(found_by).unzip()
        };
        let mut rows = tx.live_by_lookup(&lookups).await?;
        rows.extend(tx.live_by_serial(&serials).await?);
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        tx.mark_seen(&ids).await?;
        Ok(())
    }

    /// Counts the records that an update's file lacks, and removes them where that was asked for and confirmed. Returns why they can't be removed.
    ///
    /// A dry run ends them, too, in its transaction that is given up: whether their households let go decides about other rows.
    pub(super) async fn import_missing(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
    ) -> Result<Option<Rejection>, VaultError> {
        let ImportMode::Update { missing } = run.plan.mode else { return Ok(None) };
        for period in run.periods.clone() {
            let found = self.missing_in(tx, run, period).await?;
            run.report.missing += found.missing;
            run.report.missing_in.extend((found.missing > 0).then_some(found));
        }
        let Missing::Remove(removal) = missing else { return Ok(None) };
        // No row says which period the file is about, so nobody can say what it lacks.
        if let (true, Some(Unread { line, why })) = (run.periods.is_empty(), run.report.unread) {
            return Ok(Some(Rejection::RemovalUnsafe { line, why }));
        }
        if let Err(rejection) = removal.check(&run.report.missing_in, run.report.unread) {
            return Ok(Some(rejection));
        }
        for period in run.periods.clone() {
            let mut after = None;
            loop {
                let rows = tx.unseen(run.schema_id, period, after, run.first_index, CHUNK as u32).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.index);
                let ended: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
                tx.end_records(&ended, run.epoch).await?;
                self.dissolve(tx, run.epoch, &rows).await?;
                if run.writing() {
                    let leaves: BTreeMap<_, _> = rows.iter().map(|row| (row.index, Leaf::EMPTY)).collect();
                    tree::apply(tx, run.epoch, &leaves).await?;
                    run.report.removed += rows.len() as u64;
                }
            }
        }
        Ok(None)
    }

    async fn missing_in(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &Run,
        period: u32,
    ) -> Result<MissingIn, VaultError> {
        let (mut missing, mut since, mut after) = (0, BTreeMap::new(), None);
        loop {
            let rows = tx.unseen(run.schema_id, period, after, run.first_index, CHUNK as u32).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.index);
            missing += rows.len() as u64;
            for row in &rows {
                if let Ok(day) = Date::from_unix_time(issue::record_time(&row.id)) {
                    *since.entry(day).or_default() += 1;
                }
            }
        }
        let now = tx.live_in(run.schema_id, period).await?;
        let live = now.saturating_sub(run.written.get(&period).copied().unwrap_or_default());
        let period = FactsPeriod::from_value(period).map_err(|_| crate::error::Integrity::Encoding)?;
        Ok(MissingIn { period, missing, live, since })
    }

    /// Reports members who are in two households now that the whole file is in; says whether there are any.
    pub(super) async fn import_claimed(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
    ) -> Result<bool, VaultError> {
        let twice = self.in_two_households(tx, &std::mem::take(&mut run.claimed)).await?;
        for claimed in &twice {
            run.report.progress.bad_rows += 1;
            let column = run.attributes.get(claimed.attribute).map(|attribute| attribute.name.clone());
            let what = "is a member of another household of this schema and period: update that one, too".to_owned();
            run.list_problems(vec![RowProblem::new(claimed.line, column, what)]);
        }
        Ok(!twice.is_empty())
    }
}
