//! Enrolment: whose wallet key stands in a person's leaves, and since when it may earn nullifiers.
//!
//! Guarantees: a key is enrolled only by somebody who has its secret (proof of possession bound to agency, subject and a nonce of this vault, used once); one key per
//! subject; `holder_since` is 0 at a first enrolment, and any change of key sets it to the day after the grace of the root it replaces ends, so
//! that old and new key never serve the same period; that survives erasure. Every enrolment has an entry in the access log first, which the owner of the
//! key before can read, and of the one after. Non-guarantee: that the clerk enrols the right person; the entry names his reason.

use crate::{
    error::{Integrity, Rejection, VaultError},
    issue::{self, SchemaShape},
    represent::Representative,
    seal::{self, Place},
    store::{EnrolmentRow, Records, RecordsTx, Reference, Store},
    tree,
    vault::{self, Vault, working_epoch},
};
use sealroot_handover::{
    access_log::{Access, LoggedAct, What},
    transfer::{self, RecipientKey},
};
use sealroot_protocol::{
    curve::PublicKey,
    date::Date,
    field,
    possession::{PossessionChallenge, ProofOfPossession, ReadingKey, Role},
    record::{Record, Subject},
    schema::SchemaId,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Seconds of a day (UTC).
const DAY: i64 = 86_400;

/// How long an enrolment challenge stays valid, seconds.
pub const CHALLENGE_LIFETIME: i64 = 86_400;

/// What an enrolment did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// Whom it is about.
    pub subject: Subject,
    /// The first day from which the key may earn holder nullifiers; none (0) at a first enrolment.
    pub holder_since: Option<Date>,
    /// Leaves that were issued again with the key.
    pub reissued: u64,
    /// The anchor must land by then, Unix seconds; none unless a key was replaced.
    pub anchor_by: Option<i64>,
    /// How many may release the person's records in his place today: a child who comes of age may not know that his guardian still can.
    pub representatives: usize,
}

/// What the vault keeps about a person's key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holder {
    /// The key; none before the first enrolment and after erasure.
    pub(crate) key: Option<PublicKey>,
    /// Since when it has been the key without a break, Unix seconds: what it signed before doesn't release a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enrolled_at: Option<i64>,
    /// Keyed fingerprint of the newest key, kept when the key itself is erased.
    pub(crate) fingerprint: Option<String>,
    /// First day; none = 0.
    pub(crate) since: Option<Date>,
    /// X25519 key, hexadecimal, that access-log entries are sealed to.
    pub(crate) log_key: Option<String>,
    /// The proof of possession, with its nonce.
    pub(crate) proof: Option<(PossessionChallenge, ProofOfPossession)>,
    /// Who may release the person's records in his place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) representatives: Vec<Representative>,
}

/// From when on a key that starts anew may earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restart {
    /// After the grace of the root that the next anchor replaces.
    NextAnchor,
    /// After the grace of a root that was replaced already, which ends at this time, Unix seconds.
    GraceEnds(i64),
}

/// The first whole day (UTC) after a time.
fn day_after(time: i64) -> Result<Date, Rejection> {
    let time = u64::try_from(time).map_err(|_| Rejection::Date)?;
    Date::from_unix_time(time).and_then(|day| day.plus_days(1)).map_err(|_| Rejection::Date)
}

impl Holder {
    pub(crate) fn log_key(&self) -> Result<Option<RecipientKey>, Integrity> {
        let Some(text) = &self.log_key else { return Ok(None) };
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).map_err(|_| Integrity::Encoding)?;
        Ok(Some(RecipientKey(out)))
    }
}

/// Who is told of an enrolment: the owner of the reading key that was there, because it may be a clerk's fraud against him, and the owner of the new one,
/// because he may take a place that somebody else had; the agency where there is neither.
fn readers(before: Option<RecipientKey>, after: Option<RecipientKey>) -> Vec<Option<RecipientKey>> {
    let mut readers: Vec<_> = before.into_iter().chain(after).map(Some).collect();
    readers.dedup();
    if readers.is_empty() { vec![None] } else { readers }
}

