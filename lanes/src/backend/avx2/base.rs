//! The scalar field in lanes of doubles.
//!
//! Numbers have either sign. A pack's limbs are whole numbers of at most 2^50 in size, the top one with less; its values are at most p in size, whether the
//! contract of [`Packed`] says reduced or loose. With `p < 0.378·2^255`, a product of `|a| ≤ k·p` and `|b| ≤ l·p` is reduced to at most
//! `(0.378·k·l + 0.5)·p`, so that a product of two packs is a pack.

use super::vector::{self, D, W};
use crate::field::{self, FrModulus, Gather, MAX_PRODUCTS, Modulus, Packed, Term, WIDTH, power_of_two, subtract};
use ark_bn254::Fr;

/// Bits of a limb.
const BITS: i32 = 51;
const MASK: u64 = (1 << BITS) - 1;
const LIMBS: usize = 5;
/// Vectors of four in a pack.
const HALVES: usize = 2;
/// Products that are summed before they are reduced: more could exceed what the top limb's conversion takes.
const AT_ONCE: usize = 32;

/// 2^52: a double in [2^52, 2^53) has a whole number in its lowest bits.
const WHOLE: f64 = (1u64 << 52) as f64;
/// A sum with it is rounded to a multiple of 2^51, where the summand is less than 2^102 in size.
const HIGH: f64 = 1.5 * (1u128 << 103) as f64;
/// What is added to the low part, at most 2^50 in size, so that its bits are those of a whole number.
const LOW: f64 = 1.5 * WHOLE;
/// A multiple of 2^51 that makes every column positive, so that its carry is an unsigned shift.
const POSITIVE: u64 = 1 << 62;

/// Columns of a product of limbs.
type Columns = [W; 2 * LIMBS];

/// Eight elements, limb by limb.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base([[D; LIMBS]; HALVES]);

/// The modulus, its limbs rounded to nearest as all limbs are.
const P: [f64; LIMBS] = centred(FrModulus::P);
/// `−p⁻¹ mod 2^51`, at most 2^50 in size.
const NEGATED_INVERSE: f64 = {
    let inverse = field::negated_inverse(FrModulus::P[0]) & MASK;
    if inverse > 1 << 50 { inverse as f64 - (1u64 << BITS) as f64 } else { inverse as f64 }
};
/// `2^204 / p`: what a top limb is multiplied by to see how often p is in a number.
const P_IN_TOP: f64 = 1.0 / (P[4] + P[3] / (1u64 << BITS) as f64);
/// `2^254 mod p`: multiplying by it turns arkworks' form into the lanes'.
const FROM_ARK: [f64; LIMBS] = near_zero(power_of_two(254, FrModulus::P));
/// `2^256 mod p`: multiplying by it turns the lanes' form into arkworks'.
const TO_ARK: [f64; LIMBS] = near_zero(power_of_two(256, FrModulus::P));

/// A number of 255 bits as limbs of at most 2^50 in size.
const fn centred(w: [u64; 4]) -> [f64; LIMBS] {
    let limbs = split(w);
    let mut out = [0.0; LIMBS];
    let (mut i, mut carry) = (0, 0);
    while i < LIMBS {
        let limb = (limbs[i] + carry) as i64;
        carry = (i < LIMBS - 1 && limb > 1 << 50) as u64;
        out[i] = (limb - ((carry as i64) << BITS)) as f64;
        i += 1;
    }
    out
}

/// A residue as the number of its class that is at most p/2 in size.
const fn near_zero(w: [u64; 4]) -> [f64; LIMBS] {
    let (negated, _) = subtract(FrModulus::P, w);
    let (_, is_less) = subtract(negated, w);
    let mut out = centred(if is_less { negated } else { w });
    let mut i = 0;
    while is_less && i < LIMBS {
        out[i] = -out[i];
        i += 1;
    }
    out
}

/// Limbs of 64 bits as limbs of 51 bits.
const fn split(w: [u64; 4]) -> [u64; LIMBS] {
    [
        w[0] & MASK,
        ((w[0] >> 51) | (w[1] << 13)) & MASK,
        ((w[1] >> 38) | (w[2] << 26)) & MASK,
        ((w[2] >> 25) | (w[3] << 39)) & MASK,
        w[3] >> 12,
    ]
}

/// Low parts of one product of limbs in a column; the high ones are in the column behind.
const fn parts(column: usize) -> u64 {
    if column < LIMBS { column as u64 + 1 } else { (2 * LIMBS - 1).saturating_sub(column) as u64 }
}

