//! Which points of the twist are in G2, eight at a time.
//!
//! The check is `[x + 1]P + ψ([x]P) + ψ²([x]P) = ψ³([2x]P)` with the curve's 63-bit x (El Housni, Guillevic, Piellard, ePrint 2022/352). It is
//! exact: modulo ψ's characteristic polynomial X² − tX + p, the difference of both sides is an endomorphism a + b·ψ whose norm
//! a² + abt + b²p has the greatest common divisor r with the twist's order, so what it sends to infinity has an order that divides r. A test
//! recomputes the divisor.
//!
//! Guarantee: right for every pair of coordinates. The lanes' additions are not complete; a lane in which one was exceptional ends with z = 0
//! (see `jacobian`), and is decided by arkworks. On the twist that never happens: a test computes that no multiple at which the chain adds has a
//! common divisor with the twist's order. The detour is there for a later change of the chain.

use super::jacobian::Jacobian;
use crate::backend::{Backend, Instructions, Kernel, mul};
use crate::field::{Extension, Packed, WIDTH};
use ark_bn254::{Config, Fq2, G2Affine, G2Projective, g2};
use ark_ec::AffineRepr;
use ark_ec::bn::BnConfig;
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{AdditiveGroup, Field};

/// Where a pair of coordinates lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// A point of prime order.
    InSubgroup,
    /// On the curve, outside of the subgroup of prime order.
    OutsideSubgroup,
    /// Not on the curve.
    OffCurve,
    /// The point at infinity, which is of the subgroup.
    Identity,
}

/// Where each point lies, in order.
pub fn g2_membership(instructions: Instructions, points: &[G2Affine]) -> Vec<Membership> {
    let (packed, single) = points.split_at(instructions.worth_packing(points.len()));
    let mut out = instructions.run(Check { points: packed });
    out.extend(single.iter().map(|point| membership(point, point.is_on_curve(), || is_in_g2(point))));
    out
}

fn membership(point: &G2Affine, on_curve: bool, in_subgroup: impl FnOnce() -> bool) -> Membership {
    if point.is_zero() {
        Membership::Identity
    } else if !on_curve {
        Membership::OffCurve
    } else if in_subgroup() {
        Membership::InSubgroup
    } else {
        Membership::OutsideSubgroup
    }
}

/// Whether a point of the twist is in G2, for one point: by the same check, with arkworks' complete arithmetic.
pub fn is_in_g2(point: &G2Affine) -> bool {
    let mut xp = point.into_group();
    for digit in SIGNED_X.0[..SIGNED_X.1].iter().rev() {
        xp.double_in_place();
        match digit {
            1 => xp += point,
            -1 => xp -= point,
            _ => {}
        }
    }
    let psi = |p: &G2Projective| {
        let mut mapped = *p;
        mapped.x.conjugate_in_place();
        mapped.y.conjugate_in_place();
        mapped.z.conjugate_in_place();
        mapped.x *= Config::TWIST_MUL_BY_Q_X;
        mapped.y *= Config::TWIST_MUL_BY_Q_Y;
        mapped
    };
    let once = psi(&xp);
    let twice = psi(&once);
    xp + point + once + twice == psi(&twice).double()
}

/// x in signed binary, most significant first, without the leading 1.
const SIGNED_X: ([i8; 63], usize) = signed(Config::X[0]);

/// Non-adjacent form.
const fn signed(mut k: u64) -> ([i8; 63], usize) {
    let mut digits = [0; 63];
    let mut length = 0;
    while k > 1 {
        if k & 1 == 1 {
            digits[length] = if k & 3 == 3 { -1 } else { 1 };
            // The addition of 1 doesn't overflow: x has 63 bits.
            k = if k & 3 == 3 { k + 1 } else { k - 1 };
        }
        k >>= 1;
        length += 1;
    }
    (digits, length)
}

struct Check<'a> {
    points: &'a [G2Affine],
}

/// A bit per lane.
struct Masks {
    on_curve: u8,
    in_subgroup: u8,
    undecided: u8,
}

impl Kernel for Check<'_> {
    type Output = Vec<Membership>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let mut out = Vec::with_capacity(self.points.len());
        for points in self.points.chunks(WIDTH) {
            let masks = check::<B>(points);
            for (i, point) in points.iter().enumerate() {
                let set = |mask: u8| mask >> i & 1 == 1;
                let in_subgroup = || match set(masks.undecided) {
                    true => point.is_in_correct_subgroup_assuming_on_curve(),
                    false => set(masks.in_subgroup),
                };
                out.push(membership(point, set(masks.on_curve), in_subgroup));
            }
        }
        out
    }
}

#[inline(always)]
fn check<B: Backend>(points: &[G2Affine]) -> Masks {
    let (mut x, mut y) = ([Fq2::ZERO; WIDTH], [Fq2::ZERO; WIDTH]);
    for i in 0..WIDTH {
        let point = points[i.min(points.len() - 1)];
        (x[i], y[i]) = (point.x, point.y);
    }
    let (x, y) = (B::Fq2::pack(&x), B::Fq2::pack(&y));
    let (one, b) = (B::Fq2::splat(Fq2::ONE), B::Fq2::splat(<g2::Config as SWCurveConfig>::COEFF_B));
    let cube = mul::<B, _>(mul::<B, _>(x, x), x);
    let on_curve = mul::<B, _>(y, y).sub_two(cube, b).is_zero();

    let point = Jacobian { x, y, z: one };
    let minus_y = y.neg();
    let mut xp = point;
    for i in (0..SIGNED_X.1).rev() {
        xp = xp.double::<B>();
        match SIGNED_X.0[i] {
            1 => xp = xp.add_affine::<B>([x, y]),
            -1 => xp = xp.add_affine::<B>([x, minus_y]),
            _ => {}
        }
    }
    let twist = [B::Fq2::splat(Config::TWIST_MUL_BY_Q_X), B::Fq2::splat(Config::TWIST_MUL_BY_Q_Y)];
    let once = psi::<B>(&xp, twist);
    let twice = psi::<B>(&once, twist);
    let left = xp.add_affine::<B>([x, y]).add::<B>(&once).add::<B>(&twice);
    let right = psi::<B>(&twice, twist).double::<B>();
    Masks { on_curve, in_subgroup: left.equals::<B>(&right), undecided: left.z.is_zero() | right.z.is_zero() }
}

/// The twist's endomorphism, in Jacobian coordinates.
#[inline(always)]
fn psi<B: Backend>(p: &Jacobian<B::Fq2>, [by_x, by_y]: [B::Fq2; 2]) -> Jacobian<B::Fq2> {
    Jacobian {
        x: mul::<B, _>(p.x.conjugate(), by_x),
        y: mul::<B, _>(p.y.conjugate(), by_y),
        z: p.z.conjugate().reduce(),
    }
}
