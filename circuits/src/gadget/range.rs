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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadget::bench::{Bench, Relation};

    struct Unsigned(usize);
    impl Relation for Unsigned {
        fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
            unsigned(sys, &inputs[0], self.0);
        }
    }
    struct SignedIf(usize);
    impl Relation for SignedIf {
        fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
            signed_if(sys, &inputs[0], &inputs[1], self.0);
        }
    }

    #[test]
    fn unsigned_boundaries() {
        let one = F::from(1u8);
        for count in [1, 4, 27, 40, 63, 252] {
            let end = power_of_two(count);
            for inside in [F::from(0u8), one, end - one] {
                let bench = Bench::new(&[inside], Unsigned(count));
                assert!(bench.is_satisfied());
                assert!(bench.free_advice().is_empty());
            }
            for outside in [end, end + one, -one, -one - one] {
                assert!(!Bench::new(&[outside], Unsigned(count)).is_satisfied());
            }
        }
    }

    /// −1, 0, ±2^63 and p − 1, ranged and not.
    #[test]
    fn signed_boundaries() {
        let (one, zero, end) = (F::from(1u8), F::from(0u8), power_of_two(63));
        for inside in [zero, one, -one, end - one, -end] {
            assert!(Bench::new(&[one, inside], SignedIf(64)).is_satisfied());
        }
        for outside in [end, -end - one, end + end, power_of_two(200)] {
            assert!(!Bench::new(&[one, outside], SignedIf(64)).is_satisfied());
            assert!(Bench::new(&[zero, outside], SignedIf(64)).is_satisfied());
        }
    }
}
