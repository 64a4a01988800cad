//! Poseidon with circomlib's parameters for BN254, fixed arity, with a domain tag as first input.
//!
//! The raw sponge of arkworks neither pads nor encodes length (H(7) = H(7, 0)); a permutation of fixed width per arity has no such
//! collision. Partial rounds run in the sparse form of the Poseidon paper (eprint 2019/458, appendix B): same function, about a
//! third of the multiplications. The constants are derived once per width from circomlib's and compared with them in tests.

mod many;

pub use many::hash_many;

use crate::{field::F, tag::Tag};
use ark_ff::{Field, One, Zero};
use std::sync::OnceLock;

/// The largest number of inputs, tag included.
pub const MAX_INPUTS: usize = 12;

/// `Poseidon(tag, inputs…)`.
///
/// At most 11 inputs besides the tag; more do not compile.
#[expect(clippy::expect_used, reason = "the arity is checked at compile time")]
pub fn hash<const N: usize>(tag: Tag, inputs: [F; N]) -> F {
    const { assert!(N < MAX_INPUTS, "Poseidon takes at most 11 inputs besides the tag") };
    let mut all = [F::zero(); MAX_INPUTS];
    all[0] = tag.value();
    all[1..=N].copy_from_slice(&inputs);
    circomlib(&all[..=N]).expect("1 to 12 inputs")
}

/// circomlib's `poseidon(inputs)`, untagged: for known-answer vectors and gadgets. `None` unless 1 to 12 inputs are given.
pub fn circomlib(inputs: &[F]) -> Option<F> {
    fn run<const T: usize>(inputs: &[F]) -> F {
        let mut state = [F::zero(); T];
        state[1..].copy_from_slice(inputs);
        permute(Parameters::of_width(T), &mut state);
        state[0]
    }
    Some(match inputs.len() {
        1 => run::<2>(inputs),
        2 => run::<3>(inputs),
        3 => run::<4>(inputs),
        4 => run::<5>(inputs),
        5 => run::<6>(inputs),
        6 => run::<7>(inputs),
        7 => run::<8>(inputs),
        8 => run::<9>(inputs),
        9 => run::<10>(inputs),
        10 => run::<11>(inputs),
        11 => run::<12>(inputs),
        12 => run::<13>(inputs),
        _ => return None,
    })
}

/// Constants of one width `t`, with partial rounds in sparse form.
///
/// The permutation is: `full/2 − 1` full rounds (add, x⁵, `mds`); one full round whose matrix is `pre_sparse`; add `first_partial`; the partial rounds:
/// `s_0 ← s_0⁵ + after_sbox`, then the sparse matrix; `full/2` full rounds.
#[derive(Debug)]
pub struct Parameters {
    /// State width `t`.
    pub width: usize,
    /// Round constants of the full rounds, `t` each: the first half, then the second.
    pub full_constants: [Vec<Vec<F>>; 2],
    /// The MDS matrix by rows.
    pub mds: Vec<Vec<F>>,
    /// Matrix of the last full round before the partial rounds, by rows.
    pub pre_sparse: Vec<Vec<F>>,
    /// Constants added to the whole state before the first partial round.
    pub first_partial: Vec<F>,
    /// The partial rounds.
    pub partial: Vec<PartialRound>,
}

/// One partial round: `s_0 ← s_0⁵ + after_sbox`, then `s_0' = Σ row_j·s_j` and, for j ≥ 1, `s_j' = s_j + column_{j−1}·s_0`.
#[derive(Debug)]
pub struct PartialRound {
    /// Added to `s_0` behind its S-box; 0 in the last round.
    pub after_sbox: F,
    /// First row of the sparse matrix, `t` entries.
    pub row: Vec<F>,
    /// First column below the diagonal, `t − 1` entries.
    pub column: Vec<F>,
}

impl Parameters {
    /// The constants for state width `t` in 2…13, derived on first use.
    ///
    /// # Panics
    /// For other widths: they are fixed by the callers.
    pub fn of_width(t: usize) -> &'static Self {
        static CACHE: [OnceLock<Parameters>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
        CACHE[t - 2].get_or_init(|| Self::derive(t))
    }

