//! A sparse matrix times a vector, over the scalar field.
//!
//! Eight rows side by side, those of like length together. Both factors of a term are gathered from memory, since neither the variables nor
//! the coefficients of eight rows have anything to do with each other; sums are reduced once a row.

use crate::packed::{Backend, MAX_PRODUCTS, Packed, WIDTH};
use crate::path::{Kernel, Path};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::collections::HashMap;

/// One term of each of eight rows.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// Which elements of the vector.
    pub elements: [u32; WIDTH],
    /// Which coefficients.
    pub coefficients: [u32; WIDTH],
}

/// Scalars that are gathered from arkworks' form.
pub trait Gather: Packed<Element = Fr> {
    /// By what coefficients are multiplied beforehand.
    const SCALE: u64;
    /// Lane by lane, `Σ coefficient·element / SCALE`, reduced. At most [`MAX_PRODUCTS`] terms.
    ///
    /// # Panics
    /// If a term names what is not there.
    fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> Self;
}

/// A sparse matrix that doesn't change.
pub struct Sparse {
    path: Path,
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
    pub fn new<'a>(path: Path, columns: usize, rows: impl Iterator<Item = &'a [(u32, Fr)]>) -> Self {
        let rows: Vec<&[(u32, Fr)]> = rows.collect();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|row| rows[*row as usize].len());
        let scale = Fr::from(path.run(Scale));
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
        Self { path, columns, order, ends, terms, coefficients }
    }

    /// The products with all rows, put before the rest of `out`.
    ///
    /// # Panics
    /// If there is not one element per column, or `out` is shorter than there are rows.
    pub fn times(&self, elements: &[Fr], out: &mut [Fr]) {
        assert_eq!(elements.len(), self.columns, "one element per column");
        assert!(out.len() >= self.order.len(), "room for every row");
        self.path.run(Times { matrix: self, elements, out });
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

/// [`Gather::dot`] with arkworks' arithmetic, for coefficients that are not scaled.
pub(crate) fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> [Fr; WIDTH] {
    let mut sums = [Fr::ZERO; WIDTH];
    for term in terms {
        for lane in 0..WIDTH {
            let element = &elements[term.elements[lane] as usize];
            // Most coefficients are ±1, and a quarter of all values are bits that are 0.
            match &coefficients[term.coefficients[lane] as usize] {
                _ if *element == Fr::ZERO => {}
                one if *one == Fr::ONE => sums[lane] += element,
                minus_one if *minus_one == -Fr::ONE => sums[lane] -= element,
                coefficient => sums[lane] += *element * coefficient,
            }
        }
    }
    sums
}
