//! The newest block that a party saw of each chain, in a file of that party.
//!
//! Guarantee: a chain that was set back behind what the file says is refused, until its head is accepted by name. Non-guarantee: the file itself. Somebody
//! with write access to it and to the chain's directory can have both forget; so keep it where the party's own keys are, and not beside the chain.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, shown},
};
use alloy_primitives::B256;
use sealroot_chain::{Chain, SeenBlock, check_seen};
use sealroot_files::{Access, Staged};
use sealroot_protocol::{
    code::{Code, Coded},
    parser_words::plain,
    scope::Deployment,
    snapshot::BlockRef,
};
use std::{collections::BTreeMap, path::Path};

/// By chain id and address of the programs contract.
pub type Memory = BTreeMap<String, SeenBlock>;

/// Compares the chain with what the file says, and has the file say what the chain's head is now. Where the chain was set back, only the head that is
/// `accepted` is taken.
pub async fn check(file: &Path, chain: &impl Chain, accepted: Option<B256>) -> Outcome<()> {
    let (mut memory, name, head) = meet(file, chain, accepted).await?;
    if memory.insert(name, head) == Some(head) {
        return Ok(());
    }
    write(file, &memory)
}

/// The newest block of a chain that the file knows; its time isn't kept.
pub fn seen(file: &Path, deployment: &Deployment) -> Outcome<Option<BlockRef>> {
    let seen = read(file)?.get(&name(deployment)).copied();
    Ok(seen.map(|SeenBlock { number, hash }| BlockRef { number, hash, time: 0 }))
}

/// Has the file know a block that was shown by evidence.
pub fn note(file: &Path, deployment: &Deployment, block: BlockRef) -> Outcome<()> {
    let mut memory = read(file)?;
    memory.insert(name(deployment), block.into());
    write(file, &memory)
}

fn name(deployment: &Deployment) -> String {
    format!("{}:{}", deployment.chain_id, deployment.programs)
}

fn write(file: &Path, memory: &Memory) -> Outcome<()> {
    let text = serde_json::to_vec_pretty(memory).or_fail(Code::FileUnwritable)?;
    let written = Staged::new(file, &text, Access::Owner).and_then(Staged::replace);
    written.map_err(|error| Failure::new(Code::FileUnwritable, format!("{}: {error}", shown(file))))
}

/// Compares the chain with what the file says; returns that, the chain's name in it, and the chain's head.
pub async fn meet(file: &Path, chain: &impl Chain, accepted: Option<B256>) -> Outcome<(Memory, String, SeenBlock)> {
    let memory = read(file)?;
    let name = name(&chain.deployment());
    let remembered = memory.get(&name).copied();
    let head = match check_seen(chain, remembered).await {
        Ok(head) => head,
        Err(error) if error.code() == Code::ChainRolledBack => {
            let head = check_seen(chain, None).await.map_err(Failure::of)?;
            if accepted != Some(head.hash) {
                return Err(Failure::of(error).context(shown(file)));
            }
            head
        }
        Err(error) => return Err(Failure::of(error)),
    };
    Ok((memory, name, head))
}

fn read(file: &Path) -> Outcome<Memory> {
    match files::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(
                Code::BadDocument,
                format!("{} doesn't say which blocks were seen: {}", shown(file), plain(&error.to_string())),
            )
            .advice("restore it, or move it away: the next look at the chain then counts as the first")
        }),
        Err(failure) if failure.code() == Code::FileNotFound => Ok(Memory::new()),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_chain::{Act, BlockClock, Calls, EmbeddedChain, Genesis};
    use sealroot_protocol::signature::SecretSigningKey;
    use std::fs;

    /// An older copy of a chain's directory is refused by who saw more, until its head is accepted by its hash; the memory of another chain says nothing.
    #[tokio::test]
    async fn a_chain_that_was_set_back_is_refused_until_it_is_accepted() {
        let key = |n: u8| SecretSigningKey::from_bytes(&[n; 32]).unwrap();
        let time = 1_790_000_000;
        let officers = vec![key(1).address(), key(2).address()];
        let genesis = Genesis { chain_id: 7, time, officers, delay: 0, clock: BlockClock::Standing(time) };
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let memory = at("chain-seen.json");
        let chain = EmbeddedChain::create(&at("chain"), &genesis).await.unwrap();
        check(&memory, &chain, None).await.unwrap();
        let accepted = chain.head().await.unwrap().hash;
        chain.close().await.unwrap();
        fs::create_dir(at("older")).unwrap();
        for file in ["chain.sqlite", "sealer.key"] {
            fs::copy(at("chain").join(file), at("older").join(file)).unwrap();
        }
        let chain = EmbeddedChain::open(&at("chain")).await.unwrap();
        chain.propose(&key(1), &Act::AddOfficer(key(3).address())).await.unwrap();
        check(&memory, &chain, None).await.unwrap();
        let seen = fs::read(&memory).unwrap();

        let older = EmbeddedChain::open(&at("older")).await.unwrap();
        for wrong in [None, Some(B256::ZERO)] {
            let failure = check(&memory, &older, wrong).await.err().unwrap();
            assert_eq!(failure.code(), Code::ChainRolledBack);
            assert!(failure.message().contains(&accepted.to_string()), "{}", failure.message());
            assert_eq!(fs::read(&memory).unwrap(), seen, "nothing is forgotten");
        }
        // Grown again, it is another chain at the height that was seen.
        older.propose(&key(2), &Act::AddOfficer(key(4).address())).await.unwrap();
        older.propose(&key(1), &Act::AddOfficer(key(5).address())).await.unwrap();
        assert_eq!(check(&memory, &older, None).await.err().unwrap().code(), Code::ChainRolledBack);
        let head = older.head().await.unwrap().hash;
        check(&memory, &older, Some(head)).await.unwrap();
        check(&memory, &older, None).await.unwrap();
        assert_eq!(check(&memory, &chain, None).await.err().unwrap().code(), Code::ChainRolledBack);

        let other = EmbeddedChain::create(&at("other"), &Genesis { chain_id: 8, ..genesis }).await.unwrap();
        check(&memory, &other, None).await.unwrap();
        fs::write(&memory, "{").unwrap();
        assert_eq!(check(&memory, &older, None).await.err().unwrap().code(), Code::BadDocument);
    }
}