impl<S: Store> Vault<S> {
    /// Asks for a proof of possession: the wallet answers with a [`ProofOfPossession`]. The nonce is valid once, for one day.
    pub async fn enrolment_challenge(&self, subject: Subject) -> Result<PossessionChallenge, VaultError> {
        self.challenge(subject, Role::Holder).await
    }

    /// A challenge in a role. Its nonce is good for that role alone.
    pub(crate) async fn challenge(&self, subject: Subject, role: Role) -> Result<PossessionChallenge, VaultError> {
        let nonce = field::truncate_248(&seal::random_bytes());
        let purpose = self.nonce_purpose(subject, role);
        let mut tx = self.store.records().write().await?;
        tx.add_nonce(&field::to_bytes(nonce), &purpose, self.clock.now().saturating_add(CHALLENGE_LIFETIME)).await?;
        tx.commit().await?;
        Ok(PossessionChallenge { agency: self.issuer.agency.clone(), subject, nonce, role })
    }

    /// What a nonce was issued for: the subject, and the role that the agency had in mind.
    pub(crate) fn nonce_purpose(&self, subject: Subject, role: Role) -> Reference {
        match role {
            Role::Holder => issue::subject(&self.ring(), subject),
            Role::Representative => issue::representation(&self.ring(), subject),
        }
    }

