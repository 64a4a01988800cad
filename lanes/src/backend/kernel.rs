//! Kernels: code that is written once, and what it runs on.

use crate::field::{Coordinate, Extension, Gather, Packed, WIDTH};
use crate::memory::Stored;

/// Code that runs on either backend.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Implementations are `#[inline(always)]`, and so is what they call in their loops: only then is it compiled for the backend's instructions.
    fn run<B: Backend>(self) -> Self::Output;
}

/// The three fields of one way of computing.
pub trait Backend: Copy + Send + Sync + 'static {
    /// Base field.
    type Fq: Coordinate<Element = ark_bn254::Fq, Stored = Stored<8>>;
    /// Its quadratic extension.
    type Fq2: Coordinate<Stored = Stored<16>> + Extension<Base = Self::Fq>;
    /// Scalar field.
    type Fr: Gather;

    /// The highest bits of both members of eight pairs: bit i of the first result is that of the first member of pair i.
    fn signs(pairs: &[[u32; 2]; WIDTH]) -> [u8; 2];

    /// Runs a step as a function of its own, compiled for this backend's instructions.
    fn call<S: Step>(step: S) -> S::Output;
}

/// A part of a kernel that many places share, and that is large: inlined everywhere, it would leave the instruction cache.
pub trait Step {
    /// What it gives.
    type Output;
    /// Implementations are `#[inline(always)]`, as for [`Kernel`].
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
