//! Sums of many groups of points at once, by rounds of pairs.
//!
//! Each round adds the points of every group two by two, so a group of n points takes log n rounds however n is distributed: a window whose
//! digits all fall into a few buckets, or into one, costs no more than any other. That is why no path for overflow is needed.

use crate::backend::Instructions;
use crate::field::WIDTH;
use crate::group::Group;
use crate::group::curve::{NEGATED, PointRef, add_pairs, negated};
use crate::memory::{Plain, StoredPoint, wipe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Points of about this many entries are summed at a time, so that the sums of a round are read while they are in the cache.
const SLICE: usize = 1 << 14;

/// Points in groups: those of group i are `entries[ends[i − 1]..ends[i]]`.
pub struct Grouped<'a> {
    /// References to points.
    pub entries: &'a [PointRef],
    /// Where each group ends, ascending.
    pub ends: &'a [u32],
}

/// One sum per group.
pub struct Sums<G: Group> {
    /// In no particular order.
    pub points: Vec<G::Stored>,
    /// Index of each group's sum in `points`; none where it is infinity.
    pub of_group: Vec<Option<u32>>,
}

/// The sum of every group, on up to `threads` threads.
pub fn group_sums<G: Group>(
    instructions: Instructions,
    threads: usize,
    sources: &[G::Stored],
    groups: &Grouped<'_>,
) -> Sums<G> {
    let slices = slices(groups.ends);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Sums<G>)>> = Mutex::new(Vec::with_capacity(slices.len()));
    let work = || {
        let mut rounds = Rounds::<G>::new(groups.entries.len());
        while let Some(range) = slices.get(next.fetch_add(1, Ordering::Relaxed)) {
            let sums = rounds.run(instructions, sources, groups, range.clone());
            lock(&done).push((range.start, sums));
        }
    };
    if threads.min(slices.len()) <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..threads.min(slices.len()) {
                scope.spawn(work);
            }
            work();
        });
    }
    let mut parts = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.sort_unstable_by_key(|(start, _)| *start);
    let count = groups.ends.len();
    let mut all = Sums { points: Vec::with_capacity(count), of_group: Vec::with_capacity(count) };
    for (_, part) in parts {
        let base = all.points.len() as u32;
        all.of_group.extend(part.of_group.into_iter().map(|i| i.map(|i| base + i)));
        all.points.extend(part.points);
    }
    all
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Ranges of groups with about [`SLICE`] entries each.
fn slices(ends: &[u32]) -> Vec<std::ops::Range<usize>> {
    let (mut out, mut first, mut start) = (Vec::new(), 0, 0);
    for (i, end) in ends.iter().enumerate() {
        if (*end - start) as usize >= SLICE || i + 1 == ends.len() {
            out.push(first..i + 1);
            (first, start) = (i + 1, *end);
        }
    }
    out
}

/// Buffers of one thread.
struct Rounds<G: Group> {
    sums: Vec<G::Stored>,
    pairs: Vec<[PointRef; 2]>,
    /// Of the first round, points without partner: where they stand in `left`, and the reference.
    singles: Vec<(u32, PointRef)>,
    /// The points that are left, by group.
    left: [Vec<PointRef>; 2],
    ends: [Vec<u32>; 2],
    infinite: Vec<u32>,
}

impl<G: Group> Rounds<G> {
    /// With room for what one slice of so many entries usually needs.
    fn new(entries: usize) -> Self {
        let entries = entries.min(SLICE);
        Self {
            sums: Vec::with_capacity(entries + entries / 4),
            pairs: Vec::with_capacity(entries / 2 + 1),
            singles: Vec::new(),
            left: [entries, entries].map(Vec::with_capacity),
            ends: Default::default(),
            infinite: Vec::new(),
        }
    }

