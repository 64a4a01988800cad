//! From the values of all variables to the scalars of H.
//!
//! The quotient is `h = (a·b − c)/Z` with a, b, c the polynomials through the constraints' sides. On the coset g·D of the domain, Z is the
//! constant `g^n − 1`, and c is linear in the values. So the bases of H are brought from powers of τ to values on the coset, with `1/Z` in them, and
//! c's part goes into the bases of L (`preprocess`): what is left per proof is `a·b` on the coset, four transforms instead of seven.

use ark_ff::{AdditiveGroup, Field};
use sealroot_circuits::system::{Matrices, Matrix};
use sealroot_lanes::Path;
use sealroot_lanes::ntt::{Domain, Transform};
use sealroot_protocol::field::F;
use zeroize::Zeroizing;

/// What never changes of the computation of `a·b` on the coset.
pub(super) struct Quotient {
    domain: Domain,
    instance: usize,
    a: Rows,
    b: Rows,
}

impl Quotient {
    /// Of a circuit; `None` if its domain is smaller or larger than transforms are made for.
    pub(super) fn new(path: Path, matrices: &Matrices) -> Option<Self> {
        let domain = Domain::new(path, matrices.size().next_power_of_two())?;
        Some(Self { domain, instance: matrices.instance, a: Rows::new(&matrices.a), b: Rows::new(&matrices.b) })
    }

    /// Size of the domain.
    pub(super) fn size(&self) -> usize {
        self.domain.size()
    }

    /// `a·b` on the coset, and how long the products with the matrices took.
    pub(super) fn evaluate(&self, values: &[F], threads: usize) -> Zeroizing<Vec<F>> {
        let side = |rows: &Rows, appended: &[F]| {
            let mut evaluations = Zeroizing::new(Vec::with_capacity(self.size()));
            rows.times(values, &mut evaluations);
            // One constraint for each instance variable, which binds it: `z_i · 0 = 0`.
            evaluations.extend_from_slice(appended);
            evaluations.resize(self.size(), F::ZERO);
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

/// A sparse matrix whose entries of ±1, which are most, cost no multiplication.
struct Rows {
    ends: Vec<u32>,
    /// Variable, and 0 for 1, 1 for −1, else 2 + index into `coefficients`.
    terms: Vec<(u32, u32)>,
    coefficients: Vec<F>,
}

impl Rows {
    fn new(matrix: &Matrix) -> Self {
        let mut known = std::collections::HashMap::from([(F::ONE, 0), (-F::ONE, 1)]);
        let (mut ends, mut terms, mut coefficients) = (Vec::new(), Vec::new(), Vec::new());
        for row in (0..matrix.rows()).map(|i| matrix.row(i)) {
            for (variable, coefficient) in row {
                let kind = *known.entry(*coefficient).or_insert_with(|| {
                    coefficients.push(*coefficient);
                    coefficients.len() as u32 + 1
                });
                terms.push((*variable, kind));
            }
            ends.push(terms.len() as u32);
        }
        Self { ends, terms, coefficients }
    }

    fn times(&self, values: &[F], out: &mut Vec<F>) {
        let mut start = 0;
        for end in &self.ends {
            let mut sum = F::ZERO;
            for (variable, kind) in &self.terms[start as usize..*end as usize] {
                let value = &values[*variable as usize];
                match kind {
                    0 => sum += value,
                    1 => sum -= value,
                    // Bits are half of all values, and half of them are 0.
                    _ if *value == F::ZERO => {}
                    kind => sum += *value * self.coefficients[*kind as usize - 2],
                }
            }
            out.push(sum);
            start = *end;
        }
    }
}
