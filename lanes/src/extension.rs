//! What towers of fields and the twist need of the quadratic extension, beyond the arithmetic of any field in lanes.

use crate::packed::{Backend, Packed};
use ark_bn254::{Fq, Fq2};

/// Eight elements of `Fq[u]/(u² + 1)`.
pub trait Extension: Packed<Element = Fq2> {
    /// Eight elements of the base field.
    type Base: Packed<Element = Fq>;

    /// The Frobenius map, `c0 − c1·u`, of what is at most 3 p; the result is at most 3 p.
    fn conjugate(self) -> Self;
    /// The product with `9 + u`, the cubic non-residue of the tower. Takes reduced, gives reduced.
    fn times_nine_plus_u(self) -> Self;
    /// The product with a base field element, reduced. One factor may be loose, the other is at most 3 p.
    fn scale(self, factor: Self::Base) -> Self;
}

/// A part of a kernel that many places share, and that is large: inlined everywhere, it would leave the instruction cache.
pub trait Step {
    /// What it gives.
    type Output;
    /// Implementations are `#[inline(always)]`, as for [`Kernel`](crate::Kernel).
    fn run(self) -> Self::Output;
}

struct Mul<'a, L>(&'a L, &'a L);
struct Square<'a, L>(&'a L);

impl<L: Packed> Step for Mul<'_, L> {
    type Output = L;
    #[inline(always)]
    fn run(self) -> L {
        self.0.mul(*self.1)
    }
}

impl<L: Packed> Step for Square<'_, L> {
    type Output = L;
    #[inline(always)]
    fn run(self) -> L {
        self.0.square()
    }
}

/// [`Packed::mul`] as a function of its own.
#[inline(always)]
pub(crate) fn mul<B: Backend, L: Packed>(a: L, b: L) -> L {
    B::call(Mul(&a, &b))
}

/// [`Packed::square`] as a function of its own.
#[inline(always)]
pub(crate) fn square<B: Backend, L: Packed>(a: L) -> L {
    B::call(Square(&a))
}