    /// Enrols a key, or replaces it. All leaves of the subject are issued again with it, in the same transaction.
    /// `log_key` is the X25519 key that access-log entries about this person are sealed to from now on; none leaves it as it is. `access` says who
    /// enrols and why, for the entry that is written before anything changes.
    pub async fn enrol(
        &self,
        challenge: &PossessionChallenge,
        proof: &ProofOfPossession,
        log_key: Option<RecipientKey>,
        access: &Access,
    ) -> Result<Enrolled, VaultError> {
        let reading_key = log_key.map(|key| ReadingKey(key.0));
        let ours = challenge.agency == self.issuer.agency && challenge.role == Role::Holder;
        if !ours || proof.verify(challenge, reading_key.as_ref()).is_err() {
            return Err(Rejection::Possession.into());
        }
        if let Some(key) = &log_key {
            // A key of small order would make entries readable by everybody.
            transfer::check_recipient(key).map_err(|_| Rejection::RecipientKey)?;
        }
        let _wrapping = self.wrapping.read().await;
        let now = self.clock.now();
        let today = u64::try_from(now).ok().and_then(|now| Date::from_unix_time(now).ok()).ok_or(Rejection::Date)?;
        let reference = issue::subject(&self.ring(), challenge.subject);
        let mut tx = self.store.records().write().await?;
        let purpose = self.nonce_purpose(challenge.subject, Role::Holder);
        if !tx.take_nonce(&field::to_bytes(challenge.nonce), &purpose, now).await? {
            return Err(Rejection::Nonce.into());
        }
        let row = tx.enrolments(&[reference]).await?.pop();
        let mut holder = row.as_ref().map(|row| self.open_holder(row)).transpose()?.unwrap_or_default();
        let fingerprint = self.key_fingerprint(&proof.key);
        let replaced = holder.fingerprint.as_ref().is_some_and(|old| *old != fingerprint);
        let unchanged = holder.key == Some(proof.key);
        let mut anchor_by = row.as_ref().and_then(|row| row.anchor_by);
        let what = if replaced { What::KeyReplaced } else { What::Enrolled };
        let entry = LoggedAct::of_key(&self.issuer.agency, access, what, &proof.key);
        for reader in readers(holder.log_key()?, log_key) {
            self.write_entry(reference, reader, &entry).await?;
        }
        if replaced {
            let deadline = self.deadline(now);
            holder.since = holder.since.max(Some(self.day_after_grace(deadline)?));
            anchor_by = Some(deadline);
        }
        if !unchanged {
            holder.enrolled_at = Some(now);
        }
        holder.key = Some(proof.key);
        holder.fingerprint = Some(fingerprint);
        holder.proof = Some((challenge.clone(), proof.clone()));
        holder.log_key = log_key.map(|key| hex::encode(key.0)).or(holder.log_key);
        let representatives = holder.representatives.iter().filter(|other| other.may_release(today)).count();
        let epoch = working_epoch(&mut tx).await?;
        let version = row.map_or(1, |row| row.version + 1);
        self.put_holder(&mut tx, reference, version, anchor_by, epoch, &holder).await?;
        let batch = seal::random_bytes();
        let reissued = if unchanged { Ok(0) } else { self.reissue(&mut tx, &batch, epoch, &reference, &holder).await };
        let reissued = match reissued {
            Ok(count) => count,
            Err(error) => {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        };
        self.commit_with_keys(tx, &batch).await?;
        Ok(Enrolled { subject: challenge.subject, holder_since: holder.since, reissued, anchor_by, representatives })
    }

    /// The key and `holder_since` of a subject, as they stand in his next leaves.
    pub async fn holder(&self, subject: Subject) -> Result<(Option<PublicKey>, Option<Date>), VaultError> {
        let reference = issue::subject(&self.ring(), subject);
        let mut tx = self.store.records().read().await?;
        let holders = self.holders(&mut tx, &[reference]).await?;
        Ok(holders.get(&reference).map_or((None, None), |holder| (holder.key, holder.since)))
    }

    /// Somebody else may have used what he has now: his key starts anew, as with a new key. A record whose subject changed (a corrected national
    /// id), or a household that receives somebody.
    pub(crate) async fn restart_holder(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: Reference,
        restart: Restart,
    ) -> Result<Holder, VaultError> {
        let row = tx.enrolments(&[reference]).await?.pop();
        let mut holder = row.as_ref().map(|row| self.open_holder(row)).transpose()?.unwrap_or_default();
        let version = row.as_ref().map_or(1, |row| row.version + 1);
        let (since, anchor_by, epoch) = match restart {
            Restart::NextAnchor => {
                let deadline = self.deadline(self.clock.now());
                (self.day_after_grace(deadline)?, Some(deadline), working_epoch(tx).await?)
            }
            Restart::GraceEnds(at) => match row {
                Some(row) => (day_after(at)?, row.anchor_by, row.epoch),
                None => (day_after(at)?, None, working_epoch(tx).await?),
            },
        };
        holder.since = holder.since.max(Some(since));
        self.put_holder(tx, reference, version, anchor_by, epoch, &holder).await?;
        Ok(holder)
    }

    /// Key replacements whose anchor can no longer land in time start later: their leaves are issued again.
    pub(crate) async fn postpone_replacements(&self, now: i64) -> Result<(), VaultError> {
        let _wrapping = self.wrapping.read().await;
        let mut tx = self.store.records().write().await?;
        let late: Vec<EnrolmentRow> = tx
            .waiting_enrolments()
            .await?
            .into_iter()
            .filter(|row| row.anchor_by.is_some_and(|by| by <= now))
            .collect();
        if late.is_empty() {
            return Ok(());
        }
        let deadline = self.deadline(now);
        let since = Some(self.day_after_grace(deadline)?);
        let epoch = working_epoch(&mut tx).await?;
        let batch = seal::random_bytes();
        for row in late {
            let mut holder = self.open_holder(&row)?;
            holder.since = holder.since.max(since);
            self.put_holder(&mut tx, row.subject, row.version + 1, Some(deadline), epoch, &holder).await?;
            if let Err(error) = self.reissue(&mut tx, &batch, epoch, &row.subject, &holder).await {
                drop(tx);
                self.drop_batch(&batch).await;
                return Err(error);
            }
        }
        self.commit_with_keys(tx, &batch).await
    }

    /// Issues all live records of a subject again with the holder's key.
    pub(crate) async fn reissue(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        batch: &[u8; 16],
        epoch: u64,
        subject: &Reference,
        holder: &Holder,
    ) -> Result<u64, VaultError> {
        let rows = tx.live_of_subject(subject).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        // What is issued again is believed again: it must be what the tree says.
        tree::check_leaves(tx, &rows, epoch).await?;
        let shapes: HashMap<SchemaId, SchemaShape> = vault::shapes(tx).await?;
        let ended: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        let drafts = self
            .issuer
            .reveal_all(self.store.keys(), rows)
            .await?
            .into_iter()
            .map(|(row, record)| {
                let shape = *shapes.get(&row.schema).ok_or(Integrity::Encoding)?;
                let record = Record { holder: holder.key, holder_since: holder.since, ..record };
                Ok(issue::next_version(&row, record, shape))
            })
            .collect::<Result<Vec<_>, VaultError>>()?;
        let count = drafts.len() as u64;
        tx.end_records(&ended, epoch).await?;
        self.write_versions(tx, batch, epoch, drafts).await?;
        Ok(count)
    }

    /// Erases what isn't needed to reject a second nullifier.
    pub(crate) async fn forget_holder(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: &Reference,
    ) -> Result<(), VaultError> {
        let Some(row) = tx.enrolments(&[*reference]).await?.pop() else { return Ok(()) };
        let holder = self.open_holder(&row)?;
        let kept = Holder { fingerprint: holder.fingerprint, since: holder.since, ..Holder::default() };
        self.put_holder(tx, *reference, row.version + 1, row.anchor_by, row.epoch, &kept).await
    }

    /// Enrolments of some subjects, opened.
    pub(crate) async fn holders(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subjects: &[Reference],
    ) -> Result<HashMap<Reference, Holder>, VaultError> {
        tx.enrolments(subjects).await?.iter().map(|row| Ok((row.subject, self.open_holder(row)?))).collect()
    }

    pub(crate) fn open_holder(&self, row: &EnrolmentRow) -> Result<Holder, VaultError> {
        let plain = seal::open(&self.enrolment_key, &self.holder_place(&row.subject, row.version), &row.sealed)?;
        Ok(serde_json::from_slice(&plain).map_err(|_| Integrity::Encoding)?)
    }

    pub(crate) async fn put_holder(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subject: Reference,
        version: u64,
        anchor_by: Option<i64>,
        epoch: u64,
        holder: &Holder,
    ) -> Result<(), VaultError> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(holder).map_err(|_| Integrity::Encoding)?);
        let sealed = seal::seal(&self.enrolment_key, &self.holder_place(&subject, version), &plain)?;
        Ok(tx.put_enrolment(&EnrolmentRow { subject, version, anchor_by, epoch, sealed }).await?)
    }

    fn holder_place<'a>(&'a self, subject: &'a Reference, version: u64) -> Place<'a> {
        Place { agency: self.issuer.agency.as_str(), table: "enrolments", id: subject, version, schema: b"" }
    }

    /// The last second of the day on which the anchor window ends. The chain refuses a late anchor by its date (`notAfter`), so the two can't
    /// disagree: an anchor that the chain took and the vault must not count would stop both for ever.
    fn deadline(&self, now: i64) -> i64 {
        let by = now.saturating_add_unsigned(self.timing.anchor_window);
        by.saturating_sub(by.rem_euclid(DAY)).saturating_add(DAY - 1)
    }

    /// The old root serves until `deadline + grace`; the new key starts on the next day (UTC).
    fn day_after_grace(&self, deadline: i64) -> Result<Date, Rejection> {
        day_after(deadline.saturating_add_unsigned(self.timing.grace))
    }

    fn key_fingerprint(&self, key: &PublicKey) -> String {
        let parts: [&[u8]; 2] = [&field::to_bytes(key.x()), &field::to_bytes(key.y())];
        hex::encode(self.ring().reference("sealroot/1:ref-key", &parts))
    }
}
