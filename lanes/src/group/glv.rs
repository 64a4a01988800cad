//! Points of G1 times scalars, eight at a time, through the endomorphism φ(x, y) = (βx, y) = λ·(x, y).
//!
//! A scalar is split as `2^n + low + high·λ`; each of n doublings is followed by the addition of P, φ(P) or P + φ(P) = −φ²(P), which cost
//! nothing to make. The leading 2^n keeps infinity out of the chain. Variable time, as all of this crate.
//!
//! Guarantee: right for every point of the curve and every scalar. A lane in which an addition was exceptional ends with z = 0 (see
//! `jacobian`), and is computed by arkworks; so are points at infinity.

use super::jacobian::Jacobian;
use crate::backend::{Backend, Instructions, Kernel, mul};
use crate::field::{Packed, WIDTH};
use ark_bn254::{Fq, Fr, G1Affine, G1Projective, g1};
use ark_ec::AffineRepr;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField, Zero};

/// The scalar `2^64 + low + high·λ`, which costs half as much as one of 128 bits.
///
/// Different pairs are different scalars, and none is 0: a difference of two would be a vector shorter than 2^65 in the lattice
/// `low + high·λ = 0 mod r`, whose shortest has a length of about 2^127.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortScalar {
    low: u64,
    high: u64,
}

impl ShortScalar {
    const BITS: u32 = 64;

    /// From 128 bits, each value another scalar.
    pub const fn from_bits(bits: u128) -> Self {
        Self { low: bits as u64, high: (bits >> 64) as u64 }
    }

    /// The scalar.
    pub fn value(self) -> Fr {
        Fr::from((1 << Self::BITS) + u128::from(self.low)) + Fr::from(self.high) * g1::Config::LAMBDA
    }

    fn split(self) -> Split {
        Split { low: self.low.into(), high: self.high.into() }
    }
}

/// `scalar_i · point_i`, in order.
///
/// # Panics
/// If there is not one scalar per point.
pub fn scale_short(instructions: Instructions, points: &[G1Affine], scalars: &[ShortScalar]) -> Vec<G1Projective> {
    let split: Vec<_> = scalars.iter().map(|s| s.split()).collect();
    products(instructions, points, &split, ShortScalar::BITS, |i| scalars[i].value())
}

/// `scalar_i · point_i`, in order, for any scalars.
///
/// # Panics
/// If there is not one scalar per point.
pub fn scale(instructions: Instructions, points: &[G1Affine], scalars: &[Fr]) -> Vec<G1Projective> {
    let split: Vec<_> = scalars.iter().map(split).collect();
    products(instructions, points, &split, 128, |i| scalars[i])
}

/// `Σ scalar_i · point_i`.
///
/// # Panics
/// If there is not one scalar per point.
pub fn sum_short(instructions: Instructions, points: &[G1Affine], scalars: &[ShortScalar]) -> G1Projective {
    assert_eq!(points.len(), scalars.len(), "one scalar per point");
    let split: Vec<_> = scalars.iter().map(|s| s.split()).collect();
    let mut packed = instructions.worth_packing(points.len());
    let mut lanes =
        instructions.run(Sum { points: &points[..packed], scalars: &split[..packed], bits: ShortScalar::BITS });
    // Here a sender of related points can cause an exceptional addition, and nothing else than this detour.
    if points.iter().any(AffineRepr::is_zero) || lanes.iter().any(Zero::is_zero) {
        packed = 0;
        lanes.clear();
    }
    lanes.extend(points.iter().zip(scalars).skip(packed).map(|(point, scalar)| *point * scalar.value()));
    lanes.iter().sum()
}

/// Products in lanes; those that lanes don't give, or not faster, by arkworks.
fn products(
    instructions: Instructions,
    points: &[G1Affine],
    split: &[Split],
    bits: u32,
    scalar: impl Fn(usize) -> Fr,
) -> Vec<G1Projective> {
    assert_eq!(points.len(), split.len(), "one scalar per point");
    let packed = instructions.worth_packing(points.len());
    let mut out = instructions.run(Scale { points: &points[..packed], scalars: &split[..packed], bits });
    out.resize(points.len(), G1Projective::zero());
    for (i, product) in out.iter_mut().enumerate().filter(|(_, product)| product.is_zero()) {
        *product = points[i] * scalar(i);
    }
    out
}

#[derive(Clone, Copy)]
struct Split {
    low: u128,
    high: u128,
}

/// `(a + c, d − b)` of the lattice, which added to the halves of arkworks' decomposition makes both at least 0 and less than 2^128: it rounds towards
/// zero, so that the halves lie in [0, a + c) and (−b, d), where 2·(a + c) and 2·d − b are below 2^128 and d is above 2·b.
const SHIFT: [u128; 2] = {
    let [(_, a), (_, b), (_, c), (_, d)] = g1::Config::SCALAR_DECOMP_COEFFS;
    // The basis is (a, −b), (c, d).
    [wide(a) + wide(c), wide(d) - wide(b)]
};

