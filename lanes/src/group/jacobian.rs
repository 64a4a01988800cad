//! Points of `y² = x³ + b` in Jacobian coordinates, in lanes, for chains in which an exceptional addition can only be an attacker's.
//!
//! An addition of ± the same point, or of or to infinity, gives z = 0; and once z is 0, all that follows from it has z = 0. So a chain is run
//! as if no such case existed, and a lane that ends with z ≠ 0 had none: doubling has no exceptional case where no point has order 2,
//! which holds for both groups' curves, whose orders are odd.

use crate::backend::{Backend, mul, square};
use crate::field::Packed;
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};

/// Eight points; coordinates are reduced.
#[derive(Clone, Copy)]
pub(crate) struct Jacobian<L> {
    pub(crate) x: L,
    pub(crate) y: L,
    pub(crate) z: L,
}

impl<L: Packed> Jacobian<L> {
    /// Twice each point.
    #[inline(always)]
    pub(crate) fn double<B: Backend>(&self) -> Self {
        let a = square::<B, _>(self.x);
        let b = square::<B, _>(self.y);
        let two_b = b.add_reduced(b);
        let d = mul::<B, _>(self.x.add(self.x), two_b);
        let e = a.add(a).add_reduced(a);
        let c = square::<B, _>(two_b);
        let x = square::<B, _>(e).sub_two(d, d);
        let y = mul::<B, _>(d.sub(x), e).sub_two(c, c);
        let z = mul::<B, _>(self.y.add(self.y), self.z);
        Self { x, y, z }
    }

    /// Adds affine points, whose coordinates are at most 3 p.
    #[inline(always)]
    pub(crate) fn add_affine<B: Backend>(&self, [x, y]: [L; 2]) -> Self {
        let zz = square::<B, _>(self.z);
        let h = mul::<B, _>(zz, x).sub_reduced(self.x);
        let r = mul::<B, _>(mul::<B, _>(self.z, y), zz).sub_reduced(self.y);
        Self::chord::<B>(self.x, self.y, h, r, self.z)
    }

    /// Adds points.
    #[inline(always)]
    pub(crate) fn add<B: Backend>(&self, other: &Self) -> Self {
        let (zz, other_zz) = (square::<B, _>(self.z), square::<B, _>(other.z));
        let x = mul::<B, _>(self.x, other_zz);
        let y = mul::<B, _>(mul::<B, _>(self.y, other.z), other_zz);
        let h = mul::<B, _>(other.x, zz).sub_reduced(x);
        let r = mul::<B, _>(mul::<B, _>(other.y, self.z), zz).sub_reduced(y);
        Self::chord::<B>(x, y, h, r, mul::<B, _>(self.z, other.z))
    }

    /// The third point, from one point over z, and the differences to the other one.
    #[inline(always)]
    fn chord<B: Backend>(x: L, y: L, h: L, r: L, z: L) -> Self {
        let hh = square::<B, _>(h);
        let hhh = mul::<B, _>(h, hh);
        let v = mul::<B, _>(x, hh);
        let x = square::<B, _>(r).sub_two(hhh, v).sub_reduced(v);
        let y = mul::<B, _>(v.sub(x), r).sub_reduced(mul::<B, _>(y, hhh));
        Self { x, y, z: mul::<B, _>(z, h) }
    }

    /// The other point in the lanes of the mask.
    #[inline(always)]
    pub(crate) fn or_where(&self, mask: u8, other: &Self) -> Self {
        Self {
            x: Packed::select(mask, other.x, self.x),
            y: Packed::select(mask, other.y, self.y),
            z: Packed::select(mask, other.z, self.z),
        }
    }

    /// The first `count` points, behind others.
    #[inline(always)]
    pub(crate) fn append_to<P>(&self, count: usize, out: &mut Vec<Projective<P>>)
    where
        P: SWCurveConfig<BaseField = L::Element>,
    {
        let (x, y, z) = (self.x.unpack(), self.y.unpack(), self.z.unpack());
        for i in 0..count {
            out.push(Projective::new_unchecked(x[i], y[i], z[i]));
        }
    }

    /// Bit i is set where the points are the same; it has no meaning where a z is 0.
    #[inline(always)]
    pub(crate) fn equals<B: Backend>(&self, other: &Self) -> u8 {
        let (zz, other_zz) = (square::<B, _>(self.z), square::<B, _>(other.z));
        let x = mul::<B, _>(self.x, other_zz).sub(mul::<B, _>(other.x, zz));
        let y = mul::<B, _>(mul::<B, _>(self.y, other.z), other_zz);
        let other_y = mul::<B, _>(mul::<B, _>(other.y, self.z), zz);
        x.is_zero() & y.sub(other_y).is_zero()
    }
}
