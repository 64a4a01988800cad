//! Addition and doubling on the curve, points of small order among them.

use crate::trial::{Relation, Trial};
use sealroot_circuits::gadget::edwards::*;
use sealroot_circuits::system::System;
use sealroot_circuits::wires::Point;
use sealroot_protocol::field::F;
use sealroot_protocol::{curve, hash_to_curve::map_to_curve};

/// The eight points of small order, from EIP-2494's generator of the whole curve.
pub fn torsion() -> Vec<curve::Point> {
    let seeds = (1..200u64).map(|i| map_to_curve(F::from(i)));
    // ℓ·P for a point of full order, as (ℓ − 1)·P + P.
    let order_8 = seeds
        .map(|p| {
            let mut largest = curve_order_minus_one();
            let mut sum = curve::Point::IDENTITY;
            let mut power = p;
            while largest.iter().any(|limb| *limb != 0) {
                if largest[0] & 1 == 1 {
                    sum = sum + power;
                }
                power = power + power;
                for i in 0..4 {
                    let carry = largest.get(i + 1).copied().unwrap_or(0) << 63;
                    largest[i] = (largest[i] >> 1) | carry;
                }
            }
            sum + p
        })
        .find(|t| !(*t + *t + *t + *t).is_identity())
        .unwrap();
    let points: Vec<_> = (0..8u128).map(|i| order_8.times_u128(i)).collect();
    assert!(points.iter().all(|t| t.times_cofactor().is_identity()));
    points
}

/// ℓ − 1, little-endian limbs.
fn curve_order_minus_one() -> [u64; 4] {
    use ark_ff::{BigInteger, PrimeField};
    let mut order = <ark_ed_on_bn254::Fr as PrimeField>::MODULUS;
    order.sub_with_borrow(&1u64.into());
    order.0
}

pub fn wires(p: curve::Point) -> [F; 2] {
    [p.x(), p.y()]
}

struct Sum;
impl Relation for Sum {
    fn enforce<S: System>(&self, sys: &mut S, i: &[S::Num]) {
        let point = |n: usize| Point { x: i[n].clone(), y: i[n + 1].clone() };
        on_curve(sys, &point(0));
        on_curve(sys, &point(2));
        let sum = add(sys, &point(0), &point(2));
        equal(sys, &sum, &point(4));
        let twice = double(sys, &point(0));
        equal(sys, &twice, &point(6));
    }
}

/// Complete: identity, small order, equal and opposite points included; and nothing is left open.
#[test]
fn addition_and_doubling_agree_with_the_native_curve_everywhere() {
    let mut points = torsion();
    points.extend([curve::Point::base8(), -curve::Point::base8(), map_to_curve(F::from(7u8))]);
    points.push(points[1] + curve::Point::base8());
    for p in &points {
        for q in &points {
            let inputs = [wires(*p), wires(*q), wires(*p + *q), wires(*p + *p)].concat();
            let trial = Trial::new(&inputs, Sum);
            assert!(trial.is_satisfied(), "{p:?} + {q:?}");
            assert!(trial.free_advice().is_empty());
            for (i, delta) in [(4, 1u64), (5, 1), (6, 1), (7, 1), (0, 1), (3, 1)] {
                let mut wrong = inputs.clone();
                wrong[i] += F::from(delta);
                assert!(!Trial::new(&wrong, Sum).is_satisfied());
            }
        }
    }
}

struct OnCurve;
impl Relation for OnCurve {
    fn enforce<S: System>(&self, sys: &mut S, i: &[S::Num]) {
        on_curve(sys, &Point { x: i[0].clone(), y: i[1].clone() });
    }
}

#[test]
fn on_curve_rejects_the_point_of_a_record_without_wallet() {
    let on = |x: F, y: F| Trial::new(&[x, y], OnCurve).is_satisfied();
    let b = curve::Point::base8();
    assert!(on(b.x(), b.y()) && on(F::from(0u8), F::from(1u8)));
    assert!(!on(F::from(0u8), F::from(0u8)));
    assert!(!on(b.y(), b.x()) && !on(b.x(), b.y() + F::from(1u8)));
}
