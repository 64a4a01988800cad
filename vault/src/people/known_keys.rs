//! Wallet keys that the vault has seen, and under which people.
//!
//! Guarantee: a key that comes under a second national id starts anew, as a replaced key does: a person who replaced it under the first one, and uses the first one's
//! key for a period again, would be approved twice. That survives erasure: what is kept is a keyed fingerprint.

use crate::{
    error::VaultError,
    keys::references,
    store::{Records, RecordsTx, Reference, Store},
    vault::Vault,
};
use sealroot_protocol::{curve::PublicKey, field, record::Subject};

impl<S: Store> Vault<S> {
    /// Of a key: HMAC under the index key, so that two stolen databases can't be joined on it.
    pub(crate) fn key_fingerprint(&self, key: &PublicKey) -> Reference {
        let parts: [&[u8]; 2] = [&field::to_bytes(key.x()), &field::to_bytes(key.y())];
        self.ring().reference("sealroot/1:ref-key", &parts)
    }

    /// Remembers that the key is this person's, and says whether it is known under somebody else's id: not this one, nor one that this one replaced.
    pub(crate) async fn remember_key(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        fingerprint: &Reference,
        person: &Reference,
        former: &[Reference],
    ) -> Result<bool, VaultError> {
        let known = tx.subjects_of_key(fingerprint).await?;
        tx.add_known_key(fingerprint, person).await?;
        Ok(known.iter().any(|other| other != person && !former.contains(other)))
    }

    /// Whether a key was ever enrolled for this person, under this id or one that it replaced.
    pub async fn knows_key(&self, subject: Subject, key: &PublicKey) -> Result<bool, VaultError> {
        let person = references::subject(&self.ring(), subject);
        let mut tx = self.store.records().read().await?;
        let known = tx.subjects_of_key(&self.key_fingerprint(key)).await?;
        let holders = self.holders(&mut tx, &[person]).await?;
        let former = holders.get(&person).map(|holder| self.former(holder)).unwrap_or_default();
        Ok(known.iter().any(|subject| *subject == person || former.contains(subject)))
    }
}
