//! Constants of a prime modulus in both radices: arkworks' 4 limbs of 64 bits (`R = 2^256`) and the lanes' 5 limbs of 52 bits (`R = 2^260`).

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, PrimeField};

/// Bits of a limb in the lanes.
pub(crate) const LIMB_BITS: u32 = 52;
pub(crate) const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// A 254-bit prime modulus.
pub trait Modulus: Copy + Send + Sync + 'static {
    /// arkworks' field of this modulus.
    type Element: PrimeField<BigInt = BigInt<4>>;
    /// The modulus, limbs of 64 bits, least significant first.
    const P: [u64; 4];

    /// arkworks' Montgomery form, `x·2^256 mod p`.
    fn montgomery_limbs(element: &Self::Element) -> [u64; 4];
    /// The inverse of [`montgomery_limbs`](Self::montgomery_limbs), for limbs that are less than the modulus.
    fn from_montgomery_limbs(limbs: [u64; 4]) -> Self::Element;

    /// The modulus in limbs of 52 bits.
    const P52: [u64; 5] = split(Self::P);
    /// `−p⁻¹ mod 2^52`.
    const NEGATED_INVERSE: u64 = negated_inverse(Self::P[0]) & LIMB_MASK;
    /// `2^264 mod p`: multiplying by it turns arkworks' form into the lanes'.
    const FROM_ARK: [u64; 5] = split(power_of_two(264, Self::P));
    /// `2^256 mod p`: multiplying by it turns the lanes' form into arkworks'.
    const TO_ARK: [u64; 5] = split(power_of_two(256, Self::P));
    /// `2^512 mod p` in limbs of 64 bits: the square of arkworks' R.
    const ARK_SQUARED: [u64; 4] = power_of_two(512, Self::P);
}

/// Modulus of the base field.
#[derive(Clone, Copy, Debug)]
pub struct FqModulus;
/// Modulus of the scalar field.
#[derive(Clone, Copy, Debug)]
pub struct FrModulus;

macro_rules! modulus {
    ($name:ident, $element:ty) => {
        impl Modulus for $name {
            type Element = $element;
            const P: [u64; 4] = <$element>::MODULUS.0;

            #[inline(always)]
            fn montgomery_limbs(element: &$element) -> [u64; 4] {
                element.0.0
            }
            #[inline(always)]
            fn from_montgomery_limbs(limbs: [u64; 4]) -> $element {
                <$element>::new_unchecked(BigInt(limbs))
            }
        }
    };
}
modulus!(FqModulus, Fq);
modulus!(FrModulus, Fr);

/// `k·p` in limbs of 52 bits; the top limb holds what is left. For `k` up to 32.
pub(crate) const fn multiple<M: Modulus>(k: u64) -> [u64; 5] {
    let mut out = [0; 5];
    let mut carry = 0;
    let mut i = 0;
    while i < 5 {
        // 52 + 5 bits fit.
        let sum = M::P52[i] * k + carry;
        out[i] = if i < 4 { sum & LIMB_MASK } else { sum };
        carry = sum >> LIMB_BITS;
        i += 1;
    }
    out
}

/// Limbs of 64 bits as limbs of 52 bits.
pub(crate) const fn split(w: [u64; 4]) -> [u64; 5] {
    [
        w[0] & LIMB_MASK,
        ((w[0] >> 52) | (w[1] << 12)) & LIMB_MASK,
        ((w[1] >> 40) | (w[2] << 24)) & LIMB_MASK,
        ((w[2] >> 28) | (w[3] << 36)) & LIMB_MASK,
        w[3] >> 16,
    ]
}

/// `−p⁻¹ mod 2^64`.
pub(crate) const fn negated_inverse(p: u64) -> u64 {
    // Newton: each step doubles the number of correct bits.
    let mut inverse = p;
    let mut i = 0;
    while i < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
        i += 1;
    }
    inverse.wrapping_neg()
}

/// `2^exponent mod p` by doubling; `p` has 254 bits, so twice a residue fits.
pub(crate) const fn power_of_two(exponent: u32, p: [u64; 4]) -> [u64; 4] {
    let mut x = [1, 0, 0, 0];
    let mut i = 0;
    while i < exponent {
        x = [x[0] << 1, (x[1] << 1) | (x[0] >> 63), (x[2] << 1) | (x[1] >> 63), (x[3] << 1) | (x[2] >> 63)];
        let (difference, borrow) = subtract(x, p);
        if !borrow {
            x = difference;
        }
        i += 1;
    }
    x
}

pub(crate) const fn subtract(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut out = [0; 4];
    let mut borrow = false;
    let mut i = 0;
    while i < 4 {
        let (x, first) = a[i].overflowing_sub(b[i]);
        let (x, second) = x.overflowing_sub(borrow as u64);
        out[i] = x;
        borrow = first || second;
        i += 1;
    }
    (out, borrow)
}
