//! The access log against itself, and against every root that was prepared over it.

use super::{LogHead, entry::leaf, merkle, reading::head_at};
use crate::{
    error::{Integrity, VaultError},
    store::{EntriesOf, Log, Records, RecordsTx, Store},
    vault::Vault,
};
use sealroot_protocol::field::Digest;
use std::collections::HashMap;

/// Rows that are held at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Recomputes the log's head from its entries. Guarantee: it is the stored one, and each head that a kept root was prepared with, or that the newest change of the
    /// database saw, is the head of that many entries, so that the log has only grown since: one that was cut, exchanged or begun anew is refused, and comes under no
    /// further root. Non-guarantee: that entries since the newest change are all there.
    pub(crate) async fn check_log(&self) -> Result<LogHead, VaultError> {
        // Before the size: a root that is prepared meanwhile is over a longer log.
        let mut prepared: HashMap<u64, Vec<Digest>> = HashMap::new();
        let mut tx = self.store.records().read().await?;
        for root in tx.roots().await? {
            prepared.entry(root.log_size).or_default().push(root.log_head);
        }
        if let Some(then) = tx.log_then().await? {
            prepared.entry(then.size).or_default().push(then.head);
        }
        drop(tx);
        let size = self.store.log().size().await?;
        if prepared.keys().any(|entries| *entries > size) {
            return Err(Integrity::Log.into());
        }
        let grown = |entries: u64, peaks: &[(u32, Digest)]| {
            prepared.get(&entries).is_none_or(|heads| heads.iter().all(|kept| *kept == head(peaks)))
        };
        let mut peaks: Vec<(u32, Digest)> = Vec::new();
        let mut from = 0;
        if !grown(from, &peaks) {
            return Err(Integrity::Log.into());
        }
        while from < size {
            let rows = self.store.log().entries(EntriesOf::All, from, PAGE).await?;
            // What is appended meanwhile is not this head's.
            for row in rows.iter().take_while(|row| row.position < size) {
                if row.position != from {
                    return Err(Integrity::Log.into());
                }
                from += 1;
                let mut node = (0, leaf(row));
                while let Some(left) = peaks.pop_if(|left| left.0 == node.0) {
                    node = (node.0 + 1, merkle::node_hash(&left.1, &node.1));
                }
                peaks.push(node);
                if !grown(from, &peaks) {
                    return Err(Integrity::Log.into());
                }
            }
            if rows.is_empty() {
                return Err(Integrity::Log.into());
            }
        }
        let recomputed = LogHead { size, head: head(&peaks) };
        if head_at(self.store.log(), size).await? == recomputed { Ok(recomputed) } else { Err(Integrity::Log.into()) }
    }
}

fn head(peaks: &[(u32, Digest)]) -> Digest {
    merkle::head_of_peaks(&peaks.iter().map(|peak| peak.1).collect::<Vec<_>>())
}
