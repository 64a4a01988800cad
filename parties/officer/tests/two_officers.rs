//! Two officers on an embedded chain: what one of them can and can't do alone.

#![allow(clippy::unwrap_used)]

use sealroot_chain::{Act, BlockClock, Chain, EmbeddedChain, Genesis};
use sealroot_officer::{ActError, agency_registration, confirm, propose, requester_registration};
use sealroot_protocol::{
    code::{Code, Coded},
    field::Digest,
    policy::{InForce, PolicyDigest},
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

/// An officer who confirms another text, or another address, than what was proposed is told what waits; what was carried out or is another's waits no more.
#[tokio::test]
async fn what_waits_is_named_where_something_else_is_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let chain = chain(&directory).await;
    let agency = |byte: u8, name: &str| agency_registration(name.parse().unwrap(), key(byte).address(), 3).unwrap();
    let policy = |byte: u8| {
        Act::EnactPolicy(sealroot_chain::PolicyEnactment {
            digest: PolicyDigest(Digest([byte; 32])),
            id: "income".parse().unwrap(),
            key_hash: Digest([9; 32]),
            agencies: vec!["tax-office".parse().unwrap()],
            currencies: [None; 2],
            in_force: InForce { from: "2027-01-01".parse().unwrap(), until: None },
        })
    };
    let later = async || {
        let time = chain.head().await.unwrap().time + DELAY;
        chain.set_clock(BlockClock::Standing(time)).await.unwrap();
    };
    propose(&agency(3, "tax-office"), &chain, &key(1)).await.unwrap();
    propose(&agency(5, "civil-registry"), &chain, &key(1)).await.unwrap();
    later().await;
    let mistaken = confirm(&agency(4, "tax-office"), &chain, &key(2)).await.unwrap_err();
    let said = mistaken.to_string();
    assert_eq!(mistaken.code(), Code::NotProposed);
    assert!(said.contains(&key(1).address().to_string()) && said.matches("proposed by").count() == 1, "{said}");
    confirm(&agency(3, "tax-office"), &chain, &key(2)).await.unwrap();

    propose(&policy(1), &chain, &key(1)).await.unwrap();
    later().await;
    let said = confirm(&policy(2), &chain, &key(2)).await.unwrap_err().to_string();
    assert!(said.contains(&format!("version {}", Digest([1; 32]))), "{said}");
    confirm(&policy(1), &chain, &key(2)).await.unwrap();
    // Nothing waits any more.
    let rest = confirm(&policy(2), &chain, &key(2)).await.unwrap_err();
    assert!(rest.code() == Code::NotProposed && !rest.to_string().contains("proposed by"), "{rest}");
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
