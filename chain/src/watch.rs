//! Following a chain: every event of the contracts, block by block, and what a reorganisation took back.
//!
//! Guarantee: of the blocks that are told, no event is left out, and each block is the parent of the next one told, unless [`Noticed::Reorganised`] comes between.
//! Non-guarantee: that the newest blocks are told: a node can keep them back.

use crate::{
    chain::{BlockEvents, Chain, EVENT_BLOCKS},
    error::ChainError,
    happened::Happened,
    seen::SeenBlock,
};
use alloy_primitives::B256;
use sealroot_protocol::snapshot::BlockRef;
use std::collections::VecDeque;

/// Blocks back to which a reorganisation is told exactly.
const REMEMBERED: usize = 4096;

/// What is noticed.
#[derive(Debug, Clone, PartialEq)]
pub enum Noticed {
    /// An event.
    Event {
        /// Its block.
        block: BlockRef,
        /// Its transaction.
        transaction: B256,
        /// What happened.
        happened: Happened,
    },
    /// All that was told of this height and later is void; it is told anew.
    Reorganised {
        /// The first height that is told again.
        from: u64,
    },
}

/// A place in a chain, up to which everything was told.
pub struct Watch<'c, C> {
    chain: &'c C,
    next: u64,
    confirmations: u64,
    told: VecDeque<(u64, B256)>,
    /// The newest height that couldn't vanish any more.
    settled: u64,
}

impl<'c, C: Chain> Watch<'c, C> {
    /// Begins with a block. Blocks are told once so many follow them.
    pub fn new(chain: &'c C, from: u64, confirmations: u64) -> Self {
        Self { chain, next: from, confirmations, told: VecDeque::new(), settled: 0 }
    }

    /// The next height that is told.
    pub fn next_block(&self) -> u64 {
        self.next
    }

    /// What came since the last time, of a few hundred blocks at most; and whether nothing is left.
    pub async fn look(&mut self) -> Result<(Vec<Noticed>, bool), ChainError> {
        let mut noticed = Vec::new();
        if let Some(from) = self.reorganised().await? {
            self.next = from;
            noticed.push(Noticed::Reorganised { from });
        }
        let head = self.chain.head().await?.number;
        self.settled = self.settled.max(self.chain.finalized().await?.number);
        let Some(last) = head.checked_sub(self.confirmations).filter(|last| *last >= self.next) else {
            return Ok((noticed, true));
        };
        let until = last.min(self.next.saturating_add(EVENT_BLOCKS - 1));
        for BlockEvents { block, parent, events } in self.chain.events_between(self.next, until).await? {
            if self.told.back().is_some_and(|(_, hash)| *hash != parent) {
                // The chain changed between two questions: the next look says so.
                return Ok((noticed, false));
            }
            self.told.push_back((block.number, block.hash));
            self.next = block.number.saturating_add(1);
            let known = events.into_iter().filter_map(|(transaction, log)| {
                let happened = Happened::read(&log, &self.chain.contracts())?;
                Some(Noticed::Event { block, transaction, happened })
            });
            noticed.extend(known);
        }
        while self.told.len() > REMEMBERED {
            self.told.pop_front();
        }
        Ok((noticed, self.next > last))
    }

    /// The first height that was told and isn't the chain's any more.
    async fn reorganised(&mut self) -> Result<Option<u64>, ChainError> {
        let mut from = None;
        while let Some((number, hash)) = self.told.back().copied() {
            match self.chain.block(number).await {
                Ok(block) if block.hash == hash => break,
                Ok(_) | Err(ChainError::NoSuchBlock(..)) => {}
                Err(error) => return Err(error),
            }
            // What was final can't vanish: somebody shows an older chain, or another one.
            if number <= self.settled {
                let head = self.chain.head().await?;
                return Err(ChainError::RolledBack { seen: SeenBlock { number, hash }, head: head.into() });
            }
            from = Some(number);
            self.told.pop_back();
        }
        Ok(from)
    }
}
