//! Points of G1 times scalars, eight at a time, through the endomorphism φ(x, y) = (βx, y) = λ·(x, y).
//!
//! A scalar is split as `2^n + low + high·λ`; each of n doublings is followed by the addition of P, φ(P) or P + φ(P) = −φ²(P), which cost nothing
//! to make. The leading 2^n keeps infinity out of the chain. Variable time, as all of this crate.
//!
//! Guarantee: right for every point of the curve and every scalar. A lane in which an addition was exceptional ends with z = 0 (see
//! `jacobian`), and is computed by arkworks; so are points at infinity.

use crate::extension::mul;
use crate::jacobian::Jacobian;
use crate::packed::{Backend, Packed, WIDTH};
use crate::path::{Kernel, Path};
use ark_bn254::{Fq, Fr, G1Affine, G1Projective, g1};
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
    /// From 128 bits, each value another scalar.
    pub const fn from_bits(bits: u128) -> Self {
        Self { low: bits as u64, high: (bits >> 64) as u64 }
    }

    /// The scalar.
    pub fn value(self) -> Fr {
        Fr::from((1 << 64) + u128::from(self.low)) + Fr::from(self.high) * g1::Config::LAMBDA
    }
}

/// `scalar_i · point_i`, in order.
///
/// # Panics
/// If there is not one scalar per point.
pub fn scale_short(path: Path, points: &[G1Affine], scalars: &[ShortScalar]) -> Vec<G1Projective> {
    assert_eq!(points.len(), scalars.len(), "one scalar per point");
    let split: Vec<_> = scalars.iter().map(|s| Split { low: s.low.into(), high: s.high.into() }).collect();
    let mut out = path.run(Scale { points, scalars: &split, bits: 64 });
    for (i, product) in out.iter_mut().enumerate().filter(|(_, product)| product.is_zero()) {
        *product = points[i] * scalars[i].value();
    }
    out
}

/// `scalar_i · point_i`, in order, for any scalars.
///
/// # Panics
/// If there is not one scalar per point.
pub fn scale(path: Path, points: &[G1Affine], scalars: &[Fr]) -> Vec<G1Projective> {
    assert_eq!(points.len(), scalars.len(), "one scalar per point");
    let split: Vec<_> = scalars.iter().map(split).collect();
    let mut out = path.run(Scale { points, scalars: &split, bits: 128 });
    for (i, product) in out.iter_mut().enumerate().filter(|(_, product)| product.is_zero()) {
        *product = points[i] * scalars[i];
    }
    out
}

#[derive(Clone, Copy)]
struct Split {
    low: u128,
    high: u128,
}

/// `(a, b)` of the lattice, `a + b·λ = 0 mod r`, larger in both coordinates than the halves that arkworks' decomposition gives.
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
        wide(shifted.into_bigint())
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
            let count = WIDTH.min(self.points.len() - first);
            let (points, scalars) = (&self.points[first..first + count], &self.scalars[first..first + count]);
            let product = scale_pack::<B>(points, scalars, self.bits);
            let (x, y, z) = (product.x.unpack(), product.y.unpack(), product.z.unpack());
            for i in 0..count {
                out.push(G1Projective::new_unchecked(x[i], y[i], z[i]));
            }
        }
        out
    }
}

#[inline(always)]
fn scale_pack<B: Backend>(points: &[G1Affine], scalars: &[Split], bits: u32) -> Jacobian<B::Fq> {
    let (mut x, mut y) = ([Fq::ZERO; WIDTH], [Fq::ZERO; WIDTH]);
    for (i, point) in points.iter().enumerate() {
        (x[i], y[i]) = (point.x, point.y);
    }
    let (x, y) = (B::Fq::pack(&x), B::Fq::pack(&y));
    let beta = B::Fq::splat(g1::Config::ENDO_COEFFS[0]);
    let beta_x = mul::<B, _>(x, beta);
    let beta_beta_x = mul::<B, _>(beta_x, beta);
    let minus_y = y.neg();
    let mut t = Jacobian { x, y, z: B::Fq::splat(Fq::ONE) };
    for bit in (0..bits).rev() {
        t = t.double::<B>();
        let (mut low, mut high) = (0u8, 0u8);
        for (i, scalar) in scalars.iter().enumerate() {
            low |= ((scalar.low >> bit & 1) as u8) << i;
            high |= ((scalar.high >> bit & 1) as u8) << i;
        }
        let (both, any) = (low & high, low | high);
        let added_x = Packed::select(both, beta_beta_x, Packed::select(high, beta_x, x));
        let sum = t.add_affine::<B>([added_x, Packed::select(both, minus_y, y)]);
        t = Jacobian {
            x: Packed::select(any, sum.x, t.x),
            y: Packed::select(any, sum.y, t.y),
            z: Packed::select(any, sum.z, t.z),
        };
    }
    t
}
