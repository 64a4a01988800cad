//! Products of points and scalars, and transforms of points, against arkworks.

#![allow(clippy::unwrap_used)]

use ark_bn254::{Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_lanes::curve::{load_points, store_points};
use sealroot_lanes::scale::{Degenerate, scale_all, transform_points};
use sealroot_lanes::{G1, G2, Instructions};

#[test]
fn products_are_arks() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut scalars: Vec<Fr> = (0..29).map(|_| Fr::rand(&mut rng)).collect();
    scalars.extend([Fr::ONE, -Fr::ONE, Fr::from(2u8), -Fr::from(2u8), Fr::from(16u8)]);
    for instructions in Instructions::all() {
        let points: Vec<_> = scalars.iter().map(|_| G1Projective::rand(&mut rng)).collect();
        let stored = store_points::<G1>(instructions, &G1Projective::normalize_batch(&points)).unwrap();
        let found = load_points::<G1>(
            instructions,
            &scale_all::<G1>(instructions, 2, &stored[..points.len()], &scalars).unwrap(),
        );
        let expected: Vec<G1Projective> = points.iter().zip(&scalars).map(|(p, s)| *p * s).collect();
        assert_eq!(found, G1Projective::normalize_batch(&expected));

        let points: Vec<_> = scalars.iter().map(|_| G2Projective::rand(&mut rng)).collect();
        let stored = store_points::<G2>(instructions, &G2Projective::normalize_batch(&points)).unwrap();
        let found = load_points::<G2>(
            instructions,
            &scale_all::<G2>(instructions, 1, &stored[..points.len()], &scalars).unwrap(),
        );
        let expected: Vec<G2Projective> = points.iter().zip(&scalars).map(|(p, s)| *p * s).collect();
        assert_eq!(found, G2Projective::normalize_batch(&expected));
        assert_eq!(scale_all::<G2>(instructions, 1, &stored[..1], &[Fr::ZERO]), Err(Degenerate));
    }
}

#[test]
fn transforms_are_arks() {
    let mut rng = StdRng::seed_from_u64(8);
    let n = 64;
    let domain = Radix2EvaluationDomain::<Fr>::new(n).unwrap();
    let points: Vec<_> = (0..n).map(|_| G1Projective::rand(&mut rng)).collect();
    let expected: Vec<G1Affine> = G1Projective::normalize_batch(&domain.fft(&points));
    for instructions in Instructions::all() {
        let mut stored = store_points::<G1>(instructions, &G1Projective::normalize_batch(&points)).unwrap();
        transform_points::<G1>(instructions, 2, &mut stored, domain.group_gen(), &|| {}).unwrap();
        assert_eq!(load_points::<G1>(instructions, &stored), expected);
    }
}
