//! The vault against itself: rows, keys, tree and log.

use crate::{
    error::{Integrity, VaultError},
    keys::references,
    records::schemas,
    store::{Epoch, Keys as _, Log as _, RecordRow, Records, RecordsTx, Reference, RootRow, RootState, Store},
    tree::{
        self, OtherLeaves,
        epoch::{next_index, working_epoch},
    },
    vault::Vault,
};
use sealroot_protocol::{
    field::F,
    record::{Record, Subject},
    schema::{MEMBERS, SchemaId},
    tree::LeafIndex,
};
use std::collections::{HashMap, HashSet};

/// Rows that are held at a time.
const PAGE: u32 = 1024;

/// How far a complete check is: versions that were opened, and leaves of trees that were recomputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckProgress {
    /// Done.
    pub done: u64,
    /// Of all.
    pub total: u64,
}

impl<S: Store> Vault<S> {
    /// Checks everything that can be checked without the chain: the databases find every row that they have; the rows are those that the vault wrote last; every version of a record, live or kept for a root whose grace runs,
    /// opens and has its leaf; no other data key is there; the tree of each root that can be read, and of the next one, has exactly these leaves, in every node; household records name exactly the live
    /// memberships; and the access log has the head that its entries give, and has only grown.
    /// Returns the number of live records. Decrypts in memory and discloses nothing.
    pub async fn check(&self) -> Result<u64, VaultError> {
        self.check_with(|_| {}).await
    }

    /// What takes seconds where [`Self::check`] takes minutes: the rows are those that the vault wrote last, and the access log has its heads. No record is opened, and no tree
    /// is recomputed. Returns the number of rows that records have.
    pub async fn check_quickly(&self) -> Result<u64, VaultError> {
        self.store.keys().check_indices().await?;
        self.store.log().check_indices().await?;
        let mut tx = self.store.records().read().await?;
        self.check_rows(&mut tx).await?;
        let counts = tx.counts().await?;
        drop(tx);
        self.check_log().await?;
        Ok(counts.live + counts.superseded)
    }

    /// [`Self::check`]; `progress` is told how far it is.
    pub async fn check_with(&self, mut progress: impl FnMut(CheckProgress) + Send) -> Result<u64, VaultError> {
        self.store.keys().check_indices().await?;
        self.store.log().check_indices().await?;
        let mut tx = self.store.records().read().await?;
        self.check_rows(&mut tx).await?;
        let counts = tx.counts().await?;
        let working = working_epoch(&mut tx).await?;
        let readable = |row: &RootRow| match row.state {
            RootState::Pending => true,
            RootState::Anchored => !self.grace_ended(row),
            RootState::Withdrawn | RootState::Retired => false,
        };
        let kept: Vec<RootRow> = tx.roots().await?.into_iter().filter(readable).collect();
        let places = next_index(&mut tx).await?;
        let total = counts.live + counts.superseded + places * (1 + kept.len() as u64);
        let mut done = 0;
        let all = schemas::schemas(&mut tx).await?.into_iter();
        let households: HashSet<SchemaId> = all.filter(|(_, schema)| schema.household).map(|(id, _)| id).collect();
        let (mut after, mut members, mut standing) = (None, 0, Vec::new());
        loop {
            let rows = tx.versions_after(after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.id, last.version));
            done += rows.len() as u64;
            let revealed = self.issuer.reveal_all(self.store.keys(), rows).await?;
            progress(CheckProgress { done, total });
            let named = revealed.iter().filter(|(row, _)| row.until.is_none() && households.contains(&row.schema));
            members += self.check_members(&mut tx, &named.collect::<Vec<_>>()).await?;
            standing.extend(revealed.into_iter().map(|(row, _)| Standing {
                index: row.index,
                leaf: row.leaf.0,
                since: row.since,
                until: row.until,
            }));
        }
        if tx.counts().await?.memberships != members {
            return Err(Integrity::Memberships.into());
        }
        let root = tree::working_root(&mut tx, working).await?;
        let mut trees = vec![(working, OtherLeaves::None, root)];
        trees.extend(kept.iter().map(|row| (row.epoch, OtherLeaves::OfErased, row.root)));
        let leaf_count = usize::try_from(places).map_err(|_| Integrity::Tree)?;
        for (epoch, others, root) in trees {
            let mut leaves = vec![F::from(0u8); leaf_count];
            for version in standing.iter().filter(|version| version.stands_at(epoch)) {
                *leaves.get_mut(version.index.0 as usize).ok_or(Integrity::Tree)? = version.leaf;
            }
            tree::check_nodes(&mut tx, epoch, leaves, others, root).await?;
            done += places;
            progress(CheckProgress { done, total });
        }
        self.check_orphans().await?;
        self.check_log().await?;
        Ok(standing.iter().filter(|version| version.until.is_none()).count() as u64)
    }

    /// Compares what household records say of their members with the table that keeps them out of other households; returns how many they name.
    async fn check_members(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        records: &[&(RecordRow, Record)],
    ) -> Result<u64, VaultError> {
        let serials: Vec<Reference> = records.iter().map(|(row, _)| row.serial).collect();
        let mut live: HashMap<Reference, HashSet<Reference>> = HashMap::new();
        for row in tx.members_of(&serials).await? {
            live.entry(row.household).or_default().insert(row.member);
        }
        let mut count = 0;
        for (row, record) in records {
            let names = record.attributes.0[1..=MEMBERS].iter().filter(|name| **name != F::from(0u8));
            let ring = self.ring();
            let named: HashSet<Reference> =
                names.map(|name| references::member(&ring, row.schema, Subject(*name), row.period)).collect();
            if live.remove(&row.serial).unwrap_or_default() != named {
                return Err(Integrity::Memberships.into());
            }
            count += named.len() as u64;
        }
        Ok(count)
    }
}

/// A version's place in the tree, and when it stood there.
struct Standing {
    index: LeafIndex,
    leaf: F,
    since: Epoch,
    until: Option<Epoch>,
}

impl Standing {
    fn stands_at(&self, epoch: Epoch) -> bool {
        self.since <= epoch && self.until.is_none_or(|until| until > epoch)
    }
}
