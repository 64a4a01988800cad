//! Representatives release a person's records in the person's place. A guardian for a child, a court-appointed carer, an adult child for somebody
//! without a wallet.
//!
//! Guarantees: a key is registered only by somebody who has its secret (proof of possession in the role of a representative, bound to agency, subject and a
//! nonce of this vault, used once); every registration and removal has an entry in the access log first; a representative stands in no leaf, and so
//! consents to nothing and spends no nullifier. Non-guarantee: that the law gives the right; the clerk has checked it, and the log names the clerk's reason.

use crate::{
    error::{Rejection, VaultError},
    keys::references,
    store::{Records, RecordsTx, Reference, Store},
    tree::epoch::working_epoch,
    vault::Vault,
};
use sealroot_handover::{
    access_log::{Access, LoggedAct, What},
    transfer::RecipientKey,
};
use sealroot_protocol::{
    curve::PublicKey,
    date::Date,
    field,
    possession::{PossessionChallenge, ProofOfPossession, ReadingKey, Role},
    record::Subject,
};
use serde::{Deserialize, Serialize};

/// Representatives that one person can have.
pub const MAX_REPRESENTATIVES: usize = 8;

/// Somebody who may release a person's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    /// The representative's key.
    pub key: PublicKey,
    /// Since when the registration holds without a break, Unix seconds: what was signed before doesn't count.
    pub since: i64,
    /// Last day of the right; none: until removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The proof of possession, with its nonce.
    proof: (PossessionChallenge, ProofOfPossession),
}

impl Representative {
    /// Whether the representative may release on `today`.
    pub fn may_release(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}

impl<S: Store> Vault<S> {
    /// Asks a representative-to-be for a proof of possession. The nonce is valid once, for one day.
    pub async fn representation_challenge(&self, subject: Subject) -> Result<PossessionChallenge, VaultError> {
        self.challenge(subject, Role::Representative).await
    }

    /// Registers a representative, or changes the last day. `reading_key` is the one that the answer carries: the proof covers it.
    pub async fn add_representative(
        &self,
        challenge: &PossessionChallenge,
        proof: &ProofOfPossession,
        reading_key: Option<RecipientKey>,
        until: Option<Date>,
        access: &Access,
    ) -> Result<(), VaultError> {
        let reading_key = reading_key.map(|key| ReadingKey(key.0));
        let ours = challenge.agency == self.issuer.agency && challenge.role == Role::Representative;
        if !ours || proof.verify(challenge, reading_key.as_ref()).is_err() {
            return Err(Rejection::Possession.into());
        }
        let purpose = self.nonce_purpose(challenge.subject, Role::Representative);
        let mut tx = self.store.records().write().await?;
        let fresh = tx.take_nonce(&field::to_bytes(challenge.nonce), &purpose, self.clock.now()).await?;
        let mut all = self.representatives_of(&mut tx, challenge.subject).await?;
        if !fresh {
            let taken = all.iter().any(|other| other.proof.0 == *challenge);
            return Err(if taken { Rejection::AnswerUsed } else { Rejection::Nonce }.into());
        }
        let now = self.clock.now();
        let since = Self::unbroken_since(&all, &proof.key, now)?.unwrap_or(now);
        let added = Representative { key: proof.key, since, until, proof: (challenge.clone(), proof.clone()) };
        let what = LoggedAct::of_key(&self.issuer.agency, access, What::RepresentativeAdded, &added.key);
        let entry = LoggedAct { until, ..what };
        all.retain(|other| other.key != added.key);
        if all.len() >= MAX_REPRESENTATIVES {
            return Err(Rejection::Representatives.into());
        }
        all.push(added);
        self.put_representatives(tx, challenge.subject, all, &entry).await
    }

    /// Since when a key has represented somebody without a break; none if it doesn't now.
    fn unbroken_since(all: &[Representative], key: &PublicKey, now: i64) -> Result<Option<i64>, Rejection> {
        let today = u64::try_from(now).ok().and_then(|now| Date::from_unix_time(now).ok()).ok_or(Rejection::Date)?;
        Ok(all.iter().find(|other| other.key == *key && other.may_release(today)).map(|other| other.since))
    }

    /// Removes a representative: what they signed before is rejected from now on.
    pub async fn remove_representative(
        &self,
        subject: Subject,
        key: &PublicKey,
        access: &Access,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.records().write().await?;
        let mut all = self.representatives_of(&mut tx, subject).await?;
        let before = all.len();
        all.retain(|other| other.key != *key);
        if all.len() == before {
            return Err(Rejection::NoRepresentative.into());
        }
        let entry = LoggedAct::of_key(&self.issuer.agency, access, What::RepresentativeRemoved, key);
        self.put_representatives(tx, subject, all, &entry).await
    }

    /// The representatives, who may release a person's records in the person's place, oldest first; those whose last day has passed are still listed.
    pub async fn representatives(&self, subject: Subject) -> Result<Vec<Representative>, VaultError> {
        self.representatives_of(&mut self.store.records().read().await?, subject).await
    }

    async fn representatives_of(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subject: Subject,
    ) -> Result<Vec<Representative>, VaultError> {
        let reference = references::subject(&self.ring(), subject);
        Ok(self.holders(tx, &[reference]).await?.remove(&reference).map(|h| h.representatives).unwrap_or_default())
    }

    /// Entry first, then the change: what nobody can see later must not happen.
    async fn put_representatives(
        &self,
        mut tx: <S::Records as Records>::Tx,
        subject: Subject,
        representatives: Vec<Representative>,
        entry: &LoggedAct,
    ) -> Result<(), VaultError> {
        let reference: Reference = references::subject(&self.ring(), subject);
        let row = tx.enrolments(&[reference]).await?.pop();
        let mut holder = row.as_ref().map(|row| self.open_holder(row)).transpose()?.unwrap_or_default();
        self.write_entry(reference, holder.log_key()?, entry).await?;
        holder.representatives = representatives;
        // A key replacement that waits for its anchor goes on waiting.
        let (version, anchor_by, epoch) = match row {
            Some(row) => (row.version + 1, row.anchor_by, row.epoch),
            None => (1, None, working_epoch(&mut tx).await?),
        };
        self.put_holder(&mut tx, reference, version, anchor_by, epoch, &holder).await?;
        Ok(tx.commit().await?)
    }
}
