//! Points of small order, added to every point of the statement: none gives a second nullifier.

use crate::{
    attack::{Forgery, commit, point, settle_after, sign, torsion},
    natively_violated, violated,
};
use sealroot_circuits::{Assignment, Obligation, gadget::range::low_bits, wires::Point};
use sealroot_protocol::{field::F, machine::NullifierMode};
use sealroot_testing::{
    random::Random,
    statement::{Case, approved},
};
use std::collections::BTreeSet;

/// What is done with a point of small order, and the obligation that must notice.
type Attack = (&'static str, Obligation, fn(&mut Assignment, &Case, &mut Random, sealroot_protocol::curve::Point));

fn add(p: &mut Point<F>, t: sealroot_protocol::curve::Point) {
    *p = (point(p) + t).into();
}

const ATTACKS: &[Attack] = &[
    ("PK, not committed", Obligation::Leaf, |a, _, _, t| {
        add(&mut a.record.key, t);
        a.derive_all(&[Obligation::HashToCurve]);
    }),
    ("the mapped point", Obligation::HashToCurve, |a, _, _, t| add(&mut a.hash_to_curve.mapped, t)),
    ("H, consented to", Obligation::HashToCurve, |a, case, random, t| {
        add(&mut a.hash_to_curve.base, t);
        sign(a, &case.key, random, &Forgery::default());
    }),
    ("N, under the same consent", Obligation::Consent, |a, _, _, t| {
        add(&mut a.consent.n, t);
        settle_after(a, Obligation::HashToCurve);
    }),
    ("A", Obligation::Consent, |a, _, _, t| add(&mut a.consent.a, t)),
    ("B", Obligation::Consent, |a, _, _, t| add(&mut a.consent.b, t)),
    ("8·N", Obligation::Nullifier, |a, _, _, t| add(&mut a.cleared, t)),
];

#[test]
fn small_order_points_are_refused_everywhere() {
    let mut random = Random::new(21);
    let case = approved(NullifierMode::Holder, true, &mut random);
    for (name, obligation, attack) in ATTACKS {
        for (i, t) in torsion().into_iter().enumerate() {
            let mut a = case.assignment();
            attack(&mut a, &case, &mut random, t);
            let found = violated(&a);
            assert_eq!(found, natively_violated(&a), "{name} + {i}·T");
            if i == 0 {
                // The identity adds nothing: the attack itself does no harm, unless it signs another key.
                assert!(found.is_empty() || !found.contains(obligation), "{name} + identity: {found:?}");
            } else {
                assert!(found.contains(obligation), "{name} + {i}·T: {found:?}");
            }
        }
    }
}

/// The attacker is the holder, adds T to N and tries nonces until the challenge is divisible by 8: then c·T vanishes and the
/// consent is true. Only 8·N makes the nullifier the same one.
#[test]
fn a_challenge_divisible_by_eight_gives_the_same_nullifier() {
    let mut random = Random::new(22);
    let case = approved(NullifierMode::Holder, true, &mut random);
    let honest = case.assignment();
    for t in torsion() {
        let mut a = honest.clone();
        let accept = |hash| low_bits(hash, 3).iter().all(|bit| *bit == F::from(0u8));
        sign(&mut a, &case.key, &mut random, &Forgery { offset: t, accept, ..Forgery::default() });
        assert_eq!(violated(&a), BTreeSet::new());
        assert_eq!(natively_violated(&a), BTreeSet::new());
        assert_eq!(a.public.nullifier, honest.public.nullifier);
    }
}

/// A key with a part of small order is another key: an agency that enrols only subgroup points never commits to one.
/// Committed all the same, it has one nullifier, its own.
#[test]
fn a_committed_key_outside_the_subgroup_has_one_nullifier() {
    let mut random = Random::new(23);
    let case = approved(NullifierMode::Holder, true, &mut random);
    for t in torsion().into_iter().skip(1) {
        let mut a = case.assignment();
        add(&mut a.record.key, t);
        commit(&mut a, &case);
        assert_eq!(violated(&a), BTreeSet::from([Obligation::Consent]));
        let accept = |hash| low_bits(hash, 3).iter().all(|bit| *bit == F::from(0u8));
        let nullifiers: BTreeSet<_> = (0..2)
            .map(|_| {
                sign(&mut a, &case.key, &mut random, &Forgery { accept, ..Forgery::default() });
                assert_eq!(violated(&a), BTreeSet::new());
                a.public.nullifier
            })
            .collect();
        assert_eq!(nullifiers.len(), 1);
    }
}

/// s and s + ℓ are the same response: the nullifier doesn't depend on which.
#[test]
fn a_response_above_the_order_changes_nothing() {
    use ark_ff::{BigInteger, PrimeField};
    let mut random = Random::new(24);
    let case = approved(NullifierMode::Holder, true, &mut random);
    let honest = case.assignment();
    let mut a = honest.clone();
    let bits: Vec<bool> = a.consent.response.iter().map(|bit| *bit == F::from(1u8)).collect();
    let mut response = ark_ff::BigInt::<4>::from_bits_le(&bits);
    response.add_with_carry(&<ark_ed_on_bn254::Fr as PrimeField>::MODULUS);
    crate::attack::set_response(&mut a, response);
    assert!(a != honest);
    assert_eq!(violated(&a), BTreeSet::new());
    assert!(a.public == honest.public);
}
