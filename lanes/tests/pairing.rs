//! Products of pairings, G2's subgroup and products in G1 against arkworks, with all instructions.
//!
//! Full run: `SEALROOT_CASES=1000 cargo test --release -p sealroot-lanes --test pairing`.

#![allow(clippy::unwrap_used)]

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::bn::BnConfig;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ec::{AffineRepr, CurveConfig, CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand, Zero};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use num_bigint::BigInt;
use sealroot_lanes::Instructions;
use sealroot_lanes::glv::{ShortScalar, scale, scale_short, sum_short};
use sealroot_lanes::pairing::multi_miller_loop;
use sealroot_lanes::subgroup::{Membership, g2_membership, is_in_g2};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(number("SEALROOT_SEED", seed))
}

#[test]
fn products_of_pairings_are_arks() {
    let mut rng = rng(1);
    let mut left = number("SEALROOT_CASES", 60) as usize;
    let mut n = 0;
    while left > 0 {
        n = n % 19 + 1;
        left = left.saturating_sub(n);
        let pairs: Vec<(G1Affine, G2Affine)> = (0..n)
            .map(|_| match rng.gen_range(0..12) {
                0 => (G1Affine::zero(), G2Affine::rand(&mut rng)),
                1 => (G1Affine::rand(&mut rng), G2Affine::zero()),
                2 => (G1Affine::generator(), -G2Affine::generator()),
                _ => (G1Affine::rand(&mut rng), G2Affine::rand(&mut rng)),
            })
            .collect();
        let (p, q): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        let expected = Bn254::multi_pairing(p, q);
        for instructions in Instructions::all() {
            let found = Bn254::final_exponentiation(MillerLoopOutput(multi_miller_loop(instructions, &pairs)));
            assert_eq!(found, Some(expected), "{}, {n} pairs", instructions.name());
        }
    }
}

#[test]
fn nothing_to_pair_is_exactly_one() {
    for instructions in Instructions::all() {
        assert_eq!(multi_miller_loop(instructions, &[]), ark_bn254::Fq12::ONE);
        let infinite = vec![(G1Affine::zero(), G2Affine::generator()); 9];
        assert_eq!(multi_miller_loop(instructions, &infinite), ark_bn254::Fq12::ONE);
    }
}

/// `Π e(a_i·P, Q)·e(−Σ a_i·P, Q) = 1`.
#[test]
fn a_product_that_cancels_out_is_one() {
    let mut rng = rng(2);
    for n in [1, 7, 8, 20] {
        let q = G2Affine::rand(&mut rng);
        let points: Vec<G1Projective> = (0..n).map(|_| G1Projective::rand(&mut rng)).collect();
        let mut pairs: Vec<_> = points.iter().map(|p| (p.into_affine(), q)).collect();
        pairs.push((-points.iter().sum::<G1Projective>().into_affine(), q));
        for instructions in Instructions::all() {
            let value = Bn254::final_exponentiation(MillerLoopOutput(multi_miller_loop(instructions, &pairs)));
            assert!(value.unwrap().is_zero(), "{n}");
            let fewer = Bn254::final_exponentiation(MillerLoopOutput(multi_miller_loop(instructions, &pairs[1..])));
            assert!(!fewer.unwrap().is_zero(), "{n}");
        }
    }
}

