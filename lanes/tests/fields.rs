//! Both backends against arkworks: random values, edges of the modulus and of both radices, and chains that stay lazy as long as they may.
//!
//! Full run: `SEALROOT_CASES=20000 cargo test --release -p sealroot-lanes --test fields` (more than 1,000,000 operations a field and backend).

#![allow(clippy::unwrap_used)]

use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_lanes::{Backend, Extension, Instructions, Kernel, MAX_PRODUCTS, Packed, WIDTH};
use std::array::from_fn;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// 0, ±1, powers of two around both radices and the limb boundaries, halves of the modulus.
fn edges<E: PrimeField>() -> Vec<E> {
    let two = E::from(2u8);
    let mut edges = vec![E::ZERO, E::ONE, -E::ONE, two.inverse().unwrap(), -two.inverse().unwrap()];
    for bits in [50u64, 51, 52, 53, 63, 64, 102, 104, 156, 204, 208, 253, 254, 255, 256, 260, 264] {
        let power = two.pow([bits]);
        edges.extend([power, -power, power - E::ONE, power.inverse().unwrap()]);
    }
    edges
}

trait Which {
    type Element: Field;
    type Lanes<B: Backend>: Packed<Element = Self::Element>;
    fn edges() -> Vec<Self::Element>;
}
struct Base;
struct Quadratic;
struct Scalars;
impl Which for Base {
    type Element = Fq;
    type Lanes<B: Backend> = B::Fq;
    fn edges() -> Vec<Fq> {
        edges()
    }
}
impl Which for Scalars {
    type Element = Fr;
    type Lanes<B: Backend> = B::Fr;
    fn edges() -> Vec<Fr> {
        edges()
    }
}
impl Which for Quadratic {
    type Element = Fq2;
    type Lanes<B: Backend> = B::Fq2;
    fn edges() -> Vec<Fq2> {
        let base: Vec<Fq> = edges();
        (0..base.len())
            .flat_map(|i| [Fq2::new(base[i], Fq::ZERO), Fq2::new(base[i], base[(i * 7 + 3) % base.len()])])
            .collect()
    }
}

/// One pass over every operation; gives the results, so that backends can be compared with arkworks and with each other.
struct Operations<'a, W: Which> {
    a: &'a [W::Element; WIDTH],
    b: &'a [W::Element; WIDTH],
    c: &'a [W::Element; WIDTH],
}

impl<W: Which> Kernel for Operations<'_, W> {
    type Output = (Vec<[W::Element; WIDTH]>, u8);

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let [a, b, c] = [self.a, self.b, self.c].map(W::Lanes::<B>::pack);
        // The largest that each class of operand may be, through additions that are not reduced.
        let loose = a.add(b).reduce().add(c);
        let negated = b.neg();
        // As many products as may be, of packs that are as large as reduced ones get.
        let constants: [_; MAX_PRODUCTS] = from_fn(|i| W::Lanes::<B>::constant(&self.a[i % WIDTH]));
        let many: [_; MAX_PRODUCTS] = from_fn(|i| if i % 2 == 0 { loose.reduce() } else { b.add(c).reduce() });
        let out = [
            a,
            W::Lanes::<B>::splat(self.a[0]),
            a.add(b),
            a.sub(b),
            a.neg(),
            a.mul(b),
            a.square(),
            a.add_reduced(b),
            a.sub_reduced(b),
            a.sub_two(b, c),
            loose.reduce(),
            loose.mul(negated),
            loose.mul(negated.square()),
            a.sub(negated).mul(c),
            a.sub_reduced(negated).square(),
            a.mul(b).sub_two(b.square(), c.mul(a)),
            loose.sub_reduced(negated),
            W::Lanes::<B>::select(0b1010_0101, a, b),
            W::Lanes::<B>::sum_of_products(&[], &[], negated.reduce()),
            W::Lanes::<B>::sum_of_products(&constants[..3], &[a, b, c.reduce()], c),
            W::Lanes::<B>::sum_of_products(&constants, &many, c),
        ];
        let mut columns = [a, b, c, a.mul(b), a.square(), b.square(), c.square(), b.mul(c)];
        W::Lanes::<B>::transpose(&mut columns);
        for (i, column) in columns.map(Packed::unpack).into_iter().enumerate() {
            assert_eq!(column[..3], [self.a[i], self.b[i], self.c[i]]);
        }
        let constant = W::Lanes::<B>::broadcast(&W::Lanes::<B>::constant(&self.b[0]));
        assert_eq!(constant.mul(a).unpack(), self.a.map(|a| a * self.b[0]));
        // Long enough that a bound that creeps upwards leaves its limbs.
        let mut chain = a;
        for _ in 0..40 {
            chain = chain.mul(b).sub_two(chain, c).add_reduced(a).sub_reduced(chain.neg());
        }
        let mut results: Vec<_> = out.map(Packed::unpack).to_vec();
        results.push(chain.unpack());
        results.push(W::Lanes::<B>::zero().unpack());
        // Zeros in every disguise: 0, p, 2 p, 3 p.
        let zeros = a.sub(a).is_zero() & a.sub_reduced(a).is_zero() & a.add(a.neg()).is_zero();
        assert_eq!(zeros, 255);
        (results, a.sub(b).is_zero())
    }
}

