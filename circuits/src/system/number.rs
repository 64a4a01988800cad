//! What can be computed without a constraint: sums, and products with constants.

use ark_ff::{One, Zero};
use sealroot_protocol::field::F;
use std::ops::{Add, Mul, Neg, Sub};

/// A linear combination of variables, or its value.
pub trait Number:
    Clone
    + Neg<Output = Self>
    + Add<Self, Output = Self>
    + Sub<Self, Output = Self>
    + for<'a> Add<&'a Self, Output = Self>
    + for<'a> Sub<&'a Self, Output = Self>
    + Mul<F, Output = Self>
{
    /// The same everywhere. Never a policy word: words are variables, so that no condition folds away.
    fn constant(value: F) -> Self;

    /// `self += coefficient · other`.
    fn add_scaled(&mut self, coefficient: F, other: &Self);

    /// 0.
    fn nil() -> Self {
        Self::constant(F::zero())
    }

    /// 1.
    fn unit() -> Self {
        Self::constant(F::one())
    }

    /// A small constant.
    fn small(value: u64) -> Self {
        Self::constant(F::from(value))
    }

    /// `Σ numbers`.
    fn sum<'a>(numbers: impl IntoIterator<Item = &'a Self>) -> Self
    where
        Self: 'a,
    {
        let mut sum = Self::nil();
        for number in numbers {
            sum.add_scaled(F::one(), number);
        }
        sum
    }

    /// `Σ 2^i · bits_i`.
    fn from_bits(bits: &[Self]) -> Self {
        let mut sum = Self::nil();
        let mut power = F::one();
        for bit in bits {
            sum.add_scaled(power, bit);
            power += power;
        }
        sum
    }
}

impl Number for F {
    fn constant(value: F) -> Self {
        value
    }

    fn add_scaled(&mut self, coefficient: F, other: &Self) {
        *self += coefficient * other;
    }
}
