//! Rows about people whose national id changed: an id that was replaced is nobody's, and one that replaced another keeps the first one's serials.

use super::run::Run;
use crate::{
    error::VaultError,
    keys::references,
    people::holder::Holder,
    records::{bad_rows::RowProblem, rows::ParsedRow},
    store::{Records, Reference, Store},
    vault::Vault,
};
use sealroot_protocol::{field::F, record::Subject, schema::MEMBERS};
use std::collections::{BTreeSet, HashMap};

const REPLACED: &str = "another id took the place of this one: write the person's new id";

impl<S: Store> Vault<S> {
    /// Drops rows that name an id which was replaced, and gives the others the serials of their people's first ids. Returns what is known of the people, too.
    pub(super) async fn renamed(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &mut Run,
        mut rows: Vec<ParsedRow>,
    ) -> Result<(Vec<ParsedRow>, HashMap<Reference, Holder>), VaultError> {
        let people: HashMap<Subject, Reference> = {
            let ring = self.ring();
            let named = rows.iter().flat_map(|row| named(run, row)).map(|(_, subject)| subject);
            named.map(|subject| (subject, references::subject(&ring, subject))).collect()
        };
        let wanted: Vec<Reference> = people.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let holders = self.holders(tx, &wanted).await?;
        let holder = |subject: &Subject| -> Option<&Holder> { holders.get(people.get(subject)?) };
        let by_id = run.plan.columns.business_key.as_ref().is_none_or(|key| *key == run.plan.columns.national_id);
        rows.retain_mut(|row| {
            let replaced: Vec<Option<usize>> = named(run, row)
                .filter(|(_, subject)| holder(subject).is_some_and(|holder| holder.replaced))
                .map(|(attribute, _)| attribute)
                .collect();
            if by_id
                && let Some(serial) = holder(&row.subject).and_then(|h| h.serials.get(run.plan.schema.name.as_str()))
            {
                row.serial = *serial;
            }
            let keep = replaced.is_empty();
            if !keep {
                // The person stands in the file under an old id: the record stays.
                run.skipped.push(row.about());
                run.report.progress.bad_rows += 1;
                let columns = replaced.into_iter().map(|attribute| match attribute {
                    Some(at) => run.attributes.get(at).map(|attribute| attribute.name.clone()),
                    None => Some(run.plan.columns.national_id.clone()),
                });
                let problem = |column| RowProblem::new(row.line, column, REPLACED);
                let problems = columns.map(problem).collect();
                run.list_problems(problems);
            }
            keep
        });
        Ok((rows, holders))
    }
}

/// Everybody whom a row names, and the attribute that does; none for the person whose row it is.
fn named(run: &Run, row: &ParsedRow) -> impl Iterator<Item = (Option<usize>, Subject)> {
    let members = if run.plan.schema.household { MEMBERS } else { 0 };
    let nobody = F::from(0u8);
    let members: Vec<_> =
        (1..=members).map(|i| (Some(i), Subject(row.attributes.0[i]))).filter(|(_, name)| name.0 != nobody).collect();
    std::iter::once((None, row.subject)).chain(members)
}
