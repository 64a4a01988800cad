//! Other bases for the nullifier. Each would be a second nullifier, so the holder in person consents to each.

use super::{Base, Corruptor};
use crate::attack::{bits_plus_modulus, eight_times, point, sign, torsion};
use ark_ff::{Field, One, Zero};
use sealroot_circuits::{
    Assignment, Obligation,
    gadget::{canonical, range::low_bits},
    wires::Point,
};
use sealroot_protocol::{field::F, hash_to_curve::is_odd};
use sealroot_testing::{random::Random, statement::Case};

const A: u64 = sealroot_protocol::hash_to_curve::MONTGOMERY_A;

/// The points that follow from u and v; then the holder signs over that base.
fn consent_to(a: &mut Assignment, case: &Case, random: &mut Random) {
    let h = &mut a.hash_to_curve;
    h.mapped = Point { x: h.u / h.v, y: (h.u - F::one()) / (h.u + F::one()) };
    h.base = eight_times(&h.mapped);
    sign(a, &case.key, random, &Default::default());
}

/// Searches keys until the mapping has a property.
fn until(case: &Case, a: &mut Assignment, random: &mut Random, property: fn(&Assignment) -> bool) -> Case {
    let mut other = super::Base::Approved.case(random);
    for _ in 0..1000 {
        let candidate = other.assignment();
        if property(&candidate) {
            *a = candidate;
            return other;
        }
        other.key = random.key();
        other.record().holder = Some(other.key.public_key());
        other.replant(random);
        other.consent_again(random);
    }
    panic!("no key with that property after the one of request {}", case.request);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "the opposite sign",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let h = &mut a.hash_to_curve;
            h.v = -h.v;
            h.v_bits = low_bits(h.v, canonical::BITS);
            consent_to(a, case, random);
        },
    },
    Corruptor {
        name: "the opposite sign, its parity claimed by adding the modulus",
        base: Base::Approved,
        corrupt: |a, case, random| {
            // −v + p has 254 bits and the parity of v.
            let case = until(case, a, random, |a| bits_plus_modulus(-a.hash_to_curve.v).is_some());
            let h = &mut a.hash_to_curve;
            let parity = h.v_bits[0];
            h.v = -h.v;
            h.v_bits = bits_plus_modulus(h.v).unwrap();
            assert_eq!(h.v_bits[0], parity);
            consent_to(a, &case, random);
        },
    },
    Corruptor {
        name: "the opposite sign, with the bits of v",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.hash_to_curve.v = -a.hash_to_curve.v;
            consent_to(a, case, random);
        },
    },
    Corruptor {
        name: "the opposite sign, the choice of root turned round with it",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let h = &mut a.hash_to_curve;
            h.first = F::one() - h.first;
            h.v = -h.v;
            h.v_bits = low_bits(h.v, canonical::BITS);
            consent_to(a, case, random);
        },
    },
    Corruptor {
        name: "the other root where the first is a square",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let case = until(case, a, random, |a| a.hash_to_curve.first.is_one());
            other_root(a, &case, random);
        },
    },
    Corruptor {
        name: "the first root where it is no square",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let case = until(case, a, random, |a| a.hash_to_curve.first.is_zero());
            other_root(a, &case, random);
        },
    },
    Corruptor {
        name: "a mixture of both roots",
        base: Base::Approved,
        corrupt: |a, case, random| {
            // first = t, u = u2 + t·(u1 − u2), v² = g2 + t·(g1 − g2): some t gives a square.
            let case = until(case, a, random, |_| true);
            let h = &mut a.hash_to_curve;
            let u1 = first_root(h.input);
            let u2 = -u1 - F::from(A);
            let (t, v) = (2..100u64)
                .map(F::from)
                .find_map(|t| {
                    let v = (g(u2) + t * (g(u1) - g(u2))).sqrt()?;
                    Some((t, if F::from(u8::from(is_odd(v))) == t { v } else { -v }))
                })
                .unwrap();
            (h.first, h.u, h.v) = (t, u2 + t * (u1 - u2), v);
            h.v_bits = low_bits(v, canonical::BITS);
            h.mapped = Point { x: h.u / h.v, y: (h.u - F::one()) / (h.u + F::one()) };
            // Off the curve nobody can sign over it: the base stays, and no longer follows.
            let _ = case;
        },
    },
    Corruptor {
        name: "the base of another scope",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let scope = a.public.scope;
            a.public.scope = random.field();
            a.derive_all(&[Obligation::HashToCurve]);
            a.public.scope = scope;
            sign(a, &case.key, random, &Default::default());
        },
    },
    Corruptor {
        name: "r = 0, whose image is the identity",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let h = &mut a.hash_to_curve;
            // u_1 = −A, u_2 = 0: g(u_2) = 0 = v², and x·v = u holds for every x.
            (h.input, h.first, h.u, h.v) = (F::zero(), F::zero(), F::zero(), F::zero());
            h.v_bits = vec![F::zero(); canonical::BITS];
            h.mapped = Point { x: F::zero(), y: -F::one() };
            h.base = eight_times(&h.mapped);
            assert!(point(&h.base).is_identity());
            sign(a, &case.key, random, &Default::default());
        },
    },
    Corruptor {
        name: "the cofactor not cleared",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.hash_to_curve.base = a.hash_to_curve.mapped.clone();
            sign(a, &case.key, random, &Default::default());
        },
    },
    Corruptor {
        name: "the opposite base",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.hash_to_curve.base.x = -a.hash_to_curve.base.x;
            sign(a, &case.key, random, &Default::default());
        },
    },
    Corruptor {
        name: "a base of the holder's choice",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.hash_to_curve.base = sealroot_protocol::curve::Point::base8().into();
            sign(a, &case.key, random, &Default::default());
        },
    },
    Corruptor {
        name: "another point that has the same base",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let other = point(&a.hash_to_curve.mapped) + torsion()[3];
            a.hash_to_curve.mapped = other.into();
        },
    },
];

fn first_root(r: F) -> F {
    -F::from(A) / (F::one() + F::from(5u8) * r * r)
}

fn g(u: F) -> F {
    u * (u * u + F::from(A) * u + F::one())
}

/// The wrong u has no v: its right-hand side is no square. Claim the v of the right one, and keep the points.
fn other_root(a: &mut Assignment, _: &Case, _: &mut Random) {
    let h = &mut a.hash_to_curve;
    assert!(g(-h.u - F::from(A)).sqrt().is_none(), "exactly one of the two is a square");
    h.first = F::one() - h.first;
    h.u = -h.u - F::from(A);
    if F::from(u8::from(is_odd(h.v))) != h.first {
        h.v = -h.v;
    }
    h.v_bits = low_bits(h.v, canonical::BITS);
}
