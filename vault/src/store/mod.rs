//! What a vault asks of a database: three stores behind one trait each, so that SQLite and PostgreSQL share one test suite.
//!
//! - [`Records`]: ciphertexts, enrolments, tree, roots. Backed up as long as the agency likes.
//! - [`Keys`]: wrapped data keys. Short retention: a backup of the records without the keys brings nothing back.
//! - [`Log`]: the access log, append-only, and the releases that were used.
//!
//! Every store gives transactions: dropped without `commit`, they leave no trace; after `commit` returns, they survive a crash.
//! None of them ever sees plaintext, and none is trusted: what comes back is authenticated (`keys/seal.rs`, `tagged/`) or hashed (`tree/`, `log/`).

mod error;
mod keys;
mod log;
mod records;
mod rows;
mod tagged;

pub use error::StoreError;
pub use keys::{DataKeyId, Keys, WrappedKey};
pub use log::{EntriesOf, Log};
pub use records::{Records, RecordsTx};
pub use rows::{
    BatchRow, EnrolmentRow, Epoch, ImportRow, KnownKeyRow, LookKey, LookRow, MembershipRow, NodeRow, NonceRow, OwedRow,
    RecordCounts, RecordId, RecordRow, Reference, ReleaseRow, RootRow, RootState, SchemaRow, Tag, ValueRow,
};
pub(crate) use tagged::Lost;
pub use tagged::{Tagged, TaggedLog, TaggedRecords, TaggedRecordsTx};

/// What a store operation gives.
pub type Stored<T> = Result<T, StoreError>;

/// The three stores of one vault.
pub trait Store: Send + Sync + 'static {
    /// Records, enrolments, tree and roots.
    type Records: Records;
    /// Wrapped data keys.
    type Keys: Keys;
    /// Access log.
    type Log: Log;
    /// Records, enrolments, tree and roots.
    fn records(&self) -> &Self::Records;
    /// Wrapped data keys.
    fn keys(&self) -> &Self::Keys;
    /// Access log.
    fn log(&self) -> &Self::Log;
}
