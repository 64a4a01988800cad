//! Proofs of possession: bound to key, agency, subject, nonce, role and reading key.

use super::key;
use sealroot_protocol::{
    curve::Point,
    field::F,
    possession::{NotPossessed, PossessionChallenge, ProofOfPossession, ReadingKey, Role},
    record::Subject,
};

/// `A = k·Base8` of a proof.
fn commitment(proof: &ProofOfPossession) -> Point {
    Point::base8() * &proof.response - proof.key.point().times_u128(proof.challenge.0)
}

/// One k in two proofs with different challenges would give the key: s − s′ = (c − c′)·sk.
#[test]
fn repeated_randomness_does_not_repeat_the_nonce_in_another_proof() {
    let key = key(1);
    let what = PossessionChallenge {
        agency: "tax-office".parse().unwrap(),
        subject: Subject(F::from(1u8)),
        nonce: F::from(2u8),
        role: Role::Holder,
    };
    let reading = ReadingKey([5; 32]);
    let first = commitment(&key.prove_possession(&what, Some(&reading), [3; 32]));
    for other in [
        PossessionChallenge { role: Role::Representative, ..what.clone() },
        PossessionChallenge { agency: "registry".parse().unwrap(), ..what.clone() },
        PossessionChallenge { subject: Subject(F::from(9u8)), ..what.clone() },
        PossessionChallenge { nonce: F::from(9u8), ..what.clone() },
    ] {
        assert_ne!(commitment(&key.prove_possession(&other, Some(&reading), [3; 32])), first, "{other:?}");
    }
    assert_ne!(commitment(&key.prove_possession(&what, None, [3; 32])), first, "another reading key");
    assert_eq!(commitment(&key.prove_possession(&what, Some(&reading), [3; 32])), first, "the same proof");
}

#[test]
fn bound_to_key_agency_subject_nonce_role_and_reading_key() {
    let key = key(1);
    let what = PossessionChallenge {
        agency: "tax-office".parse().unwrap(),
        subject: Subject(F::from(1u8)),
        nonce: F::from(2u8),
        role: Role::Holder,
    };
    let reading = ReadingKey([5; 32]);
    let proof = key.prove_possession(&what, Some(&reading), [3; 32]);
    assert_eq!(proof.verify(&what, Some(&reading)), Ok(()));
    assert_eq!(proof.verify(&what, Some(&ReadingKey([6; 32]))), Err(NotPossessed));
    assert_eq!(proof.verify(&what, None), Err(NotPossessed));
    for other in [
        PossessionChallenge { agency: "registry".parse().unwrap(), ..what.clone() },
        PossessionChallenge { subject: Subject(F::from(9u8)), ..what.clone() },
        PossessionChallenge { nonce: F::from(9u8), ..what.clone() },
        PossessionChallenge { role: Role::Representative, ..what.clone() },
    ] {
        assert_eq!(proof.verify(&other, Some(&reading)), Err(NotPossessed));
    }
    let stolen = ProofOfPossession { key: super::key(2).public_key(), ..proof };
    assert_eq!(stolen.verify(&what, Some(&reading)), Err(NotPossessed));
}
