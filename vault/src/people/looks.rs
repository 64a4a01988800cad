//! Ids that look like another person's: written whole in letters of another script, such as Cyrillic `АВ-1` beside `AB-1`.
//!
//! Guarantee: an id that comes into a vault (a row's, a member's, a changed one) and looks like another person's (UTS #39, equal skeletons) is refused, where one of
//! the two isn't in ASCII. What is kept are keyed references of skeletons, never ids. They outlive records; erasure forgets those of people who never enrolled
//! a key, and so earned nothing.
//! Non-guarantees: two ids in ASCII are never alike here (`O1`, `01`): pattern and check digit tell these apart.

use super::national_id::IdReader;
use crate::{
    error::{Rejection, VaultError},
    keys::references,
    store::{LookRow, Records, RecordsTx, Reference, Store, Tag},
    vault::Vault,
};
use sealroot_protocol::{identifier::Identifier, record::Subject};
use std::collections::{BTreeMap, BTreeSet, HashMap};

impl IdReader {
    /// What an id of this person looks like.
    pub(crate) fn look(&self, id: &Identifier, subject: Subject) -> LookRow {
        let ring = self.ring();
        LookRow {
            skeleton: references::skeleton(&ring, &id.skeleton()),
            subject: references::subject(&ring, subject),
            ascii: id.is_ascii(),
            small: id.as_str().chars().any(|c| !c.to_uppercase().eq([c])),
            capital: id.as_str().chars().any(|c| !c.to_lowercase().eq([c])),
            line: None,
            tag: Tag::default(),
        }
    }
}

/// Whether two ids are two people's and can't be told apart.
pub(crate) fn alike(one: &LookRow, other: &LookRow) -> bool {
    one.skeleton == other.skeleton && one.subject != other.subject && !(one.ascii && other.ascii)
}

impl<S: Store> Vault<S> {
    /// For each of some ids: another person's that it looks like, which the vault knows or which comes before it in the list.
    pub(crate) async fn look_alikes(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        ids: &[LookRow],
    ) -> Result<Vec<Option<LookRow>>, VaultError> {
        let mut known: HashMap<Reference, Vec<LookRow>> = HashMap::new();
        for foreign in [true, false] {
            // An id in ASCII can only be mistaken for one that isn't.
            let wanted: BTreeSet<Reference> =
                ids.iter().filter(|id| id.ascii == foreign).map(|id| id.skeleton).collect();
            let wanted: Vec<Reference> = wanted.into_iter().collect();
            for row in tx.looks(&wanted, foreign).await? {
                known.entry(row.skeleton).or_default().push(row);
            }
        }
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let others = known.entry(id.skeleton).or_default();
            let other = others.iter().find(|other| alike(id, other)).copied();
            if other.is_none() {
                others.push(*id);
            }
            found.push(other);
        }
        Ok(found)
    }

    /// Fails for a new id of somebody that looks like another person's, and remembers it. `own` are references of the ids that the person had.
    pub(crate) async fn take_look(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        look: LookRow,
        own: &[Reference],
    ) -> Result<(), VaultError> {
        let known = tx.looks(&[look.skeleton], look.ascii).await?;
        if known.iter().any(|other| alike(&look, other) && !own.contains(&other.subject)) {
            return Err(Rejection::LookAlike.into());
        }
        Ok(tx.add_looks(&[look]).await?)
    }
}

/// Lines of a file whose ids look like each other's and are several people's.
pub(crate) fn groups(ids: &[(LookRow, BTreeSet<u64>)]) -> Vec<Vec<u64>> {
    let mut by_look: BTreeMap<Reference, Vec<&(LookRow, BTreeSet<u64>)>> = BTreeMap::new();
    for id in ids {
        by_look.entry(id.0.skeleton).or_default().push(id);
    }
    let mut groups: Vec<Vec<u64>> = by_look
        .into_values()
        .filter(|ids| ids.iter().any(|one| ids.iter().any(|other| alike(&one.0, &other.0))))
        .map(|ids| {
            ids.iter().flat_map(|(_, lines)| lines.iter().copied()).collect::<BTreeSet<u64>>().into_iter().collect()
        })
        .collect();
    groups.sort_unstable();
    groups
}
