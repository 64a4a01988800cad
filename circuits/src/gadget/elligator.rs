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
