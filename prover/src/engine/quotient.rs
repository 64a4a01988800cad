//! From the values of all variables to the scalars of H.
//!
//! The quotient is `h = (a·b − c)/Z` with a, b, c the polynomials through the constraints' sides. On the coset g·D of the domain, Z is the
//! constant `g^n − 1`, and c is linear in the values. So the bases of H are brought from powers of τ to values on the coset, with `1/Z` in them, and
//! c's part goes into the bases of L (`preprocess`): what is left per proof is `a·b` on the coset, four transforms instead of seven.

use ark_ff::AdditiveGroup;
use sealroot_circuits::system::{Matrices, Matrix};
use sealroot_lanes::Instructions;
use sealroot_lanes::ntt::{Domain, Transform};
use sealroot_lanes::sparse::Sparse;
use sealroot_protocol::field::F;
use zeroize::Zeroizing;

/// What never changes of the computation of `a·b` on the coset.
pub(super) struct Quotient {
    domain: Domain,
    instance: usize,
    constraints: usize,
    a: Sparse,
    b: Sparse,
}

impl Quotient {
    /// Of a circuit; `None` if its domain is smaller or larger than transforms are made for.
    pub(super) fn new(instructions: Instructions, matrices: &Matrices) -> Option<Self> {
        let domain = Domain::new(instructions, matrices.size().next_power_of_two())?;
        let rows =
            |matrix: &Matrix| Sparse::new(instructions, matrices.variables, (0..matrix.rows()).map(|i| matrix.row(i)));
        let (instance, constraints) = (matrices.instance, matrices.constraints());
        Some(Self { domain, instance, constraints, a: rows(&matrices.a), b: rows(&matrices.b) })
    }

    /// Size of the domain.
    pub(super) fn size(&self) -> usize {
        self.domain.size()
    }

    /// `a·b` on the coset.
    pub(super) fn evaluate(&self, values: &[F], threads: usize) -> Zeroizing<Vec<F>> {
        let side = |matrix: &Sparse, appended: &[F]| {
            let mut evaluations = Zeroizing::new(vec![F::ZERO; self.size()]);
            matrix.times(values, &mut evaluations);
            // One constraint for each instance variable, which binds it: `z_i · 0 = 0`.
            evaluations[self.constraints..][..appended.len()].copy_from_slice(appended);
            self.domain.transform(Transform::Extend, &mut evaluations);
            evaluations
        };
        let sides = [(&self.a, &values[..self.instance]), (&self.b, &[][..])];
        let mut sides = sealroot_lanes::scale::parallel(threads, 2, |i| side(sides[i].0, sides[i].1));
        let b = sides.pop().unwrap_or_default();
        let mut product = sides.pop().unwrap_or_default();
        for (a, b) in product.iter_mut().zip(b.iter()) {
            *a *= b;
        }
        product
    }
}