    /// The sums of the groups in the range.
    fn run(
        &mut self,
        instructions: Instructions,
        sources: &[G::Stored],
        groups: &Grouped<'_>,
        range: std::ops::Range<usize>,
    ) -> Sums<G> {
        let start = if range.start == 0 { 0 } else { groups.ends[range.start - 1] };
        let ends = groups.ends[range].iter().map(|end| end - start);
        self.ends[0].clear();
        self.ends[0].extend(ends);
        self.left[0].clear();
        let count = self.ends[0].last().copied().unwrap_or(0);
        self.left[0].extend_from_slice(&groups.entries[start as usize..(start + count) as usize]);

        // First round: the table's points, and copies of the points that have no partner.
        self.pair_up(0);
        let copies = self.pairs.len().next_multiple_of(WIDTH);
        let mut used = copies + self.singles.len();
        self.make_room(used);
        for (copy, (_, entry)) in self.sums[copies..].iter_mut().zip(&self.singles) {
            let point = &sources[(entry & !NEGATED) as usize];
            *copy = if entry & NEGATED == 0 { *point } else { negated::<G>(instructions, point) };
        }
        for (i, (position, _)) in (copies as u32..).zip(&self.singles) {
            self.left[0][*position as usize] = i;
        }
        add_pairs::<G>(instructions, sources, &self.pairs, false, &mut self.sums[..copies], &mut self.infinite);
        self.drop_infinite(0);

        while self.ends[0].iter().scan(0, |start, end| Some(end - std::mem::replace(start, *end))).any(|n| n > 1) {
            let base = used.next_multiple_of(WIDTH);
            self.pair_up(base as u32);
            used = base + self.pairs.len().next_multiple_of(WIDTH);
            self.make_room(used);
            let (sources, out) = self.sums[..used].split_at_mut(base);
            add_pairs::<G>(instructions, sources, &self.pairs, false, out, &mut self.infinite);
            self.drop_infinite(base as u32);
        }

        let mut start = 0;
        let groups = self.ends[0].len();
        let (mut points, mut of_group) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
        for end in &self.ends[0] {
            of_group.push((*end > start).then(|| {
                points.push(self.sums[self.left[0][start as usize] as usize]);
                points.len() as u32 - 1
            }));
            start = *end;
        }
        Sums { points, of_group }
    }

    /// Room for so many sums; those of the slice before are overwritten, not wiped.
    fn make_room(&mut self, count: usize) {
        if self.sums.len() < count {
            self.sums.resize(count, G::Stored::ZERO);
        }
    }

    /// Pairs of every group; what is left refers to their sums, which will be at `base`, 0 in the first round.
    fn pair_up(&mut self, base: u32) {
        let [left, next] = &mut self.left;
        let [ends, next_ends] = &mut self.ends;
        self.singles.clear();
        self.pairs.clear();
        next.clear();
        next_ends.clear();
        let mut start = 0;
        for end in ends.iter() {
            let (pairs, rest) = left[start as usize..*end as usize].as_chunks::<2>();
            let sum = base + self.pairs.len() as u32;
            next.extend(sum..sum + pairs.len() as u32);
            self.pairs.extend_from_slice(pairs);
            if let [single] = rest {
                if base == 0 {
                    self.singles.push((next.len() as u32, *single));
                }
                next.push(*single);
            }
            next_ends.push(next.len() as u32);
            start = *end;
        }
        self.left.swap(0, 1);
        self.ends.swap(0, 1);
    }

    /// Removes sums that were infinity from what is left. Rare.
    fn drop_infinite(&mut self, base: u32) {
        if self.infinite.is_empty() {
            return;
        }
        let gone: std::collections::HashSet<u32> = self.infinite.drain(..).map(|i| base + i).collect();
        let [left, kept] = &mut self.left;
        let [ends, kept_ends] = &mut self.ends;
        kept.clear();
        kept_ends.clear();
        let mut start = 0;
        for end in ends.iter() {
            kept.extend(left[start as usize..*end as usize].iter().filter(|entry| !gone.contains(entry)));
            kept_ends.push(kept.len() as u32);
            start = *end;
        }
        self.left.swap(0, 1);
        self.ends.swap(0, 1);
    }
}

/// Which points were added says what the digits are; their sums don't, and are left.
impl<G: Group> Drop for Rounds<G> {
    fn drop(&mut self) {
        let Self { pairs, singles, left: [first, second], ends: [first_ends, second_ends], .. } = self;
        wipe_all(pairs);
        wipe_all(singles);
        for of in [first, second, first_ends, second_ends] {
            wipe_all(of);
        }
    }
}

/// Wipes all of a buffer, also what it held before it became shorter.
fn wipe_all<T: Plain + Default>(buffer: &mut Vec<T>) {
    buffer.clear();
    buffer.resize(buffer.capacity(), T::default());
    wipe(buffer);
}
