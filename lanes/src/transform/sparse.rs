//! A sparse matrix times a vector, over the scalar field.
//!
//! Eight rows side by side, those of like length together. Both factors of a term are gathered from memory, since neither the variables nor
//! the coefficients of eight rows have anything to do with each other; sums are reduced once a row.

use crate::backend::{Backend, Instructions, Kernel};
use crate::field::{Gather, MAX_PRODUCTS, Packed, Term, WIDTH};
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use std::collections::HashMap;

/// A sparse matrix that doesn't change.
pub struct Sparse {
    instructions: Instructions,
    columns: usize,
    /// Rows by length; one pack for eight of them.
    order: Vec<u32>,
    /// Where each pack's terms end.
    ends: Vec<u32>,
    terms: Vec<Term>,
    coefficients: Vec<Fr>,
}

impl Sparse {
    /// Of rows of terms: an index below `columns`, and a coefficient.
    ///
    /// # Panics
    /// If an index is not below `columns`.
    pub fn new<'a>(instructions: Instructions, columns: usize, rows: impl Iterator<Item = &'a [(u32, Fr)]>) -> Self {
        let rows: Vec<&[(u32, Fr)]> = rows.collect();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|row| rows[*row as usize].len());
        let scale = Fr::from(instructions.run(Scale));
        // What fills up a short row: 0 times the first element.
        let (mut coefficients, mut known) = (vec![Fr::ZERO], HashMap::from([(Fr::ZERO, 0)]));
        let (mut ends, mut terms) = (Vec::new(), Vec::new());
        for eight in order.chunks(WIDTH) {
            let length = eight.iter().map(|row| rows[*row as usize].len()).max().unwrap_or(0);
            for i in 0..length {
                let mut term = Term { elements: [0; WIDTH], coefficients: [0; WIDTH] };
                for (lane, row) in eight.iter().enumerate() {
                    let Some((element, coefficient)) = rows[*row as usize].get(i) else { continue };
                    assert!((*element as usize) < columns, "terms name columns that exist");
                    term.elements[lane] = *element;
                    term.coefficients[lane] = *known.entry(*coefficient).or_insert_with(|| {
                        coefficients.push(scale * coefficient);
                        coefficients.len() as u32 - 1
                    });
                }
                terms.push(term);
            }
            ends.push(terms.len() as u32);
        }
        Self { instructions, columns, order, ends, terms, coefficients }
    }

    /// The products with all rows, put before the rest of `out`.
    ///
    /// # Panics
    /// If there is not one element per column, or `out` is shorter than there are rows.
    pub fn times(&self, elements: &[Fr], out: &mut [Fr]) {
        assert_eq!(elements.len(), self.columns, "one element per column");
        assert!(out.len() >= self.order.len(), "room for every row");
        self.instructions.run(Times { matrix: self, elements, out });
    }
}

struct Scale;

impl Kernel for Scale {
    type Output = u64;

    #[inline(always)]
    fn run<B: Backend>(self) -> u64 {
        B::Fr::SCALE
    }
}

struct Times<'a> {
    matrix: &'a Sparse,
    elements: &'a [Fr],
    out: &'a mut [Fr],
}

impl Kernel for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn run<B: Backend>(self) {
        let Sparse { order, ends, terms, coefficients, .. } = self.matrix;
        let mut start = 0;
        for (pack, end) in ends.iter().enumerate() {
            let mut sum = B::Fr::zero();
            for terms in terms[start..*end as usize].chunks(MAX_PRODUCTS) {
                sum = sum.add_reduced(B::Fr::dot(self.elements, coefficients, terms));
            }
            start = *end as usize;
            let sums = sum.unpack();
            for (lane, row) in order[pack * WIDTH..].iter().take(WIDTH).enumerate() {
                self.out[*row as usize] = sums[lane];
            }
        }
    }
}
