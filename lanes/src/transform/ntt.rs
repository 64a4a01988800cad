//! Number-theoretic transforms over the scalar field.
//!
//! Element `8·j + l` is lane l of pack j. A transform is then eight transforms of an eighth of the size, one per lane, all with the same
//! twiddles; a product with `ω^(l·k)`; and a transform of size 8 across packs, for which eight packs are transposed. Coefficients stay in
//! the order in which that leaves them: nothing is permuted between an inverse and a forward transform.

use crate::backend::{Backend, Instructions, Kernel};
use crate::field::{Packed, WIDTH};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use std::any::Any;

/// Smallest and largest size, as powers of two.
pub const SIZES: std::ops::RangeInclusive<u32> = 6..=28;

/// The roots of unity of order n, n a power of two, with all tables for one choice of instructions.
pub struct Domain {
    instructions: Instructions,
    size: usize,
    tables: Box<dyn Any + Send + Sync>,
}

/// Which transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// From coefficients to values on the domain.
    Forward,
    /// From values on the domain to coefficients.
    Inverse,
    /// From coefficients to values on the coset of the field's generator.
    CosetForward,
    /// From values on that coset to coefficients.
    CosetInverse,
    /// From values on the domain to values on that coset.
    Extend,
}

impl Domain {
    /// Precomputes twiddles; `None` unless the size is a power of two among [`SIZES`].
    pub fn new(instructions: Instructions, size: usize) -> Option<Self> {
        let root = Fr::get_root_of_unity(size as u64)?;
        (size.is_power_of_two() && SIZES.contains(&size.ilog2())).then(|| Self {
            instructions,
            size,
            tables: instructions.run(Precompute { size, root }),
        })
    }

    /// Number of elements.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Transforms in place, natural order in and out.
    ///
    /// # Panics
    /// If there are not exactly [`size`](Self::size) elements.
    pub fn transform(&self, transform: Transform, elements: &mut [Fr]) {
        assert_eq!(elements.len(), self.size, "one element per element of the domain");
        self.instructions.run(Run { domain: self, transform, elements });
    }
}

struct Precompute {
    size: usize,
    root: Fr,
}

struct Tables<L: Packed<Element = Fr>> {
    forward: Twiddles<L>,
    inverse: Twiddles<L>,
    /// 1/n, `g^k`, `g^−k/n` and `g^k/n` in the order of coefficients; the first is the same everywhere.
    shrink: L::Constant,
    to_coset: Vec<L>,
    from_coset: Vec<L>,
    extend: Vec<L>,
}

struct Twiddles<L: Packed<Element = Fr>> {
    /// For each stage of half-size h, from the smallest: `ω_2h^k`, k below h.
    stages: Vec<Vec<L::Constant>>,
    /// `ω^(l·k)` in lane l, for the k of each pack.
    across: Vec<L>,
    /// ω_8, its square and its cube.
    eighth: [L::Constant; 3],
}

/// The coefficient that lies in lane `lane` of pack `pack`, of n = 8·m.
fn coefficient(m: usize, pack: usize, lane: usize) -> usize {
    reversed(m, (pack & !(WIDTH - 1)) + lane) + m * (pack % WIDTH)
}

fn reversed(m: usize, i: usize) -> usize {
    i.reverse_bits() >> (usize::BITS - m.ilog2())
}

fn powers(base: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |x| Some(*x * base)).take(count).collect()
}

impl Kernel for Precompute {
    type Output = Box<dyn Any + Send + Sync>;

    #[inline(always)]
    #[allow(clippy::expect_used, reason = "roots of unity, the generator and n are not 0")]
    fn run<B: Backend>(self) -> Self::Output {
        let (n, m) = (self.size, self.size / WIDTH);
        let invert = |x: Fr| x.inverse().expect("not 0");
        let shrink = invert(Fr::from(n as u64));
        let generator = Fr::GENERATOR;
        let (up, down) = (powers(generator, n), powers(invert(generator), n));
        let ordered = |scale: Fr, values: &[Fr]| -> Vec<B::Fr> {
            (0..m)
                .map(|pack| B::Fr::pack(&std::array::from_fn(|lane| scale * values[coefficient(m, pack, lane)])))
                .collect()
        };
        let twiddles = |root: Fr| {
            let powers = powers(root, n);
            let constants = |exponents: &mut dyn Iterator<Item = usize>| -> Vec<_> {
                exponents.map(|e| B::Fr::constant(&powers[e % n])).collect()
            };
            let stages = (0..m.ilog2()).map(|stage| {
                let step = n >> (stage + 1);
                constants(&mut (0..1 << stage).map(|k| k * step))
            });
            let across = (0..m).map(|pack| {
                let k = reversed(m, pack);
                B::Fr::pack(&std::array::from_fn(|lane| powers[lane * k % n]))
            });
            let eighth = [1, 2, 3].map(|i| B::Fr::constant(&powers[i * n / 8]));
            Twiddles::<B::Fr> { stages: stages.collect(), across: across.collect(), eighth }
        };
        Box::new(Tables::<B::Fr> {
            forward: twiddles(self.root),
            inverse: twiddles(invert(self.root)),
            shrink: B::Fr::constant(&shrink),
            to_coset: ordered(Fr::ONE, &up),
            from_coset: ordered(shrink, &down),
            extend: ordered(shrink, &up),
        })
    }
}

