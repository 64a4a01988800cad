//! Sums over tables against arkworks, with all instructions, with the inputs that break batch-affine code.
//!
//! Full run: `SEALROOT_CASES=1000 cargo test --release -p sealroot-lanes --test msm`.

#![allow(clippy::unwrap_used)]

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, short_weierstrass::Affine};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_lanes::digits::Digits;
use sealroot_lanes::msm::{Layout, Sum, Table};
use sealroot_lanes::{AffinePoint, G1, G2, Group, Instructions};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn points<G: Group>(rng: &mut StdRng, n: usize) -> Vec<AffinePoint<G>> {
    let points: Vec<_> = (0..n).map(|_| Sum::<G>::rand(rng)).collect();
    Sum::<G>::normalize_batch(&points)
}

fn check<G: Group>(name: &str, bases: &[AffinePoint<G>], scalars: &[Fr], layout: Layout)
where
    Sum<G>: VariableBaseMSM<MulBase = Affine<G::Config>, ScalarField = Fr>,
{
    let expected = Sum::<G>::msm(bases, scalars).unwrap();
    for instructions in Instructions::all() {
        let table = Table::<G>::build(instructions, 2, bases, layout).unwrap();
        let digits = Digits::new(scalars, layout.width);
        for threads in [1, 2] {
            let sum = table.sum(instructions, threads, &digits);
            assert_eq!(
                sum,
                expected,
                "{name}, {}, {} points, {layout:?}, {threads} threads",
                instructions.name(),
                bases.len()
            );
        }
    }
}

fn random<G: Group>(seed: u64, cases: u64)
where
    Sum<G>: VariableBaseMSM<MulBase = Affine<G::Config>, ScalarField = Fr>,
{
    let mut rng = StdRng::seed_from_u64(number("SEALROOT_SEED", seed));
    for _ in 0..number("SEALROOT_CASES", cases) {
        let n = rng.gen_range(1..200);
        let layout = Layout { width: rng.gen_range(4..=9), stride: rng.gen_range(1..=4) };
        let mut bases = points::<G>(&mut rng, n);
        let mut scalars: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
        for i in 0..n {
            // Equal points, opposite points, points at infinity; small scalars and their negatives.
            match rng.gen_range(0..12) {
                0 => bases[i] = bases[rng.gen_range(0..n)],
                1 => bases[i] = -bases[rng.gen_range(0..n)],
                2 => bases[i] = AffinePoint::<G>::zero(),
                3 => scalars[i] = Fr::ZERO,
                4 => scalars[i] = Fr::from(rng.gen_range(0..3u64)),
                5 => scalars[i] = -Fr::from(rng.gen_range(0..300u64)),
                6 => scalars[i] = scalars[rng.gen_range(0..n)],
                _ => {}
            }
        }
        check::<G>("random", &bases, &scalars, layout);
    }
}

fn edges<G: Group>(seed: u64)
where
    Sum<G>: VariableBaseMSM<MulBase = Affine<G::Config>, ScalarField = Fr>,
{
    let mut rng = StdRng::seed_from_u64(seed);
    let n = 100;
    let bases = points::<G>(&mut rng, n);
    let same = vec![bases[0]; n];
    let alternating: Vec<_> = (0..n).map(|i| if i % 2 == 0 { bases[0] } else { -bases[0] }).collect();
    let infinite = vec![AffinePoint::<G>::zero(); n];
    let doubles: Vec<_> = (0..n).scan(bases[0], |p, _| Some(std::mem::replace(p, (*p + *p).into_affine()))).collect();
    let mut single = vec![Fr::ZERO; n];
    single[n / 2] = -Fr::from(2u8).inverse().unwrap();
    let scalars = [
        ("random", (0..n).map(|_| Fr::rand(&mut rng)).collect::<Vec<_>>()),
        ("all zero", vec![Fr::ZERO; n]),
        ("all one", vec![Fr::ONE; n]),
        ("all p − 1", vec![-Fr::ONE; n]),
        ("all equal", vec![Fr::rand(&mut rng); n]),
        ("single", single),
        ("half", vec![Fr::from(2u8).inverse().unwrap(); n]),
    ];
    for (base_name, bases) in [
        ("random", &bases),
        ("same", &same),
        ("alternating", &alternating),
        ("infinity", &infinite),
        ("doubles", &doubles),
    ] {
        for (name, scalars) in &scalars {
            for (width, stride) in [(5, 1), (8, 3)] {
                check::<G>(&format!("{base_name} points, {name} scalars"), bases, scalars, Layout { width, stride });
            }
        }
    }
    check::<G>("one point", &bases[..1], &[Fr::rand(&mut rng)], Layout { width: 15, stride: 1 });
}

#[test]
fn random_in_g1() {
    random::<G1>(1, 15);
}

#[test]
fn random_in_g2() {
    random::<G2>(2, 8);
}

#[test]
fn edges_in_g1() {
    edges::<G1>(3);
}

#[test]
fn edges_in_g2() {
    edges::<G2>(4);
}

/// More entries than one slice of the sums, in wide and in narrow windows.
#[test]
fn many_points() {
    let mut rng = StdRng::seed_from_u64(5);
    let bases = points::<G1>(&mut rng, 3000);
    let scalars: Vec<_> = (0..bases.len()).map(|i| if i % 3 == 0 { Fr::ONE } else { Fr::rand(&mut rng) }).collect();
    for (width, stride) in [(13, 1), (15, 2), (5, 1)] {
        check::<G1>("many", &bases, &scalars, Layout { width, stride });
    }
}
