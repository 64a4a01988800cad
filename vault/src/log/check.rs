//! The access log against itself.

use super::{entry::leaf, merkle};
use crate::{
    error::{Integrity, VaultError},
    store::{Log, Store},
    vault::Vault,
};
use sealroot_protocol::field::Digest;

/// Rows that are held at a time.
const PAGE: u32 = 1024;

impl<S: Store> Vault<S> {
    /// Whether the head is the one that the entries give.
    pub(crate) async fn check_log(&self) -> Result<(), VaultError> {
        let size = self.store.log().size().await?;
        let mut peaks: Vec<(u32, Digest)> = Vec::new();
        let mut from = 0;
        while from < size {
            let rows = self.store.log().entries(None, from, PAGE).await?;
            for row in &rows {
                if row.position != from {
                    return Err(Integrity::Log.into());
                }
                from += 1;
                let mut node = (0, leaf(row));
                while let Some(left) = peaks.pop_if(|left| left.0 == node.0) {
                    node = (node.0 + 1, merkle::node_hash(&left.1, &node.1));
                }
                peaks.push(node);
            }
            if rows.is_empty() {
                return Err(Integrity::Log.into());
            }
        }
        let hashes: Vec<_> = peaks.iter().map(|p| p.1).collect();
        if merkle::head_of_peaks(&hashes) == self.log_head().await?.head { Ok(()) } else { Err(Integrity::Log.into()) }
    }
}