    #[expect(
        clippy::expect_used,
        reason = "constants for the twelve widths are compiled in; a missing one is a build error found by every test"
    )]
    fn derive(t: usize) -> Self {
        let raw = light_poseidon::parameters::bn254_x5::get_poseidon_parameters::<F>(t as u8).expect("width 2 to 13");
        let mds = raw.mds;
        let rounds: Vec<Vec<F>> = raw.ark.chunks_exact(t).map(<[F]>::to_vec).collect();
        let half = raw.full_rounds / 2;
        let (first, rest) = rounds.split_at(half);
        let (partial_constants, last) = rest.split_at(raw.partial_rounds);
        let inverse = invert(&mds).expect("an MDS matrix is invertible");

        // Constants of round i + 1, pulled back through the matrix of round i: what falls on s_0 stays behind its S-box,
        // the rest commutes with the S-box, which only touches s_0.
        let mut constants = partial_constants.to_vec();
        let mut after_sbox = vec![F::zero(); raw.partial_rounds];
        for i in (1..raw.partial_rounds).rev() {
            let pulled = apply(&inverse, &constants[i]);
            after_sbox[i - 1] = pulled[0];
            for j in 1..t {
                constants[i - 1][j] += pulled[j];
            }
        }

        // M = sparse · dense with dense = diag(1, M̂); dense commutes with the S-box and is multiplied into the round before.
        let mut partial = Vec::with_capacity(raw.partial_rounds);
        let mut matrix = mds.clone();
        let mut dense = identity(t);
        for constant in after_sbox.iter().rev() {
            let minor: Vec<Vec<F>> = matrix[1..].iter().map(|row| row[1..].to_vec()).collect();
            let minor_inverse = invert(&minor).expect("a minor of an MDS matrix is invertible");
            let mut row = vec![matrix[0][0]];
            row.extend((0..t - 1).map(|j| (0..t - 1).map(|k| matrix[0][k + 1] * minor_inverse[k][j]).sum::<F>()));
            let column = matrix[1..].iter().map(|r| r[0]).collect();
            partial.push(PartialRound { after_sbox: *constant, row, column });
            dense = identity(t);
            for (target, source) in dense[1..].iter_mut().zip(&minor) {
                target[1..].copy_from_slice(source);
            }
            matrix = multiply(&dense, &mds);
        }
        partial.reverse();
        Self {
            width: t,
            full_constants: [first.to_vec(), last.to_vec()],
            pre_sparse: matrix,
            first_partial: apply(&dense, &constants[0]),
            mds,
            partial,
        }
    }
}

fn permute<const T: usize>(p: &Parameters, state: &mut [F; T]) {
    let [first, last] = &p.full_constants;
    for (i, constants) in first.iter().enumerate() {
        full_round(constants, if i + 1 == first.len() { &p.pre_sparse } else { &p.mds }, state);
    }
    for (s, c) in state.iter_mut().zip(&p.first_partial) {
        *s += c;
    }
    for round in &p.partial {
        state[0] = fifth_power(state[0]) + round.after_sbox;
        let (first, rest) = (state[0], inner_product(&round.row, state));
        for (s, c) in state[1..].iter_mut().zip(&round.column) {
            *s += *c * first;
        }
        state[0] = rest;
    }
    for constants in last {
        full_round(constants, &p.mds, state);
    }
}

fn full_round<const T: usize>(constants: &[F], matrix: &[Vec<F>], state: &mut [F; T]) {
    for (s, c) in state.iter_mut().zip(constants) {
        *s = fifth_power(*s + c);
    }
    let before = *state;
    for (s, row) in state.iter_mut().zip(matrix) {
        *s = inner_product(row, &before);
    }
}

fn fifth_power(x: F) -> F {
    x.square().square() * x
}

fn inner_product<const T: usize>(row: &[F], state: &[F; T]) -> F {
    // One reduction for the whole sum instead of one per product.
    row.first_chunk::<T>().map_or_else(F::zero, |row| F::sum_of_products(row, state))
}

