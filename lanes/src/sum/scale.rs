//! Many points times many scalars, and the transform of points that moves a basis from powers to values.
//!
//! Used once per key, when its tables are made. Digits are odd, so no intermediate sum is infinity unless the points are related in a way that
//! no key's points are; then there is no result.

use crate::backend::Instructions;
use crate::field::WIDTH;
use crate::group::Group;
use crate::group::curve::{NEGATED, add_pairs, double_all};
use crate::memory::StoredPoint;
use ark_bn254::Fr;
use ark_ff::{BigInteger, Field, PrimeField};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Points at a time: with their odd multiples they fill the second-level cache.
const CHUNK: usize = 1 << 11;
/// Bits of a digit; digits are odd, from −15 to 15.
const DIGIT_BITS: u32 = 4;
const DIGITS: usize = 64;

/// Points that cancel out where independent ones would not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("points of the key cancel out: it was made with values that are not random")]
pub struct Degenerate;

/// `scalar_i · point_i`, on up to `threads` threads. Scalars are not secret.
///
/// # Errors
/// If a result is infinity, of a scalar 0 for instance.
///
/// # Panics
/// If there is not one scalar per point.
pub fn scale_all<G: Group>(
    instructions: Instructions,
    threads: usize,
    points: &[G::Stored],
    scalars: &[Fr],
) -> Result<Vec<G::Stored>, Degenerate> {
    assert_eq!(points.len(), scalars.len(), "one scalar per point");
    let chunks: Vec<_> = points.chunks(CHUNK).zip(scalars.chunks(CHUNK)).collect();
    let mut parts = parallel(threads, chunks.len(), |i| scale_chunk::<G>(instructions, chunks[i].0, chunks[i].1));
    let mut out = Vec::with_capacity(points.len());
    for part in parts.drain(..) {
        out.extend(part?);
    }
    Ok(out)
}

/// `Σ_k root^(jk) · point_k` for every j, in place. The root has as order the number of points, a power of two.
pub fn transform_points<G: Group>(
    instructions: Instructions,
    threads: usize,
    points: &mut Vec<G::Stored>,
    root: Fr,
    progress: &dyn Fn(),
) -> Result<(), Degenerate> {
    let n = points.len();
    let bits = n.ilog2();
    for i in 0..n {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if i < j {
            points.swap(i, j);
        }
    }
    for stage in 0..bits {
        let half = 1usize << stage;
        let step = root.pow([(n >> (stage + 1)) as u64]);
        let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |x| Some(*x * step)).take(half).collect();
        // Twiddle 1 needs no product.
        let upper: Vec<usize> = (0..n).filter(|i| i & half != 0 && i % half != 0).collect();
        let factors: Vec<Fr> = upper.iter().map(|i| powers[i % half]).collect();
        let chosen: Vec<_> = upper.iter().map(|i| points[*i]).collect();
        for (i, scaled) in upper.iter().zip(scale_all::<G>(instructions, threads, &chosen, &factors)?) {
            points[*i] = scaled;
        }
        let pairs: Vec<[u32; 2]> = (0..n as u32)
            .map(|i| if i as usize & half == 0 { [i, i + half as u32] } else { [i - half as u32, i | NEGATED] })
            .collect();
        *points = add_all::<G>(instructions, points, &pairs, false)?;
        progress();
    }
    Ok(())
}

/// `work(i)` for every i below `count`, in order, on up to `threads` threads.
pub fn parallel<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    let lock = || done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let run = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return;
            }
            let result = work(i);
            lock().push((i, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(run);
        }
        run();
    });
    let mut all = std::mem::take(&mut *lock());
    all.sort_unstable_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, result)| result).collect()
}

fn add_all<G: Group>(
    instructions: Instructions,
    sources: &[G::Stored],
    pairs: &[[u32; 2]],
    alike: bool,
) -> Result<Vec<G::Stored>, Degenerate> {
    let mut out = vec![G::Stored::ZERO; pairs.len().next_multiple_of(WIDTH)];
    let mut infinite = Vec::new();
    add_pairs::<G>(instructions, sources, pairs, alike, &mut out, &mut infinite);
    out.truncate(pairs.len());
    if infinite.is_empty() { Ok(out) } else { Err(Degenerate) }
}

fn scale_chunk<G: Group>(
    instructions: Instructions,
    points: &[G::Stored],
    scalars: &[Fr],
) -> Result<Vec<G::Stored>, Degenerate> {
    let n = points.len();
    // The sums, then 1, 3, … 15 times each point.
    let mut arena = vec![G::Stored::ZERO; 9 * n];
    arena[n..2 * n].copy_from_slice(points);
    let twice: Vec<_> = (0..n as u32).map(|i| [n as u32 + i, n as u32 + i]).collect();
    let twice = add_all::<G>(instructions, &arena, &twice, true)?;
    arena[..n].copy_from_slice(&twice);
    for multiple in 1..8 {
        let pairs: Vec<_> = (0..n as u32).map(|i| [i, (multiple * n) as u32 + i]).collect();
        let next = add_all::<G>(instructions, &arena, &pairs, false)?;
        arena[(multiple + 1) * n..(multiple + 2) * n].copy_from_slice(&next);
    }
    let digits: Vec<[i8; DIGITS]> = scalars.iter().map(odd_digits).collect();
    let entry = |i: usize, digit: i8| {
        let multiple = digit.unsigned_abs() as usize / 2;
        ((1 + multiple) * n + i) as u32 | if digit < 0 { NEGATED } else { 0 }
    };
    for i in 0..n {
        arena[i] = arena[entry(i, digits[i][DIGITS - 1]) as usize];
    }
    let mut twice = vec![G::Stored::ZERO; n.next_multiple_of(WIDTH)];
    for position in (0..DIGITS - 1).rev() {
        for _ in 0..DIGIT_BITS {
            let mut infinite = Vec::new();
            double_all::<G>(instructions, &arena[..n], &mut twice, &mut infinite);
            if !infinite.is_empty() {
                return Err(Degenerate);
            }
            arena[..n].copy_from_slice(&twice[..n]);
        }
        let pairs: Vec<_> = (0..n).map(|i| [i as u32, entry(i, digits[i][position])]).collect();
        let sums = add_all::<G>(instructions, &arena, &pairs, false)?;
        arena[..n].copy_from_slice(&sums);
    }
    arena.truncate(n);
    Ok(arena)
}

/// Odd signed digits of the scalar, or of scalar + p where the scalar is even; the last one is positive.
fn odd_digits(scalar: &Fr) -> [i8; DIGITS] {
    let mut k = scalar.into_bigint();
    if k.is_even() {
        k.add_with_carry(&Fr::MODULUS);
    }
    let mut out = [0; DIGITS];
    for digit in out.iter_mut().take(DIGITS - 1) {
        *digit = (k.0[0] % 32) as i8 - 16;
        // k − digit, divided by 16: the low five bits become 16.
        k.0[0] = k.0[0] - k.0[0] % 32 + 16;
        k >>= DIGIT_BITS;
    }
    out[DIGITS - 1] = k.0[0] as i8;
    out
}
