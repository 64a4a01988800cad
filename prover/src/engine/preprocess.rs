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
use sealroot_lanes::packed::{Stored, WIDTH};
use sealroot_lanes::scale::{parallel, scale_all, transform_points};
use sealroot_lanes::sums::{Grouped, group_sums};
use sealroot_lanes::{G1, G2, Path};
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
    path: Path,
    threads: usize,
    budget: usize,
    key: &ProvingKey<Bn254>,
    matrices: &Matrices,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Tables, TableError> {
    let n = matrices.size().next_power_of_two();
    let of = 2 * n.ilog2() as usize + 7;
    let done = AtomicUsize::new(0);
    let step = || progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });

    let (h, k) = quotient_bases(path, threads, key, n, &step)?;
    let l = fold(path, threads, key, matrices, &k)?;
    step();

    let count = |points: &[G1Affine]| points.iter().filter(|p| !p.is_zero()).count();
    let counts = [&key.a_query, &key.b_g1_query, &l, &h, &key.vk.gamma_abc_g1].map(|points| count(points));
    let twists = key.b_g2_query.iter().filter(|p| !p.is_zero()).count();
    let layouts = Layouts::within(budget, counts, twists)?;

    enum Made {
        First(Table<G1>),
        Second(Table<G2>),
    }
    let made = parallel(threads, 6, |i| {
        let first = |points: &[G1Affine], layout| Table::<G1>::build(path, points, layout).map(Made::First);
        let made = match i {
            0 => Table::<G2>::build(path, &key.b_g2_query, layouts.second).map(Made::Second),
            1 => first(&h, layouts.quotient),
            2 => first(&key.a_query, layouts.first),
            3 => first(&l, layouts.first),
            4 => first(&key.b_g1_query, layouts.first),
            _ => first(&key.vk.gamma_abc_g1, layouts.inputs),
        };
        step();
        made
    });
    let (mut firsts, mut second) = (Vec::new(), None);
    for made in made {
        match made? {
            Made::First(table) => {
                let (layout, scalars, points) = table.into_parts();
                firsts.push(Table::from_parts(layout, scalars, Points::Owned(points))?);
            }
            Made::Second(table) => {
                let (layout, scalars, points) = table.into_parts();
                second = Some(Table::from_parts(layout, scalars, Points::Owned(points))?);
            }
        }
    }
    let (Ok([h, a, l, b1, inputs]), Some(b2)) = (<[Table<G1, Points<8>>; 5]>::try_from(firsts), second) else {
        return Err(TableError::Memory(TooLittleMemory { budget, needed: 0 }));
    };
    Ok(Tables { a, b1, l, h, inputs, b2 })
}

/// The bases of H on the coset, and the `K_j` in memory.
fn quotient_bases(
    path: Path,
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
    let mut queries = store_points::<G1>(path, &queries).ok_or(TableError::Infinity)?;
    queries.truncate(n);
    let mut k = scale_all::<G1>(path, threads, &queries, &vec![scale; n])?;
    let powers: Vec<F> = std::iter::successors(Some(F::ONE), |x| Some(*x * down)).take(n).collect();
    let mut h = scale_all::<G1>(path, threads, &k, &powers)?;
    transform_points::<G1>(path, threads, &mut h, root, step)?;
    transform_points::<G1>(path, threads, &mut k, root, step)?;
    Ok((load_points::<G1>(path, &h), k))
}

/// The new bases of L, one per variable, infinity where there is none.
fn fold(
    path: Path,
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
    sources.extend(store_points::<G1>(path, &l).ok_or(TableError::Infinity)?);
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
    sources.extend(scale_all::<G1>(path, threads, &points, &factors)?);
    let mut ends = Vec::with_capacity(by_variable.len());
    let mut entries = Vec::new();
    for of_variable in by_variable {
        entries.extend(of_variable);
        ends.push(entries.len() as u32);
    }
    let sums = group_sums::<G1>(path, threads, &sources, &Grouped { entries: &entries, ends: &ends });
    let points = load_points::<G1>(path, &sums.points);
    let point = |i: &Option<u32>| i.map_or(G1Affine::zero(), |i| points[i as usize]);
    Ok(sums.of_group.iter().map(point).collect())
}

impl Layouts {
    /// The fastest layouts whose tables fit into `budget` bytes. Counts are of A, B in G1, L, H, inputs.
    pub(super) fn within(budget: usize, counts: [usize; 5], twists: usize) -> Result<Self, TooLittleMemory> {
        let [a, b, l, h, inputs] = counts.map(|count| count.next_multiple_of(WIDTH));
        // Inputs are few, and words small: a sparse table will do.
        let shared: Vec<Layout> = Layout::candidates().filter(|layout| (9..=16).contains(&layout.width)).collect();
        let mut best: Option<(usize, Self)> = None;
        let mut least = usize::MAX;
        for width in 9..=16 {
            let inputs_layout = Layout { width, stride: 4 };
            let of_width: Vec<Layout> =
                shared.iter().copied().filter(|layout| layout.width == width && layout.stride <= 8).collect();
            for first in &of_width {
                let first_bytes: usize = [a, b, l].iter().map(|count| first.bytes::<G1>(*count)).sum();
                // About half of the values are bits.
                let first_cost: usize = [a, b, l].iter().map(|count| first.additions(count / 2)).sum();
                for second in &of_width {
                    let bytes = first_bytes + second.bytes::<G2>(twists) + inputs_layout.bytes::<G1>(inputs);
                    let cost = first_cost + 3 * second.additions(twists / 2);
                    for quotient in &shared {
                        let bytes = bytes + quotient.bytes::<G1>(h);
                        least = least.min(bytes);
                        let cost = cost + quotient.additions(h);
                        if bytes <= budget && best.is_none_or(|(least, _)| cost < least) {
                            let layouts =
                                Self { first: *first, second: *second, quotient: *quotient, inputs: inputs_layout };
                            best = Some((cost, layouts));
                        }
                    }
                }
            }
        }
        best.map(|(_, layouts)| layouts).ok_or(TooLittleMemory { budget, needed: least })
    }
}
