//! From a record to a row and back: fresh data key, ciphertext, leaf; and on the way back, the leaf again.
//!
//! Guarantee: [`Issuer::reveal`] returns a record only if its ciphertext opens in its own place *and* its leaf is the row's. The caller compares that leaf
//! with the tree; a row that was put back from yesterday passes here and fails there.

use crate::{
    error::{Integrity, VaultError},
    keys::{
        KeyRing, references,
        seal::{self, Key, RowPlace},
    },
    records::{
        import::times::{Lap, Times},
        record_bytes,
        rows::About,
    },
    store::{DataKeyId, Epoch, Keys, RecordId, RecordRow, Reference, Tag, WrappedKey},
    tree::parallel::{self, off_the_runtime},
};
use sealroot_protocol::{
    field::{self, F},
    name::Name,
    record::{self, Leaf, Record, Salt},
    schema::SchemaId,
    tree::LeafIndex,
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Records that pay for a thread.
pub(crate) const RECORDS_WORTH_A_THREAD: usize = 16;

/// One version to be written.
pub(crate) struct Draft {
    pub(crate) id: RecordId,
    pub(crate) version: u64,
    pub(crate) index: LeafIndex,
    pub(crate) record: Record,
    /// The attributes' digest, where it is known.
    pub(crate) digest: Option<F>,
    /// What the row is found by, where it is known.
    pub(crate) found_by: Option<FoundBy>,
    pub(crate) shape: SchemaShape,
}

/// What a row is found by. Made of what its record says, and compared with that whenever it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FoundBy {
    pub(crate) lookup: Reference,
    pub(crate) serial: Reference,
    pub(crate) subject: Reference,
}

impl FoundBy {
    /// `serial` also is the record's own in a schema of many.
    pub(crate) fn of(ring: &KeyRing, schema: SchemaId, about: &About, many: bool) -> Self {
        let About { subject, serial, period } = *about;
        let period = period.value();
        Self {
            lookup: references::lookup(ring, schema, subject, period, many.then_some(serial)),
            serial: references::serial(ring, schema, serial, period),
            subject: references::subject(ring, subject),
        }
    }
}

/// What rows need to know of a schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SchemaShape {
    /// Attributes in use.
    pub(crate) used: usize,
    /// Several records per subject and period.
    pub(crate) many: bool,
}

/// Seals and reveals under the vault's ring.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) agency: Name,
    pub(crate) ring: Arc<RwLock<KeyRing>>,
}

impl Issuer {
    /// Seals versions under data keys of their own; hashing and sealing run on all cores. Returns how long each took.
    pub(crate) async fn issue(
        &self,
        drafts: Vec<Draft>,
        epoch: Epoch,
    ) -> Result<(Vec<(RecordRow, WrappedKey)>, Times), VaultError> {
        let this = self.clone();
        off_the_runtime(move || {
            let mut lap = Lap::new();
            let leaves = parallel::parts(&drafts, RECORDS_WORTH_A_THREAD, leaves);
            let hash = lap.take();
            let hashed: Vec<(&Draft, Leaf)> = drafts.iter().zip(leaves).collect();
            let issued = parallel::parts(&hashed, RECORDS_WORTH_A_THREAD, |part| {
                part.iter().map(|(draft, leaf)| this.issue_one(draft, *leaf, epoch)).collect()
            });
            let issued = issued.into_iter().collect::<Result<_, _>>()?;
            Ok((issued, Times { hash, seal: lap.take(), ..Times::default() }))
        })
        .await
    }

