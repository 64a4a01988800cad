//! Several transactions in one block, as EVM networks have them: what one second can't tell apart.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::contracts::officers::Officers::{confirmCall, proposeCall};
use crate::{Act, Calls};
use alloy_sol_types::SolCall;
use sealroot_protocol::code::{Code, Coded};

fn key(n: u8) -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[n; 32]).unwrap()
}

enum Step {
    Propose,
    Confirm,
}
use Step::{Confirm, Propose};

/// All steps in one block.
async fn in_one_block(chain: &EmbeddedChain, steps: &[(Step, &SecretSigningKey, &Act)]) {
    let mut inner = chain.lock().await.unwrap();
    let mut signed: Vec<Signed> = Vec::new();
    for (step, by, act) in steps {
        let call_ = act.calldata().unwrap();
        let data = match step {
            Propose => proposeCall { call_ }.abi_encode(),
            Confirm => confirmCall { call_ }.abi_encode(),
        };
        let sent = signed.iter().filter(|signed| signed.from() == by.address()).count() as u64;
        let mut prepared = chain.next(&inner, by.address(), chain.contracts.officers, data.into());
        prepared.nonce += sent;
        signed.push(prepared.sign(*by).unwrap());
    }
    chain.append(&mut inner, signed).await.unwrap();
}

/// An officer proposes, is removed and comes back, all in one second: what that officer proposed is void.
#[tokio::test]
async fn a_return_in_the_same_second_revives_no_proposal() {
    let (one, two, three) = (key(1), key(2), key(3));
    let genesis = Genesis {
        chain_id: 7,
        time: 1_800_000_000,
        officers: [&one, &two, &three].map(SecretSigningKey::address).to_vec(),
        delay: 0,
        clock: BlockClock::Standing(1_800_000_000),
    };
    let directory = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::create(directory.path(), &genesis).await.unwrap();
    let act = Act::AddOfficer(key(9).address());
    let (leave, join) = (Act::RemoveOfficer(one.address()), Act::AddOfficer(one.address()));
    let steps = [
        (Propose, &one, &act),
        (Propose, &two, &leave),
        (Confirm, &three, &leave),
        (Propose, &two, &join),
        (Confirm, &three, &join),
    ];
    in_one_block(&chain, &steps).await;
    match chain.confirm(&two, &act).await {
        Err(ChainError::Rejected(rejection)) => assert_eq!(rejection.code(), Code::ProposerLeft),
        other => panic!("expected a rejection, got {other:?}"),
    }
    chain.propose(&one, &act).await.unwrap();
    chain.confirm(&two, &act).await.unwrap();
}
