//! The map to the curve has one image for each input, whatever sign a prover would like.

use crate::trial::{Relation, Trial};
use ark_ff::{Field, One, Zero};
use sealroot_circuits::gadget::canonical;
use sealroot_circuits::gadget::elligator::*;
use sealroot_circuits::gadget::range::low_bits;
use sealroot_circuits::system::System;
use sealroot_circuits::wires::Point;
use sealroot_protocol::field::F;
use sealroot_protocol::hash_to_curve::{MONTGOMERY_A, Z, is_odd, map_to_curve};

/// Inputs: r, first, u, v, x, y, then the bits of v.
struct Map;
impl Relation for Map {
    fn enforce<S: System>(&self, sys: &mut S, i: &[S::Num]) {
        let mapped = Point { x: i[4].clone(), y: i[5].clone() };
        let m = Mapping { input: &i[0], first: &i[1], u: &i[2], v: &i[3], v_bits: &i[6..], mapped: &mapped };
        map(sys, &m);
    }
}

fn inputs(r: F, first: bool, u: F, v: F, mapped: [F; 2]) -> Vec<F> {
    let mut inputs = vec![r, F::from(u8::from(first)), u, v, mapped[0], mapped[1]];
    inputs.extend(low_bits(v, canonical::BITS));
    inputs
}

/// The honest inputs, from the protocol's point alone: u = (1 + y)/(1 − y), v = u/x.
fn honest(r: F) -> Vec<F> {
    let p = map_to_curve(r);
    let one = F::one();
    let u = (one + p.y()) / (one - p.y());
    let first = u == -F::from(MONTGOMERY_A) / (one + F::from(Z) * r * r);
    inputs(r, first, u, u / p.x(), [p.x(), p.y()])
}

#[test]
fn accepts_the_native_image_only() {
    let mut kinds = [0; 2];
    for i in 1..40u64 {
        let r = F::from(i) * F::from(i * 7919).pow([5]);
        let good = honest(r);
        assert!(Trial::new(&good, Map).is_satisfied());
        let first = good[1].is_one();
        kinds[usize::from(first)] += 1;
        for at in 0..6 {
            let mut wrong = good.clone();
            wrong[at] += F::one();
            assert!(!Trial::new(&wrong, Map).is_satisfied());
        }
        // −r has the same image; it is the caller's hash that fixes r.
        let mut opposite = good.clone();
        opposite[0] = -r;
        assert!(Trial::new(&opposite, Map).is_satisfied());
        // The other sign, with either claim about the root.
        for claim in [first, !first] {
            let wrong = inputs(r, claim, good[2], -good[3], [-good[4], good[5]]);
            assert!(!Trial::new(&wrong, Map).is_satisfied());
        }
        // The other u: its v² is no square, so no v can be claimed; try a few.
        let other = -good[2] - F::from(MONTGOMERY_A);
        let g = |u: F| u * (u * u + F::from(MONTGOMERY_A) * u + F::one());
        assert!(g(other).sqrt().is_none());
        for v in [good[3], -good[3], F::zero(), F::one()] {
            let y = (other - F::one()) / (other + F::one());
            let x = v.inverse().map_or(F::zero(), |inverse| other * inverse);
            for claim in [first, !first] {
                assert!(!Trial::new(&inputs(r, claim, other, v, [x, y]), Map).is_satisfied());
            }
        }
        assert_eq!(is_odd(good[3]), first);
    }
    assert!(kinds[0] > 5 && kinds[1] > 5, "both roots occur: {kinds:?}");
}

/// u₂ = 0 and v = 0 would satisfy all else, for every x.
#[test]
fn rejects_zero() {
    let zero = F::zero();
    for x in [zero, F::one(), F::from(12_345u32)] {
        let trial = Trial::new(&inputs(zero, false, zero, zero, [x, -F::one()]), Map);
        assert_eq!(trial.matrices.unsatisfied(&trial.z), [0], "only r ≠ 0 stands in the way");
    }
}
