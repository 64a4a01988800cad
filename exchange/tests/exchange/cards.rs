//! Service cards that aren't the organisation's, aren't the chain's, or contradict themselves.

use crate::town::{self, card, date, entry, inbox, now, organisation, own, set_at};
use alloy_primitives::Address;
use sealroot_exchange::{
    Organisation, Role, ServiceCard,
    card::{CardError, CardKey, MAX_CARD, accept},
};
use sealroot_handover::RecipientKey;
use sealroot_protocol::{
    canonical,
    code::{Code, Coded},
    scope::Deployment,
    snapshot::CardEntry,
};
use sealroot_testing::town as places;

fn take(card: &ServiceCard, entry: &CardEntry, now: u64) -> Result<sealroot_exchange::AcceptedCard, CardError> {
    accept(&canonical::to_bytes(card).unwrap(), entry, places::deployment(), &organisation(card.role), now)
}

#[test]
fn the_chains_card_is_taken() {
    for role in [Role::Agency, Role::Office] {
        let card = card(role);
        let taken = take(&card, &entry(&card), now()).unwrap();
        assert_eq!(*taken.card(), card);
        assert_eq!(taken.inbox(now()).unwrap().key, card.inbox.keys[0].key);
        assert_eq!(taken.prover(now()).is_ok(), role == Role::Agency);
    }
    assert_eq!(
        take(&card(Role::Agency), &entry(&card(Role::Agency)), now()).unwrap().prover(now()).unwrap(),
        town::prover().recipient()
    );
}

/// A change of any field is another card: the chain doesn't vouch for it.
#[test]
fn every_field_of_a_card_is_the_chains() {
    let original = card(Role::Agency);
    let entry = entry(&original);
    let mut changed: Vec<ServiceCard> = (0..10).map(|_| card(Role::Agency)).collect();
    changed[0].deployment.chain_id += 1;
    changed[1].deployment.programs = Address::ZERO;
    changed[2].name = "registry".parse().unwrap();
    changed[3].post = "https://post2.example".parse().unwrap();
    changed[4].inbox.mailbox = own(9).mailbox;
    changed[5].inbox.keys[0].key = own(9).secret.public();
    changed[6].inbox.keys[0].last_day = date("2026-12-09");
    changed[7].prover = None;
    changed[8].prover = Some(inbox(2, "2026-11-15"));
    changed[9].prover = Some(inbox(8, "2026-11-16"));
    for (i, other) in changed.iter().enumerate() {
        assert_ne!(other.digest().unwrap(), original.digest().unwrap(), "change {i}");
        let refused = take(other, &entry, now()).unwrap_err();
        assert!(matches!(refused, CardError::NotOnChain { .. }), "change {i}: {refused}");
    }
}

/// The chain has its digest, and it is still not what is meant.
#[test]
fn a_card_of_another_is_refused() {
    let original = card(Role::Agency);
    let (entry, meant) = (entry(&original), organisation(Role::Agency));
    let bytes = original.to_bytes().unwrap();
    let elsewhere = Deployment { chain_id: 8, ..places::deployment() };
    let refused = accept(&bytes, &entry, elsewhere, &meant, now()).unwrap_err();
    assert!(matches!(refused, CardError::OtherDeployment) && refused.code() == Code::CardOfAnother);
    // An agency's card under the office's name, and a name that is both.
    let office = Organisation { role: Role::Office, name: meant.name.clone() };
    let refused = accept(&bytes, &entry, places::deployment(), &office, now()).unwrap_err();
    assert!(matches!(refused, CardError::OtherOrganisation { .. }), "{refused}");
    let other = Organisation { name: "civil-registry".parse().unwrap(), ..meant.clone() };
    let refused = accept(&bytes, &entry, places::deployment(), &other, now()).unwrap_err();
    assert!(matches!(refused, CardError::SetBy(_)), "the entry's key is another organisation's: {refused}");
    let mut stolen = entry;
    stolen.key.owner = other.name.clone();
    let refused = accept(&bytes, &stolen, places::deployment(), &other, now()).unwrap_err();
    assert!(matches!(refused, CardError::OtherOrganisation { .. }), "{refused}");
}

#[test]
fn the_key_that_set_it_counts() {
    let card = card(Role::Office);
    let with = |change: fn(&mut CardEntry)| {
        let mut entry = entry(&card);
        change(&mut entry);
        take(&card, &entry, now()).map(|_| ()).map_err(|refused| refused.code())
    };
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|entry| entry.key.retired_at = Some(entry.set_at)), Ok(()), "retired after it set the card");
    assert_eq!(with(|entry| entry.key.retired_at = Some(entry.set_at - 1)), Err(Code::CardKeyRevoked));
    assert_eq!(with(|entry| entry.key.revoked_at = Some(now())), Err(Code::CardKeyRevoked));
    assert_eq!(with(|entry| entry.key.revoked_at = Some(1)), Err(Code::CardKeyRevoked));
    assert_eq!(with(|entry| entry.key.revoked_at = Some(now() + 1)), Ok(()));
    assert_eq!(with(|entry| entry.key.added_at = now() + 1), Err(Code::CardKeyRevoked));
    assert_eq!(with(|entry| entry.key.owner = "tax-office".parse().unwrap()), Err(Code::CardKeyRevoked));
}

