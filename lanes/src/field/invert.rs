//! Inverses of single elements: what a batch of additions needs one of.
//!
//! The binary GCD of Pornin, "Optimized Binary GCD for Modular Inversion" (eprint 2020/972), algorithm 2: 31 steps at a time on the lowest 31
//! and the highest 33 bits of both numbers, whose effect is then applied to the numbers. It takes a third of the time of arkworks'
//! inversion. Non-guarantee: it ends early when it can, so its time depends on the element.

use super::modulus::{FqModulus, Modulus, subtract};
use ark_bn254::{Fq, Fq2};
use ark_ff::Field;

/// Fields of coordinates.
pub trait Invert: Field {
    /// The inverse, or `None` of 0.
    fn invert(&self) -> Option<Self>;
}

impl Invert for Fq {
    fn invert(&self) -> Option<Self> {
        invert::<FqModulus>(self)
    }
}

/// `(a − b·i) / (a² + b²)`, as i² = −1.
impl Invert for Fq2 {
    fn invert(&self) -> Option<Self> {
        let norm = (self.c0.square() + self.c1.square()).invert()?;
        Some(Self::new(self.c0 * norm, -(self.c1 * norm)))
    }
}

/// Steps whose effect is applied at once.
const STEPS: u32 = 31;
/// Rounds after which two numbers of 254 bits, one of them odd, have met: each divides their product by at least 2^31. (A single step may
/// compare approximations wrongly; the sign that this leaves is dropped at the end of the round.)
const ROUNDS: u32 = (2 * 254u32 - 1).div_ceil(STEPS);

fn invert<M: Modulus>(element: &M::Element) -> Option<M::Element> {
    // Modulo p, x·u = a·2^512 and x·v = b·2^512 with x in arkworks' form: v is the inverse in that form when b has become 1.
    let (mut a, mut b) = (M::montgomery_limbs(element), M::P);
    let (mut u, mut v) = (M::ARK_SQUARED, [0; 4]);
    for _ in 0..ROUNDS {
        if a == [0; 4] {
            break;
        }
        let (of_a, of_b) = steps(&a, &b);
        let (next_a, of_a) = combine(&a, &b, of_a);
        let (next_b, of_b) = combine(&a, &b, of_b);
        (u, v) = (combine_residues::<M>(&u, &v, of_a), combine_residues::<M>(&u, &v, of_b));
        (a, b) = (next_a, next_b);
    }
    (b == [1, 0, 0, 0]).then(|| M::from_montgomery_limbs(v))
}

/// What both numbers are multiplied by and summed up with, before the sum is divided by 2^31. Together at most 2^31 in absolute value, and
/// neither is −2^31, which would not unpack: that would take two rows that are multiples of each other, and their determinant is ±2^31.
type Factors = [i64; 2];

/// The effect of [`STEPS`] steps on a and on b; b is odd.
#[inline(always)]
fn steps(a: &[u64; 4], b: &[u64; 4]) -> (Factors, Factors) {
    let (mut x, mut y) = approximations(a, b);
    // Both factors of a number in one word: steps add, subtract and double them alike. The lower one is kept from borrowing by an offset.
    const OFFSET: u64 = 0x7fff_ffff_7fff_ffff;
    let (mut of_x, mut of_y) = (1u64, 1u64 << 32);
    for _ in 0..STEPS {
        let odd = (x & 1).wrapping_neg();
        let swap = odd & u64::from(x < y).wrapping_neg();
        let (change, of_change) = ((x ^ y) & swap, (of_x ^ of_y) & swap);
        (x, y) = (x ^ change, y ^ change);
        (of_x, of_y) = (of_x ^ of_change, of_y ^ of_change);
        x = x.wrapping_sub(y & odd) >> 1;
        of_x = of_x.wrapping_sub(of_y & odd);
        of_y = of_y.wrapping_mul(2);
    }
    let split = |both: u64| {
        let both = both.wrapping_add(OFFSET);
        let of = |half: u64| half as i64 - 0x7fff_ffff;
        [of(both & 0xffff_ffff), of(both >> 32)]
    };
    (split(of_x), split(of_y))
}

/// The lowest 31 bits of both, below the highest 33 bits of the longer one and what the other has at that place; all bits of short ones.
#[inline(always)]
fn approximations(a: &[u64; 4], b: &[u64; 4]) -> (u64, u64) {
    let low = (1 << STEPS) - 1;
    let top = (1..4).rev().find(|i| a[*i] | b[*i] != 0);
    let Some(top) = top else { return (a[0], b[0]) };
    let free = (a[top] | b[top]).leading_zeros();
    let of = |x: &[u64; 4]| {
        let high = if free == 0 { x[top] } else { x[top] << free | x[top - 1] >> (64 - free) };
        high & !low | x[0] & low
    };
    (of(a), of(b))
}

