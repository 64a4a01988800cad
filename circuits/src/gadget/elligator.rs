//! Elligator 2 onto Baby Jubjub (RFC 9380, section 6.7.1; Z = 5), with both choices enforced.
//!
//! A free choice of root gives a second point, and a free sign the opposite one: each would be a second nullifier.

use super::{canonical, zero};
use crate::{
    system::{Number, System},
    wires::Point,
};
use sealroot_protocol::{
    field::F,
    hash_to_curve::{MONTGOMERY_A, Z},
};

/// The values of one mapping.
pub struct Mapping<'a, N> {
    /// What is mapped; not 0.
    pub input: &'a N,
    /// 1 if `g(u_1)` is a square.
    pub first: &'a N,
    /// Montgomery coordinates.
    pub u: &'a N,
    /// Montgomery coordinates.
    pub v: &'a N,
    /// The canonical bits of `v`, lowest first.
    pub v_bits: &'a [N],
    /// The point in Edwards coordinates; on the curve by construction, its cofactor not cleared.
    pub mapped: &'a Point<N>,
}

/// `mapped` is the image of `input`.
///
/// Every step has one solution. `input ≠ 0` is enforced. 1 + 5r² ≠ 0, for −1/5 is not a square. u₁² + A·u₁ + 1 ≠ 0,
/// for A² − 4 isn't, so g(u₁) ≠ 0; and g(−u₁ − A) = 5r²·g(u₁), so exactly one of the two is a square and `first` is
/// determined. v ≠ 0 therefore, and u ≠ −1, for g(−1) = A − 2 = d is not a square: both divisions are determined.
pub fn map<S: System>(sys: &mut S, m: &Mapping<'_, S::Num>) {
    let one = S::Num::unit();
    let a = S::Num::constant(F::from(MONTGOMERY_A));

    zero::nonzero(sys, m.input);
    let zrr = sys.product(m.input, m.input) * F::from(Z);
    let u1 = sys.quotient(&-a.clone(), &(one.clone() + &zrr));
    let u2 = -u1.clone() - &a;
    let u1_squared = sys.product(&u1, &u1);
    let g1 = sys.product(&u1, &(u1_squared + u1.clone() * F::from(MONTGOMERY_A) + &one));
    let g2 = sys.product(&zrr, &g1);

    sys.boolean(m.first);
    sys.enforce(m.first, &(u1 - &u2), &(m.u.clone() - &u2));
    let from_second = sys.product(m.first, &(g1 - &g2));
    sys.enforce(m.v, m.v, &(g2 + from_second));

    // sgn0(v): odd for the first, even for the second.
    canonical::decomposition(sys, m.v, m.v_bits);
    sys.equal(&m.v_bits[0], m.first);

    sys.enforce(&m.mapped.x, m.v, m.u);
    sys.enforce(&m.mapped.y, &(m.u.clone() + &one), &(m.u.clone() - one));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::gadget::{
        bench::{Bench, Relation},
        range::low_bits,
    };
    use ark_ff::{Field, One, Zero};
    use sealroot_protocol::hash_to_curve::{is_odd, map_to_curve};

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
            assert!(Bench::new(&good, Map).is_satisfied());
            let first = good[1].is_one();
            kinds[usize::from(first)] += 1;
            for at in 0..6 {
                let mut wrong = good.clone();
                wrong[at] += F::one();
                assert!(!Bench::new(&wrong, Map).is_satisfied());
            }
            // −r has the same image; it is the caller's hash that fixes r.
            let mut opposite = good.clone();
            opposite[0] = -r;
            assert!(Bench::new(&opposite, Map).is_satisfied());
            // The other sign, with either claim about the root.
            for claim in [first, !first] {
                let wrong = inputs(r, claim, good[2], -good[3], [-good[4], good[5]]);
                assert!(!Bench::new(&wrong, Map).is_satisfied());
            }
            // The other u: its v² is no square, so no v can be claimed; try a few.
            let other = -good[2] - F::from(MONTGOMERY_A);
            let g = |u: F| u * (u * u + F::from(MONTGOMERY_A) * u + F::one());
            assert!(g(other).sqrt().is_none());
            for v in [good[3], -good[3], F::zero(), F::one()] {
                let y = (other - F::one()) / (other + F::one());
                let x = v.inverse().map_or(F::zero(), |inverse| other * inverse);
                for claim in [first, !first] {
                    assert!(!Bench::new(&inputs(r, claim, other, v, [x, y]), Map).is_satisfied());
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
            let bench = Bench::new(&inputs(zero, false, zero, zero, [x, -F::one()]), Map);
            assert_eq!(bench.matrices.unsatisfied(&bench.z), [0], "only r ≠ 0 stands in the way");
        }
    }
}
