//! One code, two readings: what gadgets and obligations are written against.
//!
//! A [`System`] is either a [`Recorder`], which sees relations and no values, or [`Values`], which sees values and no
//! relations. So the constraints can't depend on a witness, and computing a witness costs no linear combinations.

mod linear;
mod matrices;
mod number;
mod recorder;
mod values;

pub use linear::Linear;
pub use matrices::{Matrices, Matrix, Section};
pub use number::Number;
pub use recorder::Recorder;
pub use values::Values;

use ark_ff::{Field, Zero};
use sealroot_protocol::field::F;

/// Where constraints and advice go.
pub trait System {
    /// A linear combination of variables, or its value.
    type Num: Number;

    /// A new variable. The hint says what an honest prover puts there; it constrains nothing.
    fn advise<const N: usize>(&mut self, from: [&Self::Num; N], hint: impl FnOnce([F; N]) -> F) -> Self::Num;

    /// `count` new variables with one hint, which gives exactly `count` values.
    fn advise_many<const N: usize>(
        &mut self,
        from: [&Self::Num; N],
        count: usize,
        hint: impl FnOnce([F; N]) -> Vec<F>,
    ) -> Vec<Self::Num>;

    /// The constraint `a·b = c`.
    fn enforce(&mut self, a: &Self::Num, b: &Self::Num, c: &Self::Num);

    /// `a·b`, as a new variable.
    fn product(&mut self, a: &Self::Num, b: &Self::Num) -> Self::Num {
        let product = self.advise([a, b], |[a, b]| a * b);
        self.enforce(a, b, &product);
        product
    }

    /// `a/b`, as a new variable. Determined only where `b ≠ 0`: the caller says why that is so.
    fn quotient(&mut self, a: &Self::Num, b: &Self::Num) -> Self::Num {
        let quotient = self.advise([a, b], |[a, b]| b.inverse().map_or_else(F::zero, |inverse| a * inverse));
        self.enforce(&quotient, b, a);
        quotient
    }

    /// The constraint `a = b`.
    fn equal(&mut self, a: &Self::Num, b: &Self::Num) {
        self.enforce(a, &Self::Num::unit(), b);
    }

    /// The constraint `b ∈ {0, 1}`.
    fn boolean(&mut self, b: &Self::Num) {
        self.enforce(b, b, b);
    }
}
