//! What an agency keeps about a person's key. It outlives the person's records, so that erasing and enrolling again earns no second nullifier.

use super::represent::Representative;
use crate::{
    error::{Integrity, Rejection, VaultError},
    keys::{
        references,
        seal::{self, RowPlace},
    },
    records::schemas,
    store::{EnrolmentRow, Records, RecordsTx, Reference, Store, Tag},
    vault::Vault,
};
use sealroot_handover::transfer::RecipientKey;
use sealroot_protocol::{
    curve::PublicKey,
    date::Date,
    possession::{PossessionChallenge, ProofOfPossession},
    record::{Serial, Subject},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

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
    /// Who the person was before a national id changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) former: Vec<Subject>,
    /// By name of a schema: the serial that the person's first id makes there, where the id is the business key. What could be earned with it before the id changed
    /// must not be earned with another one after it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) serials: BTreeMap<String, Serial>,
    /// Another id took the place of this one: it means nobody any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) replaced: bool,
    /// Representatives: they may release the person's records in the person's place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) representatives: Vec<Representative>,
}

impl Holder {
    pub(crate) fn log_key(&self) -> Result<Option<RecipientKey>, Integrity> {
        let Some(text) = &self.log_key else { return Ok(None) };
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).map_err(|_| Integrity::Encoding)?;
        Ok(Some(RecipientKey(out)))
    }

    /// Of the newest key; see [`Vault::key_fingerprint`].
    pub(crate) fn fingerprint(&self) -> Result<Option<Reference>, Integrity> {
        let Some(text) = &self.fingerprint else { return Ok(None) };
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).map_err(|_| Integrity::Encoding)?;
        Ok(Some(out))
    }
}

impl<S: Store> Vault<S> {
    /// Erases what isn't needed to reject a second nullifier; says whether there is anything that is.
    pub(crate) async fn forget_holder(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        reference: &Reference,
    ) -> Result<bool, VaultError> {
        let Some(row) = tx.enrolments(&[*reference]).await?.pop() else { return Ok(false) };
        let holder = self.open_holder(&row)?;
        let Holder { fingerprint, since, former, serials, .. } = holder;
        let kept = Holder { fingerprint, since, former, serials, ..Holder::default() };
        self.put_holder(tx, *reference, row.version + 1, row.anchor_by, row.epoch, &kept).await?;
        Ok(true)
    }

    /// Fails for an id under which the vault has nothing, or that another one took the place of: a typing error, most likely, and what is done under it would be
    /// done to nobody.
    pub(crate) async fn must_be_known(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subject: Subject,
    ) -> Result<(), VaultError> {
        let person = references::subject(&self.ring(), subject);
        match self.holders(tx, &[person]).await?.get(&person) {
            Some(holder) if holder.replaced => return Err(Rejection::IdReplaced.into()),
            Some(_) => return Ok(()),
            None => {}
        }
        if !tx.versions_of_subject(&person).await?.is_empty() {
            return Ok(());
        }
        // A member of a household may have no record of their own.
        let registered = schemas::schemas(tx).await?;
        let counted = !self.live_memberships(tx, subject, &registered).await?.is_empty();
        if counted { Ok(()) } else { Err(Rejection::UnknownPerson.into()) }
    }

    /// Of some people: who they were before their national ids changed. Those whose ids never did are left out.
    pub(crate) async fn earlier_ids(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        people: impl Iterator<Item = Subject>,
    ) -> Result<HashMap<Subject, Vec<Subject>>, VaultError> {
        let references: HashMap<Reference, Subject> = {
            let ring = self.ring();
            people.map(|subject| (references::subject(&ring, subject), subject)).collect()
        };
        let wanted: Vec<Reference> = references.keys().copied().collect();
        let holders = self.holders(tx, &wanted).await?.into_iter();
        let renamed = holders.filter(|(_, holder)| !holder.former.is_empty());
        Ok(renamed.filter_map(|(reference, holder)| Some((*references.get(&reference)?, holder.former))).collect())
    }

    /// References of the ids that a person had before this one.
    pub(crate) fn former(&self, holder: &Holder) -> Vec<Reference> {
        let ring = self.ring();
        holder.former.iter().map(|subject| references::subject(&ring, *subject)).collect()
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
        Ok(tx.put_enrolment(&EnrolmentRow { subject, version, anchor_by, epoch, sealed, tag: Tag::default() }).await?)
    }

    fn holder_place<'a>(&'a self, subject: &'a Reference, version: u64) -> RowPlace<'a> {
        RowPlace { agency: self.issuer.agency.as_str(), table: "enrolments", id: subject, version, schema: b"" }
    }
}
