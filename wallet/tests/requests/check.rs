//! Every rejection, and that the verifier, written apart, rejects the same for the same reason.

use alloy_primitives::Address;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    code::Coded,
    consent::RequestDigest,
    field::{Digest, F},
    machine::{ValidWords, Words},
    policy::PolicyDigest,
    program::Program,
    request::{MAX_LIFETIME, Request},
    signature::SecretSigningKey,
};
use sealroot_testing::{
    asked::{Case, count_by_record, period, program},
    bundle::universal_key,
    town::time,
};
use sealroot_verifier::{policy_key::PolicyKey, universal_key::UniversalKeys, verify_request};

/// What an adversary, or a mistake, changes; and the code of the rejection that must follow.
type Corruptor = (&'static str, fn(&mut Case), &'static str);

const CORRUPTORS: &[Corruptor] = &[
    // The requester.
    (
        "signed by a stranger",
        |c| {
            c.key = SecretSigningKey::from_bytes(&[7; 32]).unwrap();
            c.snapshot.signer = None;
        },
        "requester-key-unknown",
    ),
    (
        "signed by another office's key",
        |c| {
            c.snapshot.signer.as_mut().unwrap().owner = "other-office".parse().unwrap();
        },
        "requester-key-unknown",
    ),
    ("key added later", |c| c.snapshot.signer.as_mut().unwrap().added_at = c.now + 1, "requester-key-not-valid"),
    (
        "key retired before the request",
        |c| {
            c.snapshot.signer.as_mut().unwrap().retired_at = Some(c.request.not_before - 1);
        },
        "requester-key-not-valid",
    ),
    (
        "key revoked after the request",
        |c| {
            c.snapshot.signer.as_mut().unwrap().revoked_at = Some(c.now);
        },
        "requester-key-not-valid",
    ),
    ("requester unknown to the program", |c| c.snapshot.requester = None, "requester-not-authorised"),
    (
        "requester dismissed",
        |c| {
            c.snapshot.requester.as_mut().unwrap().until = Some(c.now);
        },
        "requester-not-authorised",
    ),
    (
        "requester not yet admitted",
        |c| {
            c.snapshot.requester.as_mut().unwrap().since = c.now + 1;
        },
        "requester-not-authorised",
    ),
    // Times.
    ("not yet valid", |c| c.request.not_before = c.now + 1, "request-not-yet-valid"),
    ("expired", |c| c.request.expiry = c.now - 1, "request-expired"),
    (
        "expired by the chain's clock",
        |c| {
            c.snapshot.block.time = c.request.expiry + 1;
        },
        "request-expired",
    ),
    (
        "before the claim window",
        |c| {
            c.program.claim.opens_after_days = 10;
            c.enact();
        },
        "claim-too-early",
    ),
    (
        "after the claim window",
        |c| {
            c.program.claim.closes_after_days = 8;
            c.enact();
        },
        "claim-too-late",
    ),
    (
        "a period that hasn't begun",
        |c| {
            c.request.period = c.program.period(1).unwrap();
            c.commit_applicant();
        },
        "claim-too-early",
    ),
    (
        "facts judged in the future",
        |c| {
            c.program.as_of = sealroot_protocol::program::AsOfRule::PeriodEnd;
            c.enact();
        },
        "as-of-in-future",
    ),
    (
        "a period off the grid",
        |c| {
            c.request.period = period("2026-11-01", "2026-11-30");
            c.commit_applicant();
        },
        "period-not-on-grid",
    ),
    (
        "a period that overlaps two of the grid",
        |c| {
            c.request.period = period("2026-12-01", "2027-02-28");
            c.commit_applicant();
        },
        "period-not-on-grid",
    ),
    // The program.
    ("program never enacted", |c| c.snapshot.program = None, "program-not-enacted"),
    ("program closed", |c| c.snapshot.program.as_mut().unwrap().closed_at = Some(c.now), "program-closed"),
    (
        "program edited",
        |c| c.program.manual_path.insert("en".into(), "Nowhere.".into()).map_or((), drop),
        "program-not-enacted",
    ),
    (
        "contract pays another output",
        |c| {
            c.snapshot.program.as_mut().unwrap().pays = Some((1, 1));
        },
        "program-entry-mismatch",
    ),
    (
        "contract has another window",
        |c| {
            c.snapshot.program.as_mut().unwrap().claim.closes_after_days += 1;
        },
        "program-entry-mismatch",
    ),
    ("another program's document", |c| c.program.id = "other".parse().unwrap(), "program-mismatch"),
    // The policies.
    (
        "an invented policy",
        |c| {
            c.request.policies[1] = PolicyDigest(Digest([1; 32]));
        },
        "policy-not-enacted",
    ),
    (
        "a policy enacted in the future",
        |c| {
            c.snapshot.policies.values_mut().for_each(|e| e.enacted_at = c.now + 1);
        },
        "policy-not-enacted",
    ),
    (
        "a withdrawn policy",
        |c| {
            c.snapshot.policies.values_mut().for_each(|e| e.withdrawn_at = Some(c.now));
        },
        "policy-withdrawn",
    ),
    (
        "policies in another order",
        |c| {
            c.request.policies.swap(0, 1);
            c.policies.swap(0, 1);
        },
        "policies-not-of-program",
    ),
    (
        "a policy left out",
        |c| {
            c.request.policies.pop();
            c.policies.pop();
        },
        "policies-not-of-program",
    ),
    (
        "a policy doubled",
        |c| {
            c.request.policies.push(c.request.policies[0]);
            c.policies.push(c.policies[0].clone());
        },
        "policies-not-of-program",
    ),
    ("a document left out", |c| drop(c.policies.pop()), "policies-mismatch"),
    ("documents swapped", |c| c.policies.swap(0, 1), "policies-not-of-program"),
    ("a manifest edited", |c| c.policies[1].policy.outputs[0] = "nothing much".into(), "policies-mismatch"),
    ("a text edited", |c| c.policies[1].text.push('!'), "policy-edited"),
    ("a schema exchanged", |c| c.policies[1].schemas = c.policies[0].schemas.clone(), "policy-schemas-mismatch"),
    (
        "a label left out",
        |c| {
            c.policies[1].policy.outputs.clear();
            c.enact();
            c.name_policies();
        },
        "policy-edited",
    ),
    (
        "not yet in force",
        |c| {
            c.policies[1].policy.in_force.from = "2026-11-02".parse().unwrap();
            c.enact();
            c.name_policies();
        },
        "policy-not-in-force",
    ),
    (
        "no longer in force",
        |c| {
            c.policies[1].policy.in_force.until = Some("2026-11-01".parse().unwrap());
            c.policies[1].policy.in_force.from = "2026-10-01".parse().unwrap();
            c.enact();
            c.name_policies();
            c.snapshot.policies.get_mut(&c.request.policies[1]).unwrap().in_force.until =
                Some("2026-10-31".parse().unwrap());
        },
        "policy-not-in-force",
    ),
    (
        "another agency on chain",
        |c| {
            c.snapshot.policies.values_mut().for_each(|e| e.agencies = vec!["invented".parse().unwrap()]);
        },
        "policy-entry-mismatch",
    ),
    (
        "another id on chain",
        |c| c.snapshot.policies.values_mut().for_each(|e| e.id = "invented".parse().unwrap()),
        "policy-entry-mismatch",
    ),
    (
        "words that nobody validated",
        |c| {
            let policy = &mut c.policies[1].policy;
            policy.words = Words::new(policy.shape, vec![F::from(2u8); policy.words.as_slice().len()]).unwrap();
            c.enact();
            c.name_policies();
        },
        "policy-words-invalid",
    ),
    (
        "a part that counts by record",
        |c| {
            count_by_record(&mut c.policies[1]);
            c.enact();
            c.name_policies();
        },
        "policy-does-not-compose",
    ),
    // The applicant.
    ("somebody else's request", |c| c.applying.as_mut().unwrap().identity = "ID-2".into(), "applicant-mismatch"),
    (
        "another case secret",
        |c| {
            c.applying.as_mut().unwrap().case_secret = CaseSecret::from_random([5; 16]);
        },
        "applicant-mismatch",
    ),
    ("an applicant of another period", |c| c.request.applicant = Applicant(F::from(1u8)), "applicant-mismatch"),
    ("no case secret", |c| c.applying = None, "case-secret-missing"),
    ("anonymous where named", |c| c.request.applicant = Applicant::ANONYMOUS, "applicant-required"),
    // The place.
    (
        "another chain",
        |c| {
            c.request.deployment.chain_id = 8;
            c.commit_applicant();
        },
        "deployment-not-pinned",
    ),
    (
        "another contract",
        |c| {
            c.request.deployment.programs = Address::ZERO;
            c.commit_applicant();
        },
        "deployment-not-pinned",
    ),
    ("nothing pinned", |c| c.pinned.clear(), "deployment-not-pinned"),
    ("a snapshot of another chain", |c| c.snapshot.deployment.chain_id = 8, "wrong-deployment"),
    // The text on the screen.
    ("a purpose that clears the screen", |c| c.request.purpose.push_str("\u{1b}[2J"), "request-purpose"),
    ("a purpose in two lines", |c| c.request.purpose.push_str("\nNothing is disclosed."), "request-purpose"),
    ("a purpose written backwards", |c| c.request.purpose.insert(0, '\u{202e}'), "request-purpose"),
];

