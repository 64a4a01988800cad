//! Multi-scalar multiplication over bases that are known long before the scalars.
//!
//! The table of a base holds its multiples by `2^(width·j)`, for every j or every second, third … one. Multiples share one set of buckets, so
//! buckets are reduced once, or twice, three times …, instead of once per window. A digit d of base i in window j puts ± the multiple
//! into bucket |d|; [`group_sums`] adds up all buckets; the reduction `Σ k·bucket_k` is again sums of groups: rows and columns of the
//! buckets written as a square, then their bits.

use super::digits::{Digits, WINDOWS, windows};
use super::scale::parallel;
use super::sums::{Grouped, Sums, group_sums};
use crate::backend::Instructions;
use crate::field::WIDTH;
use crate::group::curve::{NEGATED, PointRef, double_all, load_points, store_points};
use crate::group::{AffinePoint, Group};
use crate::memory::wipe;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Projective;
use ark_ff::{AdditiveGroup, Zero};

/// A sum of points.
pub type Sum<G> = Projective<<G as Group>::Config>;

/// Points whose multiples are made at a time.
const CHUNK: usize = 1 << 11;

/// How a table is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bits of a window.
    pub width: u32,
    /// Every how manyth window has its own multiples: 1 for all.
    pub stride: u32,
}

impl Layout {
    /// Multiples of each base in the table.
    pub fn multiples(self) -> usize {
        windows(self.width).div_ceil(self.stride as usize)
    }

    /// Bytes of the tables of `bases` points.
    pub fn bytes<G: Group>(self, bases: usize) -> usize {
        self.multiples() * bases.next_multiple_of(WIDTH) * size_of::<G::Stored>()
    }

    /// Additions for `bases` points with full-size scalars.
    pub fn additions(self, bases: usize) -> usize {
        windows(self.width) * bases + 2 * self.stride as usize * (1 << (self.width - 1))
    }

    /// The layouts that can be best for some budget: of each stride, each width.
    pub fn candidates() -> impl Iterator<Item = Self> {
        (1..=26).flat_map(|stride| WINDOWS.map(move |width| Self { width, stride }))
    }
}

/// Points that never change, with their multiples.
pub struct Table<G: Group, P: AsRef<[G::Stored]> = Vec<<G as Group>::Stored>> {
    layout: Layout,
    /// Which scalar belongs to each base, ascending.
    scalars: Vec<u32>,
    points: P,
    group: std::marker::PhantomData<G>,
}

/// Why there is no table, or no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MsmError {
    /// A base has small order.
    #[error("a base in {0} is not of prime order")]
    Order(&'static str),
    /// Table and bases don't fit together.
    #[error("a table in {group} has {found} points, its bases need {expected}")]
    Size {
        /// Which group.
        group: &'static str,
        /// By bases and layout.
        expected: usize,
        /// At hand.
        found: usize,
    },
    /// Too many points for 31 bits.
    #[error("{0} points are more than a table can refer to")]
    TooLarge(usize),
}

impl<G: Group> Table<G> {
    /// Of bases, those at infinity left out, on up to `threads` threads.
    pub fn build(
        instructions: Instructions,
        threads: usize,
        bases: &[AffinePoint<G>],
        layout: Layout,
    ) -> Result<Self, MsmError> {
        let scalars: Vec<u32> = (0..bases.len() as u32).filter(|i| !bases[*i as usize].is_zero()).collect();
        let finite: Vec<_> = scalars.iter().map(|i| bases[*i as usize]).collect();
        let mut row = store_points::<G>(instructions, &finite).unwrap_or_default();
        let total = layout.multiples() * row.len();
        if total >= NEGATED as usize {
            return Err(MsmError::TooLarge(total));
        }
        let mut points = Vec::with_capacity(total);
        points.extend_from_slice(&row);
        let mut of_prime_order = true;
        for _ in 1..layout.multiples() {
            let chunks: Vec<&[G::Stored]> = row.chunks(CHUNK).collect();
            let next = parallel(threads, chunks.len(), |i| {
                let (mut of, mut next, mut infinite) = (chunks[i].to_vec(), chunks[i].to_vec(), Vec::new());
                for _ in 0..layout.width * layout.stride {
                    double_all::<G>(instructions, &of, &mut next, &mut infinite);
                    std::mem::swap(&mut of, &mut next);
                }
                (of, infinite.is_empty())
            });
            of_prime_order &= next.iter().all(|(_, finite)| *finite);
            row = next.into_iter().flat_map(|(row, _)| row).collect();
            points.extend_from_slice(&row);
        }
        if !of_prime_order {
            return Err(MsmError::Order(G::NAME));
        }
        Ok(Self { layout, scalars, points, group: std::marker::PhantomData })
    }
}

impl<G: Group, P: AsRef<[G::Stored]>> Table<G, P> {
    /// From what [`points`](Self::points) and [`scalars`](Self::scalars) gave.
    pub fn from_parts(layout: Layout, scalars: Vec<u32>, points: P) -> Result<Self, MsmError> {
        let expected = layout.multiples() * scalars.len().next_multiple_of(WIDTH);
        let found = points.as_ref().len();
        if expected >= NEGATED as usize {
            return Err(MsmError::TooLarge(expected));
        }
        if expected != found {
            return Err(MsmError::Size { group: G::NAME, expected, found });
        }
        Ok(Self { layout, scalars, points, group: std::marker::PhantomData })
    }