/// What the columns of so many products start with, so that the constants in all summands' bits, those of the reduction included, cancel out.
#[inline(always)]
const fn start(column: usize, products: u64) -> u64 {
    let high = if column > 0 { parts(column - 1) } else { 0 };
    let constants = parts(column).wrapping_mul(LOW.to_bits()).wrapping_add(high.wrapping_mul(HIGH.to_bits()));
    let mut out = 0u64.wrapping_sub(constants.wrapping_mul(products + 1));
    if column < 2 * LIMBS - 1 {
        out = out.wrapping_add(POSITIVE);
    }
    if column > 0 {
        out = out.wrapping_sub(POSITIVE >> BITS);
    }
    // The result's limbs are rounded to nearest.
    if column >= LIMBS && column < 2 * LIMBS - 1 {
        out = out.wrapping_add(1 << (BITS - 1));
    }
    out
}

#[inline(always)]
fn columns(products: u64) -> Columns {
    let mut out = [vector::splat_word(0); 2 * LIMBS];
    for i in 0..2 * LIMBS {
        out[i] = vector::splat_word(start(i, products));
    }
    out
}

/// Adds both parts of a product of limbs to their columns.
#[inline(always)]
fn add_product(t: &mut Columns, column: usize, a: D, b: D) {
    let high = vector::mul_add(a, b, vector::splat(HIGH));
    let low = vector::mul_add(a, b, vector::sub(vector::splat(HIGH + LOW), high));
    t[column] = vector::add_words(t[column], vector::bits(low));
    t[column + 1] = vector::add_words(t[column + 1], vector::bits(high));
}

#[inline(always)]
fn add_products(t: &mut Columns, a: &[D; LIMBS], b: &[D; LIMBS]) {
    for i in 0..LIMBS {
        for j in 0..LIMBS {
            add_product(t, i + j, a[j], b[i]);
        }
    }
}

/// The lowest 51 bits, as a double that is `WHOLE` more.
#[inline(always)]
fn low_bits(t: W, mask: u64) -> D {
    vector::from_bits(vector::or(vector::and(t, vector::splat_word(mask)), vector::splat_word(WHOLE.to_bits())))
}

/// Montgomery reduction: the value divided by 2^255, and at most p/2 more. `WIDE`: the top limb may exceed 2^51, and is less than 2^53.
///
/// Halves side by side: each step waits for the one before.
#[inline(always)]
fn montgomery<const WIDE: bool>(mut t: [Columns; HALVES]) -> [[D; LIMBS]; HALVES] {
    let mut out = [[vector::splat(0.0); LIMBS]; HALVES];
    for i in 0..LIMBS {
        let mut q = [vector::splat(0.0); HALVES];
        for h in 0..HALVES {
            let low = vector::sub(low_bits(t[h][i], MASK), vector::splat(WHOLE));
            let inverse = vector::splat(NEGATED_INVERSE);
            let high = vector::mul_add(low, inverse, vector::splat(HIGH));
            q[h] = vector::mul_add(low, inverse, vector::sub(vector::splat(HIGH), high));
        }
        for j in 0..LIMBS {
            for h in 0..HALVES {
                add_product(&mut t[h], i + j, q[h], vector::splat(P[j]));
            }
        }
        for h in 0..HALVES {
            t[h][i + 1] = vector::add_words(t[h][i + 1], vector::shift::<BITS>(t[h][i]));
        }
    }
    for i in LIMBS..2 * LIMBS - 1 {
        for h in 0..HALVES {
            t[h][i + 1] = vector::add_words(t[h][i + 1], vector::shift::<BITS>(t[h][i]));
            out[h][i - LIMBS] = vector::sub(low_bits(t[h][i], MASK), vector::splat(WHOLE + (1u64 << 50) as f64));
        }
    }
    for h in 0..HALVES {
        let top = t[h][2 * LIMBS - 1];
        out[h][LIMBS - 1] = if WIDE {
            let top = vector::add_words(top, vector::splat_word(POSITIVE));
            let low = vector::sub(low_bits(top, (1 << 26) - 1), vector::splat(WHOLE));
            let high = low_bits(vector::shift::<26>(top), u64::MAX);
            let high = vector::sub(high, vector::splat(WHOLE + (POSITIVE >> 26) as f64));
            vector::mul_add(high, vector::splat((1u64 << 26) as f64), low)
        } else {
            vector::sub(
                vector::from_bits(vector::add_words(top, vector::splat_word(LOW.to_bits()))),
                vector::splat(LOW),
            )
        };
    }
    out
}

