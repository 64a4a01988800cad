//! The rows of the records store.

use super::DataKeyId;
use sealroot_protocol::{
    field::Digest,
    record::Leaf,
    schema::SchemaId,
    tree::{LeafIndex, Root},
};

/// Number of one state of the tree, from 1 on: what changed since root `n − 1` was prepared is written under epoch `n`.
pub type Epoch = u64;

/// A keyed reference: HMAC of what a row is found by, under a key of this vault alone.
pub type Reference = [u8; 32];

/// Authenticates a row: HMAC-SHA-256 over its table and every other column. [`super::Tagged`] sets it before a row is written and checks it when one is read;
/// whatever a use case puts here is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tag(pub [u8; 32]);

/// Id of a record: 6 bytes of time and 10 random bytes; never used twice, not even after a restored backup.
pub type RecordId = [u8; 16];

/// One version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Id of the record; the same for all its versions.
    pub id: RecordId,
    /// Version, from 1 on.
    pub version: u64,
    /// What the attributes mean.
    pub schema: SchemaId,
    /// `YYYYMM` or 0.
    pub period: u32,
    /// Reference of (schema, subject, period), and of the serial in a `many` schema. One live row each.
    pub lookup: Reference,
    /// Reference of (schema, serial, period). One live row each.
    pub serial: Reference,
    /// Reference of the subject.
    pub subject: Reference,
    /// Place in the tree.
    pub index: LeafIndex,
    /// The commitment.
    pub leaf: Leaf,
    /// First epoch in which this version stands in the tree.
    pub since: Epoch,
    /// First epoch in which it no longer does.
    pub until: Option<Epoch>,
    /// Nonce, ciphertext and tag of the record.
    pub sealed: Vec<u8>,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// What an agency keeps about one person's key. It outlives the person's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// Reference of the subject.
    pub subject: Reference,
    /// Counts changes; bound to the ciphertext.
    pub version: u64,
    /// While a key replacement waits for its anchor: latest time, Unix seconds, at which the anchor may land.
    pub anchor_by: Option<i64>,
    /// The epoch that carries the replacement.
    pub epoch: Epoch,
    /// Ciphertext: subject, PK, holder_since, log key, proof of possession.
    pub sealed: Vec<u8>,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A value of the vault's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRow {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A wallet key that was once enrolled, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKeyRow {
    /// Keyed fingerprint of the key.
    pub fingerprint: Reference,
    /// Reference of the subject.
    pub subject: Reference,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A nonce that was issued and not used yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonceRow {
    /// The nonce.
    pub nonce: [u8; 32],
    /// What it was issued for.
    pub subject: Reference,
    /// Until when it is good, Unix seconds.
    pub expires: i64,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A data key that must be destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedRow {
    /// Its id.
    pub key: DataKeyId,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A batch of data keys whose rows are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRow {
    /// Its id.
    pub batch: [u8; 16],
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A release that was used or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Its digest.
    pub release: [u8; 32],
    /// When it expires, Unix seconds.
    pub expires: i64,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// What somebody's id looks like, and how its letters are written. It outlives the person's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LookRow {
    /// Reference of the id's skeleton.
    pub skeleton: Reference,
    /// Reference of the subject.
    pub subject: Reference,
    /// Whether the id is in ASCII.
    pub ascii: bool,
    /// Whether capital letters would make another id of it.
    pub small: bool,
    /// Whether small letters would.
    pub capital: bool,
    /// Line of the running import's file that brought it; none outside its transaction.
    pub line: Option<u64>,
    /// Authenticates the other columns but the line, which is no more than a word in a message.
    pub tag: Tag,
}

/// What a [`LookRow`] is found by: skeleton, subject, ASCII.
pub type LookKey = (Reference, Reference, bool);

impl LookRow {
    /// What it is found by.
    pub fn key(&self) -> LookKey {
        (self.skeleton, self.subject, self.ascii)
    }
}

/// Somebody in a household; it outlives the household's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipRow {
    /// Reference of (schema, period, subject).
    pub member: Reference,
    /// Reference of the household's (schema, serial, period).
    pub household: Reference,
    /// First epoch in which it named the member.
    pub since: Epoch,
    /// Epoch in which it named the member no more.
    pub until: Option<Epoch>,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// Four children of one node of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRow {
    /// Height above the leaves: 1 for parents of leaves, 16 for the root.
    pub level: u32,
    /// Position within its level.
    pub position: u32,
    /// Epoch in which it was written.
    pub epoch: Epoch,
    /// The children, 32 bytes each.
    pub children: [u8; 128],
}

/// What became of a prepared root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootState {
    /// Prepared, not known to be on chain.
    Pending,
    /// On chain.
    Anchored,
    /// Was on chain, and the agency withdrew it.
    Withdrawn,
    /// Never came on chain, or its grace has ended: nothing reads it any more.
    Retired,
}

impl RootState {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Anchored => "anchored",
            Self::Withdrawn => "withdrawn",
            Self::Retired => "retired",
        }
    }
}

/// One prepared root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootRow {
    /// Its number in this vault.
    pub epoch: Epoch,
    /// The root.
    pub root: Root,
    /// Entries in the access log when it was prepared.
    pub log_size: u64,
    /// Head of the access log when it was prepared.
    pub log_head: Digest,
    /// What became of it.
    pub state: RootState,
    /// Latest time, Unix seconds, at which its anchor may land.
    pub anchor_by: Option<i64>,
    /// Sequence number on chain.
    pub sequence: Option<u64>,
    /// Block number.
    pub block: Option<u64>,
    /// Block time, Unix seconds.
    pub anchored_at: Option<i64>,
    /// Block time of the anchor that replaced it, Unix seconds.
    pub superseded_at: Option<i64>,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// A registered schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRow {
    /// Its id.
    pub id: SchemaId,
    /// Its name.
    pub name: String,
    /// Canonical JSON.
    pub json: String,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// One finished import; a row exists exactly if the whole file is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Random id.
    pub id: [u8; 16],
    /// Schema of its rows.
    pub schema: SchemaId,
    /// When it was committed, Unix seconds.
    pub at: i64,
    /// New records.
    pub added: u64,
    /// Records with a new version.
    pub changed: u64,
    /// Records that stayed as they were.
    pub unchanged: u64,
    /// Records removed because the file lacks them.
    pub removed: u64,
    /// Authenticates the other columns.
    pub tag: Tag,
}

/// Counts for `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Records in the tree.
    pub live: u64,
    /// Versions kept for roots whose grace runs.
    pub superseded: u64,
    /// Persons with an enrolment row.
    pub enrolments: u64,
    /// Versions of tree nodes.
    pub nodes: u64,
    /// Live memberships in households.
    pub memberships: u64,
}