/// Claims' keys last seven days from the day on which the card was set, others 31, and none is sealed to after its last second.
#[test]
fn keys_last_as_long_as_they_may() {
    let with = |inbox_day: &str, prover_day: &str| {
        let mut card = card(Role::Agency);
        card.inbox = inbox(1, inbox_day);
        card.prover = Some(inbox(2, prover_day));
        take(&card, &entry(&card), now()).map(|_| ()).map_err(|refused| refused.code())
    };
    assert_eq!(places::time("2026-11-09") / 86_400, set_at() / 86_400);
    assert_eq!(with("2026-12-10", "2026-11-16"), Ok(()));
    assert_eq!(with("2026-12-11", "2026-11-16"), Err(Code::BadCard));
    assert_eq!(with("2026-12-10", "2026-11-17"), Err(Code::BadCard));
    assert_eq!(with("2026-12-10", "9999-12-31"), Err(Code::BadCard));

    let mut card = card(Role::Agency);
    let day = |key: u8, text| CardKey { key: own(key).secret.public(), last_day: date(text) };
    card.prover.as_mut().unwrap().keys = vec![day(8, "2026-11-12"), day(9, "2026-11-14")];
    let taken = take(&card, &entry(&card), now()).unwrap();
    let last = places::time("2026-11-14") + 86_399;
    assert_eq!(taken.prover(last).unwrap().key, own(9).secret.public());
    assert_eq!(taken.prover(now()).unwrap().until, Some(last), "the key that lasts longest");
    assert_eq!(taken.prover(last + 1).unwrap_err().code(), Code::CardKeysEnded);
    assert!(taken.inbox(last + 1).is_ok());
}

#[test]
fn cards_that_contradict_themselves_are_refused() {
    let day = |key: u8, text| CardKey { key: own(key).secret.public(), last_day: date(text) };
    let mut bad: Vec<ServiceCard> = (0..8).map(|_| card(Role::Agency)).collect();
    bad[0].prover = Some(bad[0].inbox.clone());
    bad[1].prover.as_mut().unwrap().keys = bad[1].inbox.keys.clone();
    bad[2].inbox.keys.clear();
    bad[3].inbox.keys = vec![day(1, "2026-11-12"), day(1, "2026-11-13")];
    bad[4].inbox.keys = vec![day(1, "2026-11-13"), day(9, "2026-11-12")];
    bad[5].inbox.keys = (20..29).map(|key| day(key, "2026-11-12")).collect();
    bad[6].deployment.chain_id = 1 << 53;
    bad[7].inbox.keys = vec![day(1, "1969-12-31")];
    bad.push(ServiceCard { prover: card(Role::Agency).prover, ..card(Role::Office) });
    for (i, card) in bad.iter().enumerate() {
        let refused = take(card, &entry(card), now()).unwrap_err();
        assert!(matches!(refused, CardError::Rule(_)), "{i}: {refused}");
        assert!(card.to_bytes().is_err(), "{i}");
    }
    // RFC 7748, section 6.1: points of small order, whose shared secret everybody knows.
    for text in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let mut card = card(Role::Agency);
        let key: RecipientKey = format!("0x{text}").parse().unwrap();
        card.prover.as_mut().unwrap().keys[0].key = key;
        assert_eq!(take(&card, &entry(&card), now()).unwrap_err().code(), Code::RecipientKey, "{text}");
    }
}

#[test]
fn a_card_has_one_spelling() {
    let card = card(Role::Agency);
    let text = String::from_utf8(card.to_bytes().unwrap()).unwrap();
    assert_eq!(ServiceCard::from_bytes(text.as_bytes()).unwrap(), card);
    for (from, to) in [
        ("{\"deployment\"", "{ \"deployment\""),
        ("\"version\":1", "\"version\":1.0"),
        ("\"version\":1", "\"version\":2"),
        ("groth16/1", "groth16/2"),
        ("\"role\":\"agency\"", "\"role\":\"post\""),
        ("\"role\":\"agency\"", "\"role\":\"agency\",\"seal\":1"),
        ("\"post\":\"https://post.example\"", "\"post\":\"https://post.example/\""),
        ("2026-12-10", "2026-12-32"),
        ("0x", "0X"),
    ] {
        assert!(text.contains(from), "{from}");
        let refused = ServiceCard::from_bytes(text.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert!(matches!(refused, CardError::Document(_)), "{from} -> {to}: {refused}");
    }
    assert!(ServiceCard::from_bytes(format!("{text}\n").as_bytes()).is_err());
    assert!(matches!(ServiceCard::from_bytes(&vec![b' '; MAX_CARD + 1]), Err(CardError::TooLarge)));
}
