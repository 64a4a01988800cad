//! States after past blocks, for those who ask while new blocks come: one copy of the state that is led back and forth by what the newest blocks changed.
//!
//! Guarantee: a state that this leads to has the root that its block's header names, or it isn't given. Older blocks than those that are kept are read from the file.

use super::state::{Changes, State};
use alloy_primitives::B256;
use std::collections::VecDeque;

/// Changed words and accounts that are kept in all: some ten megabytes.
const MOST: usize = 100_000;

/// What the newest blocks changed, oldest first and without a gap, and the state that was asked for last.
#[derive(Default)]
pub(super) struct Past {
    blocks: VecDeque<Difference>,
    kept: usize,
    last: Option<(u64, State)>,
}

struct Difference {
    number: u64,
    changes: Changes,
}

impl Past {
    /// Keeps what a new block changed.
    pub(super) fn add(&mut self, number: u64, changes: Changes) {
        let difference = Difference { number, changes };
        self.kept += difference.size();
        self.blocks.push_back(difference);
        while self.kept > MOST {
            let Some(oldest) = self.blocks.pop_front() else { break };
            self.kept -= oldest.size();
        }
    }

    /// Forgets everything: what was kept is not what the file holds.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps a state that was read from the file.
    pub(super) fn keep(&mut self, number: u64, state: State) {
        self.last = Some((number, state));
    }

    /// The state that was asked for last.
    pub(super) fn last(&self) -> Option<&State> {
        self.last.as_ref().map(|(_, state)| state)
    }

    /// Has the state that was asked for last know the codes and hashes of all blocks, which stand in no root: a copy has those of its day.
    pub(super) fn know(&mut self, head: &State) {
        if let Some((_, state)) = &mut self.last {
            state.know(head);
        }
    }

    /// Leads the state that was asked for last, or a copy of the head's, to a block that has this root. False if the way there isn't kept.
    pub(super) fn lead(&mut self, head: (u64, &State), number: u64, root: B256) -> bool {
        self.led(head, number, root).map(|state| self.keep(number, state)).is_some()
    }

    fn led(&mut self, head: (u64, &State), number: u64, root: B256) -> Option<State> {
        let (mut at, mut state) = match self.last.take() {
            Some((at, state)) if at == number || self.has(at.min(number) + 1) => (at, state),
            _ if self.has(number + 1) => (head.0, head.1.clone()),
            _ => return None,
        };
        while at > number {
            self.block(at)?.undo(&mut state);
            at -= 1;
        }
        while at < number {
            at += 1;
            self.block(at)?.redo(&mut state);
        }
        (state.root() == root).then_some(state)
    }

    fn has(&self, number: u64) -> bool {
        self.block(number).is_some()
    }

    fn block(&self, number: u64) -> Option<&Difference> {
        let first = self.blocks.front()?.number;
        self.blocks.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }
}

impl Difference {
    fn size(&self) -> usize {
        // An empty block takes room as well.
        1 + self.changes.accounts.len() + self.changes.words.len()
    }

    fn undo(&self, state: &mut State) {
        for (address, slot, before, _) in self.changes.words.iter().rev() {
            state.set_slot(*address, *slot, *before);
        }
        for (address, before, _) in self.changes.accounts.iter().rev() {
            match before {
                Some(fields) => state.set_account(*address, *fields),
                None => state.remove_account(*address),
            }
        }
    }

    fn redo(&self, state: &mut State) {
        for (address, _, after) in &self.changes.accounts {
            state.set_account(*address, *after);
        }
        for (address, slot, _, after) in &self.changes.words {
            state.set_slot(*address, *slot, *after);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::embedded::state::AccountFields;
    use alloy_primitives::{Address, U256};
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    /// A block that touches some accounts and words, some of them twice, and creates and empties others.
    fn block(random: &mut StdRng, state: &mut State) -> Changes {
        let mut changes = Changes::default();
        for _ in 0..random.random_range(0..6) {
            let address = Address::repeat_byte(random.random_range(1..8));
            let after = AccountFields { nonce: random.random(), balance: U256::ZERO, code_hash: B256::ZERO };
            changes.accounts.push((address, state.fields(address), after));
            state.set_account(address, after);
            for _ in 0..random.random_range(0..4) {
                let (slot, value) = (U256::from(random.random_range(0..9)), U256::from(random.random_range(0..3)));
                changes.words.push((address, slot, state.slot(address, slot), value));
                state.set_slot(address, slot, value);
            }
        }
        changes
    }

    #[test]
    fn every_kept_block_is_led_to_from_every_other_and_a_wrong_way_is_not_taken() {
        let mut random = StdRng::seed_from_u64(7);
        let (mut past, mut head) = (Past::default(), State::default());
        let mut all = vec![{
            head.root();
            head.clone()
        }];
        for number in 1..60 {
            let changes = block(&mut random, &mut head);
            head.root();
            past.add(number, changes);
            head.add_hash(number, B256::repeat_byte(number as u8));
            all.push(head.clone());
        }
        for _ in 0..400 {
            let number = random.random_range(0..60usize);
            let root = all[number].root();
            assert!(past.lead((59, &head), number as u64, root));
            past.know(&head);
            let led = past.last().unwrap();
            assert!((0..60).all(|number| led.hash(number) == head.hash(number)));
            for n in 1..8 {
                let (address, slots) = (Address::repeat_byte(n), (0..9).map(U256::from).collect::<Vec<_>>());
                assert_eq!(led.prove_all(address, &slots), all[number].prove_all(address, &slots));
                assert_eq!(led.path(address), all[number].path(address));
            }
        }
        // What isn't the block's root isn't given, and what isn't kept isn't led to.
        assert!(!past.lead((59, &head), 30, B256::repeat_byte(1)));
        past.blocks.drain(..20);
        past.last = None;
        assert!(!past.lead((59, &head), 19, all[19].root()) && past.lead((59, &head), 20, all[20].root()));
        // From a block that lies before what is kept, the head's is taken.
        past.keep(3, all[3].clone());
        assert!(past.lead((59, &head), 40, all[40].root()));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut past, address) = (Past::default(), Address::repeat_byte(1));
        for number in 1..=300 {
            let words = (0..1000).map(|slot| (address, U256::from(slot), U256::ZERO, U256::ONE)).collect();
            past.add(number, Changes { words, ..Changes::default() });
            assert!(past.kept <= MOST && past.kept == past.blocks.iter().map(Difference::size).sum::<usize>());
        }
        assert!(past.has(300) && !past.has(200));
    }
}