fn identity(n: usize) -> Vec<Vec<F>> {
    (0..n).map(|i| (0..n).map(|j| if i == j { F::one() } else { F::zero() }).collect()).collect()
}

fn apply(matrix: &[Vec<F>], vector: &[F]) -> Vec<F> {
    matrix.iter().map(|row| row.iter().zip(vector).map(|(a, b)| *a * b).sum()).collect()
}

fn multiply(a: &[Vec<F>], b: &[Vec<F>]) -> Vec<Vec<F>> {
    a.iter().map(|row| (0..b.len()).map(|j| row.iter().zip(b).map(|(x, r)| *x * r[j]).sum()).collect()).collect()
}

/// Gauss–Jordan; `None` for a singular matrix.
fn invert(matrix: &[Vec<F>]) -> Option<Vec<Vec<F>>> {
    let n = matrix.len();
    let mut left = matrix.to_vec();
    let mut right = identity(n);
    for i in 0..n {
        let pivot = (i..n).find(|r| !left[*r][i].is_zero())?;
        left.swap(i, pivot);
        right.swap(i, pivot);
        let scale = left[i][i].inverse()?;
        for x in left[i].iter_mut().chain(right[i].iter_mut()) {
            *x *= scale;
        }
        let (left_row, right_row) = (left[i].clone(), right[i].clone());
        for r in (0..n).filter(|r| *r != i) {
            let factor = left[r][i];
            for (x, y) in left[r].iter_mut().zip(&left_row).chain(right[r].iter_mut().zip(&right_row)) {
                *x -= factor * y;
            }
        }
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::field;
    use light_poseidon::{Poseidon, PoseidonHasher};

    fn decimal(x: F) -> String {
        x.to_string()
    }

    /// circomlibjs test/poseidon.js: poseidon([1, 2]), poseidon([1, 2, 3, 4]), poseidon([1]); also poseidon-lite's README.
    #[test]
    fn circomlib_vectors() {
        let inputs = |n: u64| (1..=n).map(F::from).collect::<Vec<_>>();
        assert_eq!(
            decimal(circomlib(&inputs(1)).unwrap()),
            "18586133768512220936620570745912940619677854269274689475585506675881198879027"
        );
        assert_eq!(
            decimal(circomlib(&inputs(2)).unwrap()),
            "7853200120776062878684798364095072458815029376092732009249414926327459813530"
        );
        assert_eq!(
            decimal(circomlib(&inputs(4)).unwrap()),
            "18821383157269793795438455681495246036402687001665670618754263018637548127333"
        );
    }

    /// The sparse form is the same function as the textbook form, for every width.
    #[test]
    fn sparse_form_equals_light_poseidon() {
        for n in 1..=MAX_INPUTS {
            for case in 0..20u64 {
                let inputs: Vec<F> =
                    (0..n as u64).map(|i| F::from(case * 1_000_003 + i + 1).pow([5 + case, 7, 11, case])).collect();
                let expected = Poseidon::<F>::new_circom(n).unwrap().hash(&inputs).unwrap();
                assert_eq!(circomlib(&inputs).unwrap(), expected, "{n} inputs, case {case}");
            }
            let edge = vec![-F::from(1u8); n];
            assert_eq!(circomlib(&edge).unwrap(), Poseidon::<F>::new_circom(n).unwrap().hash(&edge).unwrap());
        }
        assert_eq!(circomlib(&[]), None);
        assert_eq!(circomlib(&[F::zero(); 13]), None);
    }

    /// The sponge's collisions H(7) = H(7, 0) and H() = H(0) must not come back.
    #[test]
    fn arity_and_tag_separate() {
        let seven = F::from(7u8);
        assert_ne!(circomlib(&[seven]), circomlib(&[seven, F::zero()]));
        assert_ne!(hash(Tag::Node, []), hash(Tag::Node, [F::zero()]));
        assert_ne!(hash(Tag::Leaf, [seven]), hash(Tag::Node, [seven]));
        assert_eq!(hash(Tag::Node, [seven]), circomlib(&[field::from_short_bytes(b"sealroot/1:node"), seven]).unwrap());
    }
}