/// A point of the twist, in or out of the subgroup.
fn on_twist(rng: &mut StdRng) -> G2Affine {
    loop {
        let point = G2Affine::get_point_from_x_unchecked(Fq2::rand(rng), rng.r#gen());
        if let Some(point) = point {
            return point;
        }
    }
}

/// The twist's order is the cofactor times r, and these are the cofactor's prime factors up to 2^64.
const SMALL_PRIMES: [u64; 3] = [10_069, 5_864_401, 1_875_725_156_269];

/// `cofactor / divisor` as limbs.
fn cofactor_over(divisor: u64) -> Vec<u64> {
    let mut out = vec![0; 4];
    let mut rest = 0u128;
    for (out, limb) in out.iter_mut().zip(<ark_bn254::g2::Config as CurveConfig>::COFACTOR).rev() {
        let value = rest << 64 | u128::from(*limb);
        (*out, rest) = ((value / u128::from(divisor)) as u64, value % u128::from(divisor));
    }
    assert_eq!(rest, 0, "{divisor} divides the cofactor");
    out
}

/// A point whose order is this prime.
fn of_order(prime: u64, rng: &mut StdRng) -> G2Affine {
    loop {
        let point = on_twist(rng).mul_bigint(cofactor_over(prime)).mul_bigint(Fr::MODULUS).into_affine();
        if !point.is_zero() {
            assert!(point.mul_bigint([prime]).is_zero());
            return point;
        }
    }
}

fn expected(point: &G2Affine) -> Membership {
    if point.is_zero() {
        Membership::Identity
    } else if !point.is_on_curve() {
        Membership::OffCurve
    } else if point.mul_bigint(Fr::MODULUS).is_zero() {
        assert!(point.is_in_correct_subgroup_assuming_on_curve());
        Membership::InSubgroup
    } else {
        assert!(!point.is_in_correct_subgroup_assuming_on_curve());
        Membership::OutsideSubgroup
    }
}

#[test]
fn membership_is_arks() {
    let mut rng = rng(3);
    let mut points = vec![G2Affine::zero(), G2Affine::generator(), -G2Affine::generator()];
    for prime in SMALL_PRIMES {
        let small = of_order(prime, &mut rng);
        points.extend([small, -small, (small + small).into_affine()]);
        points
            .extend([(small + G2Affine::generator()).into_affine(), (small + G2Affine::rand(&mut rng)).into_affine()]);
    }
    // The part whose order is the cofactor, and one without its small factors.
    points.push(on_twist(&mut rng).mul_bigint(Fr::MODULUS).into_affine());
    points.push(points[points.len() - 1].mul_bigint(&SMALL_PRIMES[..1]).into_affine());
    for _ in 0..number("SEALROOT_CASES", 60) {
        points.push(match rng.gen_range(0..5) {
            0 => on_twist(&mut rng),
            1 => G2Affine::new_unchecked(Fq2::rand(&mut rng), Fq2::rand(&mut rng)),
            2 => G2Affine::new_unchecked(Fq2::ZERO, Fq2::rand(&mut rng)),
            3 => points[rng.gen_range(0..points.len())],
            _ => G2Affine::rand(&mut rng),
        });
    }
    let expected: Vec<_> = points.iter().map(expected).collect();
    for (point, expected) in points.iter().zip(&expected).filter(|(_, e)| **e != Membership::OffCurve) {
        assert_eq!(is_in_g2(point), *expected != Membership::OutsideSubgroup);
    }
    for instructions in Instructions::all() {
        assert_eq!(g2_membership(instructions, &points), expected, "{}", instructions.name());
        // Each in a pack of its own, and with padding after it.
        for (point, expected) in points.iter().zip(&expected) {
            assert_eq!(g2_membership(instructions, &[*point]), [*expected], "{}", instructions.name());
        }
        assert_eq!(g2_membership(instructions, &[]), []);
    }
}

/// The check's endomorphism is a + b·ψ modulo ψ² − tψ + p. Its dual times itself is the norm, so the order of a point that it sends to infinity
/// divides the norm and the twist's order; were their greatest common divisor more than r, there could be such points outside of G2.
#[test]
fn the_subgroup_check_is_exact() {
    let big = |limbs: &[u64]| limbs.iter().rev().fold(BigInt::ZERO, |n, limb| (n << 64) + limb);
    let x = big(<ark_bn254::Config as BnConfig>::X);
    let r = big(Fr::MODULUS.as_ref());
    let p = big(Fq::MODULUS.as_ref());
    let cofactor = big(<ark_bn254::g2::Config as CurveConfig>::COFACTOR);
    let t: BigInt = &p + 1 - &r;
    assert_eq!(t, 6 * &x * &x + 1);
    assert_eq!(cofactor, 2 * &p - &r);
    // x + 1 + xψ + xψ² − 2xψ³, with ψ² = tψ − p and ψ³ = (t² − p)ψ − tp.
    let a: BigInt = &x + 1 - &x * &p + 2 * &x * &t * &p;
    let b: BigInt = &x + &x * &t - 2 * &x * (&t * &t - &p);
    let order = &cofactor * &r;
    let norm = |a: &BigInt, b: &BigInt| a * a + a * b * &t + b * b * &p;
    assert_eq!(common_divisor(norm(&a, &b), order.clone()).magnitude(), r.magnitude());
    // No addition of the chain meets infinity, or a point that is ± the other: for no point of the twist but infinity.
    let one = BigInt::from(1);
    let harmless = |k: BigInt| assert_eq!(common_divisor(k, order.clone()).magnitude(), one.magnitude());
    let mut prefix = one.clone();
    for digit in non_adjacent_form(&x).into_iter().skip(1) {
        prefix *= 2;
        if digit != 0 {
            [&prefix - 1, prefix.clone(), &prefix + 1].into_iter().for_each(harmless);
        }
        prefix += digit;
    }
    assert_eq!(prefix, x);
    // [x]P + P; then ψ([x]P) to it; then ψ²([x]P), ψ² = tψ − p.
    [&x - 1, x.clone(), &x + 1].into_iter().for_each(harmless);
    for sign in [1, -1] {
        harmless(norm(&(&x + 1), &(&x * sign)));
        harmless(norm(&(&x + 1 - &x * &p * sign), &(&x + &x * &t * sign)));
    }
    assert_ne!(cofactor % &r, BigInt::ZERO, "G2 is all of the points whose order divides r");
}

fn common_divisor(mut n: BigInt, mut m: BigInt) -> BigInt {
    while n != BigInt::ZERO {
        (n, m) = (m % &n, n);
    }
    m
}

/// Most significant first.
fn non_adjacent_form(x: &BigInt) -> Vec<i32> {
    let (mut k, mut digits) = (x.clone(), Vec::new());
    while k != BigInt::ZERO {
        let four: BigInt = &k % 4;
        let digit = if &k % 2 == BigInt::ZERO {
            0
        } else if four == BigInt::from(3) {
            -1
        } else {
            1
        };
        k = (k - digit) / 2;
        digits.push(digit);
    }
    digits.reverse();
    digits
}

/// The whole of the smallest subgroup.
#[test]
fn every_point_of_the_smallest_order_is_outside() {
    let mut rng = rng(4);
    let generator = of_order(SMALL_PRIMES[0], &mut rng);
    let multiples: Vec<_> = std::iter::successors(Some(generator.into_group()), |p| Some(*p + generator))
        .take(SMALL_PRIMES[0] as usize - 1)
        .collect();
    let points = G2Projective::normalize_batch(&multiples);
    for instructions in Instructions::all() {
        assert!(g2_membership(instructions, &points).iter().all(|m| *m == Membership::OutsideSubgroup));
    }
}

#[test]
fn products_in_g1_are_arks() {
    let mut rng = rng(5);
    let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2u8), Fr::from(u128::MAX), Fr::from(u128::MAX) + Fr::ONE];
    for _ in 0..number("SEALROOT_CASES", 60).div_ceil(10) {
        let n = rng.gen_range(0..20);
        let points: Vec<G1Affine> =
            (0..n).map(|i| if i == 3 { G1Affine::zero() } else { G1Affine::rand(&mut rng) }).collect();
        let scalars: Vec<Fr> = (0..n)
            .map(|_| if rng.gen_ratio(1, 3) { edges[rng.gen_range(0..edges.len())] } else { Fr::rand(&mut rng) })
            .collect();
        let short: Vec<ShortScalar> = (0..n)
            .map(|i| {
                ShortScalar::from_bits(match i {
                    0 => 0,
                    1 => u128::MAX,
                    _ => rng.r#gen(),
                })
            })
            .collect();
        for instructions in Instructions::all() {
            let expected: Vec<G1Projective> = points.iter().zip(&scalars).map(|(p, s)| *p * s).collect();
            assert_eq!(scale(instructions, &points, &scalars), expected, "{}", instructions.name());
            let expected: Vec<G1Projective> = points.iter().zip(&short).map(|(p, s)| *p * s.value()).collect();
            assert_eq!(scale_short(instructions, &points, &short), expected, "{}", instructions.name());
            assert_eq!(
                sum_short(instructions, &points, &short),
                expected.iter().sum::<G1Projective>(),
                "{}",
                instructions.name()
            );
            let finite: Vec<_> = points.iter().copied().filter(|p| !p.is_zero()).collect();
            let expected: G1Projective = finite.iter().zip(&short).map(|(p, s)| *p * s.value()).sum();
            assert_eq!(sum_short(instructions, &finite, &short[..finite.len()]), expected, "{}", instructions.name());
        }
    }
}

