//! Scalars as signed digits.

use crate::memory::wipe;
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

/// Bits that a scalar has at most, once the smaller of s and −s is taken.
const BITS: u32 = 253;

/// Smallest and largest width of a window, in bits.
pub const WINDOWS: std::ops::RangeInclusive<u32> = 4..=16;

/// How many windows of `width` bits a scalar has: one bit more than its magnitude, since digits are signed.
pub const fn windows(width: u32) -> usize {
    (BITS + 1).div_ceil(width) as usize
}

/// Signed digits of scalars: `s = Σ d_j·2^(width·j)` with `−2^(width−1) ≤ d_j < 2^(width−1)`. Wiped when dropped.
pub struct Digits {
    width: u32,
    digits: Vec<i16>,
}

impl Digits {
    /// Of every scalar. Scalars above half of the modulus are taken as negative numbers, so −1 has one digit as 1 has.
    pub fn new(scalars: &[Fr], width: u32) -> Self {
        let mut digits = Self::with_capacity(scalars.len(), width);
        digits.extend(scalars.iter());
        digits
    }

    /// None yet, with room for those of so many scalars: digits beyond that would be copied, and the copy left behind not wiped.
    pub fn with_capacity(scalars: usize, width: u32) -> Self {
        assert!(WINDOWS.contains(&width), "a window has {WINDOWS:?} bits");
        Self { width, digits: Vec::with_capacity(windows(width) * scalars) }
    }

    /// Those of further scalars.
    pub fn extend<'a>(&mut self, scalars: impl Iterator<Item = &'a Fr>) {
        let windows = windows(self.width);
        for scalar in scalars {
            let start = self.digits.len();
            self.digits.resize(start + windows, 0);
            let mut limbs = scalar.into_bigint();
            let negative = limbs > HALF;
            if negative {
                limbs = (-*scalar).into_bigint();
            }
            recode(&limbs.0, self.width, negative, &mut self.digits[start..]);
            limbs.0.zeroize();
        }
    }

    /// Bits of a window.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Digits of scalar i, the least significant first.
    pub fn of(&self, i: usize) -> &[i16] {
        let windows = windows(self.width);
        &self.digits[i * windows..(i + 1) * windows]
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        wipe(&mut self.digits);
    }
}

/// (p − 1)/2.
const HALF: BigInt<4> = Fr::MODULUS_MINUS_ONE_DIV_TWO;

/// Digits of the number, or of its negative.
fn recode(limbs: &[u64; 4], width: u32, negative: bool, digits: &mut [i16]) {
    let (full, mask) = (1i64 << width, (1u64 << width) - 1);
    // The range has one more number below 0 than above: half of `full` is taken as a negative digit, after the sign.
    let largest = if negative { full / 2 } else { full / 2 - 1 };
    let highest = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |i| i + 1);
    let mut carry = 0;
    for (j, digit) in digits.iter_mut().enumerate() {
        let bit = j as u32 * width;
        let (limb, offset) = ((bit / 64) as usize, bit % 64);
        if limb >= highest && carry == 0 {
            break;
        }
        let low = limbs.get(limb).map_or(0, |x| x >> offset);
        let high = if offset + width > 64 { limbs.get(limb + 1).map_or(0, |x| x << (64 - offset)) } else { 0 };
        let mut value = ((low | high) & mask) as i64 + carry;
        carry = i64::from(value > largest);
        value -= carry * full;
        *digit = if negative { -value } else { value } as i16;
    }
    debug_assert_eq!(carry, 0, "the top window has room for the carry");
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, Field, UniformRand};

    /// Digits stay in range and give the scalar back, for every width and at every boundary.
    #[test]
    fn digits_are_the_scalar() {
        let mut rng = ark_std::test_rng();
        let half = Fr::from(2u8).inverse().unwrap();
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, half, -half, half - Fr::ONE];
        scalars.extend((0..254u64).map(|i| Fr::from(2u8).pow([i])));
        scalars.extend((0..254u64).map(|i| Fr::from(2u8).pow([i]) - Fr::ONE));
        scalars.extend((0..100).map(|_| Fr::rand(&mut rng)));
        for width in WINDOWS {
            let digits = Digits::new(&scalars, width);
            for (i, scalar) in scalars.iter().enumerate() {
                let bound = 1i32 << (width - 1);
                assert!(digits.of(i).iter().all(|d| (-bound..bound).contains(&i32::from(*d))));
                let value = digits
                    .of(i)
                    .iter()
                    .rev()
                    .fold(Fr::ZERO, |sum, digit| sum * Fr::from(1u64 << width) + Fr::from(i64::from(*digit)));
                assert_eq!(value, *scalar, "width {width}, scalar {i}");
            }
        }
    }
}
