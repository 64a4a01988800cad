//! A store whose rows are authenticated: it stands between the vault and whatever database keeps the rows.
//!
//! Guarantees: a row that is read is one that a holder of the key ring wrote in this vault, in this table, with every column as it is; a column that was changed, exchanged
//! with another row's or made up is an error that names the table. Tree nodes have no tag, because every use hashes them up to a root that has one
//! ([`crate::tree`]); wrapped keys and log entries have none, because a cipher and the log's head authenticate them.
//!
//! Not guaranteed: that a row is the newest one that the vault wrote in its place, nor that none was deleted. A row that a query doesn't find, because a column that
//! it asks for was changed, isn't looked at either: that is a deletion.

mod columns;
mod log;
mod records;

pub use log::TaggedLog;
pub use records::{TaggedRecords, TaggedRecordsTx};

use super::Store;
use crate::keys::seal::Key;
use columns::Tagger;
use std::sync::Arc;

/// A store whose rows are authenticated.
#[derive(Debug)]
pub struct Tagged<S> {
    inner: Arc<S>,
    records: TaggedRecords<S>,
    log: TaggedLog<S>,
}

impl<S: Store> Tagged<S> {
    /// Authenticates a store's rows under a key that nothing else is made with.
    pub(crate) fn new(inner: S, key: Key) -> Self {
        let (inner, tagger) = (Arc::new(inner), Tagger::new(key));
        let records = TaggedRecords::new(inner.clone(), tagger.clone());
        let log = TaggedLog::new(inner.clone(), tagger);
        Self { inner, records, log }
    }

    /// The store, without its guard.
    pub(crate) fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: Store> Store for Tagged<S> {
    type Records = TaggedRecords<S>;
    type Keys = S::Keys;
    type Log = TaggedLog<S>;
    fn records(&self) -> &TaggedRecords<S> {
        &self.records
    }
    /// Their ids and key-encryption keys are in their ciphertexts' associated data.
    fn keys(&self) -> &S::Keys {
        self.inner.keys()
    }
    fn log(&self) -> &TaggedLog<S> {
        &self.log
    }
}
