//! Releases: every field is signed, by the key that is named, for a time.

use super::key;
use alloy_primitives::{Address, FixedBytes};
use sealroot_protocol::{
    canonical::{self, Suite},
    code::{Code, Coded},
    consent::RequestDigest,
    date::FactsPeriod,
    field::F,
    possession::Role,
    record::Subject,
    release::{MAX_BUSINESS_KEY, MAX_LIFETIME, RecipientKey, Release, ReleaseError, ReleaseSignature, SignedRelease},
    request::Nonce,
    schema::SchemaId,
    scope::{Deployment, Scope},
};

const NOW: u64 = 1_800_000_000;

fn release() -> Release {
    Release {
        suite: Suite,
        deployment: Deployment { chain_id: 7, programs: Address::repeat_byte(0xcc) },
        agency: "tax-office".parse().unwrap(),
        subject: Subject(F::from(1u8)),
        schema: SchemaId(F::from(2u8)),
        period: "2026-01".parse().unwrap(),
        business_key: None,
        recipient: RecipientKey([3; 32]),
        request: RequestDigest(F::from(4u8)),
        scope: Scope(F::from(5u8)),
        not_before: NOW - 10,
        expiry: NOW + 10,
        nonce: Nonce(FixedBytes([6; 16])),
        signer: key(1).public_key(),
        role: Role::Holder,
    }
}

fn rejected(signed: &SignedRelease, now: u64) -> Code {
    signed.check(now).unwrap_err().code()
}

#[test]
fn every_field_of_a_release_is_signed() {
    let signed = key(1).sign_release(release(), [7; 32]).unwrap();
    signed.check(NOW).unwrap();
    let changes: [fn(&mut Release); 15] = [
        |r| r.deployment.chain_id += 1,
        |r| r.deployment.programs = Address::ZERO,
        |r| r.agency = "registry".parse().unwrap(),
        |r| r.subject.0 += F::from(1u8),
        |r| r.schema.0 += F::from(1u8),
        |r| r.period = FactsPeriod::Timeless,
        |r| r.business_key = Some("INV-1".into()),
        |r| r.recipient.0[31] ^= 1,
        |r| r.request.0 += F::from(1u8),
        |r| r.scope.0 += F::from(1u8),
        |r| r.not_before -= 1,
        |r| r.expiry += 1,
        |r| r.nonce.0.0[0] ^= 1,
        |r| r.signer = key(2).public_key(),
        |r| r.role = Role::Representative,
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut moved = signed.clone();
        change(&mut moved.release);
        assert_eq!(rejected(&moved, NOW), Code::ReleaseSignature, "change {i}");
        assert_ne!(moved.release.digest().unwrap(), signed.release.digest().unwrap(), "change {i}");
    }
    let fields = serde_json::to_value(&signed.release).unwrap().as_object().unwrap().len();
    assert_eq!(fields, 14, "a new field needs a change above; deployment has two, the business key is left out");
}

#[test]
fn a_release_is_signed_by_the_key_it_names() {
    assert!(matches!(key(2).sign_release(release(), [7; 32]), Err(ReleaseError::Signature)));
    let signed = key(1).sign_release(release(), [7; 32]).unwrap();
    let again = key(1).sign_release(release(), [8; 32]).unwrap();
    assert_ne!(signed.signature, again.signature);
    assert_eq!(signed.release.digest().unwrap(), again.release.digest().unwrap(), "one release, however signed");
    let mut bent = signed.clone();
    bent.signature.challenge.0 ^= 1;
    assert_eq!(rejected(&bent, NOW), Code::ReleaseSignature);
    // The response of another signature over the same release.
    let other = ReleaseSignature { response: again.signature.response, ..signed.signature.clone() };
    assert_eq!(rejected(&SignedRelease { signature: other, ..signed }, NOW), Code::ReleaseSignature);
}

#[test]
fn releases_live_from_not_before_to_expiry() {
    let signed = key(1).sign_release(release(), [7; 32]).unwrap();
    for (now, expected) in [(NOW - 11, Code::ReleaseNotYetValid), (NOW + 11, Code::ReleaseExpired)] {
        assert_eq!(rejected(&signed, now), expected);
    }
    for now in [NOW - 10, NOW + 10] {
        signed.check(now).unwrap();
    }
    // Dated ahead: as long as it ends too late, and then until it begins.
    let ahead = Release { not_before: NOW + 10, expiry: NOW + 10 + MAX_LIFETIME, ..release() };
    let ahead = key(1).sign_release(ahead, [7; 32]).unwrap();
    assert_eq!((rejected(&ahead, NOW), rejected(&ahead, NOW + 9)), (Code::ReleaseLifetime, Code::ReleaseLifetime));
    let soon = key(1).sign_release(Release { not_before: NOW + 1, ..release() }, [7; 32]).unwrap();
    assert_eq!(rejected(&soon, NOW), Code::ReleaseNotYetValid);
    assert!(ahead.check(NOW + 10).is_ok() && ahead.check_signature().is_ok() && soon.check_signature().is_ok());
    assert_eq!(MAX_LIFETIME, 2_592_000, "thirty days");
    let long = Release { expiry: NOW - 10 + MAX_LIFETIME, ..release() };
    assert!(key(1).sign_release(long.clone(), [7; 32]).is_ok());
    for bad in [
        Release { expiry: long.expiry + 1, ..long.clone() },
        Release { expiry: NOW - 11, ..release() },
        Release { expiry: u64::MAX, not_before: 0, ..release() },
    ] {
        assert!(matches!(key(1).sign_release(bad, [7; 32]), Err(ReleaseError::Lifetime)));
    }
    let of_one_second = Release { expiry: NOW - 10, ..release() };
    assert!(key(1).sign_release(of_one_second, [7; 32]).is_ok());
    let with_key =
        |text: &str| key(1).sign_release(Release { business_key: Some(text.into()), ..release() }, [7; 32]).map(|_| ());
    for bad in ["", " INV-1", "INV-1\n", &"x".repeat(MAX_BUSINESS_KEY + 1)] {
        assert!(matches!(with_key(bad), Err(ReleaseError::BusinessKey)), "{bad}");
    }
    for good in ["I", "INV 1", &"x".repeat(MAX_BUSINESS_KEY)] {
        assert!(with_key(good).is_ok(), "{good}");
    }
}

#[test]
fn the_document_has_one_form() {
    let signed = key(1).sign_release(release(), [7; 32]).unwrap();
    let bytes = canonical::to_bytes(&signed).unwrap();
    assert_eq!(canonical::from_bytes::<SignedRelease>(&bytes).unwrap(), signed);
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("{\"release\"", "{\"note\":1,\"release\""),
        ("groth16/1", "groth16/2"),
        ("\"expiry\":\"18", "\"expiry\":\"018"),
        ("\"recipient\":\"0x", "\"recipient\":\"0X"),
        ("\"period\":\"2026-01\"", "\"period\":null"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(canonical::from_bytes::<SignedRelease>(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
}
