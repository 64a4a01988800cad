//! Lines, which registers and conditions share: `L = constant + Σ weight·entry`, and the sign of what is range-checked.

use super::attributes::in_signed_range;
use crate::{
    gadget::range::{self, power_of_two},
    system::{Number, System},
};
use ark_ff::Zero;
use sealroot_protocol::{field::F, machine::LINE_BITS};

/// Bits of a checked value below its sign.
const MAGNITUDE: usize = LINE_BITS as usize - 1;

/// `Σ left·right = total − offset`: one constraint per pair.
///
/// Every weight is a variable, zero or not: what a policy doesn't use costs as much as what it does, and shows as
/// little.
pub fn inner_product<S: System>(sys: &mut S, left: &[S::Num], right: &[S::Num], offset: &S::Num, total: &S::Num) {
    let mut rest = total.clone() - offset;
    let last = left.len().min(right.len()) - 1;
    for (l, r) in left[..last].iter().zip(right) {
        rest = rest - sys.product(l, r);
    }
    sys.enforce(&left[last], &right[last], &rest);
}

/// The native twin of [`inner_product`].
pub fn dot(left: &[F], right: &[F]) -> F {
    left.iter().zip(right).filter(|(l, _)| !l.is_zero()).map(|(l, r)| *l * r).sum()
}

/// `ranged·line + addend` lies in [−2^79, 2^79), and `nonnegative` is 1 if it is ≥ 0, else 0.
///
/// The sign is the top bit of the value shifted by 2^79. Lines are below 2^132 and quotients below 2^80 in magnitude,
/// far below p/2: no negative integer passes for a positive one.
pub fn signed<S: System>(sys: &mut S, ranged: &S::Num, line: &S::Num, addend: &S::Num, nonnegative: &S::Num) {
    let half = power_of_two(MAGNITUDE);
    let bits =
        range::bits(sys, [ranged, line, addend], MAGNITUDE, |[ranged, line, addend]| ranged * line + addend + half);
    sys.boolean(nonnegative);
    let value = S::Num::from_bits(&bits) + nonnegative.clone() * half - S::Num::constant(half);
    sys.enforce(ranged, line, &(value - addend));
}

/// The native twin of [`signed`]: whether `value` is in range, and its sign.
pub fn sign(value: F) -> (bool, F) {
    let half = power_of_two(MAGNITUDE);
    let in_range = in_signed_range(value, LINE_BITS as usize);
    // The top one of 80 bits.
    (in_range, range::low_bits(value + half, LINE_BITS as usize)[MAGNITUDE])
}