#[test]
fn everything_that_must_be_refused_is() {
    for (name, corrupt, code) in CORRUPTORS {
        let mut case = Case::new();
        assert!(case.check().is_ok());
        corrupt(&mut case);
        match case.check() {
            Err(rejection) => assert_eq!(rejection.code().as_str(), *code, "{name}: {rejection}"),
            Ok(_) => panic!("{name}: accepted"),
        }
    }
}

/// Two versions of a policy are enacted and both periods can be claimed: the wallet consents to the one that was in force on the period's first day.
#[test]
fn of_two_live_versions_the_wallet_takes_the_periods() {
    let mut case = Case::new();
    let mut second = case.policies[1].clone();
    case.policies[1].policy.in_force.until = Some("2027-01-31".parse().unwrap());
    second.policy.version = 2;
    second.policy.in_force.from = "2027-02-01".parse().unwrap();
    let versions = [case.policies[1].clone(), second];
    case.policies.push(versions[1].clone());
    case.enact();
    case.policies.pop();
    case.now = time("2027-02-10");
    (case.request.not_before, case.request.expiry, case.snapshot.block.time) = (case.now - 60, case.now + 60, case.now);
    for (period, right) in [(0, 0), (1, 1)] {
        case.request.period = case.program.period(period).unwrap();
        case.commit_applicant();
        for (i, version) in versions.iter().enumerate() {
            case.policies[1] = version.clone();
            case.name_policies();
            match case.check() {
                Ok(_) => assert_eq!(i, right, "period {period}"),
                Err(rejection) => {
                    assert_ne!(i, right, "period {period}: {rejection}");
                    assert_eq!(rejection.code().as_str(), "policy-not-in-force");
                }
            }
        }
    }
}

