//! What towers of fields and the twist need of the quadratic extension, beyond the arithmetic of any field in lanes.

use super::packed::Packed;
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
