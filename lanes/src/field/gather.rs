//! Inner products of scalars that are gathered from memory.

use super::packed::{Packed, WIDTH};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

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
    /// Lane by lane, `Σ coefficient·element / SCALE`, reduced. At most [`MAX_PRODUCTS`](super::MAX_PRODUCTS) terms.
    ///
    /// # Panics
    /// If a term names what is not there.
    fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> Self;
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