    /// `leaf` is the draft's record's.
    fn issue_one(&self, draft: &Draft, leaf: Leaf, epoch: Epoch) -> Result<(RecordRow, WrappedKey), VaultError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let record = &draft.record;
        let schema = field::to_bytes(record.schema_id.0);
        let key = Key::random();
        let place = self.place(&draft.id, draft.version, &schema);
        let sealed = seal::seal(&key, &place, &record_bytes::encode(record, draft.shape.used))?;
        let key_id = data_key_id(&draft.id, draft.version);
        let (kek, wrapped) = ring.wrap(&key_id, &key)?;
        let found_by = draft.found_by.unwrap_or_else(|| {
            let about = About { subject: record.subject, serial: record.serial, period: record.period };
            FoundBy::of(&ring, record.schema_id, &about, draft.shape.many)
        });
        let FoundBy { lookup, serial, subject } = found_by;
        let row = RecordRow {
            id: draft.id,
            version: draft.version,
            schema: record.schema_id,
            period: record.period.value(),
            lookup,
            serial,
            subject,
            index: draft.index,
            leaf,
            since: epoch,
            until: None,
            sealed,
            tag: Tag::default(),
        };
        Ok((row, WrappedKey { id: key_id, kek, wrapped }))
    }

    /// Opens a row with its wrapped key and recomputes its leaf.
    pub(crate) fn reveal(&self, row: &RecordRow, key: &WrappedKey) -> Result<Record, VaultError> {
        let record = self.open(row, key)?;
        check_leaf(row, record.leaf())?;
        Ok(record)
    }

    /// Opens a row in its own place; whether its leaf is the row's is still to be checked.
    fn open(&self, row: &RecordRow, key: &WrappedKey) -> Result<Record, VaultError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.unwrap(key.kek, &data_key_id(&row.id, row.version), &key.wrapped)?;
        let schema = field::to_bytes(row.schema.0);
        let plain = seal::open(&key, &self.place(&row.id, row.version, &schema), &row.sealed)?;
        let record = record_bytes::decode(row.schema, &plain)?;
        if is_filed_right(&ring, row, &record) { Ok(record) } else { Err(Integrity::References.into()) }
    }

    /// [`Self::reveal`] of many rows, on all cores. A key that is missing is an error: rows of erased records are gone.
    pub(crate) async fn reveal_all(
        &self,
        keys: &impl Keys,
        rows: Vec<RecordRow>,
    ) -> Result<Vec<(RecordRow, Record)>, VaultError> {
        let ids: Vec<DataKeyId> = rows.iter().map(|row| data_key_id(&row.id, row.version)).collect();
        let found: HashMap<DataKeyId, WrappedKey> =
            keys.get(&ids).await?.into_iter().map(|k| (k.id.clone(), k)).collect();
        let this = self.clone();
        off_the_runtime(move || {
            let revealed = parallel::parts(&rows, RECORDS_WORTH_A_THREAD, |part| {
                let opened = part.iter().map(|row| {
                    let key = found.get(&data_key_id(&row.id, row.version)).ok_or(Integrity::KeyGone)?;
                    this.open(row, key)
                });
                // Where one row doesn't open, none of its part is returned.
                match opened.collect::<Result<Vec<Record>, VaultError>>() {
                    Ok(records) => checked(part, records),
                    Err(error) => vec![Err(error)],
                }
            });
            let records: Vec<Record> = revealed.into_iter().collect::<Result<_, VaultError>>()?;
            Ok(rows.into_iter().zip(records).collect())
        })
        .await
    }

    fn place<'a>(&'a self, id: &'a RecordId, version: u64, schema: &'a [u8; 32]) -> RowPlace<'a> {
        RowPlace { agency: self.agency.as_str(), table: "records", id, version, schema }
    }
}

fn leaves(drafts: &[Draft]) -> Vec<Leaf> {
    let unknown = drafts.iter().filter(|draft| draft.digest.is_none());
    let mut computed = record::digests(&unknown.map(|draft| &draft.record.attributes).collect::<Vec<_>>()).into_iter();
    let known = drafts.iter().filter_map(|draft| Some((&draft.record, draft.digest.or_else(|| computed.next())?)));
    record::leaves_with_digests(&known.collect::<Vec<_>>())
}

/// Whether a row is found by what its record says: the tag says so too, and a mistake in either must not issue one person's record to another.
fn is_filed_right(ring: &KeyRing, row: &RecordRow, record: &Record) -> bool {
    let period = record.period.value();
    let lookup = |serial| references::lookup(ring, row.schema, record.subject, period, serial);
    row.period == period
        && row.subject == references::subject(ring, record.subject)
        && row.serial == references::serial(ring, row.schema, record.serial, period)
        // Whether the schema has many records a person isn't known here; both references are this record's own.
        && (row.lookup == lookup(None) || row.lookup == lookup(Some(record.serial)))
}

/// The records whose leaves are their rows'.
fn checked(rows: &[RecordRow], records: Vec<Record>) -> Vec<Result<Record, VaultError>> {
    let leaves = record::leaves(&records.iter().collect::<Vec<_>>());
    let checks = rows.iter().zip(leaves).map(|(row, leaf)| check_leaf(row, leaf));
    records.into_iter().zip(checks).map(|(record, check)| check.map(|()| record)).collect()
}

fn check_leaf(row: &RecordRow, leaf: Leaf) -> Result<(), VaultError> {
    if leaf == row.leaf { Ok(()) } else { Err(Integrity::LeafMismatch.into()) }
}

/// The next version of a record: same id, place and serial, fresh salt.
pub(crate) fn next_version(row: &RecordRow, record: Record, shape: SchemaShape) -> Draft {
    Draft {
        id: row.id,
        version: row.version + 1,
        index: row.index,
        record: Record { salt: fresh_salt(), ..record },
        digest: None,
        found_by: None,
        shape,
    }
}

/// 248 random bits.
pub(crate) fn fresh_salt() -> Salt {
    Salt(field::truncate_248(&seal::random_bytes()))
}

/// 48 bits of time, so that rows of one import lie together, and 80 random bits.
pub(crate) fn fresh_record_id(now: i64) -> RecordId {
    let mut id: RecordId = seal::random_bytes();
    id[..6].copy_from_slice(&now.to_be_bytes()[2..]);
    id
}

/// When an id was made, Unix seconds: when its record was first imported.
pub(crate) fn record_time(id: &RecordId) -> u64 {
    id[..6].iter().fold(0, |time, byte| time << 8 | u64::from(*byte))
}

/// Which version a data key is for; none if it is for something else.
pub(crate) fn version_of_key(id: &[u8]) -> Option<(RecordId, u64)> {
    let (record, version) = id.strip_prefix(b"r")?.split_first_chunk()?;
    Some((*record, u64::from_be_bytes(version.try_into().ok()?)))
}

/// Id of a record version's data key.
pub(crate) fn data_key_id(id: &RecordId, version: u64) -> DataKeyId {
    let mut out = Vec::with_capacity(25);
    out.push(b'r');
    out.extend_from_slice(id);
    out.extend_from_slice(&version.to_be_bytes());
    out
}
