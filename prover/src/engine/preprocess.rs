//! From a proving key to tables: once per key.
//!
//! With `Q_k = [τ^k·Z(τ)/δ]` the key's bases of H, `h` has degree n − 2, so any point may stand for `Q_(n−1)`. Write
//! `M(v) = Σ_k (coefficients of the polynomial with the values v on the coset)_k · Q_k`. Then `Σ h_k·Q_k = M(a·b)/Z − M(c)/Z`, and
//! - `M(e_j)/Z = Σ_k ω^(−jk) · g^(−k)/(n·Z) · Q_k` is the j-th new base of H;
//! - `M(c)/Z = Σ_j (C·z)_j · K_j` with `K_j = Σ_k ω^(−jk)/(n·Z) · Q_k`, so variable i's new base of L is `L_i − Σ_j C_ji·K_j`.
//!
//! Both sums over k are transforms of points.

use super::tables::{Layouts, TableError, Tables, TooLittleMemory};
use ark_bn254::{Bn254, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{FftField, Field, Zero};
use ark_groth16::ProvingKey;
use sealroot_circuits::system::Matrices;
use sealroot_lanes::curve::{NEGATED, load_points, store_points};
use sealroot_lanes::map::Points;
use sealroot_lanes::msm::{Layout, Table};
use sealroot_lanes::scale::{scale_all, transform_points};
use sealroot_lanes::sums::{Grouped, group_sums};
use sealroot_lanes::{G1, G2, Instructions, Stored};
use sealroot_protocol::field::F;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far preprocessing is: steps done, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

/// Makes the tables of a key that belongs to the matrices.
pub(super) fn preprocess(
    instructions: Instructions,
    threads: usize,
    budget: usize,
    key: &ProvingKey<Bn254>,
    matrices: &Matrices,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Tables, TableError> {
    let n = matrices.size().next_power_of_two();
    let of = 2 * n.ilog2() as usize + 4;
    let done = AtomicUsize::new(0);
    let step = || progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });

    let (h, k) = quotient_bases(instructions, threads, key, n, &step)?;
    let l = fold(instructions, threads, key, matrices, &k)?;
    step();

    let finite: Vec<usize> = (0..key.b_g2_query.len()).filter(|i| !key.b_g2_query[*i].is_zero()).collect();
    if (0..key.b_g1_query.len()).filter(|i| !key.b_g1_query[*i].is_zero()).ne(finite.iter().copied()) {
        return Err(TableError::Infinity);
    }
    let c: Vec<G1Affine> = l.into_iter().chain(h).chain(finite.iter().map(|i| key.b_g1_query[*i])).collect();
    let count = |points: &[G1Affine]| points.iter().filter(|p| !p.is_zero()).count();
    let counts = [&key.a_query, &c].map(|points| count(points));
    let layouts = Layouts::within(budget, counts, n, finite.len())?;

    let first = |points: &[G1Affine], layout| {
        let (layout, scalars, points) = Table::<G1>::build(instructions, threads, points, layout)?.into_parts();
        let points = Points::resident(&points).map_err(TableError::Allocation)?;
        step();
        Ok::<_, TableError>(Table::from_parts(layout, scalars, points)?)
    };
    let a = first(&key.a_query, layouts.a)?;
    let c = first(&c, layouts.c)?;
    let (layout, scalars, points) =
        Table::<G2>::build(instructions, threads, &key.b_g2_query, layouts.b2)?.into_parts();
    let points = Points::resident(&points).map_err(TableError::Allocation)?;
    step();
    Ok(Tables { a, c, b2: Table::from_parts(layout, scalars, points)? })
}

/// The bases of H on the coset, and the `K_j` in memory.
fn quotient_bases(
    instructions: Instructions,
    threads: usize,
    key: &ProvingKey<Bn254>,
    n: usize,
    step: &dyn Fn(),
) -> Result<(Vec<G1Affine>, Vec<Stored<8>>), TableError> {
    let root = F::get_root_of_unity(n as u64).and_then(|root| root.inverse()).ok_or(TableError::Domain(n))?;
    let generator = F::GENERATOR;
    let vanishing = generator.pow([n as u64]) - F::ONE;
    let scale = (vanishing * F::from(n as u64)).inverse().ok_or(TableError::Domain(n))?;
    let down = generator.inverse().ok_or(TableError::Domain(n))?;

    let mut queries = key.h_query.clone();
    queries.resize(n, key.h_query[0]);
    let mut queries = store_points::<G1>(instructions, &queries).ok_or(TableError::Infinity)?;
    queries.truncate(n);
    let mut k = scale_all::<G1>(instructions, threads, &queries, &vec![scale; n])?;
    let powers: Vec<F> = std::iter::successors(Some(F::ONE), |x| Some(*x * down)).take(n).collect();
    let mut h = scale_all::<G1>(instructions, threads, &k, &powers)?;
    transform_points::<G1>(instructions, threads, &mut h, root, step)?;
    transform_points::<G1>(instructions, threads, &mut k, root, step)?;
    Ok((load_points::<G1>(instructions, &h), k))
}

