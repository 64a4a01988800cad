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