/// What an office can't even sign is rejected when somebody else signs it for the office.
#[test]
fn a_signature_covers_every_field() {
    let case = Case::new();
    let signed = case.signed();
    let changes: [fn(&mut Request); 7] = [
        |r| r.purpose.push('!'),
        |r| r.expiry += 1,
        |r| r.not_before -= 1,
        |r| r.nonce.0.0[0] ^= 1,
        |r| r.recipient = Some(Address::repeat_byte(1)),
        |r| r.corrects = Some(RequestDigest(F::from(1u8))),
        |r| r.requester = "other-office".parse().unwrap(),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut moved = signed.clone();
        change(&mut moved.request);
        // The signature now recovers to a key that the chain doesn't know.
        let signer = moved.signer().unwrap();
        assert_ne!(signer, case.key.address(), "change {i}");
        let mut case = Case::new();
        case.snapshot.signer = None;
        assert_eq!(case.check_signed(moved).unwrap_err().code().as_str(), "requester-key-unknown", "change {i}");
    }
    type Change = (fn(&mut Request), &'static str);
    let forms: [Change; 4] = [
        (|r| r.expiry = r.not_before + MAX_LIFETIME + 1, "request-lifetime"),
        (|r| r.expiry = r.not_before - 1, "request-lifetime"),
        (|r| r.purpose.clear(), "request-malformed"),
        (|r| r.purpose = "x".repeat(501), "request-malformed"),
    ];
    for (change, code) in forms {
        let mut moved = signed.clone();
        change(&mut moved.request);
        assert_eq!(case.check_signed(moved).unwrap_err().code().as_str(), code);
    }
}

/// A program that is anonymous on paper and named in its policies, and the other way round.
#[test]
fn anonymity_must_agree_everywhere() {
    let anonymous = || Program { anonymous: true, ..program() };
    let case = Case::with(anonymous());
    assert!(case.check().is_ok());
    let mut named = Case::with(anonymous());
    named.request.applicant = Applicant(F::from(1u8));
    assert_eq!(named.check().unwrap_err().code().as_str(), "applicant-required");
    let mut mixed = Case::with(anonymous());
    mixed.policies = Case::new().policies;
    mixed.enact();
    mixed.name_policies();
    assert_eq!(mixed.check().unwrap_err().code().as_str(), "policy-applicant-rule");
    let mut mixed = Case::new();
    mixed.policies = Case::with(anonymous()).policies;
    mixed.enact();
    mixed.name_policies();
    assert_eq!(mixed.check().unwrap_err().code().as_str(), "policy-applicant-rule");
}

/// A retired key's request lives on; the window's and the request's last second count.
#[test]
fn edges_are_inside() {
    let mut case = Case::new();
    case.snapshot.signer.as_mut().unwrap().retired_at = Some(case.request.not_before);
    assert!(case.check().is_ok());
    case.now = case.request.expiry;
    assert!(case.check().is_ok());
    let mut case = Case::new();
    case.now = time("2026-11-01");
    case.snapshot.block.time = case.now;
    case.request.not_before = case.now;
    case.request.expiry = case.now;
    assert!(case.check().is_ok());
    let mut case = Case::new();
    case.now = time("2027-03-01") + 86_399;
    case.request.not_before = case.now - 10;
    case.request.expiry = case.now;
    assert!(case.check().is_ok());
}

/// Where the two may differ: what only a wallet can know, and what it looks at first.
const VERIFIER_SAYS: &[(&str, &str)] = &[
    ("an invented policy", "policies-mismatch"),
    ("somebody else's request", "accepted"),
    ("another case secret", "accepted"),
    ("an applicant of another period", "accepted"),
    ("no case secret", "accepted"),
    ("another chain", "wrong-deployment"),
    ("another contract", "wrong-deployment"),
    ("nothing pinned", "accepted"),
    ("a purpose that clears the screen", "accepted"),
    ("a purpose in two lines", "accepted"),
    ("a purpose written backwards", "accepted"),
];

/// Wallet and verifier are two implementations of the same checks.
#[test]
fn the_verifier_refuses_the_same_for_the_same_reason() {
    assert_eq!(verifier_says(proved_under_a_key()), "accepted");
    for (name, corrupt, reason) in CORRUPTORS {
        let mut case = proved_under_a_key();
        corrupt(&mut case);
        let expected = VERIFIER_SAYS.iter().find(|(of, _)| of == name).map_or(*reason, |(_, other)| *other);
        assert_eq!(verifier_says(case), expected, "{name}");
    }
}

fn verifier_says(case: Case) -> &'static str {
    verifier_says_under(case, &UniversalKeys::new().with(universal_key().clone()))
}

/// What the verifier says, where the chain holds the policy keys that these universal keys give.
pub(crate) fn verifier_says_under(mut case: Case, keys: &UniversalKeys) -> &'static str {
    for document in &case.policies {
        let policy = &document.policy;
        let Ok(words) = ValidWords::check(policy.shape, policy.words.clone()) else { continue };
        let Some(universal) = keys.get(policy.universal_key) else { continue };
        let key_hash = PolicyKey::derive(universal, &words).unwrap().hash();
        if let Some(entry) = case.snapshot.policies.get_mut(&policy.digest().unwrap()) {
            entry.key_hash = key_hash;
        }
    }
    // The verifier has one clock, the chain's; a wallet takes the later of its own and the chain's.
    let now = case.now.max(case.snapshot.block.time);
    match verify_request(&case.signed(), &case.program, &case.policies, &case.snapshot, keys, now) {
        Ok(()) => "accepted",
        Err(rejection) => rejection.code().as_str(),
    }
}

fn proved_under_a_key() -> Case {
    let mut case = Case::new();
    for document in &mut case.policies {
        document.policy.universal_key = universal_key().hash();
    }
    case.enact();
    case.name_policies();
    case
}
