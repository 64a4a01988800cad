//! The canonical decomposition of a field element: 254 bits of an integer less than the modulus.
//!
//! Values below 2^254 − p have a second decomposition, of value + p. Left open, it gives a second parity, and so a
//! second sign and nullifier, and a second challenge.

use crate::system::{Number, System};
use ark_ff::{BigInteger, One, PrimeField};
use sealroot_protocol::field::F;

/// Bits of the modulus.
pub const BITS: usize = F::MODULUS_BIT_SIZE as usize;

/// The bits, lowest first, are those of the canonical representative of `value`.
///
/// They are compared with p − 1 from the top. `above` is the product of the bits so far at places where p − 1 has a 1: it
/// is 1 exactly as long as the bits equal those of p − 1, and then a bit where p − 1 has a 0 must be 0. (Zcash protocol
/// specification, appendix A.3.2.2.)
pub fn decomposition<S: System>(sys: &mut S, value: &S::Num, bits: &[S::Num]) {
    assert_eq!(bits.len(), BITS, "one variable per bit of the modulus");
    let largest = (-F::one()).into_bigint();
    let mut above: Option<S::Num> = None;
    for (i, bit) in bits.iter().enumerate().rev() {
        if largest.get_bit(i) {
            sys.boolean(bit);
            let next = match &above {
                None => bit.clone(),
                Some(above) => sys.product(above, bit),
            };
            above = Some(next);
        } else {
            // bit·(1 − above − bit) = 0: boolean where above = 0, and 0 where above = 1.
            let free = S::Num::unit() - bit - above.as_ref().unwrap_or(&S::Num::unit());
            sys.enforce(bit, &free, &S::Num::nil());
        }
    }
    sys.equal(&S::Num::from_bits(bits), value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadget::{
        bench::{Bench, Relation},
        range::low_bits,
    };
    use ark_ff::{BigInt, Zero};

    struct Decomposition;
    impl Relation for Decomposition {
        fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
            decomposition(sys, &inputs[0], &inputs[1..]);
        }
    }

    fn check(value: F, bits: &[F]) -> Bench {
        let mut inputs = vec![value];
        inputs.extend(bits);
        Bench::new(&inputs, Decomposition)
    }

    fn with_modulus_added(value: F) -> Vec<F> {
        let mut integer: BigInt<4> = value.into_bigint();
        integer.add_with_carry(&F::MODULUS);
        (0..BITS).map(|i| F::from(u8::from(integer.get_bit(i)))).collect()
    }

    #[test]
    fn accepts_the_canonical_and_nothing_else() {
        let mut values = vec![F::zero(), F::one(), -F::one(), -F::from(2u8), F::from(u64::MAX)];
        values.extend((0..20u64).map(|i| F::from(i + 3) * (-F::from(i * 977)).square_in_place()));
        for value in values {
            let bits = low_bits(value, BITS);
            assert!(check(value, &bits).is_satisfied());
            for i in [0, 1, 27, 28, 100, 253] {
                let mut other = bits.clone();
                other[i] = F::one() - other[i];
                assert!(!check(value, &other).is_satisfied());
            }
            // 2 at place i for 1 at place i + 1: the same sum, not bits.
            let i = (0..BITS - 1).find(|i| bits[*i].is_zero() && bits[i + 1].is_one());
            if let Some(i) = i {
                let mut other = bits.clone();
                (other[i], other[i + 1]) = (F::from(2u8), F::zero());
                assert!(!check(value, &other).is_satisfied());
            }
        }
    }

    /// value + p fits in 254 bits for small values: the sum is right, only the comparison rejects it.
    #[test]
    fn rejects_the_value_plus_the_modulus() {
        for value in [0u64, 1, 2, 12_345, u64::MAX].map(F::from) {
            let bits = with_modulus_added(value);
            assert_eq!(F::from_bits_value(&bits), value);
            let bench = check(value, &bits);
            assert!(!bench.is_satisfied());
            let sum = bench.matrices.constraints() - 1;
            assert!(!bench.matrices.unsatisfied(&bench.z).contains(&sum));
        }
    }

    trait FromBits {
        fn from_bits_value(bits: &[F]) -> F;
    }
    impl FromBits for F {
        fn from_bits_value(bits: &[F]) -> F {
            <F as Number>::from_bits(bits)
        }
    }

    use ark_ff::Field;

    #[test]
    fn cost() {
        let bench = check(F::zero(), &low_bits(F::zero(), BITS));
        assert!(bench.constraints() <= 385, "{}", bench.constraints());
    }
}
