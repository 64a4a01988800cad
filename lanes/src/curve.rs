//! Many point additions at once, in affine coordinates: six multiplications each, because the inversions are shared.
//!
//! Guarantee: complete. Equal points are doubled and opposite points vanish, wherever in a batch they meet; no point in memory is infinity.
//! A batch first runs as if no such pair were in it; a zero among the differences shows in the product of all of them, and only then is
//! the batch run again with every case told apart.

use crate::memory::prefetch;
use crate::packed::{AffinePoint, Backend, Coordinate, Group, Packed, StoredPoint, WIDTH};
use crate::path::{Kernel, Path};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field, Zero};

/// A reference to a point, negated if [`NEGATED`] is set.
pub type PointRef = u32;
/// The sign bit of a [`PointRef`].
pub const NEGATED: PointRef = 1 << 31;

/// Pairs whose inversions are shared: their intermediate values stay in the second-level cache.
const BATCH: usize = 2048;
/// Independent chains of products, so that one multiplication needn't wait for the one before.
const CHAINS: usize = 4;
/// How many groups ahead points are asked for.
const AHEAD: usize = 4;

/// Adds pairs of points. Entry i of `out` becomes the sum of `pairs[i]`; where the sum is infinity, i is appended to `infinite` and the
/// entry has no meaning.
///
/// `out` has room for the number of pairs rounded up to a multiple of eight. `alike` says that equal points are expected.
///
/// # Panics
/// If a reference or `out` is too short.
pub fn add_pairs<G: Group>(
    path: Path,
    sources: &[G::Stored],
    pairs: &[[PointRef; 2]],
    alike: bool,
    out: &mut [G::Stored],
    infinite: &mut Vec<u32>,
) {
    path.run(AddPairs::<G> { sources, pairs, alike, out, infinite });
}

/// Twice each point.
pub fn double_all<G: Group>(path: Path, sources: &[G::Stored], out: &mut [G::Stored], infinite: &mut Vec<u32>) {
    let pairs: Vec<_> = (0..sources.len() as u32).map(|i| [i, i]).collect();
    add_pairs::<G>(path, sources, &pairs, true, out, infinite);
}

/// Points as they lie in memory; `None` if one is infinity. The length is rounded up to a multiple of eight by repeating the last one.
pub fn store_points<G: Group>(path: Path, points: &[AffinePoint<G>]) -> Option<Vec<G::Stored>> {
    if points.iter().any(AffineRepr::is_zero) {
        return None;
    }
    Some(path.run(StorePoints::<G> { points }))
}

/// Points from memory.
pub fn load_points<G: Group>(path: Path, points: &[G::Stored]) -> Vec<AffinePoint<G>> {
    path.run(LoadPoints::<G> { points })
}

/// The negative of a point in memory.
pub(crate) fn negated<G: Group>(path: Path, point: &G::Stored) -> G::Stored {
    path.run(Negate::<G> { point })
}

struct AddPairs<'a, G: Group> {
    sources: &'a [G::Stored],
    pairs: &'a [[PointRef; 2]],
    alike: bool,
    out: &'a mut [G::Stored],
    infinite: &'a mut Vec<u32>,
}

/// What the second pass over a batch needs of eight pairs.
struct Step<L> {
    x: [L; 2],
    y: L,
    numerator: L,
    denominator: L,
    /// Product of the denominators before this one in its chain.
    before: L,
}

impl<G: Group> Kernel for AddPairs<'_, G> {
    type Output = ();

    #[inline(always)]
    fn run<B: Backend>(self) {
        let mut steps: Vec<Step<G::Lanes<B>>> = Vec::with_capacity(BATCH.min(self.pairs.len()).div_ceil(WIDTH));
        for (i, pairs) in self.pairs.chunks(BATCH).enumerate() {
            let start = i * BATCH;
            let out = &mut self.out[start..start + pairs.len().next_multiple_of(WIDTH)];
            if self.alike || !batch::<G, B, false>(self.sources, pairs, out, &mut steps, start as u32, self.infinite) {
                batch::<G, B, true>(self.sources, pairs, out, &mut steps, start as u32, self.infinite);
            }
        }
    }
}

