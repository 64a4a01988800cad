//! Consents: they hold for one key, scope and request, and give one nullifier.

use super::key;
use sealroot_protocol::{
    consent::{Challenge, Consent, ConsentError, Nullifier, RequestDigest},
    curve::{Point, Scalar},
    field::F,
    record::Subject,
    scope::Scope,
};

/// The order ℓ of the subgroup.
const ORDER: &str = "060c89ce5c263405370a08b6d0302b0bab3eedb83920ee0a677297dc392126f1";

fn scope() -> Scope {
    Scope(F::from(11u8))
}

fn request() -> RequestDigest {
    RequestDigest(F::from(22u8))
}

/// The eight points of order dividing 8, as multiples of ℓ times a point outside the subgroup.
fn torsion_points() -> Vec<Point> {
    let coordinates = [
        "995203441582195749578291179787384436505546430278305826713579947235728471134",
        "5472060717959818805561601436314318772137091100104008585924551046643952123905",
    ];
    let [x, y] = coordinates.map(|text| text.parse().unwrap());
    let outside = Point::new(x, y).unwrap();
    let mut below: [u8; 32] = hex::decode(ORDER).unwrap().try_into().unwrap();
    below[31] -= 1;
    let order_minus_1 = Scalar::from_bytes(&below).unwrap();
    let generator = outside * &order_minus_1 + outside;
    let points: Vec<_> = std::iter::successors(Some(Point::IDENTITY), |p| Some(*p + generator)).take(8).collect();
    assert!(points.iter().enumerate().all(|(i, p)| points[..i].iter().all(|q| q != p)), "the generator has order 8");
    points
}

#[test]
fn consent_holds_for_its_key_scope_and_request_only() {
    let consent = key(1).sign_consent(scope(), request(), [7; 32]);
    let public = key(1).public_key();
    assert_eq!(consent.verify(&public, scope(), request()), Ok(()));
    assert_eq!(consent.verify(&key(2).public_key(), scope(), request()), Err(ConsentError));
    assert_eq!(consent.verify(&public, Scope(F::from(12u8)), request()), Err(ConsentError));
    assert_eq!(consent.verify(&public, scope(), RequestDigest(F::from(23u8))), Err(ConsentError));
    let flipped = Consent { challenge: Challenge(consent.challenge.0 ^ 1), ..consent.clone() };
    assert_eq!(flipped.verify(&public, scope(), request()), Err(ConsentError));
}

/// Same key and scope: same N and nullifier for every request and randomness; another scope or subject: another.
#[test]
fn one_nullifier_per_scope() {
    let first = key(1).sign_consent(scope(), request(), [7; 32]);
    let second = key(1).sign_consent(scope(), RequestDigest(F::from(23u8)), [8; 32]);
    assert_eq!(first.nullifier_point, second.nullifier_point);
    let other_scope = key(1).sign_consent(Scope(F::from(12u8)), request(), [7; 32]);
    assert_ne!(first.nullifier_point, other_scope.nullifier_point);
    let n = first.nullifier_point.point();
    assert_ne!(Nullifier::of_holder(&n, Subject(F::from(1u8))), Nullifier::of_holder(&n, Subject(F::from(2u8))));
}

/// A small-order point added to N changes neither the cleared point nor the nullifier, and a consent on the wire can't carry it.
#[test]
fn torsion_gives_no_second_nullifier() {
    let consent = key(1).sign_consent(scope(), request(), [7; 32]);
    let n = consent.nullifier_point.point();
    let subject = Subject(F::from(5u8));
    for torsion in torsion_points().into_iter().skip(1) {
        assert_eq!(Nullifier::of_holder(&(n + torsion), subject), Nullifier::of_holder(&n, subject));
        let mut json = serde_json::to_value(&consent).unwrap();
        json["nullifier_point"] = serde_json::to_value(n + torsion).unwrap();
        assert!(serde_json::from_value::<Consent>(json).is_err());
    }
}

#[test]
fn wire_form_is_canonical() {
    let consent = key(1).sign_consent(scope(), request(), [7; 32]);
    let json = serde_json::to_value(&consent).unwrap();
    assert_eq!(serde_json::from_value::<Consent>(json.clone()).unwrap(), consent);
    let order_hex = format!("0x{ORDER}");
    for (field, bad) in
        [("response", order_hex.as_str()), ("challenge", "0x1"), ("challenge", "0X00000000000000000000000000000001")]
    {
        let mut changed = json.clone();
        changed[field] = bad.into();
        assert!(serde_json::from_value::<Consent>(changed).is_err(), "{field} {bad}");
    }
    let mut extra = json;
    extra["note"] = "x".into();
    assert!(serde_json::from_value::<Consent>(extra).is_err());
}
