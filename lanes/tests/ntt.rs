//! Transforms against ark-poly, with all instructions.

#![allow(clippy::unwrap_used)]

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_lanes::Instructions;
use sealroot_lanes::ntt::{Domain, Transform};

fn expected(transform: Transform, elements: &[Fr]) -> Vec<Fr> {
    let domain = Radix2EvaluationDomain::<Fr>::new(elements.len()).unwrap();
    let coset = domain.get_coset(Fr::GENERATOR).unwrap();
    match transform {
        Transform::Forward => domain.fft(elements),
        Transform::Inverse => domain.ifft(elements),
        Transform::CosetForward => coset.fft(elements),
        Transform::CosetInverse => coset.ifft(elements),
        Transform::Extend => coset.fft(&domain.ifft(elements)),
    }
}

/// Every size that tests have time for, the two of the shapes among them; random, constant, single and extreme inputs.
#[test]
fn every_transform_is_ark_polys() {
    let mut rng = StdRng::seed_from_u64(6);
    for log in (6..=13).chain([15, 17]) {
        let n = 1usize << log;
        let mut single = vec![Fr::ZERO; n];
        single[n / 3] = -Fr::ONE;
        let mut inputs = vec![(0..n).map(|_| Fr::rand(&mut rng)).collect::<Vec<_>>()];
        if log <= 13 {
            inputs.extend([single, vec![Fr::ZERO; n], vec![-Fr::ONE; n]]);
        }
        for instructions in Instructions::all() {
            let domain = Domain::new(instructions, n).unwrap();
            assert_eq!(domain.size(), n);
            for input in &inputs {
                use Transform::{CosetForward, CosetInverse, Extend, Forward, Inverse};
                for transform in [Forward, Inverse, CosetForward, CosetInverse, Extend] {
                    let mut found = input.clone();
                    domain.transform(transform, &mut found);
                    assert!(found == expected(transform, input), "{transform:?} of 2^{log}, {}", instructions.name());
                }
            }
        }
    }
}

#[test]
fn other_sizes_have_no_domain() {
    for size in [0, 1, 32, 63, 65, 96, 1 << 29] {
        assert!(Domain::new(Instructions::scalar(), size).is_none(), "{size}");
    }
}
