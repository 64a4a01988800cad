//! Rows that name an id which looks like another person's, in letters of another script.

use super::run::Run;
use crate::{
    error::VaultError,
    records::{bad_rows::RowProblem, rows::ParsedRow},
    store::{LookRow, Records, RecordsTx, Store},
    vault::Vault,
};
use sealroot_protocol::code::Code;

const UNKNOWN: &str = "its id looks like another person's, so whom this row is about can't be known";

impl<S: Store> Vault<S> {
    /// Drops rows that name an id which looks like another person's, in the vault or earlier in the file, and remembers the others'.
    pub(super) async fn told_apart(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        mut rows: Vec<ParsedRow>,
    ) -> Result<Vec<ParsedRow>, VaultError> {
        let of_row = |row: &ParsedRow| -> Vec<LookRow> {
            row.looks.iter().map(|(_, look)| LookRow { line: Some(row.line), ..*look }).collect()
        };
        let looks: Vec<LookRow> = rows.iter().flat_map(of_row).collect();
        let mut found = self.look_alikes(tx, &looks).await?.into_iter();
        let mut fresh = Vec::with_capacity(looks.len());
        rows.retain(|row| {
            let alike: Vec<_> = row.looks.iter().map(|(attribute, _)| *attribute).zip(found.by_ref()).collect();
            let Some((attribute, other)) = alike.into_iter().find_map(|(attribute, other)| Some((attribute, other?)))
            else {
                fresh.extend(of_row(row));
                return true;
            };
            let column = match attribute {
                Some(at) => run.attributes.get(at).map(|attribute| attribute.name.clone()),
                None => Some(run.plan.columns.national_id.clone()),
            };
            let whose =
                other.line.map_or("another person's in the vault".to_owned(), |line| format!("the one in line {line}"));
            let what = format!(
                "the id looks like {whose}, in letters of another script: correct the one that is mistyped; a pattern in the schema's [national_id] refuses such letters"
            );
            let problem = RowProblem { code: Code::LookAlikeId, ..RowProblem::new(row.line, column, what) };
            run.skip_unknown(row, problem, UNKNOWN);
            false
        });
        tx.add_looks(&fresh).await?;
        Ok(rows)
    }
}
