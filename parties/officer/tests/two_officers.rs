//! Two officers on an embedded chain: what one of them can and can't do alone.

#![allow(clippy::unwrap_used)]

use sealroot_chain::{Act, BlockClock, Chain, EmbeddedChain, Genesis};
use sealroot_officer::{ActError, agency_registration, confirm, propose, requester_registration};
use sealroot_protocol::{
    code::{Code, Coded},
    signature::SecretSigningKey,
};

const DELAY: u64 = 3_600;
const START: u64 = 1_767_225_600;

fn key(byte: u8) -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[byte; 32]).unwrap()
}

async fn chain(directory: &tempfile::TempDir) -> EmbeddedChain {
    let officers = vec![key(1).address(), key(2).address()];
    let genesis = Genesis { chain_id: 7, time: START, officers, delay: DELAY, clock: BlockClock::Standing(START) };
    EmbeddedChain::create(&directory.path().join("chain"), &genesis).await.unwrap()
}

#[tokio::test]
async fn an_enactment_waits_for_another_officer_and_the_delay() {
    let directory = tempfile::tempdir().unwrap();
    let chain = chain(&directory).await;
    let act = agency_registration("tax-office".parse().unwrap(), key(3).address(), 3).unwrap();
    let proposed = propose(&act, &chain, &key(1)).await.unwrap();
    let from = proposed.confirm_from.unwrap();
    assert_eq!(from, chain.head().await.unwrap().time + DELAY);
    assert_eq!(confirm(&act, &chain, &key(2)).await.unwrap_err().code(), Code::DelayNotOver);
    chain.set_clock(BlockClock::Standing(from)).await.unwrap();
    assert_eq!(confirm(&act, &chain, &key(1)).await.unwrap_err().code(), Code::NeedsTwoPeople);
    confirm(&act, &chain, &key(2)).await.unwrap();
    let at = chain.head().await.unwrap().time;
    chain.set_clock(BlockClock::Standing(at + 60)).await.unwrap();
    let again = confirm(&act, &chain, &key(2)).await.unwrap_err();
    assert!(matches!(again, ActError::Done { at: found } if found == at), "{again}");
    assert!(again.to_string().contains("2026-01-01"), "{again}");
    // Another grace is another act, and the same agency: that one was never proposed.
    let other = agency_registration("tax-office".parse().unwrap(), key(3).address(), 4).unwrap();
    assert_eq!(confirm(&other, &chain, &key(2)).await.unwrap_err().code(), Code::NotProposed);
}

/// One person with two key files, or one key file twice, is one officer: nothing is made.
#[tokio::test]
async fn a_chain_has_two_officers_or_none() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("chain");
    for officers in [vec![key(1).address(), key(2).address(), key(1).address()], vec![key(1).address()], Vec::new()] {
        let genesis = Genesis { chain_id: 7, time: START, officers, delay: DELAY, clock: BlockClock::Standing(START) };
        let rejected = EmbeddedChain::create(&place, &genesis).await.err().unwrap();
        assert_eq!((rejected.code(), rejected.code().class().exit_code()), (Code::SameOfficer, 2), "{rejected}");
        assert!(!place.exists());
    }
}

/// A second proposal of an act without delay would carry it out: that needs a word more than a forgotten flag.
#[tokio::test]
async fn nobody_confirms_by_proposing_again() {
    let directory = tempfile::tempdir().unwrap();
    let chain = chain(&directory).await;
    let register = requester_registration("welfare-office".parse().unwrap(), key(4).address());
    let from = propose(&register, &chain, &key(1)).await.unwrap().confirm_from.unwrap();
    chain.set_clock(BlockClock::Standing(from)).await.unwrap();
    confirm(&register, &chain, &key(2)).await.unwrap();

    let revoke = Act::RevokeRequesterKey(key(4).address());
    let proposed = propose(&revoke, &chain, &key(1)).await.unwrap();
    assert_eq!(proposed.confirm_from, Some(chain.head().await.unwrap().time));
    let again = propose(&revoke, &chain, &key(2)).await.unwrap_err();
    assert!(matches!(&again, ActError::ProposedAlready { proposer } if *proposer == key(1).address()));
    assert_eq!((again.code(), again.code().class().exit_code()), (Code::AlreadyProposed, 1));
    confirm(&revoke, &chain, &key(2)).await.unwrap();
    assert_eq!(confirm(&revoke, &chain, &key(1)).await.unwrap_err().code(), Code::AlreadyEnacted);
}

#[test]
fn a_grace_that_no_contract_can_count_is_rejected() {
    let error = agency_registration("tax-office".parse().unwrap(), key(3).address(), u32::MAX).unwrap_err();
    assert_eq!((error.code(), error.code().class().exit_code()), (Code::GraceTooLong, 1));
}
