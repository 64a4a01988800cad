//! Poseidon with S-box x⁵ over the scalar field, eight or sixteen states at a time.
//!
//! The permutation is the sparse form of the Poseidon paper (eprint 2019/458, appendix B), rewritten so that a sum of products is reduced
//! once: constants are moved into the linear layers, and partial rounds are taken in blocks. Within a block the elements that have no
//! S-box stay as they are; what the block's S-boxes add to them is summed at its end, and each next first element takes them into account
//! by coefficients that are computed beforehand. Same function as the textbook form.
//!
//! Where the constants come from is the caller's business; there are none here.

use crate::backend::{Backend, Instructions, Kernel};
use crate::field::{Packed, WIDTH};
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use std::any::Any;

/// The largest state.
pub const MAX_WIDTH: usize = 13;
/// Packs of states side by side: the S-boxes of the partial rounds are one long chain, and one pack alone waits for it.
const PACKS: usize = 2;
/// The most partial rounds in a block.
const MAX_BLOCK: usize = 8;

/// The rounds of one width, in sparse form.
///
/// `first.len() − 1` full rounds (add, x⁵, `mds`); one whose matrix is `pre_sparse`; add `first_partial`; the partial rounds; `last.len()`
/// full rounds.
#[derive(Clone, Debug)]
pub struct Rounds<'a> {
    /// Constants of the full rounds before the partial ones.
    pub first: &'a [Vec<Fr>],
    /// Constants of the full rounds behind them.
    pub last: &'a [Vec<Fr>],
    /// Matrix of the full rounds, by rows.
    pub mds: &'a [Vec<Fr>],
    /// Matrix of the last full round before the partial rounds, by rows.
    pub pre_sparse: &'a [Vec<Fr>],
    /// Added to the whole state before the partial rounds.
    pub first_partial: &'a [Fr],
    /// The partial rounds.
    pub partial: Vec<Partial<'a>>,
}

/// `s_0 ← s_0⁵ + after_sbox`, then `s_0' = Σ row_j·s_j` and, for j ≥ 1, `s_j' = s_j + column_{j−1}·s_0`.
#[derive(Clone, Copy, Debug)]
pub struct Partial<'a> {
    /// Added behind the S-box.
    pub after_sbox: Fr,
    /// First row of the matrix.
    pub row: &'a [Fr],
    /// First column below the diagonal.
    pub column: &'a [Fr],
}

/// A permutation of one width, with its tables for one choice of instructions.
pub struct Permutation {
    instructions: Instructions,
    width: usize,
    tables: Box<dyn Any + Send + Sync>,
}

impl Permutation {
    /// Precomputes tables.
    ///
    /// # Panics
    /// Unless the width is among 2 to [`MAX_WIDTH`], all vectors and matrices have it, and there are rounds of each kind.
    pub fn new(instructions: Instructions, rounds: &Rounds<'_>) -> Self {
        let width = rounds.first_partial.len();
        assert!((2..=MAX_WIDTH).contains(&width), "2 to 13 elements");
        let square = |m: &[Vec<Fr>]| m.len() == width && m.iter().all(|row| row.len() == width);
        assert!(square(rounds.mds) && square(rounds.pre_sparse), "matrices of this width");
        assert!(rounds.first.iter().chain(rounds.last).all(|c| c.len() == width), "constants of this width");
        assert!(
            rounds.partial.iter().all(|p| p.row.len() == width && p.column.len() == width - 1),
            "rows of this width"
        );
        assert!(
            !rounds.first.is_empty() && !rounds.last.is_empty() && !rounds.partial.is_empty(),
            "rounds of each kind"
        );
        Self { instructions, width, tables: instructions.run(Precompute { rounds, width }) }
    }

