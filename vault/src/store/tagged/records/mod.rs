//! The records store with authenticated rows: every row that is written gets its tag, every row that is read shows it; and with a state: every row that comes or goes changes the
//! sum of its part, and an answer is given only from parts whose rows have their sum.
//!
//! Which questions are answered without it, and why: [`RecordsTx::record_at`] (the row is compared with the tree), counts and lists of periods (they are shown, and
//! nothing rests on them), and pages (`…_after`, `live_records`), whose readers call [`RecordsTx::check_rows`] where something rests on them.

mod known;
mod tx;

use super::{
    columns::Columns,
    guard::Guard,
    state::{Part, State, Sum},
};
use crate::store::{
    EnrolmentRow, KnownKeyRow, LookRow, MembershipRow, RecordRow, Records, RecordsTx as _, Reference, Store,
    StoreError, Stored,
};
use sealroot_handover::access_log::VaultState;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use known::{Known, Of};

/// Rows that are held at a time.
const PAGE: u32 = 1024;

/// The records store with authenticated rows.
#[derive(Debug)]
pub struct TaggedRecords<S> {
    store: Arc<S>,
    guard: Arc<Guard>,
}

impl<S: Store> TaggedRecords<S> {
    pub(in crate::store::tagged) fn new(store: Arc<S>, guard: Arc<Guard>) -> Self {
        Self { store, guard }
    }

    fn guarded(&self, tx: <S::Records as Records>::Tx, least: u64) -> TaggedRecordsTx<S> {
        TaggedRecordsTx {
            tx,
            store: self.store.clone(),
            guard: self.guard.clone(),
            least,
            state: None,
            current: HashSet::new(),
            changes: BTreeMap::new(),
            erased: Vec::new(),
            renamed: Vec::new(),
            follows: None,
            quiet: false,
            indices: false,
            known: Known::default(),
        }
    }
}

impl<S: Store> Records for TaggedRecords<S> {
    type Tx = TaggedRecordsTx<S>;

    async fn read(&self) -> Stored<Self::Tx> {
        let least = self.guard.newest();
        Ok(self.guarded(self.store.records().read().await?, least))
    }

    async fn write(&self) -> Stored<Self::Tx> {
        let least = self.guard.newest();
        Ok(self.guarded(self.store.records().write().await?, least))
    }
}

/// A transaction on it.
pub struct TaggedRecordsTx<S: Store> {
    tx: <S::Records as Records>::Tx,
    store: Arc<S>,
    guard: Arc<Guard>,
    /// Number of a state that was durable before the transaction began: it sees none before that.
    least: u64,
    /// As it was when the transaction began; read when it is first needed.
    state: Option<State>,
    /// Parts whose rows were compared with their sum. The transaction sees one state, so once is enough.
    current: HashSet<Part>,
    /// What came, less what went.
    changes: BTreeMap<Part, Sum>,
    /// Whom the transaction erases.
    erased: Vec<Reference>,
    /// Whose id the transaction replaces.
    renamed: Vec<Reference>,
    /// A state that the log has and the store lost: the transaction's comes after it.
    follows: Option<VaultState>,
    /// Whether the log is told of this transaction later.
    quiet: bool,
    /// Whether all indices were compared with their tables.
    indices: bool,
    /// Of records and looks.
    known: Known,
}

impl<S: Store> TaggedRecordsTx<S> {
    /// The state that the transaction began with.
    pub(in crate::store::tagged) async fn state(&mut self) -> Stored<&State> {
        let state = match self.state.take() {
            Some(state) => state,
            None => self.guard.open(self.tx.sealed_state().await?, self.least)?,
        };
        Ok(self.state.insert(state))
    }

    /// Number of the state that the transaction began with.
    pub(crate) async fn state_number(&mut self) -> Stored<u64> {
        Ok(self.state().await?.number)
    }

    /// The transaction's state comes after one that the log was told and that is lost: the store goes on from an older copy.
    pub(crate) fn follow(&mut self, lost: VaultState) {
        self.follows = Some(lost);
    }

    fn came<R: Columns>(&mut self, rows: &[R]) {
        for row in rows {
            let element = self.guard.keys.element(R::TABLE, &row.tag());
            self.changes.entry(row.part()).or_default().add(&element);
        }
    }

    fn went<R: Columns>(&mut self, rows: &[R]) {
        for row in rows {
            let element = self.guard.keys.element(R::TABLE, &row.tag());
            self.changes.entry(row.part()).or_default().subtract(&element);
        }
    }