/// One batch; false if it has a pair that needs `COMPLETE`.
#[inline(always)]
fn batch<G: Group, B: Backend, const COMPLETE: bool>(
    sources: &[G::Stored],
    pairs: &[[PointRef; 2]],
    out: &mut [G::Stored],
    steps: &mut Vec<Step<G::Lanes<B>>>,
    start: u32,
    infinite: &mut Vec<u32>,
) -> bool {
    let one = <G::Lanes<B> as Packed>::splat(G::Element::ONE);
    let last = pairs.len() - 1;
    let point = |pair: usize, side: usize| pairs[pair.min(last)][side];
    let mut products = [one; CHAINS];
    steps.clear();
    for first in (0..pairs.len()).step_by(WIDTH) {
        for i in 0..WIDTH {
            for side in 0..2 {
                prefetch(&sources[(point(first + AHEAD * WIDTH + i, side) & !NEGATED) as usize]);
            }
        }
        let mut refs = [[0; WIDTH]; 2];
        let mut signs = [0u8; 2];
        for side in 0..2 {
            for i in 0..WIDTH {
                let entry = point(first + i, side);
                signs[side] |= ((entry >> 31) as u8) << i;
                refs[side][i] = (entry & !NEGATED) as usize;
            }
        }
        let [l, r] = refs;
        let (x1, y1) = <G::Lanes<B> as Coordinate>::load(stored(sources, l));
        let (x2, y2) = <G::Lanes<B> as Coordinate>::load(stored(sources, r));
        let y1 = Packed::select(signs[0], y1.neg(), y1);
        let y2 = Packed::select(signs[1], y2.neg(), y2);
        let mut denominator = x2.sub(x1);
        let mut numerator = y2.sub(y1);
        if COMPLETE {
            let same_x = denominator.is_zero();
            if same_x != 0 {
                let opposite = same_x & y1.add(y2).is_zero();
                let square = x1.square();
                denominator = Packed::select(same_x, y1.add(y1), denominator);
                denominator = Packed::select(opposite, one, denominator);
                numerator = Packed::select(same_x, square.add(square).add(square), numerator);
                for i in (0..WIDTH.min(pairs.len() - first)).filter(|i| opposite >> i & 1 == 1) {
                    infinite.push(start + (first + i) as u32);
                }
            }
        }
        let chain = steps.len() % CHAINS;
        steps.push(Step { x: [x1, x2], y: y1, numerator, denominator, before: products[chain] });
        products[chain] = products[chain].mul(denominator);
    }

    let low = products[0].mul(products[1]);
    let high = products[2].mul(products[3]);
    let Some(inverse) = inverses::<G::Lanes<B>>(low.mul(high)) else { return false };
    let (below, above) = (inverse.mul(high), inverse.mul(low));
    let mut inverse = [below.mul(products[1]), below.mul(products[0]), above.mul(products[3]), above.mul(products[2])];

    let (out, _) = out.as_chunks_mut::<WIDTH>();
    for i in (0..steps.len()).rev() {
        let step = &steps[i];
        let [x1, x2] = step.x;
        let slope = step.numerator.mul(inverse[i % CHAINS].mul(step.before));
        inverse[i % CHAINS] = inverse[i % CHAINS].mul(step.denominator);
        let x = slope.square().sub_two(x1, x2);
        let y = slope.mul(x1.sub(x)).sub_reduced(step.y);
        Coordinate::store(x, y, &mut out[i]);
    }
    true
}

#[inline(always)]
fn stored<S>(sources: &[S], refs: [usize; WIDTH]) -> [&S; WIDTH] {
    let [a, b, c, d, e, f, g, h] = refs;
    let s = sources;
    [&s[a], &s[b], &s[c], &s[d], &s[e], &s[f], &s[g], &s[h]]
}

/// The inverses, or `None` if there is a zero.
#[inline(always)]
fn inverses<L: Packed>(x: L) -> Option<L> {
    let mut elements = x.unpack();
    if elements.iter().any(Zero::is_zero) {
        return None;
    }
    ark_ff::batch_inversion(&mut elements);
    Some(L::pack(&elements))
}

struct StorePoints<'a, G: Group> {
    points: &'a [AffinePoint<G>],
}

impl<G: Group> Kernel for StorePoints<'_, G> {
    type Output = Vec<G::Stored>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let mut out = vec![G::Stored::ZERO; self.points.len().next_multiple_of(WIDTH)];
        for (points, out) in self.points.chunks(WIDTH).zip(out.as_chunks_mut::<WIDTH>().0) {
            let (mut x, mut y) = ([G::Element::ZERO; WIDTH], [G::Element::ZERO; WIDTH]);
            for i in 0..WIDTH {
                let point = points[i.min(points.len() - 1)];
                (x[i], y[i]) = (point.x, point.y);
            }
            Coordinate::store(<G::Lanes<B> as Packed>::pack(&x), <G::Lanes<B> as Packed>::pack(&y), out);
        }
        out
    }
}

struct LoadPoints<'a, G: Group> {
    points: &'a [G::Stored],
}

impl<G: Group> Kernel for LoadPoints<'_, G> {
    type Output = Vec<AffinePoint<G>>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        let mut out = Vec::with_capacity(self.points.len());
        for first in (0..self.points.len()).step_by(WIDTH) {
            let count = WIDTH.min(self.points.len() - first);
            let mut refs = [first; WIDTH];
            for (i, r) in refs.iter_mut().enumerate().take(count) {
                *r = first + i;
            }
            let (x, y) = <G::Lanes<B> as Coordinate>::load(stored(self.points, refs));
            let (x, y) = (x.unpack(), y.unpack());
            out.extend((0..count).map(|i| AffinePoint::<G>::new_unchecked(x[i], y[i])));
        }
        out
    }
}

struct Negate<'a, G: Group> {
    point: &'a G::Stored,
}

impl<G: Group> Kernel for Negate<'_, G> {
    type Output = G::Stored;

    #[inline(always)]
    fn run<B: Backend>(self) -> G::Stored {
        let (x, y) = <G::Lanes<B> as Coordinate>::load([self.point; WIDTH]);
        let mut out = [G::Stored::ZERO; WIDTH];
        Coordinate::store(x, y.neg().reduce(), &mut out);
        out[0]
    }
}