/// The new bases of L, one per variable, infinity where there is none.
fn fold(
    instructions: Instructions,
    threads: usize,
    key: &ProvingKey<Bn254>,
    matrices: &Matrices,
    k: &[Stored<8>],
) -> Result<Vec<G1Affine>, TableError> {
    // Points: K, then L, then multiples of K by coefficients other than ±1.
    let finite: Vec<usize> = (0..key.l_query.len()).filter(|i| !key.l_query[*i].is_zero()).collect();
    let l: Vec<G1Affine> = finite.iter().map(|i| key.l_query[*i]).collect();
    let mut sources = k.to_vec();
    let mut by_variable: Vec<Vec<u32>> = vec![Vec::new(); matrices.variables];
    for (position, i) in finite.iter().enumerate() {
        by_variable[matrices.instance + i].push((sources.len() + position) as u32);
    }
    sources.extend(store_points::<G1>(instructions, &l).ok_or(TableError::Infinity)?);
    let (mut points, mut factors) = (Vec::new(), Vec::new());
    for (j, point) in k.iter().enumerate().take(matrices.constraints()) {
        for (variable, coefficient) in matrices.c.row(j) {
            let entry = if *coefficient == F::ONE {
                j as u32 | NEGATED
            } else if *coefficient == -F::ONE {
                j as u32
            } else if coefficient.is_zero() {
                continue;
            } else {
                points.push(*point);
                factors.push(-*coefficient);
                (sources.len() + points.len() - 1) as u32
            };
            by_variable[*variable as usize].push(entry);
        }
    }
    sources.extend(scale_all::<G1>(instructions, threads, &points, &factors)?);
    let mut ends = Vec::with_capacity(by_variable.len());
    let mut entries = Vec::new();
    for of_variable in by_variable {
        entries.extend(of_variable);
        ends.push(entries.len() as u32);
    }
    let sums = group_sums::<G1>(instructions, threads, &sources, &Grouped { entries: &entries, ends: &ends });
    let points = load_points::<G1>(instructions, &sums.points);
    let point = |i: &Option<u32>| i.map_or(G1Affine::zero(), |i| points[i as usize]);
    Ok(sums.of_group.iter().map(point).collect())
}

impl Layouts {
    /// The fastest layouts whose tables fit into `budget` bytes. Counts are of A and C; `full` of C's are the quotient's, whose
    /// scalars are as large as the field; `twists` are B's in G2.
    pub(super) fn within(
        budget: usize,
        [a, c]: [usize; 2],
        full: usize,
        twists: usize,
    ) -> Result<Self, TooLittleMemory> {
        let mut best: Option<(usize, Self)> = None;
        let mut least = usize::MAX;
        for width in 9..=16 {
            let strided = |stride| Layout { width, stride };
            for (a_stride, c_stride, b2_stride) in
                (1..=8).flat_map(|a| (1..=26).flat_map(move |c| (1..=8).map(move |b2| (a, c, b2))))
            {
                let layouts = Self { a: strided(a_stride), c: strided(c_stride), b2: strided(b2_stride) };
                let bytes = layouts.a.bytes::<G1>(a) + layouts.c.bytes::<G1>(c) + layouts.b2.bytes::<G2>(twists);
                // About half of the values are 0 or 1. An addition in G2 costs about as much as 5 in G1 do in two.
                let cost = 2 * layouts.a.additions(a / 2)
                    + 2 * layouts.c.additions(full + (c - full) / 2)
                    + 5 * layouts.b2.additions(twists / 2);
                least = least.min(bytes);
                if bytes <= budget && best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, layouts));
                }
            }
        }
        best.map(|(_, layouts)| layouts).ok_or(TooLittleMemory { budget, needed: least })
    }
}
