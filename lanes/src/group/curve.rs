//! Many point additions at once, in affine coordinates: six multiplications each, because the inversions are shared.
//!
//! Guarantee: complete. Equal points are doubled and opposite points vanish, wherever in a batch they meet; no point in memory is infinity.
//! A batch first runs as if no such pair were in it; a zero among the differences shows in the product of all of them, and only then is
//! the batch run again with every case told apart.

use super::affine::{AffinePoint, Group};
use crate::backend::{Backend, Instructions, Kernel};
use crate::field::{Coordinate, Invert, Packed, WIDTH};
use crate::memory::{StoredPoint, prefetch};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field};

/// A reference to a point, negated if [`NEGATED`] is set.
pub type PointRef = u32;
/// The sign bit of a [`PointRef`].
pub const NEGATED: PointRef = 1 << 31;

/// Pairs whose inversions are shared: their intermediate values stay in the second-level cache.
const BATCH: usize = 1024;
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
    instructions: Instructions,
    sources: &[G::Stored],
    pairs: &[[PointRef; 2]],
    alike: bool,
    out: &mut [G::Stored],
    infinite: &mut Vec<u32>,
) {
    instructions.run(AddPairs::<G> { sources, pairs, alike, out, infinite });
}

/// Twice each point.
pub fn double_all<G: Group>(
    instructions: Instructions,
    sources: &[G::Stored],
    out: &mut [G::Stored],
    infinite: &mut Vec<u32>,
) {
    let pairs: Vec<_> = (0..sources.len() as u32).map(|i| [i, i]).collect();
    add_pairs::<G>(instructions, sources, &pairs, true, out, infinite);
}

/// Points as they lie in memory; `None` if one is infinity. The length is rounded up to a multiple of eight by repeating the last one.
pub fn store_points<G: Group>(instructions: Instructions, points: &[AffinePoint<G>]) -> Option<Vec<G::Stored>> {
    if points.iter().any(AffineRepr::is_zero) {
        return None;
    }
    Some(instructions.run(StorePoints::<G> { points }))
}

/// Points from memory.
pub fn load_points<G: Group>(instructions: Instructions, points: &[G::Stored]) -> Vec<AffinePoint<G>> {
    instructions.run(LoadPoints::<G> { points })
}