    /// Elements of the state.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The first elements of the permuted states `0 ‖ prefix ‖ inputs`: the same prefix for all, and for each of `out` its own part of
    /// `inputs`, which follow each other.
    ///
    /// # Panics
    /// If prefix and inputs don't fill the states.
    pub fn compress(&self, prefix: &[Fr], inputs: &[Fr], out: &mut [Fr]) {
        let own = (self.width - 1).checked_sub(prefix.len());
        assert_eq!(own.map(|own| own * out.len()), Some(inputs.len()), "prefix and inputs fill the states");
        self.instructions.run(Compress { permutation: self, prefix, inputs, out });
    }
}

struct Tables<L: Packed> {
    first: Half<L>,
    blocks: Vec<Block<L>>,
    last: Half<L>,
}

/// The full rounds on one side of the partial ones.
struct Half<L: Packed> {
    /// Added to the state that comes in.
    start: Vec<L::Constant>,
    /// For each round what its matrix' result is added to, for as many elements as are still needed.
    addends: Vec<Vec<L::Constant>>,
    /// By rows: the matrix of all rounds but the last, and that of the last.
    matrices: [Vec<L::Constant>; 2],
}

/// Some partial rounds. With `v` the elements that have no S-box, as the block finds them, and `y_m` what comes out of the m-th S-box:
struct Block<L: Packed> {
    /// For each round the coefficients of `v, y_0, … y_m` in the next first element, and what is added to it.
    rounds: Vec<(Vec<L::Constant>, L::Constant)>,
    /// For each element of `v` the coefficients of the `y` that the block adds to it.
    columns: Vec<Vec<L::Constant>>,
}

struct Precompute<'a> {
    rounds: &'a Rounds<'a>,
    width: usize,
}

fn inner_product(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).map(|(a, b)| *a * b).sum()
}

impl Kernel for Precompute<'_> {
    type Output = Box<dyn Any + Send + Sync>;

    #[inline(always)]
    fn run<B: Backend>(self) -> Self::Output {
        const { assert!(B::Fr::PARTIAL_ROUNDS <= MAX_BLOCK, "a block fits behind the state") };
        let (rounds, t) = (self.rounds, self.width);
        let constants = |elements: &[Fr]| -> Vec<_> { elements.iter().map(B::Fr::constant).collect() };
        let matrix = |rows: &[Vec<Fr>]| constants(&rows.concat());

        // What the S-boxes' constants have added to `v` so far; it is never added to `v`, only to what `v` is used for.
        let mut pending = vec![Fr::ZERO; t - 1];
        let mut blocks = Vec::new();
        for block in rounds.partial.chunks(B::Fr::PARTIAL_ROUNDS) {
            let mut out = Block::<B::Fr> { rounds: Vec::new(), columns: Vec::new() };
            for (m, round) in block.iter().enumerate() {
                let (own, row) = (round.row[0], &round.row[1..]);
                let mut coefficients = row.to_vec();
                coefficients.extend(block[..m].iter().map(|before| inner_product(row, before.column)));
                coefficients.push(own);
                let addend = own * round.after_sbox + inner_product(row, &pending);
                out.rounds.push((constants(&coefficients), B::Fr::constant(&addend)));
                for (sum, c) in pending.iter_mut().zip(round.column) {
                    *sum += *c * round.after_sbox;
                }
            }
            for j in 0..t - 1 {
                out.columns.push(block.iter().map(|round| B::Fr::constant(&round.column[j])).collect());
            }
            blocks.push(out);
        }
        let mut behind = rounds.last[0].clone();
        for (c, sum) in behind[1..].iter_mut().zip(&pending) {
            *c += sum;
        }

        let half = |start: &[Fr], rest: &[Vec<Fr>], end: &[Fr], last_matrix: &[Vec<Fr>]| Half {
            start: constants(start),
            addends: rest.iter().map(|c| constants(c)).chain([constants(end)]).collect(),
            matrices: [matrix(rounds.mds), matrix(last_matrix)],
        };
        Box::new(Tables::<B::Fr> {
            first: half(&rounds.first[0], &rounds.first[1..], rounds.first_partial, rounds.pre_sparse),
            blocks,
            // Only the first element of the result is used.
            last: half(&behind, &rounds.last[1..], &[Fr::ZERO], rounds.mds),
        })
    }
}