    /// Layout, scalars and points, for [`from_parts`](Self::from_parts).
    pub fn into_parts(self) -> (Layout, Vec<u32>, P) {
        (self.layout, self.scalars, self.points)
    }

    /// How it is laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Which scalar belongs to each base.
    pub fn scalars(&self) -> &[u32] {
        &self.scalars
    }

    /// All multiples of all bases: the bases themselves first.
    pub fn points(&self) -> &[G::Stored] {
        self.points.as_ref()
    }

    /// `Σ scalar_i · base_i`, on up to `threads` threads. The digits have the layout's width.
    ///
    /// # Panics
    /// If the digits have another width or are too few.
    pub fn sum(&self, instructions: Instructions, threads: usize, digits: &Digits) -> Sum<G> {
        let (mut entries, mut ends) = sorted(self, digits);
        let sums = group_sums::<G>(instructions, threads, self.points(), &Grouped { entries: &entries, ends: &ends });
        wipe(&mut entries);
        wipe(&mut ends);
        let size = 1 << (self.layout.width - 1);
        let mut total = Sum::<G>::zero();
        for set in (0..self.layout.stride as usize).rev() {
            for _ in 0..self.layout.width {
                total.double_in_place();
            }
            total += reduce::<G>(instructions, threads, &sums, set * size, size);
        }
        total
    }
}

/// References to all points that are added, sorted by bucket: those of bucket k end at the k-th of the second result.
fn sorted<G: Group, P: AsRef<[G::Stored]>>(table: &Table<G, P>, digits: &Digits) -> (Vec<PointRef>, Vec<u32>) {
    let Layout { width, stride } = table.layout;
    assert_eq!(digits.width(), width, "digits are made for the table's windows");
    let row = table.scalars.len().next_multiple_of(WIDTH) as u32;
    // For each window: where its set of buckets begins, and its points in the table.
    let places: Vec<(u32, u32)> =
        (0..windows(width) as u32).map(|j| ((j % stride) << (width - 1), j / stride * row)).collect();
    let bucket = |set: u32, digit: i16| (set + u32::from(digit.unsigned_abs()) - 1) as usize;

    let mut ends = vec![0u32; ((stride << (width - 1)) + 1) as usize];
    for scalar in &table.scalars {
        for (digit, (set, _)) in digits.of(*scalar as usize).iter().zip(&places) {
            if *digit != 0 {
                ends[bucket(*set, *digit) + 1] += 1;
            }
        }
    }
    for i in 1..ends.len() {
        ends[i] += ends[i - 1];
    }
    let mut entries = vec![0; ends.last().copied().unwrap_or(0) as usize];
    for (base, scalar) in (0..).zip(&table.scalars) {
        for (digit, (set, first)) in digits.of(*scalar as usize).iter().zip(&places) {
            if *digit != 0 {
                let end = &mut ends[bucket(*set, *digit)];
                entries[*end as usize] = (first + base) | if *digit < 0 { NEGATED } else { 0 };
                *end += 1;
            }
        }
    }
    // Every start has moved to its end.
    ends.pop();
    (entries, ends)
}

/// `Σ k·bucket_k` over the `size` buckets from `first` on, which are k = 1, 2, …
fn reduce<G: Group>(
    instructions: Instructions,
    threads: usize,
    buckets: &Sums<G>,
    first: usize,
    size: usize,
) -> Sum<G> {
    let bits = size.ilog2() + 1;
    let low_bits = bits / 2;
    let low = 1usize << low_bits;
    let bucket = |k: usize| if (1..=size).contains(&k) { buckets.of_group[first + k - 1] } else { None };

    // k = high·2^low_bits + low: a sum for each high above 0, then one for each low above 0.
    let highs = size / low;
    let (mut entries, mut ends) = (Vec::with_capacity(2 * size), Vec::with_capacity(highs + low));
    for high in 1..=highs {
        entries.extend((0..low).filter_map(|l| bucket(high * low + l)));
        ends.push(entries.len() as u32);
    }
    for l in 1..low {
        entries.extend((0..=highs).filter_map(|high| bucket(high * low + l)));
        ends.push(entries.len() as u32);
    }
    let lines = group_sums::<G>(instructions, threads, &buckets.points, &Grouped { entries: &entries, ends: &ends });

    // A sum for each bit of k: of the columns that have it, or of the rows.
    let (mut entries, mut ends) = (Vec::new(), Vec::new());
    for bit in 0..low_bits {
        entries.extend((1..low).filter(|l| l >> bit & 1 == 1).filter_map(|l| lines.of_group[highs + l - 1]));
        ends.push(entries.len() as u32);
    }
    for bit in 0..bits - low_bits {
        entries.extend((1..=highs).filter(|high| high >> bit & 1 == 1).filter_map(|high| lines.of_group[high - 1]));
        ends.push(entries.len() as u32);
    }
    let by_bit = group_sums::<G>(instructions, 1, &lines.points, &Grouped { entries: &entries, ends: &ends });
    let points = load_points::<G>(instructions, &by_bit.points);
    by_bit.of_group.iter().rev().fold(Sum::<G>::zero(), |mut sum, point| {
        sum.double_in_place();
        match point {
            Some(i) => sum + points[*i as usize],
            None => sum,
        }
    })
}
