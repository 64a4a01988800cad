//! What people compare: the code of an enrolment, the words of a trust card.

use crate::town::{challenge, enrolment_answer, own, wallet_for_claim};
use sealroot_exchange::{
    Words,
    enrolment::{EnrolmentCode, EnrolmentMessage},
    trust_card::{CardContract, CardSealer, CardUniversalKey, Signers, TrustCard, TrustCardError},
    version::Version,
};
use sealroot_handover::EnrolmentAnswer;
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    field::{Digest, F},
    machine::Shape,
    possession::PossessionChallenge,
    record::Subject,
    signature::Signer,
};
use sealroot_testing::town as places;

pub fn code(key: u8, challenge: &PossessionChallenge, answer: &EnrolmentAnswer) -> EnrolmentCode {
    EnrolmentCode::of(&own(key).secret.public(), challenge, answer).unwrap()
}

/// Somebody in the middle changes one of the keys or the challenge, and registrar and person read different codes.
#[test]
fn a_code_covers_both_sides() {
    let (asked, answer) = (challenge(), enrolment_answer());
    let mine = code(1, &asked, &answer);
    assert_eq!(mine, code(1, &asked, &answer), "both sides compute one code");
    let stranger = places::holder(9);
    let mut other_holder = answer.clone();
    other_holder.possession.key = stranger.public_key();
    let other_reader = EnrolmentAnswer { reading_key: own(9).secret.public(), ..answer.clone() };
    let others = [
        code(2, &asked, &answer),
        code(1, &asked, &other_holder),
        code(1, &asked, &other_reader),
        code(1, &PossessionChallenge { nonce: F::from(7u8), ..asked.clone() }, &answer),
        code(1, &PossessionChallenge { subject: Subject(F::from(6u8)), ..asked.clone() }, &answer),
        code(1, &PossessionChallenge { agency: places::civil_registry(), ..asked.clone() }, &answer),
    ];
    for (i, other) in others.iter().enumerate() {
        assert_ne!(mine, *other, "{i}");
    }
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let mine = code(1, &challenge(), &enrolment_answer());
    let text = mine.to_string();
    assert!(text.len() == 9 && text.as_bytes()[4] == b'-');
    assert!(text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || b.is_ascii_uppercase()));
    assert!(!text.contains(['I', 'L', 'O', 'U']));
    for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), text.replace('-', " ")] {
        assert!(mine.is(&typed), "{typed}");
    }
    let alike = text.replace('0', "o").replace('1', "l");
    assert!(mine.is(&alike));
    for typed in [&text[1..], &format!("{text}0"), "", "0000-0000"] {
        assert!(!mine.is(typed), "{typed}");
    }
}

#[test]
fn an_answer_is_to_its_challenge() {
    let message = EnrolmentMessage {
        suite: Suite,
        version: Version,
        nonce: challenge().nonce,
        answer: enrolment_answer(),
        reply_to: wallet_for_claim().return_address(),
    };
    assert!(message.check(&challenge()).is_ok());
    let other = PossessionChallenge { nonce: F::from(7u8), ..challenge() };
    assert!(message.check(&other).is_err());
    assert!(EnrolmentMessage { nonce: other.nonce, ..message.clone() }.check(&other).is_err());
    let mut swapped = message;
    swapped.answer.reading_key = own(9).secret.public();
    assert_eq!(swapped.check(&challenge()).unwrap_err().code(), Code::BadEnrolment);
}

pub fn trust_card() -> TrustCard {
    let contract = |n: u8| CardContract { address: [n; 20].into(), code_hash: Digest([n; 32]) };
    let mut addresses = ["a", "b", "c"].map(|name| places::key(name).address()).to_vec();
    addresses.sort();
    TrustCard {
        suite: Suite,
        version: Version,
        chain_id: 7,
        contracts: [1, 2, 3, 4, 5, 6, 7].map(contract),
        revision: 2,
        universal_keys: vec![CardUniversalKey { shape: Shape::Solo, sha256: Digest([7; 32]) }],
        sealers: vec![CardSealer { address: [9; 20].into(), from: 0, until: None }],
        checkpoints: None,
        successors: Some(Signers { needed: 2, addresses }),
    }
}

/// Another card has other words, whatever differs.
#[test]
fn every_field_of_a_trust_card_changes_its_words() {
    let original = trust_card();
    assert_eq!(TrustCard::from_bytes(&original.to_bytes().unwrap()).unwrap(), original);
    let changes: [fn(&mut TrustCard); 9] = [
        |c| c.chain_id = 8,
        |c| c.contracts.swap(0, 1),
        |c| c.contracts[6].code_hash = Digest([8; 32]),
        |c| c.universal_keys[0].shape = Shape::Household,
        |c| c.universal_keys[0].sha256 = Digest([8; 32]),
        |c| c.sealers[0].address = [8; 20].into(),
        |c| c.sealers[0].until = Some(10),
        |c| c.successors.as_mut().unwrap().needed = 1,
        |c| c.checkpoints = c.successors.clone(),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut changed = trust_card();
        change(&mut changed);
        assert!(changed.check().is_ok(), "{i}");
        assert_ne!(changed.words().unwrap(), original.words().unwrap(), "{i}");
    }
    assert_eq!(original.words().unwrap(), Words::of(&original.digest().unwrap()));
}

#[test]
fn trust_cards_that_contradict_themselves_are_refused() {
    let changes: [fn(&mut TrustCard); 10] = [
        |c| c.chain_id = 0,
        |c| c.revision = 1,
        |c| c.contracts[0].address = c.contracts[1].address,
        |c| c.universal_keys.clear(),
        |c| c.universal_keys.push(c.universal_keys[0]),
        |c| c.sealers.clear(),
        |c| (c.sealers[0].from, c.sealers[0].until) = (2, Some(1)),
        |c| c.successors.as_mut().unwrap().needed = 0,
        |c| c.successors.as_mut().unwrap().needed = 4,
        |c| c.successors.as_mut().unwrap().addresses.reverse(),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut changed = trust_card();
        change(&mut changed);
        assert!(matches!(changed.to_bytes(), Err(TrustCardError::Rule(_))), "{i}");
    }
}

/// Two of three keys make a successor: not one twice, not a stranger's, not over another card.
#[test]
fn a_successor_is_signed_by_those_before() {
    let (before, mut next) = (trust_card(), trust_card());
    next.sealers[0].until = Some(10);
    let sign = |name: &str, card: &TrustCard| places::key(name).sign(&card.digest().unwrap().0.into()).unwrap();
    let check = |signatures: &[_]| before.check_successor(&next, signatures).map_err(|refused| refused.code());
    let [a, b, stranger] = ["a", "b", "x"].map(|name| sign(name, &next));
    let unsigned = Err(Code::SuccessorUnsigned);
    assert_eq!(check(&[a, b]), Ok(()));
    assert_eq!(check(&[b, stranger, a]), Ok(()));
    assert_eq!(check(&[a]), unsigned);
    assert_eq!(check(&[a, a]), unsigned);
    assert_eq!(check(&[a, stranger]), unsigned);
    assert_eq!(check(&[a, sign("b", &before)]), unsigned);
    let final_card = TrustCard { successors: None, ..trust_card() };
    assert!(final_card.check_successor(&next, &[a, b]).is_err());
}
