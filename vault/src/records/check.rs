//! The vault against itself: rows, keys, tree and log.

use crate::{
    error::{Integrity, VaultError},
    keys::references,
    records::schemas,
    store::{RecordRow, Records, RecordsTx, Reference, Store},
    tree::{self, epoch::working_epoch, parallel::off_the_runtime},
    vault::Vault,
};
use sealroot_protocol::{
    field::F,
    record::{Record, Subject},
    schema::{MEMBERS, SchemaId},
    tree::{ARITY, DEPTH, LeafIndex, Root, empty_node},
};
use std::collections::{HashMap, HashSet};

/// Paths that [`Vault::check`] follows, evenly spaced.
const SAMPLED_PATHS: usize = 64;
/// Rows that are held at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Checks what can be checked without the chain: every row is as the vault wrote it, every live record opens and has the leaf that the tree has, the tree has no
    /// other leaf, a sample of paths leads to the root, household records name exactly the live memberships, and the access log has the head that its
    /// entries give.
    /// Returns the number of records. Decrypts in memory and discloses nothing.
    pub async fn check(&self) -> Result<u64, VaultError> {
        let mut tx = self.store.records().read().await?;
        self.check_rows(&mut tx).await?;
        let epoch = working_epoch(&mut tx).await?;
        let mut leaves: Vec<F> = Vec::new();
        let all = schemas::schemas(&mut tx).await?.into_iter();
        let households: HashSet<SchemaId> = all.filter(|(_, schema)| schema.household).map(|(id, _)| id).collect();
        let (mut after, mut count, mut members) = (None, 0, 0);
        loop {
            let rows = tx.live_records(after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.index);
            count += rows.len() as u64;
            let revealed = self.issuer.reveal_all(self.store.keys(), rows).await?;
            let named = revealed.iter().filter(|(row, _)| households.contains(&row.schema));
            members += self.check_members(&mut tx, &named.collect::<Vec<_>>()).await?;
            for (row, _) in revealed {
                leaves.resize(row.index.0 as usize, F::from(0u8));
                leaves.push(row.leaf.0);
            }
        }
        if tx.counts().await?.memberships != members {
            return Err(Integrity::Memberships.into());
        }
        let sample: Vec<(usize, F)> =
            leaves.iter().copied().enumerate().step_by(leaves.len().div_ceil(SAMPLED_PATHS).max(1)).collect();
        let expected = off_the_runtime(move || rebuild(leaves)).await;
        if tree::working_root(&mut tx, epoch).await? != expected {
            return Err(Integrity::Tree.into());
        }
        for (index, value) in sample {
            let index = LeafIndex(u32::try_from(index).map_err(|_| Integrity::Tree)?);
            let (leaf, path) = tree::path(&mut tx, index, epoch).await?;
            if leaf.0 != value || path.root(leaf) != expected {
                return Err(Integrity::Tree.into());
            }
        }
        self.check_log().await?;
        Ok(count)
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

/// The root over all leaves from scratch.
fn rebuild(mut level: Vec<F>) -> Root {
    for height in 0..DEPTH {
        level.resize(level.len().next_multiple_of(ARITY).max(ARITY), empty_node(height));
        level = tree::hash_nodes(level.as_chunks().0);
    }
    Root(level[0])
}