fn expected<W: Which>([a, b, c]: [W::Element; 3], constants: &[W::Element; WIDTH], lane: usize) -> Vec<W::Element> {
    let loose = a + b + c;
    let mut chain = a;
    for _ in 0..40 {
        chain = chain * b - chain - c + a + chain;
    }
    vec![
        a,
        constants[0],
        a + b,
        a - b,
        -a,
        a * b,
        a.square(),
        a + b,
        a - b,
        a - b - c,
        loose,
        loose * -b,
        loose * b.square(),
        (a + b) * c,
        (a + b).square(),
        a * b - b.square() - c * a,
        loose + b,
        if 0b1010_0101 >> lane & 1 == 1 { a } else { b },
        -b,
        constants[0] * a + constants[1] * b + constants[2] * c + c,
        c + (0..MAX_PRODUCTS)
            .map(|i| constants[i % WIDTH] * if i % 2 == 0 { loose } else { b + c })
            .sum::<W::Element>(),
        chain,
        W::Element::ZERO,
    ]
}

fn check<W: Which>(seed: u64)
where
    W::Element: UniformRand,
{
    let mut rng = StdRng::seed_from_u64(seed);
    let edges = W::edges();
    for case in 0..number("SEALROOT_CASES", 300) {
        let mut draw = || -> [W::Element; WIDTH] {
            from_fn(
                |_| if rng.gen_ratio(1, 3) { edges[rng.gen_range(0..edges.len())] } else { W::Element::rand(&mut rng) },
            )
        };
        let [a, mut b, c] = [draw(), draw(), draw()];
        b[case as usize % WIDTH] = a[case as usize % WIDTH];
        let results = Instructions::all_for_hashing()
            .into_iter()
            .map(|instructions| instructions.run(Operations::<W> { a: &a, b: &b, c: &c }));
        for (instructions, (results, equal)) in Instructions::all_for_hashing().into_iter().zip(results) {
            for lane in 0..WIDTH {
                let expected = expected::<W>([a[lane], b[lane], c[lane]], &a, lane);
                assert_eq!(results.len(), expected.len());
                for (i, (found, expected)) in results.iter().zip(expected).enumerate() {
                    assert_eq!(found[lane], expected, "{} case {case} operation {i} lane {lane}", instructions.name());
                }
                assert_eq!(equal >> lane & 1 == 1, a[lane] == b[lane], "{} case {case}", instructions.name());
            }
        }
    }
}

/// What the tower needs of the extension, with the largest operands that each operation takes.
struct Tower<'a> {
    a: &'a [Fq2; WIDTH],
    b: &'a [Fq2; WIDTH],
    factor: &'a [Fq; WIDTH],
}

impl Kernel for Tower<'_> {
    type Output = Vec<[Fq2; WIDTH]>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let (a, b, factor) = (B::Fq2::pack(self.a), B::Fq2::pack(self.b), B::Fq::pack(self.factor));
        // Repeated, so that a bound that creeps upwards leaves its limbs.
        let mut chain = a;
        for _ in 0..40 {
            chain = chain.times_nine_plus_u().sub_reduced(b.neg()).times_nine_plus_u();
        }
        [
            a.conjugate(),
            a.neg().conjugate().reduce(),
            a.times_nine_plus_u(),
            a.sub_two(b, b).times_nine_plus_u(),
            a.add(b).scale(factor),
            a.neg().scale(factor.add(factor)),
            a.conjugate().mul(a.add(b)),
            chain,
        ]
        .map(Packed::unpack)
        .to_vec()
    }
}

#[test]
fn tower_operations() {
    let mut rng = StdRng::seed_from_u64(number("SEALROOT_SEED", 4));
    let (edges, factors) = (Quadratic::edges(), Base::edges());
    let xi = Fq2::new(Fq::from(9u8), Fq::ONE);
    for case in 0..number("SEALROOT_CASES", 300) {
        let mut draw = |edges: &[Fq2]| -> [Fq2; WIDTH] {
            from_fn(|_| if rng.gen_ratio(1, 3) { edges[rng.gen_range(0..edges.len())] } else { Fq2::rand(&mut rng) })
        };
        let (a, b) = (draw(&edges), draw(&edges));
        let factor = from_fn(|i| if i == 0 { factors[case as usize % factors.len()] } else { Fq::rand(&mut rng) });
        for instructions in Instructions::all_for_hashing() {
            let found = instructions.run(Tower { a: &a, b: &b, factor: &factor });
            for lane in 0..WIDTH {
                let (a, b, factor) = (a[lane], b[lane], factor[lane]);
                let conjugate = |x: Fq2| Fq2::new(x.c0, -x.c1);
                let scaled = |x: Fq2, by: Fq| Fq2::new(x.c0 * by, x.c1 * by);
                let chain = (0..40).fold(a, |x, _| (x * xi + b) * xi);
                let expected = [
                    conjugate(a),
                    conjugate(-a),
                    a * xi,
                    (a - b - b) * xi,
                    scaled(a + b, factor),
                    scaled(-a, factor.double()),
                    conjugate(a) * (a + b),
                    chain,
                ];
                for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
                    assert_eq!(found[lane], expected, "{} case {case} operation {i} lane {lane}", instructions.name());
                }
            }
        }
    }
}

#[test]
fn base_field() {
    check::<Base>(number("SEALROOT_SEED", 1));
}

#[test]
fn quadratic_extension() {
    check::<Quadratic>(number("SEALROOT_SEED", 2));
}

#[test]
fn scalar_field() {
    check::<Scalars>(number("SEALROOT_SEED", 3));
}
