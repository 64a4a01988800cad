//! The tower over the quadratic extension in lanes: `Fq6 = Fq2[v]/(v³ − (9 + u))`, `Fq12 = Fq6[w]/(w² − v)`, as in arkworks.
//!
//! All coefficients are reduced, before and after.

use crate::backend::{Backend, mul};
use crate::field::{Extension, Packed, WIDTH};
use ark_bn254::{Fq2, Fq6, Fq12};
use ark_ff::{AdditiveGroup, Field};

/// Eight elements `c0 + c1·v + c2·v²`.
#[derive(Clone, Copy)]
struct Cubic<B: Backend>([B::Fq2; 3]);

/// Eight elements `c0 + c1·w`.
#[derive(Clone, Copy)]
pub(crate) struct Twelfth<B: Backend> {
    c0: Cubic<B>,
    c1: Cubic<B>,
}

/// Eight elements `a + (b + c·v)·w`: a line of the Miller loop.
#[derive(Clone, Copy)]
pub(crate) struct Line<B: Backend> {
    pub(crate) a: B::Fq2,
    pub(crate) b: B::Fq2,
    pub(crate) c: B::Fq2,
}

impl<B: Backend> Line<B> {
    /// 1 in the lanes of the mask, the line in the others.
    #[inline(always)]
    pub(crate) fn one_where(self, mask: u8) -> Self {
        let (zero, one) = (B::Fq2::zero(), B::Fq2::splat(Fq2::ONE));
        Self {
            a: Packed::select(mask, one, self.a),
            b: Packed::select(mask, zero, self.b),
            c: Packed::select(mask, zero, self.c),
        }
    }
}

impl<B: Backend> Twelfth<B> {
    /// Eight times 1.
    #[inline(always)]
    pub(crate) fn one() -> Self {
        let (zero, one) = (B::Fq2::zero(), B::Fq2::splat(Fq2::ONE));
        Self { c0: Cubic([one, zero, zero]), c1: Cubic([zero, zero, zero]) }
    }

    /// The square: `(c0 + c1)·(c0 + v·c1) − (1 + v)·c0·c1 + 2·c0·c1·w`.
    #[inline(always)]
    pub(crate) fn square(&self) -> Self {
        let cross = self.c0.mul(&self.c1);
        let both = self.c0.add(&self.c1).mul(&self.c0.add(&self.c1.times_v()));
        Self { c0: both.sub_two(&cross, &cross.times_v()), c1: cross.add(&cross) }
    }

    /// The product with one line.
    #[inline(always)]
    pub(crate) fn times_line(&self, line: &Line<B>) -> Self {
        let [x, y, z] = self.c0.0;
        let low = Cubic::<B>([mul::<B, _>(x, line.a), mul::<B, _>(y, line.a), mul::<B, _>(z, line.a)]);
        let high = self.c1.times_short(line.b, line.c);
        let both = self.c0.add(&self.c1).times_short(line.a.add_reduced(line.b), line.c);
        Self { c0: low.add(&high.times_v()), c1: both.sub_two(&low, &high) }
    }

    /// The product with two lines, which are multiplied with each other first: 23 products of Fq2 instead of 26.
    #[inline(always)]
    pub(crate) fn times_lines(&self, l: &Line<B>, m: &Line<B>) -> Self {
        let aa = mul::<B, _>(l.a, m.a);
        let bb = mul::<B, _>(l.b, m.b);
        let cc = mul::<B, _>(l.c, m.c);
        let ab = mul::<B, _>(l.a.add(l.b), m.a.add_reduced(m.b)).sub_two(aa, bb);
        let ac = mul::<B, _>(l.a.add(l.c), m.a.add_reduced(m.c)).sub_two(aa, cc);
        let bc = mul::<B, _>(l.b.add(l.c), m.b.add_reduced(m.c)).sub_two(bb, cc);
        let even = Cubic::<B>([aa.add_reduced(cc.times_nine_plus_u()), bb, bc]);
        let sum = Cubic::<B>([even.0[0].add_reduced(ab), even.0[1].add_reduced(ac), bc]);
        let low = self.c0.mul(&even);
        let high = self.c1.times_short(ab, ac);
        let both = self.c0.add(&self.c1).mul(&sum);
        Self { c0: low.add(&high.times_v()), c1: both.sub_two(&low, &high) }
    }

    /// To arkworks' form.
    #[inline(always)]
    pub(crate) fn unpack(self) -> [Fq12; WIDTH] {
        let mut out = [Fq12::ZERO; WIDTH];
        let (low, high) = (self.c0.0, self.c1.0);
        let low = [low[0].unpack(), low[1].unpack(), low[2].unpack()];
        let high = [high[0].unpack(), high[1].unpack(), high[2].unpack()];
        for i in 0..WIDTH {
            out[i] = Fq12::new(Fq6::new(low[0][i], low[1][i], low[2][i]), Fq6::new(high[0][i], high[1][i], high[2][i]));
        }
        out
    }
}

impl<B: Backend> Cubic<B> {
    /// Karatsuba: six products.
    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        let ([x0, x1, x2], [y0, y1, y2]) = (self.0, other.0);
        let v0 = mul::<B, _>(x0, y0);
        let v1 = mul::<B, _>(x1, y1);
        let v2 = mul::<B, _>(x2, y2);
        let v12 = mul::<B, _>(x1.add(x2), y1.add_reduced(y2)).sub_two(v1, v2);
        let v01 = mul::<B, _>(x0.add(x1), y0.add_reduced(y1)).sub_two(v0, v1);
        let v02 = mul::<B, _>(x0.add(x2), y0.add_reduced(y2)).sub_two(v0, v2);
        Self([v0.add_reduced(v12.times_nine_plus_u()), v01.add_reduced(v2.times_nine_plus_u()), v02.add_reduced(v1)])
    }

    /// The product with `y0 + y1·v`: five products.
    #[inline(always)]
    fn times_short(&self, y0: B::Fq2, y1: B::Fq2) -> Self {
        let [x0, x1, x2] = self.0;
        let v0 = mul::<B, _>(x0, y0);
        let v1 = mul::<B, _>(x1, y1);
        let x2y1 = mul::<B, _>(x1.add(x2), y1).sub_reduced(v1);
        let x2y0 = mul::<B, _>(x0.add(x2), y0).sub_reduced(v0);
        let v01 = mul::<B, _>(x0.add(x1), y0.add_reduced(y1)).sub_two(v0, v1);
        Self([v0.add_reduced(x2y1.times_nine_plus_u()), v01, x2y0.add_reduced(v1)])
    }

    #[inline(always)]
    fn times_v(&self) -> Self {
        let [x, y, z] = self.0;
        Self([z.times_nine_plus_u(), x, y])
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0].add_reduced(b[0]), a[1].add_reduced(b[1]), a[2].add_reduced(b[2])])
    }

    /// `self − first − second`.
    #[inline(always)]
    fn sub_two(&self, first: &Self, second: &Self) -> Self {
        let (a, b, c) = (self.0, first.0, second.0);
        Self([a[0].sub_two(b[0], c[0]), a[1].sub_two(b[1], c[1]), a[2].sub_two(b[2], c[2])])
    }
}