struct Compress<'a> {
    permutation: &'a Permutation,
    prefix: &'a [Fr],
    inputs: &'a [Fr],
    out: &'a mut [Fr],
}

/// A state, and behind it the results of a block's S-boxes.
type State<L> = [L; MAX_WIDTH + MAX_BLOCK];

impl Kernel for Compress<'_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::expect_used, reason = "the tables were made by the same backend")]
    fn run<B: Backend>(self) {
        let tables = self.permutation.tables.downcast_ref::<Tables<B::Fr>>().expect("tables of this backend");
        let (count, t) = (self.out.len(), self.permutation.width);
        let start = 1 + self.prefix.len();
        let own = t - start;
        let mut at = 0;
        while at < count {
            let packs = if count - at > WIDTH { PACKS } else { 1 };
            let mut states: [State<B::Fr>; PACKS] = [[B::Fr::zero(); MAX_WIDTH + MAX_BLOCK]; PACKS];
            for p in 0..packs {
                for i in 1..t {
                    let mut elements = [Fr::ZERO; WIDTH];
                    for lane in 0..WIDTH {
                        // Lanes beyond the end repeat the last state.
                        let n = (at + p * WIDTH + lane).min(count - 1);
                        elements[lane] = if i < start { self.prefix[i - 1] } else { self.inputs[n * own + i - start] };
                    }
                    states[p][i] = B::Fr::pack(&elements);
                }
            }
            if packs == PACKS {
                permute::<B::Fr, PACKS>(tables, t, &mut states);
            } else {
                let [state, ..] = &mut states;
                permute::<B::Fr, 1>(tables, t, std::array::from_mut(state));
            }
            for p in 0..packs {
                let elements = states[p][0].unpack();
                for lane in 0..WIDTH.min(count - at - p * WIDTH) {
                    self.out[at + p * WIDTH + lane] = elements[lane];
                }
            }
            at += packs * WIDTH;
        }
    }
}

/// Leaves only the first element of each state right.
#[inline(always)]
fn permute<L: Packed, const N: usize>(tables: &Tables<L>, t: usize, states: &mut [State<L>; N]) {
    full_rounds(&tables.first, t, states);
    for block in &tables.blocks {
        for m in 0..block.rounds.len() {
            let (coefficients, addend) = &block.rounds[m];
            let mut y = [L::zero(); N];
            for p in 0..N {
                y[p] = states[p][0].square();
            }
            for p in 0..N {
                y[p] = y[p].square();
            }
            for p in 0..N {
                states[p][t + m] = y[p].mul(states[p][0]);
            }
            for p in 0..N {
                states[p][0] = L::sum_of_products(coefficients, &states[p][1..=t + m], L::broadcast(addend));
            }
        }
        for j in 0..t - 1 {
            for p in 0..N {
                let y = &states[p][t..t + block.rounds.len()];
                states[p][j + 1] = L::sum_of_products(&block.columns[j], y, states[p][j + 1]);
            }
        }
    }
    full_rounds(&tables.last, t, states);
}

#[inline(always)]
fn full_rounds<L: Packed, const N: usize>(half: &Half<L>, t: usize, states: &mut [State<L>; N]) {
    for i in 0..t {
        let constant = L::broadcast(&half.start[i]);
        for p in 0..N {
            states[p][i] = states[p][i].add_reduced(constant);
        }
    }
    for round in 0..half.addends.len() {
        for i in 0..t {
            for p in 0..N {
                let x = states[p][i];
                states[p][i] = x.square().square().mul(x);
            }
        }
        let before = *states;
        let addends = &half.addends[round];
        let matrix = &half.matrices[usize::from(round + 1 == half.addends.len())];
        for i in 0..addends.len() {
            for p in 0..N {
                let row = &matrix[i * t..(i + 1) * t];
                states[p][i] = L::sum_of_products(row, &before[p][..t], L::broadcast(&addends[i]));
            }
        }
    }
}
