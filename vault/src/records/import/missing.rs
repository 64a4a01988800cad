//! The end of an import: records that the file lacks, and members who are in two households now that the whole file is in.

use super::{CHUNK, plan::ImportMode, run::Run};
use crate::{
    error::VaultError,
    records::bad_rows::RowProblem,
    store::{Records, RecordsTx, Store},
    tree,
    vault::Vault,
};
use sealroot_protocol::record::Leaf;
use std::collections::BTreeMap;

impl<S: Store> Vault<S> {
    /// Counts, and removes on request, the records that an update's file lacks.
    pub(super) async fn import_missing(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
    ) -> Result<(), VaultError> {
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
            run.list_problems(vec![RowProblem { line: claimed.line, column, what }]);
        }
        Ok(!twice.is_empty())
    }
}
