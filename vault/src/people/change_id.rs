//! A person's national id changes: a temporary one becomes permanent, a typing error is corrected.
//!
//! To a vault another id is another person. Guarantee: once it is told, the two are one: records go on under the new id with their serials, later imports find these
//! serials, households name the new id, the wallet key starts anew (the subject is in the holder's nullifier), and the old id means nobody. So nobody earns a second nullifier by it.
//! Non-guarantee: that the two ids are one person's; the clerk has checked it, and the log names the clerk's reason. Two ids that both have records can't become
//! one: they were two people until then, and what they were approved stays.

use super::{holder::Holder, national_id::IdReader};
use crate::{
    error::{Integrity, Rejection, VaultError},
    keys::{references, seal},
    people::restart::Restart,
    records::{
        issue::{self, SchemaShape},
        schemas,
    },
    store::{MembershipRow, RecordRow, Records, RecordsTx, Reference, Store},
    tree::{self, epoch::working_epoch},
    vault::Vault,
};
use sealroot_handover::access_log::{Access, LoggedAct, What};
use sealroot_protocol::{
    field::F,
    record::{Attributes, Record, Serial, Subject},
    schema::{IDENTITY, MEMBERS, Schema, SchemaId, text_value},
};
use std::collections::{BTreeMap, HashMap};

/// Which id becomes which.
#[derive(Clone)]
pub struct ChangeOfId {
    /// The id that the vault knows.
    pub old: String,
    /// The old one is taken as it is written, byte for byte: an id from before its spelling was refused or folded.
    pub as_written: bool,
    /// Go on although the vault keeps nothing of the old id: everything about the person was removed, and could be earned with before.
    pub although_unknown: bool,
    /// The id from now on.
    pub new: String,
}

/// What the change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdChanged {
    /// Who the person is from now on.
    pub subject: Subject,
    /// Records that go on under the new id.
    pub records: u64,
    /// Households' records that name it.
    pub households: u64,
    /// Whether the person had enrolled a key, and must answer a challenge under the new id.
    pub enrol_again: bool,
    /// Representatives of the person, who must be registered again.
    pub representatives: usize,
}

