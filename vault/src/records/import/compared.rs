//! Whom a file was compared with, where nothing came of it: a dry run, or an import that is refused.
//!
//! Such a run answers whether a person has a record, and which attributes differ from a guess. So it is a look at the record, and stands in the access log like any other:
//! before the answer is given, readable by the person. An import that is committed leaves new versions, and stands in the list of imports.
//! Non-guarantee: where a file is about more than [`TOLD`] people whom the vault knows, one entry is about all of them.

use super::run::Run;
use crate::{
    error::VaultError,
    keys::references,
    store::{RecordRow, Records, Reference, Store},
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::printable::counted;
use std::collections::BTreeSet;

/// People who are told one by one; of more, the log says their number.
pub const TOLD: usize = 1000;

/// People whose records rows were compared with.
#[derive(Default)]
pub(super) struct Compared {
    people: BTreeSet<Reference>,
    rows: u64,
}

impl Compared {
    /// The records that one row was compared with.
    pub(super) fn note<'a>(&mut self, rows: impl Iterator<Item = &'a RecordRow>) {
        let before = self.people.len();
        let mut met = false;
        for row in rows {
            met = true;
            if before <= TOLD {
                self.people.insert(row.subject);
            }
        }
        self.rows += u64::from(met);
    }
}

impl<S: Store> Vault<S> {
    /// Writes the entries. No entry, no answer.
    pub(super) async fn tell_compared(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        run: &Run,
    ) -> Result<(), VaultError> {
        let why = if run.plan.dry_run { "dry run of an import" } else { "import that was refused" };
        let act = |why: String| {
            let access = Access { who: "clerk".into(), why };
            let schema = Some(run.plan.schema.name.clone());
            LoggedAct { schema, ..LoggedAct::of_person(self.agency(), &access, What::Compared) }
        };
        let Compared { people, rows } = &run.compared;
        if people.len() > TOLD {
            let all = references::files(&self.ring());
            self.write_entry(all, None, &act(format!("{why}: {}", counted(*rows, "row", "rows")))).await?;
            return Ok(());
        }
        let people: Vec<Reference> = people.iter().copied().collect();
        let holders = self.holders(tx, &people).await?;
        for person in people {
            let reader = holders.get(&person).map(|holder| holder.log_key()).transpose()?.flatten();
            self.write_entry(person, reader, &act(why.into())).await?;
        }
        Ok(())
    }
}
