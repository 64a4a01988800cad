//! What the database says, recomputed before anything acts on it.
//!
//! Guarantees, against anybody with write access to the database and without the sealer's key: every header has its hash and leads to block 0, the head is sealed, the
//! head's state has the root that its header names, every code has its hash, and the contracts are those that this program was built with. A past block,
//! its transactions, receipts and state are recomputed whenever they are read. Non-guarantee: that the head is the newest one there was. An older copy of the whole
//! file is a chain, too: [`check_seen`](crate::seen::check_seen) compares with what a party remembers.

use super::{
    clock::Setting,
    error::EmbeddedError,
    execute::{self, Environment, Question},
    header::SealedHeader,
    state::State,
    store::{Block, Store, StoredHeader, StoredTransaction},
};
use crate::contracts;
use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolCall;
use alloy_trie::root::ordered_trie_root_encoded;
use sealroot_protocol::snapshot::BlockRef;

/// Which chain it is: what its seals are over, and by whom they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub chain_id: u64,
    pub sealer: Address,
}

/// What a database was found to hold.
pub(super) struct Loaded {
    pub state: State,
    pub head: BlockRef,
    pub clock: Setting,
}

/// Recomputes all headers, and the head with its state.
pub(super) async fn load(store: &mut Store, identity: Identity) -> Result<Loaded, EmbeddedError> {
    let clock = store.meta().await?.1;
    let hashes = headers(store, identity.sealer).await?;
    let height = (hashes.len() as u64).checked_sub(1).filter(|height| *height >= 1).ok_or(EmbeddedError::Unfinished)?;
    let (header, block) = block(store, identity, height, hashes.last().copied().unwrap_or_default()).await?;
    store.check_heights(height).await?;
    let mut state = state(store, &header).await?;
    check_contracts(&state, identity)?;
    for (number, hash) in (0..).zip(hashes) {
        state.add_hash(number, hash);
    }
    let clock = Setting::read(&clock.text, &clock.seal, identity.chain_id, block.hash, identity.sealer);
    let clock = clock.ok_or_else(|| EmbeddedError::Damaged("the clock's setting is not sealed at the head".into()))?;
    Ok(Loaded { state, head: block.into(), clock })
}

/// A block whose hash is known, with all that its header names: seal, transactions and receipts.
pub(super) async fn block(
    store: &mut Store,
    Identity { chain_id, sealer }: Identity,
    height: u64,
    known: B256,
) -> Result<(SealedHeader, Block), EmbeddedError> {
    let block = store.block(height).await?.ok_or_else(|| damaged(height, "is missing"))?;
    let Block { number, hash, time, header, transactions } = &block;
    let stored = StoredHeader { number: *number, hash: *hash, time: *time, header: header.clone() };
    let sealed = decode(&stored, sealer)?;
    if *hash != known {
        return Err(damaged(height, "is another one than the blocks after it name"));
    }
    if !sealed.is_sealed_by(sealer, chain_id) {
        return Err(damaged(height, "has a wrong seal"));
    }
    if transactions.iter().any(|StoredTransaction { hash, raw, .. }| keccak256(raw) != *hash) {
        return Err(damaged(height, "has a transaction with a wrong hash"));
    }
    let raw: Vec<_> = transactions.iter().map(|transaction| &transaction.raw).collect();
    let receipts: Vec<_> = transactions.iter().map(|transaction| &transaction.receipt).collect();
    if ordered_trie_root_encoded(&raw) != sealed.header.transactions_root {
        return Err(damaged(height, "has other transactions than its header says"));
    }
    if ordered_trie_root_encoded(&receipts) != sealed.header.receipts_root {
        return Err(damaged(height, "has other receipts than its header says"));
    }
    Ok((sealed, block))
}

/// A header whose hash is known: what it says is what the chain says, the seal of the head vouches for it.
pub(super) async fn header(
    store: &mut Store,
    Identity { sealer, .. }: Identity,
    height: u64,
    known: B256,
) -> Result<SealedHeader, EmbeddedError> {
    let stored = store.header(height).await?.ok_or_else(|| damaged(height, "is missing"))?;
    let sealed = decode(&stored, sealer)?;
    if sealed.hash == known { Ok(sealed) } else { Err(damaged(height, "is another one than the blocks after it name")) }
}

/// The state after a block whose header is known.
pub(super) async fn state(
    store: &mut Store,
    SealedHeader { header, .. }: &SealedHeader,
) -> Result<State, EmbeddedError> {
    let mut state = store.state(header.number).await?;
    if state.root() == header.state_root {
        Ok(state)
    } else {
        Err(damaged(header.number, "has another state than its header says"))
    }
}

/// All headers, each linked to the one before; their hashes by height. The head's seal vouches for all of them.
async fn headers(store: &mut Store, sealer: Address) -> Result<Vec<B256>, EmbeddedError> {
    let (mut hashes, mut time) = (Vec::new(), 0);
    loop {
        let from = Some(hashes.len() as u64).filter(|next| *next > 0);
        let page = store.headers(from).await?;
        for stored in &page {
            let header = decode(stored, sealer)?.header;
            if header.number != hashes.len() as u64 {
                return Err(damaged(hashes.len() as u64, "is missing"));
            }
            let follows = header.parent_hash == hashes.last().copied().unwrap_or_default();
            if !follows || (header.timestamp <= time && header.number > 0) {
                return Err(damaged(header.number, "doesn't follow the block before it"));
            }
            time = header.timestamp;
            hashes.push(stored.hash);
        }
        if page.is_empty() {
            return Ok(hashes);
        }
    }
}

fn decode(stored: &StoredHeader, sealer: Address) -> Result<SealedHeader, EmbeddedError> {
    let number = stored.number;
    if keccak256(&stored.header) != stored.hash {
        return Err(damaged(number, "has a wrong hash"));
    }
    let sealed = SealedHeader::decode(&stored.header).ok_or_else(|| damaged(number, "has no header of this host"))?;
    let header = &sealed.header;
    if (header.number, header.timestamp, header.beneficiary) != (number, stored.time, sealer) {
        return Err(damaged(number, "has a header of another number, time or sealer"));
    }
    Ok(sealed)
}

/// The contracts' code is what the compiled artefacts make of this chain's addresses and delay.
fn check_contracts(state: &State, Identity { chain_id, sealer }: Identity) -> Result<(), EmbeddedError> {
    use contracts::officers::Officers::delayCall;
    let environment = Environment { chain_id, number: 0, time: 0, sealer };
    let (addresses, _) = contracts::deployment(sealer, &[], 0);
    let [officers, ..] = addresses.in_order();
    let other = |name, address| EmbeddedError::OtherContract { name, address };
    // Whatever code answers, it is compared with the one that has this answer built in.
    let question = Question::call(Address::ZERO, officers, delayCall {}.abi_encode().into());
    let answer = execute::ask(state, environment, question);
    let delay = answer.ok().and_then(|(output, _)| delayCall::abi_decode_returns(&output).ok());
    let delay = delay.ok_or_else(|| other("Officers", officers))?;
    let expected = execute::deployed(environment, delay).ok_or_else(|| other("Officers", officers))?;
    for (address, (name, _)) in addresses.in_order().into_iter().zip(contracts::ALL.iter()) {
        if state.code_hash(address).is_none() || state.code_hash(address) != expected.code_hash(address) {
            return Err(other(name, address));
        }
    }
    Ok(())
}

fn damaged(height: u64, what: &str) -> EmbeddedError {
    EmbeddedError::Damaged(format!("block {height} {what}"))
}