impl<S: Store> Vault<S> {
    /// Makes the new id mean the person that the old one meant. Anchor the new root soon: until then proofs name the old one.
    pub async fn change_id(&self, change: &ChangeOfId, access: &Access) -> Result<IdChanged, VaultError> {
        let reader = self.id_reader();
        let new_id = reader.read(&change.new).map_err(Rejection::NationalId)?;
        let old_id = if change.as_written {
            change.old.clone()
        } else {
            reader.read(&change.old).map_err(Rejection::NationalId)?.as_str().to_owned()
        };
        let subject = reader.ring().subject_as_written(&old_id);
        let next = reader.subject(&new_id);
        if subject == next {
            return Err(Rejection::SameId.into());
        }
        let (old, new) = {
            let ring = self.ring();
            (references::subject(&ring, subject), references::subject(&ring, next))
        };

        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        let registered = schemas::schemas(&mut tx).await?;
        match self.must_be_known(&mut tx, subject).await {
            Err(VaultError::Rejected(Rejection::UnknownPerson)) if change.although_unknown => {}
            Err(VaultError::Rejected(Rejection::UnknownPerson)) => return Err(Rejection::UnknownOldId.into()),
            known => known?,
        }
        // A record that is filed under nobody would keep the id before.
        self.check_rows(&mut tx).await?;
        let mut holders = self.holders(&mut tx, &[old, new]).await?;
        let (before, there) = (holders.remove(&old).unwrap_or_default(), holders.remove(&new).unwrap_or_default());
        // Back to an id of the person's own is a typing error mended; any other id that the vault knows is, or was, somebody.
        let own_again = before.former.contains(&next);
        let known = tx.enrolments(&[new]).await?.pop().is_some() || !tx.versions_of_subject(&new).await?.is_empty();
        if (known && !own_again) || !tx.live_of_subject(&new).await?.is_empty() {
            return Err(Rejection::BothIds.into());
        }
        let mut own = self.former(&before);
        own.extend([old, new]);
        self.take_look(&mut tx, reader.look(&new_id, next), &own).await?;
        // What the old id looked like is the person's still.
        tx.move_looks(&old, &new).await?;
        let act = LoggedAct::of_person(&self.issuer.agency, access, What::IdChanged);
        self.write_entry(old, before.log_key()?, &act).await?;
        self.write_entry(new, there.log_key()?.or(before.log_key()?), &act).await?;

        // Serials that the default business key makes: what the old id could earn with, the new one must not earn with a second time.
        let mut serials: BTreeMap<String, Serial> =
            registered.values().map(|schema| serial_of(&reader, schema, &old_id)).collect();
        serials.extend(before.serials.clone());
        let mut former = before.former.clone();
        former.push(subject);
        former.retain(|earlier| *earlier != next);
        let merged = Holder {
            fingerprint: before.fingerprint.clone(),
            since: there.since.max(before.since),
            log_key: before.log_key.clone(),
            former,
            serials,
            ..Holder::default()
        };
        let epoch = working_epoch(&mut tx).await?;
        let rows = tx.enrolments(&[old, new]).await?;
        let row = |of: &Reference| rows.iter().find(|row| row.subject == *of);
        let version = |of: &Reference| row(of).map_or(1, |row| row.version + 1);
        // A replacement that waits for its anchor goes on waiting, under the new id.
        let anchor_by = row(&old).and_then(|row| row.anchor_by).max(row(&new).and_then(|row| row.anchor_by));
        let (old_version, new_version) = (version(&old), version(&new));
        let gone = Holder {
            fingerprint: before.fingerprint.clone(),
            since: before.since,
            replaced: true,
            ..Holder::default()
        };
        self.put_holder(&mut tx, old, old_version, None, epoch, &gone).await?;
        self.put_holder(&mut tx, new, new_version, anchor_by, epoch, &merged).await?;
        if let Some(fingerprint) = before.fingerprint()? {
            tx.add_known_key(&fingerprint, &new).await?;
        }
        tx.note_renamed(&old).await?;
        // The subject is in the holder's nullifier: under the new id the same key would earn once more for a period that it has served.
        let earned = before.fingerprint.is_some();
        let merged = if earned { self.restart_holder(&mut tx, new, Restart::NextAnchor).await? } else { merged };

        let batch = seal::random_bytes();
        let renaming = Renaming {
            subject,
            next,
            old,
            identity: text_value(new_id.as_str()),
            holder: &merged,
            schemas: &registered,
        };
        let counts = match self.rename(&mut tx, &batch, epoch, &renaming).await {
            Ok(counts) => counts,
            Err(error) => {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        };
        self.commit_with_keys(tx, &batch).await?;
        Ok(IdChanged {
            subject: next,
            records: counts.0,
            households: counts.1,
            enrol_again: before.key.is_some() && merged.key.is_none(),
            representatives: before.representatives.len(),
        })
    }

    /// Issues the person's records again under the new subject, and the records of households that name them.
    async fn rename(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
        epoch: u64,
        renaming: &Renaming<'_>,
    ) -> Result<(u64, u64), VaultError> {
        let own = tx.live_of_subject(&renaming.old).await?;
        let mut rows: BTreeMap<[u8; 16], RecordRow> = own.into_iter().map(|row| (row.id, row)).collect();
        let records = rows.len() as u64;
        let moved = self.move_memberships(tx, epoch, renaming).await?;
        for row in tx.live_by_serial(&moved).await? {
            rows.entry(row.id).or_insert(row);
        }
        let rows: Vec<RecordRow> = rows.into_values().collect();
        if rows.is_empty() {
            return Ok((0, 0));
        }
        // What is issued again is believed again: it must be what the tree says.
        tree::check_leaves(tx, &rows, epoch).await?;
        let shapes: HashMap<SchemaId, SchemaShape> = schemas::shapes(tx).await?;
        let ended: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        let revealed = self.issuer.reveal_all(self.store.keys(), rows).await?;
        let drafts = revealed
            .into_iter()
            .map(|(row, record)| {
                let shape = *shapes.get(&row.schema).ok_or(Integrity::Encoding)?;
                let schema = renaming.schemas.get(&row.schema).ok_or(Integrity::Encoding)?;
                Ok(issue::next_version(&row, renaming.record(record, schema)?, shape))
            })
            .collect::<Result<Vec<_>, VaultError>>()?;
        tx.end_records(&ended, epoch).await?;
        self.write_versions(tx, batch, epoch, drafts).await?;
        Ok((records, moved.len() as u64))
    }

    /// Live memberships go over to the new id; returns the households. Those that ended are found by the ids that the person had before.
    async fn move_memberships(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        epoch: u64,
        renaming: &Renaming<'_>,
    ) -> Result<Vec<Reference>, VaultError> {
        if !self.live_memberships(tx, renaming.next, renaming.schemas).await?.is_empty() {
            return Err(Rejection::BothIds.into());
        }
        let mut moved = Vec::new();
        for (schema, period, row) in self.live_memberships(tx, renaming.subject, renaming.schemas).await? {
            let member = references::member(&self.ring(), schema, renaming.next, period);
            tx.end_memberships(&[(row.member, row.household)], epoch).await?;
            // As long in it as under the old id.
            tx.put_memberships(&[MembershipRow { member, ..row }]).await?;
            moved.push(row.household);
        }
        Ok(moved)
    }

    /// Households that count a person now, with their schema and period.
    pub(crate) async fn live_memberships(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subject: Subject,
        schemas: &HashMap<SchemaId, Schema>,
    ) -> Result<Vec<(SchemaId, u32, MembershipRow)>, VaultError> {
        let mut live = Vec::new();
        for (id, _) in schemas.iter().filter(|(_, schema)| schema.household) {
            for period in tx.live_periods(*id).await? {
                let member = references::member(&self.ring(), *id, subject, period);
                let rows = tx.memberships(&[member]).await?.into_iter().filter(|row| row.until.is_none());
                live.extend(rows.map(|row| (*id, period, row)));
            }
        }
        Ok(live)
    }
}

/// The serial that an id makes under a schema where it is the business key.
fn serial_of(reader: &IdReader, schema: &Schema, id: &str) -> (String, Serial) {
    let name = schema.name.to_string();
    let serial = reader.ring().serial_as_written(&name, id);
    (name, serial)
}

/// One person's change of subject.
struct Renaming<'a> {
    subject: Subject,
    next: Subject,
    old: Reference,
    identity: F,
    holder: &'a Holder,
    schemas: &'a HashMap<SchemaId, Schema>,
}

impl Renaming<'_> {
    fn record(&self, record: Record, schema: &Schema) -> Result<Record, VaultError> {
        let mut attributes: Attributes = record.attributes.clone();
        if schema.household {
            for member in attributes.0[1..=MEMBERS].iter_mut().filter(|member| **member == self.subject.0) {
                *member = self.next.0;
            }
        }
        if record.subject != self.subject {
            return Ok(Record { attributes, ..record });
        }
        let all = schema.attributes().map_err(|_| Integrity::Encoding)?;
        let identity = all.iter().position(|attribute| attribute.name == IDENTITY && attribute.kind.is_text());
        if let Some(value) = identity.and_then(|at| attributes.0.get_mut(at)) {
            *value = self.identity;
        }
        let (holder, holder_since) = (self.holder.key, self.holder.since);
        Ok(Record { attributes, subject: self.next, holder, holder_since, ..record })
    }
}