/// The negative of a point in memory.
pub(crate) fn negated<G: Group>(instructions: Instructions, point: &G::Stored) -> G::Stored {
    instructions.run(Negate::<G> { point })
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
        let highest = self.pairs.as_flattened().iter().fold(0, |highest, entry| highest.max(entry & !NEGATED));
        assert!(
            self.pairs.is_empty() || (highest as usize) < self.sources.len(),
            "references are to points that exist"
        );
        let mut steps: Vec<Step<G::Lanes<B>>> = Vec::with_capacity(BATCH.min(self.pairs.len()).div_ceil(WIDTH));
        for (i, pairs) in self.pairs.chunks(BATCH).enumerate() {
            let start = i * BATCH;
            let out = &mut self.out[start..start + pairs.len().next_multiple_of(WIDTH)];
            if self.alike || !batch::<G, B, false>(self.sources, pairs, out, &mut steps, start as u32, self.infinite) {
                // Only a point of order 2, which is on neither curve, leaves a zero now: then nothing was added.
                if !batch::<G, B, true>(self.sources, pairs, out, &mut steps, start as u32, self.infinite) {
                    self.infinite.extend(start as u32..(start + pairs.len()) as u32);
                }
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
    let last = pairs[pairs.len() - 1];
    let (groups, rest) = pairs.as_chunks::<WIDTH>();
    let mut padded = [last; WIDTH];
    padded[..rest.len()].copy_from_slice(rest);
    let mut products = [one; CHAINS];
    steps.clear();
    for number in 0..pairs.len().div_ceil(WIDTH) {
        let first = number * WIDTH;
        if let Some(group) = groups.get(number + AHEAD) {
            for i in 0..WIDTH {
                for side in 0..2 {
                    prefetch(sources, (group[i][side] & !NEGATED) as usize);
                }
            }
        }
        let group = groups.get(number).unwrap_or(&padded);
        let signs = B::signs(group);
        // SAFETY: `run` has compared every reference with the number of sources.
        let [left, right] = unsafe { [stored(sources, group, 0), stored(sources, group, 1)] };
        let (x1, y1) = <G::Lanes<B> as Coordinate>::load(left);
        let (x2, y2) = <G::Lanes<B> as Coordinate>::load(right);
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

    // The last of an odd number of groups gets a partner, whose sums nobody reads.
    let groups = steps.len();
    if !groups.is_multiple_of(2) {
        let (zero, before) = (<G::Lanes<B> as Packed>::zero(), products[groups % CHAINS]);
        steps.push(Step { x: [zero; 2], y: zero, numerator: zero, denominator: one, before });
    }

    let low = products[0].mul(products[1]);
    let high = products[2].mul(products[3]);
    let Some(inverse) = inverses::<G::Lanes<B>>(low.mul(high)) else { return false };
    let (below, above) = (inverse.mul(high), inverse.mul(low));
    let mut inverse = [below.mul(products[1]), below.mul(products[0]), above.mul(products[3]), above.mul(products[2])];

    // Two groups side by side: one alone is a chain of products, each of which waits for the one before.
    let (out, _) = out.as_chunks_mut::<WIDTH>();
    for i in (0..steps.len()).step_by(2).rev() {
        let [a, b] = [&steps[i], &steps[i + 1]];
        let chains = [i % CHAINS, (i + 1) % CHAINS];
        let of = [inverse[chains[0]].mul(a.before), inverse[chains[1]].mul(b.before)];
        let slope = [a.numerator.mul(of[0]), b.numerator.mul(of[1])];
        let next = [inverse[chains[0]].mul(a.denominator), inverse[chains[1]].mul(b.denominator)];
        (inverse[chains[0]], inverse[chains[1]]) = (next[0], next[1]);
        let square = [slope[0].square(), slope[1].square()];
        let x = [square[0].sub_two(a.x[0], a.x[1]), square[1].sub_two(b.x[0], b.x[1])];
        let rise = [slope[0].mul(a.x[0].sub(x[0])), slope[1].mul(b.x[0].sub(x[1]))];
        Coordinate::store(x[0], rise[0].sub_reduced(a.y), &mut out[i]);
        if i + 1 < groups {
            Coordinate::store(x[1], rise[1].sub_reduced(b.y), &mut out[i + 1]);
        }
    }
    true
}

/// The points on one side of eight pairs.
///
/// # Safety
/// All references are to points that exist: one comparison each, here, would cost as much as half a multiplication.
#[inline(always)]
unsafe fn stored<'a, S>(sources: &'a [S], pairs: &[[PointRef; 2]; WIDTH], side: usize) -> [&'a S; WIDTH] {
    let start = sources.as_ptr();
    let mut out = [start; WIDTH];
    for i in 0..WIDTH {
        // SAFETY: the caller's.
        out[i] = unsafe { start.add((pairs[i][side] & !NEGATED) as usize) };
    }
    let [a, b, c, d, e, f, g, h] = out;
    // SAFETY: the caller's; the borrow is that of the sources.
    unsafe { [&*a, &*b, &*c, &*d, &*e, &*f, &*g, &*h] }
}

/// The inverses, or `None` if there is a zero. (arkworks' batch inversion would start threads for eight elements.)
#[inline(always)]
fn inverses<L: Packed<Element: Invert>>(x: L) -> Option<L> {
    let mut elements = x.unpack();
    let mut products = elements;
    for i in 1..WIDTH {
        products[i] *= products[i - 1];
    }
    let mut inverse = products[WIDTH - 1].invert()?;
    for i in (1..WIDTH).rev() {
        let next = inverse * elements[i];
        elements[i] = inverse * products[i - 1];
        inverse = next;
    }
    elements[0] = inverse;
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
            let mut points = [&self.points[first]; WIDTH];
            for i in 0..count {
                points[i] = &self.points[first + i];
            }
            let (x, y) = <G::Lanes<B> as Coordinate>::load(points);
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
