//! A wallet from its phrase, and what it answers to agencies.

#![allow(clippy::unwrap_used)]

use sealroot_holder::{
    enrol::{ChallengeInput, answer, offer},
    history::show,
    wallet::{create, restore},
};
use sealroot_protocol::{
    code::{Code, Coded},
    field::F,
    possession::{PossessionChallenge, ReadingKey, Role},
    record::Subject,
    scope::Deployment,
};
use sealroot_wallet::{History, Language, Wallet};

fn deployment() -> Deployment {
    Deployment { chain_id: 7, programs: [9; 20].into() }
}

fn input(agency: &str, role: Role, person: Option<&str>) -> ChallengeInput {
    let challenge = PossessionChallenge {
        agency: "tax-office".parse().unwrap(),
        subject: Subject(F::from(5u8)),
        nonce: F::from(6u8),
        role,
    };
    ChallengeInput { challenge, agency: agency.parse().unwrap(), person: person.map(Into::into), replace: false }
}

fn history(directory: &tempfile::TempDir, wallet: &Wallet) -> History {
    History::open(&directory.path().join("history"), wallet).unwrap()
}

#[test]
fn a_phrase_brings_the_key_back() {
    let made = create(deployment()).unwrap();
    let phrase = made.seed().phrase();
    let again = restore(phrase.as_str(), deployment()).unwrap();
    assert_eq!(made.public_key(), again.public_key());
    assert_eq!(again.deployments(), [deployment()]);
    let code = restore("zoo zoo zoo", deployment()).map(drop).unwrap_err().code();
    assert_eq!((code, code.class().exit_code()), (Code::BadPhrase, 2));
}

/// The challenge of another agency, or in another role, would enrol the key where or as what its holder doesn't mean.
#[test]
fn only_the_expected_challenge_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let wallet = create(deployment()).unwrap();
    let mut history = history(&directory, &wallet);
    assert!(offer(input("civil-registry", Role::Holder, None)).is_err());
    assert!(offer(input("tax-office", Role::Representative, None)).is_err());
    assert!(offer(input("tax-office", Role::Holder, Some("Lin"))).is_err());

    let expected = input("tax-office", Role::Holder, None);
    let challenge = expected.challenge.clone();
    let made = answer(&offer(expected).unwrap(), &wallet, &mut history, 1, &mut rand::rng()).unwrap();
    made.possession.verify(&challenge, Some(&ReadingKey(made.reading_key.0))).unwrap();
    assert_eq!(history.entries().len(), 1);
    // Nobody has asked for anything yet.
    assert!(show(&history, Language::En).dealings.is_empty());
}
