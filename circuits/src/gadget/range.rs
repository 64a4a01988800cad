//! Ranges: an integer has n bits. Never a comparison of field elements, which wraps.

use crate::system::{Number, System};
use ark_ff::{BigInteger, PrimeField};
use sealroot_protocol::field::F;

/// `count` boolean variables. An honest prover puts the low bits of `value` there; nothing is enforced about it:
/// the caller says what the bits add up to.
pub fn bits<S: System, const N: usize>(
    sys: &mut S,
    from: [&S::Num; N],
    count: usize,
    value: impl FnOnce([F; N]) -> F,
) -> Vec<S::Num> {
    let bits = sys.advise_many(from, count, |from| low_bits(value(from), count));
    for bit in &bits {
        sys.boolean(bit);
    }
    bits
}

/// `0 ≤ value < 2^count`. `count` is less than 254, so that no value has two decompositions.
pub fn unsigned<S: System>(sys: &mut S, value: &S::Num, count: usize) {
    assert!(count < F::MODULUS_BIT_SIZE as usize, "2^{count} exceeds the field");
    let bits = bits(sys, [value], count, |[value]| value);
    sys.equal(&S::Num::from_bits(&bits), value);
}

/// `factor·value` lies in [−2^(count−1), 2^(count−1)): with a factor 0 nothing is said about `value`.
pub fn signed_if<S: System>(sys: &mut S, factor: &S::Num, value: &S::Num, count: usize) {
    let shift = power_of_two(count - 1);
    let bits = bits(sys, [factor, value], count, |[factor, value]| factor * value + shift);
    sys.enforce(factor, value, &(S::Num::from_bits(&bits) - S::Num::constant(shift)));
}

/// The low `count` bits of the canonical representative, lowest first.
pub fn low_bits(value: F, count: usize) -> Vec<F> {
    let integer = value.into_bigint();
    (0..count).map(|i| F::from(u8::from(integer.get_bit(i)))).collect()
}

/// 2^n.
pub fn power_of_two(n: usize) -> F {
    (0..n).fold(F::from(1u8), |power, _| power + power)
}
