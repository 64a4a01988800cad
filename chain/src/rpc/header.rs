//! Which block: a header that is hashed here, and sealed or pinned.

use super::{NetworkChain, error::NodeError};
use crate::{error::ChainError, seal};
use alloy_consensus::Header;
use alloy_primitives::Bytes;
use alloy_rpc_types_eth::Block;
use sealroot_protocol::snapshot::BlockRef;

/// Headers that are followed back from the newest to one before it, where no seal vouches for that one.
const MAX_LINKS: u64 = 2048;

/// A header whose hash was computed, and whose seal was checked where sealers are pinned.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    pub header: Header,
    pub block: BlockRef,
}

impl Checked {
    pub(super) fn rlp(&self) -> Bytes {
        alloy_rlp::encode(&self.header).into()
    }
}

/// Headers that are asked for at once.
const AT_ONCE: u64 = 64;

/// A block whose hash is the parent's of the next one.
fn linked(block: Block, number: u64, child: Option<&Checked>) -> Result<Checked, NodeError> {
    let header = block.header.inner;
    let hash = header.hash_slow();
    if header.number != number || child.is_some_and(|child| child.header.parent_hash != hash) {
        return Err(NodeError::Header { number, what: "the block after it has another parent" });
    }
    Ok(Checked { block: BlockRef { number, hash, time: header.timestamp }, header })
}

impl NetworkChain {
    /// The newest block.
    pub(super) async fn newest(&self) -> Result<Checked, ChainError> {
        let block = self.node.block("latest").await?.ok_or_else(|| NodeError::NoBlock("latest".into()))?;
        let number = block.header.inner.number;
        Ok(self.check(block, number)?)
    }

    /// A block up to the newest.
    pub(super) async fn numbered(&self, number: u64) -> Result<Checked, ChainError> {
        let checked = self.fetched(number).await?;
        // A seal, or a pin, vouches for any height by itself.
        if !self.pins.sealers.is_empty() || self.pins.blocks.contains_key(&number) {
            return Ok(checked);
        }
        let newest = self.newest().await?;
        self.follow(newest, number).await
    }

    /// Blocks from one to another, each the parent of the next.
    pub(super) async fn run(&self, first: u64, last: u64) -> Result<Vec<Checked>, ChainError> {
        let newest = self.numbered(last).await?;
        if first >= last {
            return Ok(vec![newest]);
        }
        // Only the last one's seal is looked at: each of the others is the parent of the next.
        let mut back = vec![newest];
        let mut until = last - 1;
        loop {
            let from = first.max((until + 1).saturating_sub(AT_ONCE));
            let asked = self.node.blocks(from, until).await?;
            let asked = asked.ok_or_else(|| NodeError::NoBlock(format!("{from} to {until}")))?;
            for (number, block) in (from..=until).rev().zip(asked.into_iter().rev()) {
                let parent = linked(block, number, back.last())?;
                back.push(parent);
            }
            if back.last().is_none_or(|oldest| oldest.block.number != from) {
                return Err(NodeError::NoBlock(format!("{from} to {until}")).into());
            }
            if from == first {
                back.reverse();
                return Ok(back);
            }
            until = from - 1;
        }
    }

    /// The ancestor of a block, by the hashes of parents.
    async fn follow(&self, from: Checked, number: u64) -> Result<Checked, ChainError> {
        let distance = from.block.number.saturating_sub(number);
        if distance > MAX_LINKS {
            return Err(NodeError::Header {
                number,
                what: "it is too far back to be followed from the newest one: pin its hash in the trust file",
            }
            .into());
        }
        let mut current = from;
        while current.block.number > number {
            current = self.parent(&current).await?;
        }
        Ok(current)
    }

    async fn parent(&self, child: &Checked) -> Result<Checked, ChainError> {
        let parent = self.fetched(child.block.number.saturating_sub(1)).await?;
        if parent.block.hash == child.header.parent_hash {
            Ok(parent)
        } else {
            let what = "the block after it has another parent";
            Err(NodeError::Header { number: parent.block.number, what }.into())
        }
    }

    async fn fetched(&self, number: u64) -> Result<Checked, ChainError> {
        match self.node.block(&format!("{number:#x}")).await? {
            Some(block) => Ok(self.check(block, number)?),
            None => Err(ChainError::NoSuchBlock(number, self.newest().await?.block.number)),
        }
    }

    fn check(&self, block: Block, number: u64) -> Result<Checked, NodeError> {
        let (claimed, header) = (block.header.hash, block.header.inner);
        let hash = header.hash_slow();
        if header.number != number {
            return Err(NodeError::Header { number, what: "it has another number" });
        }
        if hash != claimed {
            return Err(NodeError::Header { number, what: "its fields have another hash" });
        }
        let pinned = self.pins.blocks.get(&number).copied();
        if let Some(pinned) = pinned.filter(|pinned| *pinned != hash) {
            return Err(NodeError::Pinned { number, found: hash, pinned });
        }
        if !self.pins.sealers.is_empty() && !self.is_sealed(&header) {
            return Err(NodeError::Sealer(number));
        }
        Ok(Checked { block: BlockRef { number, hash, time: header.timestamp }, header })
    }

    fn is_sealed(&self, header: &Header) -> bool {
        let sealer = seal::sealer(header, self.pins.chain_id);
        self.pins.sealers.iter().any(|pin| Some(pin.address) == sealer && pin.seals(header.number))
    }
}
