//! Sparse matrices against arkworks, with all instructions.

#![allow(clippy::unwrap_used)]

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_lanes::{Instructions, MAX_PRODUCTS, sparse::Sparse};

type Row = Vec<(u32, Fr)>;

fn check(name: &str, rows: &[Row], elements: &[Fr]) {
    let expected: Vec<Fr> =
        rows.iter().map(|row| row.iter().map(|(i, c)| elements[*i as usize] * c).sum::<Fr>()).collect();
    for instructions in Instructions::all() {
        let matrix = Sparse::new(instructions, elements.len(), rows.iter().map(Vec::as_slice));
        // What lies behind the rows stays.
        let mut out = vec![Fr::ONE; rows.len() + 3];
        matrix.times(elements, &mut out);
        assert_eq!(out[..rows.len()], expected, "{name}, {}", instructions.name());
        assert_eq!(out[rows.len()..], [Fr::ONE; 3], "{name}, {}", instructions.name());
    }
}

#[test]
fn random_rows() {
    let mut rng = StdRng::seed_from_u64(6);
    for count in [0, 1, 7, 8, 9, 100] {
        let mut elements: Vec<Fr> = (0..50).map(|_| Fr::rand(&mut rng)).collect();
        elements[3] = Fr::ZERO;
        elements[4] = -Fr::ONE;
        let coefficients = [Fr::ONE, -Fr::ONE, Fr::ZERO, Fr::from(2u8), Fr::rand(&mut rng), Fr::rand(&mut rng)];
        let mut term = || (rng.gen_range(0..50), coefficients[rng.gen_range(0..coefficients.len())]);
        let rows: Vec<Row> = (0..count).map(|i| (0..i * 7 % 13).map(|_| term()).collect()).collect();
        check("random", &rows, &elements);
    }
}

/// Sums as large as they can get, and longer than one reduction takes.
#[test]
fn largest_sums() {
    let lengths = [1, MAX_PRODUCTS - 1, MAX_PRODUCTS, MAX_PRODUCTS + 1, 3 * MAX_PRODUCTS + 5];
    // The largest limbs that a number below p has: its form is p − 1, or all ones below the top.
    for (element, coefficient) in
        [(-Fr::ONE, -Fr::ONE), (largest(), largest()), (largest(), largest() / Fr::from(256u64))]
    {
        let rows: Vec<Row> =
            lengths.iter().map(|length| (0..*length).map(|i| (i as u32 % 5, coefficient)).collect()).collect();
        check("largest", &rows, &[element; 5]);
    }
}

/// The element whose form, its product with 2^256, is p − 1.
fn largest() -> Fr {
    -Fr::from(2u8).pow([256u64]).inverse().unwrap()
}

#[test]
#[should_panic(expected = "terms name columns that exist")]
fn terms_beyond_the_columns_are_refused() {
    Sparse::new(Instructions::scalar(), 2, [&[(2, Fr::ONE)][..]].into_iter());
}

#[test]
#[should_panic(expected = "one element per column")]
fn other_lengths_are_refused() {
    Sparse::new(Instructions::detect(), 2, [&[(1, Fr::ONE)][..]].into_iter()).times(&[Fr::ONE], &mut [Fr::ZERO]);
}