/// Of a number whose limbs are less than 2^53 in size, its residue of little more than p/2 at most.
#[inline(always)]
fn reduced(mut x: [D; LIMBS]) -> [D; LIMBS] {
    // Rounded to a whole number.
    let times = vector::mul_add(x[LIMBS - 1], vector::splat(P_IN_TOP), vector::splat(LOW));
    let times = vector::sub(times, vector::splat(LOW));
    for i in 0..LIMBS {
        x[i] = vector::mul_sub_from(times, vector::splat(P[i]), x[i]);
    }
    for i in 0..LIMBS - 1 {
        let carry = vector::sub(vector::add(x[i], vector::splat(HIGH)), vector::splat(HIGH));
        x[i] = vector::sub(x[i], carry);
        x[i + 1] = vector::mul_add(carry, vector::splat(1.0 / (1u64 << BITS) as f64), x[i + 1]);
    }
    x
}

impl Base {
    /// `self + sign·other`.
    #[inline(always)]
    fn plus(self, sign: f64, other: Self) -> Self {
        let mut out = self;
        for h in 0..HALVES {
            for i in 0..LIMBS {
                out.0[h][i] = vector::mul_add(other.0[h][i], vector::splat(sign), self.0[h][i]);
            }
            out.0[h] = reduced(out.0[h]);
        }
        out
    }

    /// Element `lane`'s limbs.
    fn lanes(self) -> [[f64; LIMBS]; WIDTH] {
        let mut out = [[0.0; LIMBS]; WIDTH];
        for h in 0..HALVES {
            for i in 0..LIMBS {
                let mut limbs = [0.0; 4];
                vector::store(self.0[h][i], &mut limbs);
                for lane in 0..4 {
                    out[4 * h + lane][i] = limbs[lane];
                }
            }
        }
        out
    }

    fn from_lanes(lanes: &[[f64; LIMBS]; WIDTH]) -> Self {
        let mut out = Self::zero();
        for h in 0..HALVES {
            for i in 0..LIMBS {
                let [a, b, c, d] = [0, 1, 2, 3].map(|lane| lanes[4 * h + lane][i]);
                out.0[h][i] = vector::load(&[a, b, c, d]);
            }
        }
        out
    }
}

impl Packed for Base {
    type Element = Fr;
    type Constant = [f64; LIMBS];
    const PARTIAL_ROUNDS: usize = 8;

    fn constant(element: &Fr) -> [f64; LIMBS] {
        // Half of arkworks' residue.
        let w = FrModulus::montgomery_limbs(element);
        let (mut sum, mut carry) = (w, false);
        if w[0] & 1 == 1 {
            for i in 0..4 {
                (sum[i], carry) = w[i].carrying_add(FrModulus::P[i], carry);
            }
        }
        let [a, b, c, d] = sum;
        near_zero([a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1])
    }

    #[inline(always)]
    fn broadcast(constant: &[f64; LIMBS]) -> Self {
        let mut out = Self::zero();
        for h in 0..HALVES {
            for i in 0..LIMBS {
                out.0[h][i] = vector::splat(constant[i]);
            }
        }
        out
    }

    fn transpose(packs: &mut [Self; WIDTH]) {
        let rows = packs.map(Self::lanes);
        for i in 0..WIDTH {
            packs[i] = Self::from_lanes(&rows.map(|row| row[i]));
        }
    }

    #[inline(always)]
    fn zero() -> Self {
        Self([[vector::splat(0.0); LIMBS]; HALVES])
    }

    fn splat(element: Fr) -> Self {
        Self::broadcast(&Self::constant(&element))
    }

    #[inline(always)]
    fn pack(elements: &[Fr; WIDTH]) -> Self {
        let mut limbs = [[[0.0; 4]; LIMBS]; HALVES];
        for lane in 0..WIDTH {
            let own = split(FrModulus::montgomery_limbs(&elements[lane]));
            for i in 0..LIMBS {
                limbs[lane / 4][i][lane % 4] = f64::from_bits(own[i] | WHOLE.to_bits());
            }
        }
        let mut out = Self::zero();
        for h in 0..HALVES {
            for i in 0..LIMBS {
                out.0[h][i] = vector::sub(vector::load(&limbs[h][i]), vector::splat(WHOLE));
            }
        }
        out.mul(Self::broadcast(&FROM_ARK))
    }

    #[inline(always)]
    fn unpack(self) -> [Fr; WIDTH] {
        self.mul(Self::broadcast(&TO_ARK)).lanes().map(|limbs| FrModulus::from_montgomery_limbs(canonical(limbs)))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(1.0, other)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.plus(-1.0, other)
    }