const fn wide(x: BigInt<4>) -> u128 {
    x.0[0] as u128 | (x.0[1] as u128) << 64
}

/// The halves of `scalar − 2^128`, both less than 2^128 and not negative.
fn split(scalar: &Fr) -> Split {
    let offset = Fr::from(u128::MAX) + Fr::ONE;
    let (low, high) = g1::Config::scalar_decomposition(*scalar - offset);
    let half = |(positive, size): (bool, Fr), shift: u128| {
        let shifted = if positive { Fr::from(shift) + size } else { Fr::from(shift) - size };
        let limbs = shifted.into_bigint();
        debug_assert_eq!(limbs.0[2..], [0, 0], "arkworks rounds as it did");
        wide(limbs)
    };
    Split { low: half(low, SHIFT[0]), high: half(high, SHIFT[1]) }
}

/// Gives z = 0 where the product is not known.
struct Scale<'a> {
    points: &'a [G1Affine],
    scalars: &'a [Split],
    bits: u32,
}

impl Kernel for Scale<'_> {
    type Output = Vec<G1Projective>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let mut out = Vec::with_capacity(self.points.len());
        for first in (0..self.points.len()).step_by(WIDTH) {
            let last = self.points.len().min(first + WIDTH);
            let pack = Pack::<B>::new(&self.points[first..last], &self.scalars[first..last]);
            let mut t = pack.start();
            for bit in (0..self.bits).rev() {
                t = pack.add_at(&t.double::<B>(), bit);
            }
            t.append_to(last - first, &mut out);
        }
        out
    }
}

/// Gives sums whose sum is the result; z = 0 in one of them if that is not known. No point is infinity.
struct Sum<'a> {
    points: &'a [G1Affine],
    scalars: &'a [Split],
    bits: u32,
}

impl Kernel for Sum<'_> {
    type Output = Vec<G1Projective>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let mut packs = Vec::with_capacity(self.points.len().div_ceil(WIDTH));
        for first in (0..self.points.len()).step_by(WIDTH) {
            let last = self.points.len().min(first + WIDTH);
            packs.push(Pack::<B>::new(&self.points[first..last], &self.scalars[first..last]));
        }
        let Some((first, others)) = packs.split_first() else { return Vec::new() };
        let mut t = first.start();
        for pack in others {
            t = pack.add_once(&t);
        }
        for bit in (0..self.bits).rev() {
            t = t.double::<B>();
            for pack in &packs {
                t = pack.add_at(&t, bit);
            }
        }
        let mut out = Vec::with_capacity(WIDTH);
        t.append_to(WIDTH.min(self.points.len()), &mut out);
        out
    }
}

/// Up to eight points with their scalars.
struct Pack<'a, B: Backend> {
    scalars: &'a [Split],
    /// x of P, φ(P) and P + φ(P).
    x: [B::Fq; 3],
    /// y of P and of P + φ(P).
    y: [B::Fq; 2],
}

impl<'a, B: Backend> Pack<'a, B> {
    #[inline(always)]
    fn new(points: &[G1Affine], scalars: &'a [Split]) -> Self {
        let (mut x, mut y) = ([Fq::ZERO; WIDTH], [Fq::ZERO; WIDTH]);
        for (i, point) in points.iter().enumerate() {
            (x[i], y[i]) = (point.x, point.y);
        }
        let (x, y) = (B::Fq::pack(&x), B::Fq::pack(&y));
        let beta = B::Fq::splat(g1::Config::ENDO_COEFFS[0]);
        let beta_x = mul::<B, _>(x, beta);
        Self { scalars, x: [x, beta_x, mul::<B, _>(beta_x, beta)], y: [y, y.neg()] }
    }

    #[inline(always)]
    fn start(&self) -> Jacobian<B::Fq> {
        Jacobian { x: self.x[0], y: self.y[0], z: B::Fq::splat(Fq::ONE) }
    }

    /// `t + P` in the lanes that have a point.
    #[inline(always)]
    fn add_once(&self, t: &Jacobian<B::Fq>) -> Jacobian<B::Fq> {
        let present = (1u16 << self.scalars.len()) - 1;
        t.add_affine::<B>([self.x[0], self.y[0]]).or_where(!present as u8, t)
    }

    /// `t + low·P + high·φ(P)`, of this bit of low and high.
    #[inline(always)]
    fn add_at(&self, t: &Jacobian<B::Fq>, bit: u32) -> Jacobian<B::Fq> {
        let (mut low, mut high) = (0u8, 0u8);
        for (i, scalar) in self.scalars.iter().enumerate() {
            low |= ((scalar.low >> bit & 1) as u8) << i;
            high |= ((scalar.high >> bit & 1) as u8) << i;
        }
        let both = low & high;
        let x = Packed::select(both, self.x[2], Packed::select(high, self.x[1], self.x[0]));
        let sum = t.add_affine::<B>([x, Packed::select(both, self.y[1], self.y[0])]);
        sum.or_where(!(low | high), t)
    }
}
