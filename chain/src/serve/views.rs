//! The blocks that were shown last. Every client asks for the newest ones, and each of them is recomputed from the file once.

use super::{Node, error::RpcError};
use crate::{embedded::view::BlockView, error::ChainError};
use alloy_primitives::B256;
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::Mutex;

/// Blocks that are kept: a full one is about a megabyte.
const MOST: usize = 32;

/// Blocks by their hashes, the newest first.
#[derive(Default)]
pub(super) struct Views(Mutex<VecDeque<(B256, Arc<BlockView>)>>);

impl Node {
    /// A block with all that is in it.
    pub(super) async fn view(&self, number: u64) -> Result<Arc<BlockView>, RpcError> {
        // Held while a block is read: another question for the same one waits for it, and doesn't read it again.
        let mut views = self.views.0.lock().await;
        let hash = self.chain.hash_of(number).await?;
        if let Some((_, view)) = views.iter().find(|(known, _)| Some(*known) == hash) {
            return Ok(view.clone());
        }
        let view = Arc::new(self.chain.view(number).await?);
        // The chain is asked by height: what is kept is kept under the hash that was found.
        if hash.is_some_and(|hash| hash != view.hash) {
            return Err(ChainError::NoSuchBlock(number, number).into());
        }
        views.truncate(MOST - 1);
        views.push_front((view.hash, view.clone()));
        Ok(view)
    }
}
