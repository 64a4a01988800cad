//! A value has one decomposition into bits, and no other counts.

use crate::trial::{Relation, Trial};
use ark_ff::{BigInt, BigInteger, One, PrimeField, Zero};
use sealroot_circuits::gadget::canonical::*;
use sealroot_circuits::gadget::range::low_bits;
use sealroot_circuits::system::{Number, System};
use sealroot_protocol::field::F;

struct Decomposition;
impl Relation for Decomposition {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        decomposition(sys, &inputs[0], &inputs[1..]);
    }
}

fn check(value: F, bits: &[F]) -> Trial {
    let mut inputs = vec![value];
    inputs.extend(bits);
    Trial::new(&inputs, Decomposition)
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
        let trial = check(value, &bits);
        assert!(!trial.is_satisfied());
        let sum = trial.matrices.constraints() - 1;
        assert!(!trial.matrices.unsatisfied(&trial.z).contains(&sum));
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
    let trial = check(F::zero(), &low_bits(F::zero(), BITS));
    assert!(trial.constraints() <= 385, "{}", trial.constraints());
}
