//! Claims: every field is under the signature, and what only looks like one is rejected for its own reason.

use crate::town::{self, agency, claim, digest, now, own, rng, shows, signed_claim, wallet};
use sealroot_exchange::{
    Claim, SignedClaim,
    claim::{ClaimError, MAX_OFFICE},
};
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    code::{Code, Coded},
    field::{Digest, F},
    policy::PolicyDigest,
    record::Subject,
    scope::Deployment,
};
use sealroot_testing::{asked, town as places};

type Change = fn(&mut Claim);

fn check(signed: &SignedClaim) -> Result<(), ClaimError> {
    signed.check(&agency(), places::deployment(), now())
}

#[test]
fn a_claim_is_for_one_agency_and_time() {
    let signed = signed_claim(&mut rng(1));
    assert!(check(&signed).is_ok());
    let code = |result: Result<(), ClaimError>| result.unwrap_err().code();
    assert_eq!(code(signed.check(&places::civil_registry(), places::deployment(), now())), Code::ClaimOfAnother);
    let elsewhere = Deployment { chain_id: 8, ..places::deployment() };
    assert_eq!(code(signed.check(&agency(), elsewhere, now())), Code::ClaimOfAnother);
    let last = signed.claim.expiry;
    assert!(signed.check(&agency(), places::deployment(), last).is_ok());
    assert_eq!(code(signed.check(&agency(), places::deployment(), last + 1)), Code::ClaimExpired);
}

/// An agency that passes the claim to another, asks for another part, or has the answer sent to itself.
#[test]
fn every_field_of_a_claim_is_signed() {
    let original = signed_claim(&mut rng(2));
    let changes: [(&str, Change); 12] = [
        ("policy", |c| c.policy = c.request.request.policies[0]),
        ("business key", |c| c.business_key = Some("INV-1".into())),
        ("expiry", |c| c.expiry += 1),
        ("block number", |c| c.seen.number += 1),
        ("block hash", |c| c.seen.hash = Digest([13; 32])),
        ("mailbox", |c| c.reply_to.mailbox = own(9).mailbox),
        ("key", |c| c.reply_to.key = own(9).secret.public()),
        ("office", |c| c.office[100] ^= 1),
        ("office's length", |c| c.office.truncate(100)),
        ("request", |c| {
            let mut case = asked::Case::new();
            case.request.purpose.push('!');
            c.request = case.signed();
        }),
        ("consent", |c| {
            let scope = c.request.request.scope();
            c.consent.consent = wallet().secret_key().sign_consent(scope, c.request.request.digest(), [60; 32]);
        }),
        ("case secret", |c| c.consent.case_secret = Some(CaseSecret::from_random([1; 16]))),
    ];
    for (what, change) in changes {
        let mut changed = original.clone();
        change(&mut changed.claim);
        assert_ne!(changed, original, "{what}");
        let refused = check(&changed).unwrap_err();
        assert!(matches!(refused, ClaimError::Signature(_)), "{what}: {refused}");
    }
    // To another agency: the one that it names rejects the signature.
    let mut passed_on = original.clone();
    passed_on.claim.agency = places::civil_registry();
    let refused = passed_on.check(&places::civil_registry(), places::deployment(), now()).unwrap_err();
    assert!(matches!(refused, ClaimError::Signature(_)), "{refused}");
    // Another holder's key under the same consent.
    let stranger = places::holder(9);
    assert!(matches!(claim(&mut rng(2)).sign(&stranger, [1; 32]), Err(ClaimError::Signature(_))));
    let mut moved = original.clone();
    moved.claim.consent.holder = stranger.public_key();
    assert!(matches!(check(&moved).unwrap_err(), ClaimError::Signature(_)));
}

/// Signed, and still not a claim: the consent is another request's, or the claim contradicts itself.
#[test]
fn what_a_claim_holds_fits_together() {
    let signed = |change: &dyn Fn(&mut Claim)| {
        let mut claim = claim(&mut rng(3));
        change(&mut claim);
        claim.sign(&wallet().secret_key(), [9; 32]).map(|signed| check(&signed))
    };
    let unsigned = |change: &dyn Fn(&mut Claim)| signed(change).unwrap_err().code();
    assert_eq!(unsigned(&|c| c.policy = PolicyDigest(Digest([1; 32]))), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.subject = Some(Subject(F::from(5u8)))), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.consent.case_secret = None), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.business_key = Some(" INV-1".into())), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.business_key = Some(String::new())), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.business_key = Some("x".repeat(201))), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.expiry = c.request.request.expiry + 1), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.office.clear()), Code::BadClaim);
    assert_eq!(unsigned(&|c| c.office = vec![0; MAX_OFFICE + 1]), Code::BadClaim);
    assert!(signed(&|c| c.business_key = Some("INV-1".into())).unwrap().is_ok());
    let other = |c: &mut Claim| {
        let mut case = asked::Case::new();
        case.request.purpose.push('!');
        c.consent = town::consent(&case.signed(), &wallet().secret_key());
    };
    assert_eq!(signed(&other).unwrap().unwrap_err().code(), Code::ConsentMismatch);
    let unsigned_request = |c: &mut Claim| c.request.request.purpose = String::new();
    assert_eq!(signed(&unsigned_request).unwrap().unwrap_err().code(), Code::RequestMalformed);
}

/// In an anonymous program nothing but the claim says whose record of those under one key is meant.
#[test]
fn an_anonymous_claim_names_its_subject() {
    let mut case = asked::Case::new();
    case.request.applicant = Applicant::ANONYMOUS;
    let mut claim = claim(&mut rng(4));
    claim.request = case.signed();
    claim.consent = town::consent(&claim.request, &wallet().secret_key());
    claim.consent.case_secret = None;
    let key = wallet().secret_key();
    assert!(matches!(claim.clone().sign(&key, [9; 32]), Err(ClaimError::Rule(_))));
    claim.subject = Some(Subject(F::from(5u8)));
    let signed = claim.sign(&key, [9; 32]).unwrap();
    assert!(check(&signed).is_ok());
    let mut other = signed.clone();
    other.claim.subject = Some(Subject(F::from(6u8)));
    assert!(matches!(check(&other), Err(ClaimError::Signature(_))));
}

/// What the office gets of the wallet shows neither the holder's key nor the holder's mailbox at agencies.
#[test]
fn the_office_learns_fresh_addresses_only() {
    let text = String::from_utf8(sealroot_protocol::canonical::to_bytes(&town::office_return()).unwrap()).unwrap();
    assert!(!shows(&text, &wallet().public_key()) && shows(&text, &town::contest_key().public_key()));
    assert!(!text.contains(&town::wallet_for_claim().mailbox.to_string()));
    let contest = String::from_utf8(sealroot_protocol::canonical::to_bytes(&town::contest()).unwrap()).unwrap();
    assert!(!shows(&contest, &wallet().public_key()));
    assert!(contest.contains(&digest().to_string()));
    // A secret is not shown by accident.
    let shown = format!("{:?}", signed_claim(&mut rng(5)));
    assert!(!shown.contains(&asked::Case::new().applying.unwrap().case_secret.to_text()));
}