    /// Compares a part's sum with the one that it must have now.
    async fn compare<R: Columns>(&mut self, part: Part, found: Sum) -> Stored<()> {
        let mut expected = self.state().await?.part(part);
        if let Some(change) = self.changes.get(&part) {
            expected.add(change);
        }
        if found != expected {
            return Err(StoreError::Rows(R::TABLE));
        }
        self.current.insert(part);
        Ok(())
    }

    /// The references whose part of a table has rows. The parts were compared.
    async fn inhabited<R: Columns>(&mut self, references: &[Reference]) -> Stored<Vec<Reference>> {
        let mut inhabited = [false; 256];
        for part in R::parts() {
            let mut sum = self.state().await?.part(part);
            if let Some(change) = self.changes.get(&part) {
                sum.add(change);
            }
            inhabited[usize::from(part.first)] = !sum.is_empty();
        }
        Ok(references.iter().filter(|reference| inhabited[usize::from(reference[0])]).copied().collect())
    }

    fn sum<R: Columns>(&self, rows: &[R]) -> Sum {
        let mut sum = Sum::default();
        rows.iter().for_each(|row| sum.add(&self.guard.keys.element(R::TABLE, &row.tag())));
        sum
    }

    /// All rows of a table that isn't cut into parts.
    async fn whole<R: Columns>(&mut self, rows: Vec<R>) -> Stored<Vec<R>> {
        let rows = self.guard.tagger.check_all(rows)?;
        let (part, found) = (Part { table: R::TABLE, first: 0 }, self.sum(&rows));
        self.compare::<R>(part, found).await?;
        Ok(rows)
    }

    fn has_all<R: Columns>(&self) -> bool {
        R::parts().all(|part| self.current.contains(&part))
    }

    /// Compares all parts of a table with the sums of the rows that were met.
    async fn compare_all<R: Columns>(&mut self, found: &BTreeMap<Part, Sum>) -> Stored<()> {
        for part in R::parts() {
            self.compare::<R>(part, found.get(&part).copied().unwrap_or_default()).await?;
        }
        Ok(())
    }
}

/// Adds rows to the sums of their parts.
fn meet<R: Columns>(guard: &Guard, found: &mut BTreeMap<Part, Sum>, rows: &[R]) {
    for row in rows {
        found.entry(row.part()).or_default().add(&guard.keys.element(R::TABLE, &row.tag()));
    }
}

/// For a table that is cut into parts: one method that makes the parts of some references current, and one for all of them.
macro_rules! cut {
    ($row:ident, $some:ident, $all:ident, $in:ident, $after:ident, |$last:ident| $key:expr $(, known $of:ident $know:ident)?) => {
        impl<S: Store> TaggedRecordsTx<S> {
            async fn $some(&mut self, references: &[Reference]) -> Stored<()> {
                let parts: BTreeSet<u8> = references.iter().map(|reference| reference[0]).collect();
                for first in parts {
                    let part = Part { table: $row::TABLE, first };
                    if !self.current.contains(&part) {
                        let rows = self.guard.tagger.check_all(self.tx.$in(first).await?)?;
                        let found = self.sum(&rows);
                        self.compare::<$row>(part, found).await?;
                    }
                }
                Ok(())
            }

            async fn $all(&mut self) -> Stored<()> {
                if self.has_all::<$row>() {
                    return Ok(());
                }
                if !self.indices {
                    self.tx.check_indices(Some($row::TABLE)).await?;
                }
                let (mut found, mut after) = (BTreeMap::new(), None);
                $(self.known.begin(Of::$of);)?
                loop {
                    let rows = self.tx.$after(after, PAGE).await?;
                    let rows = self.guard.tagger.check_all(rows)?;
                    $(rows.iter().for_each(|row| self.known.$know(row));)?
                    meet(&self.guard, &mut found, &rows);
                    let Some($last) = rows.last() else { break };
                    after = Some($key);
                }
                self.compare_all::<$row>(&found).await
            }
        }
    };
}

cut!(
    RecordRow,
    records_of,
    all_records,
    versions_in,
    versions_after,
    |last| (last.id, last.version),
    known Records add_record
);
cut!(EnrolmentRow, enrolments_of, all_enrolments, enrolments_in, enrolments_after, |last| last.subject);
cut!(KnownKeyRow, keys_of, all_known_keys, known_keys_in, known_keys_after, |last| (last.fingerprint, last.subject));
cut!(MembershipRow, memberships_of, all_memberships, memberships_in, memberships_after, |last| (
    last.member,
    last.household
));
cut!(LookRow, looks_by, all_looks, looks_in, looks_after, |last| *last, known Looks add_look);
