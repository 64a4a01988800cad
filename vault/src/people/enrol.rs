//! Enrolment: whose wallet key stands in a person's leaves, and since when it may earn nullifiers.
//!
//! Guarantees: a key is enrolled only by somebody who has its secret (proof of possession bound to agency, subject and a nonce of this vault, used once); one key per
//! subject; `holder_since` is 0 at a first enrolment, and any change of key, or a key that is known under another id, sets it to the day after the grace of the root it replaces ends, so
//! that old and new key never serve the same period; that survives erasure. Every enrolment has an entry in the access log first, which the owner of the
//! key before can read, and of the one after. Non-guarantee: that the clerk enrols the right person; the entry names the clerk's reason.

use crate::{
    error::{Rejection, VaultError},
    keys::{references, seal},
    restore::Floor,
    store::{Records, RecordsTx, Reference, Store},
    tree::epoch::working_epoch,
    vault::Vault,
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
    record::Subject,
};

/// How long an enrolment challenge stays valid, seconds.
pub const CHALLENGE_LIFETIME: i64 = 86_400;

/// What an enrolment did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// The person that it is about.
    pub subject: Subject,
    /// The first day from which the key may earn holder nullifiers; none (0) at a first enrolment, unless the vault was restored from an older copy.
    pub holder_since: Option<Date>,
    /// Leaves that were issued again with the key.
    pub reissued: u64,
    /// The anchor must land by then, Unix seconds; none unless a key was replaced.
    pub anchor_by: Option<i64>,
    /// How many may release the person's records in the person's place today: a child who comes of age may not know that a guardian still can.
    pub representatives: usize,
}

/// The readers who are told of an enrolment: the owner of the reading key that was there, because it may be a clerk's fraud against them, and the owner of the new one,
/// because they may take a place that somebody else had; the agency where there is neither.
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
        self.must_be_known(&mut tx, subject).await?;
        tx.add_nonce(&field::to_bytes(nonce), &purpose, self.clock.now().saturating_add(CHALLENGE_LIFETIME)).await?;
        tx.commit().await?;
        Ok(PossessionChallenge { agency: self.issuer.agency.clone(), subject, nonce, role })
    }

    /// What a nonce was issued for: the subject, and the role that the agency had in mind.
    pub(crate) fn nonce_purpose(&self, subject: Subject, role: Role) -> Reference {
        match role {
            Role::Holder => references::subject(&self.ring(), subject),
            Role::Representative => references::representation(&self.ring(), subject),
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
        let reference = references::subject(&self.ring(), challenge.subject);
        let mut tx = self.store.records().write().await?;
        let purpose = self.nonce_purpose(challenge.subject, Role::Holder);
        let fresh = tx.take_nonce(&field::to_bytes(challenge.nonce), &purpose, now).await?;
        let row = tx.enrolments(&[reference]).await?.pop();
        let mut holder = row.as_ref().map(|row| self.open_holder(row)).transpose()?.unwrap_or_default();
        if !fresh {
            let taken = holder.proof.as_ref().is_some_and(|(answered, _)| answered == challenge);
            return Err(if taken { Rejection::AnswerUsed } else { Rejection::Nonce }.into());
        }
        if holder.replaced {
            return Err(Rejection::IdReplaced.into());
        }
        let fingerprint = self.key_fingerprint(&proof.key);
        let elsewhere = self.remember_key(&mut tx, &fingerprint, &reference, &self.former(&holder)).await?;
        let replaced = holder.fingerprint()?.is_some_and(|old| old != fingerprint);
        let unchanged = holder.key == Some(proof.key);
        let mut anchor_by = row.as_ref().and_then(|row| row.anchor_by);
        let what = if replaced { What::KeyReplaced } else { What::Enrolled };
        let entry = LoggedAct::of_key(&self.issuer.agency, access, what, &proof.key);
        for reader in readers(holder.log_key()?, log_key) {
            self.write_entry(reference, reader, &entry).await?;
        }
        if replaced || (elsewhere && !unchanged) {
            let deadline = self.deadline(now);
            holder.since = holder.since.max(Some(self.day_after_grace(deadline)?));
            anchor_by = Some(deadline);
        }
        // A first key, too: the person may have had another one in what a restore lost.
        holder.since = holder.since.max(Floor::read(&mut tx).await?.map(|floor| floor.since));
        if !unchanged {
            holder.enrolled_at = Some(now);
        }
        holder.key = Some(proof.key);
        holder.fingerprint = Some(hex::encode(fingerprint));
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

    /// The key and `holder_since` of a subject, as they stand in the next leaves.
    pub async fn holder(&self, subject: Subject) -> Result<(Option<PublicKey>, Option<Date>), VaultError> {
        let reference = references::subject(&self.ring(), subject);
        let mut tx = self.store.records().read().await?;
        let holders = self.holders(&mut tx, &[reference]).await?;
        Ok(holders.get(&reference).map_or((None, None), |holder| (holder.key, holder.since)))
    }
}