struct Run<'a> {
    domain: &'a Domain,
    transform: Transform,
    elements: &'a mut [Fr],
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::expect_used, reason = "the tables were made by the same backend")]
    fn run<B: Backend>(self) {
        let tables = self.domain.tables.downcast_ref::<Tables<B::Fr>>().expect("tables of this backend");
        let m = self.domain.size / WIDTH;
        let from_values = !matches!(self.transform, Transform::Forward | Transform::CosetForward);
        let to_values = !matches!(self.transform, Transform::Inverse | Transform::CosetInverse);

        let mut packs: Vec<B::Fr> = Vec::with_capacity(m);
        for pack in 0..m {
            let mut elements = [Fr::ZERO; WIDTH];
            for lane in 0..WIDTH {
                elements[lane] =
                    self.elements[if from_values { WIDTH * pack + lane } else { coefficient(m, pack, lane) }];
            }
            packs.push(B::Fr::pack(&elements));
        }
        if from_values {
            to_coefficients(&tables.inverse, &mut packs);
        }
        match self.transform {
            Transform::Forward => {}
            Transform::Inverse => {
                let shrink = B::Fr::broadcast(&tables.shrink);
                for x in packs.iter_mut() {
                    *x = x.mul(shrink);
                }
            }
            Transform::CosetForward => scale(&mut packs, &tables.to_coset),
            Transform::CosetInverse => scale(&mut packs, &tables.from_coset),
            Transform::Extend => scale(&mut packs, &tables.extend),
        }
        if to_values {
            to_evaluations(&tables.forward, &mut packs);
        }
        for pack in 0..m {
            let elements = packs[pack].unpack();
            for lane in 0..WIDTH {
                self.elements[if to_values { WIDTH * pack + lane } else { coefficient(m, pack, lane) }] =
                    elements[lane];
            }
            packs[pack] = B::Fr::zero();
        }
        // The last packs may still be in the buffer only if the compiler dropped the writes above; reading one keeps them.
        std::hint::black_box(&packs);
    }
}

#[inline(always)]
fn scale<L: Packed>(packs: &mut [L], by: &[L]) {
    for (x, by) in packs.iter_mut().zip(by) {
        *x = x.mul(*by);
    }
}

/// Values in natural order to coefficients in theirs, not yet divided by n.
#[inline(always)]
fn to_coefficients<L: Packed<Element = Fr>>(twiddles: &Twiddles<L>, packs: &mut [L]) {
    for stage in twiddles.stages.iter().rev() {
        let half = stage.len();
        for block in packs.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for i in 0..half {
                let (u, v) = (low[i], high[i]);
                low[i] = u.add_reduced(v);
                high[i] = u.sub(v).mul(L::broadcast(&stage[i]));
            }
        }
    }
    let (groups, _) = packs.as_chunks_mut::<WIDTH>();
    let (across, _) = twiddles.across.as_chunks::<WIDTH>();
    for i in 0..groups.len() {
        let mut group = groups[i];
        for j in 0..WIDTH {
            group[j] = group[j].mul(across[i][j]);
        }
        L::transpose(&mut group);
        groups[i] = eight_points(group, &twiddles.eighth);
    }
}

/// Coefficients in their order to values in natural order.
#[inline(always)]
fn to_evaluations<L: Packed<Element = Fr>>(twiddles: &Twiddles<L>, packs: &mut [L]) {
    let (groups, _) = packs.as_chunks_mut::<WIDTH>();
    let (across, _) = twiddles.across.as_chunks::<WIDTH>();
    for i in 0..groups.len() {
        let mut group = eight_points(groups[i], &twiddles.eighth);
        L::transpose(&mut group);
        for j in 0..WIDTH {
            group[j] = group[j].mul(across[i][j]);
        }
        groups[i] = group;
    }
    for stage in &twiddles.stages {
        let half = stage.len();
        for block in packs.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for i in 0..half {
                let (u, v) = (low[i], high[i].mul(L::broadcast(&stage[i])));
                low[i] = u.add_reduced(v);
                high[i] = u.sub_reduced(v);
            }
        }
    }
}

/// A transform of size 8 in every lane, natural order in and out.
#[inline(always)]
fn eight_points<L: Packed>(x: [L; WIDTH], eighth: &[L::Constant; 3]) -> [L; WIDTH] {
    let [w1, w2, w3] = [L::broadcast(&eighth[0]), L::broadcast(&eighth[1]), L::broadcast(&eighth[2])];
    // Sums and twisted differences at distance 4, then 2, then 1; the result comes out in reversed order.
    let a = [x[0].add_reduced(x[4]), x[1].add_reduced(x[5]), x[2].add_reduced(x[6]), x[3].add_reduced(x[7])];
    let b = [x[0].sub_reduced(x[4]), x[1].sub(x[5]).mul(w1), x[2].sub(x[6]).mul(w2), x[3].sub(x[7]).mul(w3)];
    let [y0, y4, y2, y6] = four_points(a, w2);
    let [y1, y5, y3, y7] = four_points(b, w2);
    [y0, y1, y2, y3, y4, y5, y6, y7]
}

/// Reversed order out.
#[inline(always)]
fn four_points<L: Packed>(x: [L; 4], w2: L) -> [L; 4] {
    let (a0, a1) = (x[0].add_reduced(x[2]), x[1].add_reduced(x[3]));
    let (b0, b1) = (x[0].sub_reduced(x[2]), x[1].sub(x[3]).mul(w2));
    [a0.add_reduced(a1), a0.sub_reduced(a1), b0.add_reduced(b1), b0.sub_reduced(b1)]
}