/// `|f·a + g·b| / 2^31`, and the factors, negated if the sum is negative. The sum is a multiple of 2^31.
#[inline(always)]
fn combine(a: &[u64; 4], b: &[u64; 4], [f, g]: Factors) -> ([u64; 4], Factors) {
    let (sum, top) = sum(a, b, [f, g]);
    let quotient = shifted(&sum, top);
    if top < 0 { (subtract([0; 4], quotient).0, [-f, -g]) } else { (quotient, [f, g]) }
}

/// `(f·u + g·v) / 2^31 mod p`, of residues.
#[inline(always)]
fn combine_residues<M: Modulus>(u: &[u64; 4], v: &[u64; 4], factors: Factors) -> [u64; 4] {
    let (mut sum, mut top) = sum(u, v, factors);
    // A multiple of p makes it a multiple of 2^31: between −2^31·p and 2^32·p.
    let times = sum[0].wrapping_mul(M::NEGATED_INVERSE) & ((1 << STEPS) - 1);
    let mut carry = 0;
    for i in 0..4 {
        carry += u128::from(sum[i]) + u128::from(times) * u128::from(M::P[i]);
        sum[i] = carry as u64;
        carry >>= 64;
    }
    top += carry as i64;
    let residue = shifted(&sum, top);
    if top < 0 {
        return subtract(M::P, subtract([0; 4], residue).0).0;
    }
    let (less, borrow) = subtract(residue, M::P);
    if borrow { residue } else { less }
}

/// `f·a + g·b`, the highest limb signed.
#[inline(always)]
fn sum(a: &[u64; 4], b: &[u64; 4], [f, g]: Factors) -> ([u64; 4], i64) {
    let (mut out, mut carry) = ([0; 4], 0i128);
    for i in 0..4 {
        carry += i128::from(a[i]) * i128::from(f) + i128::from(b[i]) * i128::from(g);
        out[i] = carry as u64;
        carry >>= 64;
    }
    (out, carry as i64)
}

/// Without the lowest 31 bits.
#[inline(always)]
fn shifted(x: &[u64; 4], top: i64) -> [u64; 4] {
    let next = [x[1], x[2], x[3], top as u64];
    let mut out = [0; 4];
    for i in 0..4 {
        out[i] = x[i] >> STEPS | next[i] << (64 - STEPS);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, PrimeField, UniformRand};

    /// As arkworks inverts: 0, every power of two and its neighbours, their negatives and inverses, simple fractions, and random elements.
    ///
    /// Full run: `SEALROOT_CASES=1000000 cargo test --release -p sealroot-lanes inverses_are`.
    #[test]
    fn inverses_are_arkworks() {
        let mut rng = ark_std::test_rng();
        let cases = std::env::var("SEALROOT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
        let mut elements = vec![Fq::ZERO];
        for bits in 0..256u64 {
            let power = Fq::from(2u8).pow([bits]);
            for x in [power, power + Fq::ONE, power - Fq::ONE] {
                elements.extend([x, -x]);
            }
        }
        // Near simple fractions of p, where the first bits of both numbers agree over and over.
        for i in 1..16u64 {
            elements.extend((1..16u64).filter_map(|j| Some(Fq::from(i) * Fq::from(j).inverse()?)));
        }
        // All these as numbers in the form that is inverted, which is not the element's value.
        let shapes: Vec<Fq> = elements.iter().map(|x| FqModulus::from_montgomery_limbs(x.into_bigint().0)).collect();
        elements.extend(shapes);
        let inverses: Vec<Fq> = elements.iter().filter_map(Field::inverse).collect();
        elements.extend(inverses);
        elements.extend((0..cases).map(|_| Fq::rand(&mut rng)));
        for x in &elements {
            assert_eq!(x.invert(), x.inverse(), "{x}");
        }
        for (a, b) in elements.iter().zip(elements.iter().rev()) {
            let x = Fq2::new(*a, *b);
            assert_eq!(x.invert(), x.inverse(), "{x}");
        }
        assert_eq!(Fq2::ZERO.invert(), None);
    }

    /// Coordinates of a damaged table may be p or more: they end, as what they are modulo p.
    #[test]
    fn numbers_above_the_modulus_end() {
        let mut number = FqModulus::P;
        assert_eq!(FqModulus::from_montgomery_limbs(number).invert(), None);
        for small in 1..100 {
            number[0] += 1;
            let reduced = FqModulus::from_montgomery_limbs([small, 0, 0, 0]);
            assert_eq!(FqModulus::from_montgomery_limbs(number).invert(), reduced.inverse());
        }
        assert!(FqModulus::from_montgomery_limbs([u64::MAX; 4]).invert().is_some());
    }
}