/// Equal, opposite and related points, which meet themselves in a shared sum.
#[test]
fn sums_of_related_points_are_arks() {
    let mut rng = rng(6);
    let point = G1Affine::rand(&mut rng);
    let related = [point, -point, (point + point).into_affine(), -(point + point).into_affine()];
    for n in [1, 8, 9, 17, 40] {
        for scalars in [vec![ShortScalar::from_bits(0); n], (0..n).map(|i| ShortScalar::from_bits(i as u128)).collect()]
        {
            for points in [vec![point; n], (0..n).map(|i| related[i / 8 % 4]).collect::<Vec<_>>()] {
                let expected: G1Projective = points.iter().zip(&scalars).map(|(p, s)| *p * s.value()).sum();
                for instructions in Instructions::all() {
                    assert_eq!(sum_short(instructions, &points, &scalars), expected, "{}, {n}", instructions.name());
                }
            }
        }
    }
}

#[test]
fn short_scalars_are_what_they_say() {
    let lambda = <ark_bn254::g1::Config as ark_ec::scalar_mul::glv::GLVConfig>::LAMBDA;
    assert_eq!(lambda * lambda + lambda + Fr::ONE, Fr::ZERO);
    assert_eq!(ShortScalar::from_bits(0).value(), Fr::from(1u128 << 64));
    assert_eq!(ShortScalar::from_bits(5 << 64 | 3).value(), Fr::from((1u128 << 64) + 3) + Fr::from(5u8) * lambda);
}
