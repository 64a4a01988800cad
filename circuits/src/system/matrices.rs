//! The constraint system of a shape: three sparse matrices, and which rows belong to which obligation.

use crate::obligation::Obligation;
use ark_ff::{PrimeField, Zero};
use sealroot_protocol::field::{self, Digest, F};
use sha2::{Digest as _, Sha256};
use std::ops::Range;

/// Rank-1 constraints `(A·z) ∘ (B·z) = C·z` over the full assignment `z` = 1, public inputs, words, wires, advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrices {
    /// Instance variables, the constant 1 among them: the first ones of `z`.
    pub instance: usize,
    /// Length of `z`.
    pub variables: usize,
    /// Left factors.
    pub a: Matrix,
    /// Right factors.
    pub b: Matrix,
    /// Products.
    pub c: Matrix,
    /// Rows by obligation, in order and without gap.
    pub sections: Vec<Section>,
}

/// The rows of one obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Whose they are.
    pub obligation: Obligation,
    /// Indices of constraints.
    pub constraints: Range<usize>,
}

/// A sparse matrix by rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    ends: Vec<usize>,
    terms: Vec<(u32, F)>,
}

impl Matrices {
    /// Number of constraints.
    pub fn constraints(&self) -> usize {
        self.a.rows()
    }

    /// What the proving domain must hold: constraints and instance variables.
    pub fn size(&self) -> usize {
        self.constraints() + self.instance
    }

    /// The constraints that `z` violates.
    ///
    /// # Panics
    /// If `z` has not one value per variable.
    pub fn unsatisfied(&self, z: &[F]) -> Vec<usize> {
        assert_eq!(z.len(), self.variables, "one value per variable");
        (0..self.constraints()).filter(|i| self.a.dot(*i, z) * self.b.dot(*i, z) != self.c.dot(*i, z)).collect()
    }

    /// Whose constraint it is.
    pub fn obligation_of(&self, constraint: usize) -> Option<Obligation> {
        self.sections.iter().find(|s| s.constraints.contains(&constraint)).map(|s| s.obligation)
    }

    /// SHA-256 over sizes and all entries: what a ceremony's keys are for. Any change of the circuit changes it.
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(b"sealroot/1:matrices\n");
        for size in [self.instance, self.variables, self.constraints()] {
            hash.update((size as u64).to_be_bytes());
        }
        for matrix in [&self.a, &self.b, &self.c] {
            for row in (0..matrix.rows()).map(|i| matrix.row(i)) {
                hash.update((row.len() as u64).to_be_bytes());
                for (variable, coefficient) in row {
                    hash.update(variable.to_be_bytes());
                    hash.update(field::to_bytes(*coefficient));
                }
            }
        }
        Digest(hash.finalize().into())
    }
}

impl Matrix {
    /// From rows of coefficients and variables, as arkworks has them.
    pub fn from_rows(rows: Vec<Vec<(F, usize)>>) -> Self {
        let mut matrix = Self::default();
        for mut row in rows {
            row.sort_by_key(|(_, variable)| *variable);
            let terms: Vec<(u32, F)> = row.into_iter().map(|(c, variable)| (variable as u32, c)).collect();
            matrix.push(&terms);
        }
        matrix
    }

    /// Rows of coefficients and variables, as arkworks has them.
    pub fn to_rows(&self) -> Vec<Vec<(F, usize)>> {
        let row = |i| self.row(i).iter().map(|(variable, c)| (*c, *variable as usize)).collect();
        (0..self.rows()).map(row).collect()
    }

    pub(super) fn push(&mut self, row: &[(u32, F)]) {
        self.terms.extend_from_slice(row);
        self.ends.push(self.terms.len());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Number of entries that are not 0.
    pub fn entries(&self) -> usize {
        self.terms.len()
    }

    /// Variable and coefficient, ascending.
    pub fn row(&self, i: usize) -> &[(u32, F)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.terms[start..self.ends[i]]
    }

    /// Row `i` times `z`.
    pub fn dot(&self, i: usize, z: &[F]) -> F {
        self.row(i).iter().fold(F::zero(), |sum, (variable, coefficient)| {
            let value = z[*variable as usize];
            // Bits are half of all values, and half of them are 0.
            if value.is_zero() { sum } else { sum + value * coefficient }
        })
    }
}

const _: () = assert!(F::MODULUS_BIT_SIZE <= 256, "coefficients are hashed as 32 bytes");
