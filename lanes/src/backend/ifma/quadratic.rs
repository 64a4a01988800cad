//! The quadratic extension `Fq[u]/(u² + 1)` in lanes. Products are reduced once per component, not once per multiplication.

use super::base::{Base, montgomery, product};
use super::vector::{self, V, each};
use crate::field::{Coordinate, Extension, FqModulus, Modulus, Packed, WIDTH};
use crate::memory::Stored;
use ark_bn254::Fq2;
use std::array::from_fn;

type Fq = Base<FqModulus>;

/// Eight elements `c0 + c1·u`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quadratic {
    c0: Fq,
    c1: Fq,
}

/// The sum of two loose values: normalised, less than 16 p, a factor only.
#[inline(always)]
fn sum(a: Fq, b: Fq) -> [V; 5] {
    Fq::normalise(each!(i => vector::add(a.0[i], b.0[i]))).0
}

impl Packed for Quadratic {
    type Element = Fq2;
    type Constant = [[u64; 5]; 2];

    #[inline(always)]
    fn constant(element: &Fq2) -> [[u64; 5]; 2] {
        [<Fq as Packed>::constant(&element.c0), <Fq as Packed>::constant(&element.c1)]
    }

    #[inline(always)]
    fn broadcast(constant: &[[u64; 5]; 2]) -> Self {
        Self { c0: Fq::broadcast(&constant[0]), c1: Fq::broadcast(&constant[1]) }
    }

    #[inline(always)]
    fn transpose(packs: &mut [Self; WIDTH]) {
        let mut c0 = each!(8, i => packs[i].c0);
        let mut c1 = each!(8, i => packs[i].c1);
        Fq::transpose(&mut c0);
        Fq::transpose(&mut c1);
        for i in 0..WIDTH {
            packs[i] = Self { c0: c0[i], c1: c1[i] };
        }
    }

    #[inline(always)]
    fn zero() -> Self {
        Self { c0: Fq::zero(), c1: Fq::zero() }
    }

    #[inline(always)]
    fn splat(element: Fq2) -> Self {
        Self { c0: Fq::splat(element.c0), c1: Fq::splat(element.c1) }
    }

    #[inline(always)]
    fn pack(elements: &[Fq2; WIDTH]) -> Self {
        Self { c0: Fq::pack(&elements.map(|x| x.c0)), c1: Fq::pack(&elements.map(|x| x.c1)) }
    }

    #[inline(always)]
    fn unpack(self) -> [Fq2; WIDTH] {
        let (c0, c1) = (self.c0.unpack(), self.c1.unpack());
        from_fn(|i| Fq2::new(c0[i], c1[i]))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { c0: self.c0.add(other.c0), c1: self.c1.add(other.c1) }
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self { c0: self.c0.sub(other.c0), c1: self.c1.sub(other.c1) }
    }

    #[inline(always)]
    fn neg(self) -> Self {
        Self { c0: self.c0.neg(), c1: self.c1.neg() }
    }

    #[inline(always)]
    fn add_reduced(self, other: Self) -> Self {
        Self { c0: self.c0.add_reduced(other.c0), c1: self.c1.add_reduced(other.c1) }
    }

    #[inline(always)]
    fn sub_reduced(self, other: Self) -> Self {
        Self { c0: self.c0.sub_reduced(other.c0), c1: self.c1.sub_reduced(other.c1) }
    }

    #[inline(always)]
    fn sub_two(self, first: Self, second: Self) -> Self {
        Self { c0: self.c0.sub_two(first.c0, second.c0), c1: self.c1.sub_two(first.c1, second.c1) }
    }

    /// Karatsuba on columns. With one factor below 8 p and the other at most 3 p, c0 is in (−0.29, 1.29)·p before p is added, c1 less
    /// than 1.58 p.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let low = product(&self.c0.0, &other.c0.0);
        let high = product(&self.c1.0, &other.c1.0);
        let cross = product(&sum(self.c0, self.c1), &sum(other.c0, other.c1));
        let p: [V; 5] = each!(i => vector::splat(FqModulus::P52[i]));
        let c0 = montgomery::<FqModulus>(each!(10, i => vector::sub(low[i], high[i])));
        let c1 = montgomery::<FqModulus>(each!(10, i => vector::sub(cross[i], vector::add(low[i], high[i]))));
        Self { c0: Fq::normalise_reduced(each!(i => vector::add(c0[i], p[i]))), c1: Fq::normalise(c1) }
    }

    /// `(c0 + c1)(c0 − c1) + 2·c0·c1·u`: factors of at most 6 p.
    #[inline(always)]
    fn square(self) -> Self {
        let difference = self.c0.sub(self.c1);
        Self { c0: Fq::new(sum(self.c0, self.c1)).mul(difference), c1: Fq::new(sum(self.c0, self.c0)).mul(self.c1) }
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        Self { c0: self.c0.reduce(), c1: self.c1.reduce() }
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        self.c0.is_zero() & self.c1.is_zero()
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self { c0: Fq::select(mask, yes.c0, no.c0), c1: Fq::select(mask, yes.c1, no.c1) }
    }
}

impl Extension for Quadratic {
    type Base = Fq;

    #[inline(always)]
    fn conjugate(self) -> Self {
        Self { c0: self.c0, c1: self.c1.neg() }
    }

    /// `9·c0 − c1` and `9·c1 + c0`: less than 23.25 p, before reduction, after 3 p were added.
    #[inline(always)]
    fn times_nine_plus_u(self) -> Self {
        let three = Fq::p_times::<3>();
        let (c0, c1) = (self.c0.0, self.c1.0);
        let low = each!(i => vector::sub(vector::add(vector::nine_times(c0[i]), three[i]), c1[i]));
        let high = each!(i => vector::add(vector::nine_times(c1[i]), c0[i]));
        Self { c0: Fq::normalise_from_large(low), c1: Fq::normalise_from_large(high) }
    }

    #[inline(always)]
    fn scale(self, factor: Fq) -> Self {
        Self { c0: self.c0.mul(factor), c1: self.c1.mul(factor) }
    }
}

impl Coordinate for Quadratic {
    type Stored = Stored<16>;

    #[inline(always)]
    fn load(points: [&Stored<16>; WIDTH]) -> (Self, Self) {
        let rows = each!(8, i => vector::load(&points[i].0.as_chunks::<8>().0[0]));
        let [a, b, c, d, e, f, g, h] = vector::transpose(rows);
        let x = Self { c0: Fq::from_words([a, b, c, d]), c1: Fq::from_words([e, f, g, h]) };
        let rows = each!(8, i => vector::load(&points[i].0.as_chunks::<8>().0[1]));
        let [a, b, c, d, e, f, g, h] = vector::transpose(rows);
        (x, Self { c0: Fq::from_words([a, b, c, d]), c1: Fq::from_words([e, f, g, h]) })
    }

    #[inline(always)]
    fn store(x: Self, y: Self, out: &mut [Stored<16>; WIDTH]) {
        let ([a, b, c, d], [e, f, g, h]) = (vector::widen(x.c0.0), vector::widen(x.c1.0));
        let rows = vector::transpose([a, b, c, d, e, f, g, h]);
        for i in 0..WIDTH {
            vector::store(rows[i], &mut out[i].0.as_chunks_mut::<8>().0[0]);
        }
        let ([a, b, c, d], [e, f, g, h]) = (vector::widen(y.c0.0), vector::widen(y.c1.0));
        let rows = vector::transpose([a, b, c, d, e, f, g, h]);
        for i in 0..WIDTH {
            vector::store(rows[i], &mut out[i].0.as_chunks_mut::<8>().0[1]);
        }
    }
}