    #[inline(always)]
    fn neg(self) -> Self {
        Self::zero().sub(self)
    }

    #[inline(always)]
    fn add_reduced(self, other: Self) -> Self {
        self.add(other)
    }

    #[inline(always)]
    fn sub_reduced(self, other: Self) -> Self {
        self.sub(other)
    }

    #[inline(always)]
    fn sub_two(self, first: Self, second: Self) -> Self {
        self.sub(first).sub(second)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut t = [columns(1); HALVES];
        for h in 0..HALVES {
            add_products(&mut t[h], &self.0[h], &other.0[h]);
        }
        Self(montgomery::<false>(t))
    }

    #[inline(always)]
    fn square(self) -> Self {
        let mut t = [columns(1); HALVES];
        for h in 0..HALVES {
            let a = &self.0[h];
            // Products of different limbs once, doubled.
            let mut twice = [vector::splat_word(0); 2 * LIMBS];
            for i in 0..LIMBS {
                for j in i + 1..LIMBS {
                    add_product(&mut twice, i + j, a[i], a[j]);
                }
            }
            for i in 0..2 * LIMBS {
                t[h][i] = vector::add_words(t[h][i], vector::add_words(twice[i], twice[i]));
            }
            for i in 0..LIMBS {
                add_product(&mut t[h], 2 * i, a[i], a[i]);
            }
        }
        Self(montgomery::<false>(t))
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        self
    }

    #[inline(always)]
    fn sum_of_products(constants: &[[f64; LIMBS]], packs: &[Self], addend: Self) -> Self {
        assert!(constants.len() == packs.len() && packs.len() <= MAX_PRODUCTS, "one constant per pack, few enough");
        let mut sum = addend;
        let mut first = 0;
        while first < packs.len() {
            let last = packs.len().min(first + AT_ONCE);
            let mut t = [columns((last - first) as u64); HALVES];
            for h in 0..HALVES {
                // One limb of all constants after the other: so six columns at a time are in registers, and not all ten.
                for i in 0..LIMBS {
                    for n in first..last {
                        let limb = vector::splat(constants[n][i]);
                        for j in 0..LIMBS {
                            add_product(&mut t[h], i + j, packs[n].0[h][j], limb);
                        }
                    }
                }
            }
            // Constants are at most p/2 in size: at most 32·0.19 p from the products, p/2 from the reduction, p from the addend.
            let products = montgomery::<true>(t);
            for h in 0..HALVES {
                for i in 0..LIMBS {
                    sum.0[h][i] = vector::add(products[h][i], sum.0[h][i]);
                }
                sum.0[h] = reduced(sum.0[h]);
            }
            first = last;
        }
        sum
    }

    fn is_zero(self) -> u8 {
        let mut mask = 0;
        for (lane, element) in self.unpack().iter().enumerate() {
            mask |= u8::from(*element == Fr::default()) << lane;
        }
        mask
    }

    fn select(mask: u8, yes: Self, no: Self) -> Self {
        let mut out = no;
        for h in 0..HALVES {
            let [a, b, c, d] = [0, 1, 2, 3].map(|lane| if mask >> (4 * h + lane) & 1 == 1 { -1.0 } else { 1.0 });
            let chosen = vector::load(&[a, b, c, d]);
            for i in 0..LIMBS {
                out.0[h][i] = vector::select(chosen, yes.0[h][i], no.0[h][i]);
            }
        }
        out
    }
}

/// Of a number less than p in size, its residue in limbs of 64 bits.
#[inline(always)]
fn canonical(limbs: [f64; LIMBS]) -> [u64; 4] {
    let (mut l, mut carry) = ([0u64; LIMBS], 0i64);
    for i in 0..LIMBS {
        let limb = limbs[i] as i64 + carry;
        carry = limb >> BITS;
        l[i] = if i < LIMBS - 1 { limb as u64 & MASK } else { limb as u64 };
    }
    let mut out = [l[0] | l[1] << 51, l[1] >> 13 | l[2] << 38, l[2] >> 26 | l[3] << 25, l[3] >> 39 | l[4] << 12];
    if carry < 0 {
        let mut carry = false;
        for i in 0..4 {
            (out[i], carry) = out[i].carrying_add(FrModulus::P[i], carry);
        }
    }
    out
}

impl Gather for Base {
    const SCALE: u64 = 1;

    fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> Self {
        Self::pack(&field::dot(elements, coefficients, terms))
    }
}
