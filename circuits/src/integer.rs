//! Integer division of field elements that stand for signed integers.

use ark_ff::{PrimeField, Zero};
use sealroot_protocol::{field::F, machine::DIVISOR_BITS};

/// `⌊x / d⌋` and `x − d·⌊x / d⌋`, where `x` stands for the integer of least magnitude; `None` unless 1 ≤ d < 2^40.
pub fn floor_div(x: F, d: F) -> Option<(F, F)> {
    let [divisor, rest @ ..] = d.into_bigint().0;
    if divisor == 0 || divisor >> DIVISOR_BITS != 0 || rest != [0; 3] {
        return None;
    }
    let negative = x.into_bigint() > F::MODULUS_MINUS_ONE_DIV_TWO;
    let magnitude = if negative { -x } else { x };
    let (quotient, remainder) = divide(magnitude.into_bigint().0, divisor);
    let (quotient, remainder) = (F::from_bigint(ark_ff::BigInt(quotient))?, F::from(remainder));
    Some(match (negative, remainder.is_zero()) {
        (false, _) => (quotient, remainder),
        (true, true) => (-quotient, remainder),
        (true, false) => (-quotient - F::from(1u8), d - remainder),
    })
}

/// Schoolbook division of a 256-bit integer by a word.
fn divide(limbs: [u64; 4], divisor: u64) -> ([u64; 4], u64) {
    let mut quotient = [0; 4];
    let mut remainder = 0u64;
    for i in (0..4).rev() {
        let dividend = (u128::from(remainder) << 64) | u128::from(limbs[i]);
        quotient[i] = (dividend / u128::from(divisor)) as u64;
        remainder = (dividend % u128::from(divisor)) as u64;
    }
    (quotient, remainder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::field::from_i128;

    #[test]
    fn rounds_towards_minus_infinity() {
        for d in [1i128, 2, 3, 7, 100, (1 << 40) - 1] {
            for x in [0, 1, 6, 7, 8, 99, 100, 101, (1 << 119) + 12_345, i128::from(i64::MAX)] {
                for x in [x, -x] {
                    let expected = (from_i128(x.div_euclid(d)), from_i128(x.rem_euclid(d)));
                    assert_eq!(floor_div(from_i128(x), from_i128(d)).unwrap(), expected, "{x} / {d}");
                }
            }
        }
        assert_eq!(floor_div(from_i128(5), from_i128(0)), None);
        assert_eq!(floor_div(from_i128(5), from_i128(1 << 40)), None);
        assert_eq!(floor_div(from_i128(5), from_i128(-1)), None);
    }
}
