//! The rewritten rounds against the rounds as they are given, with all instructions. That the constants in use are circomlib's is tested where they come from.

#![allow(clippy::unwrap_used)]

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_lanes::Instructions;
use sealroot_lanes::poseidon::{MAX_WIDTH, Partial, Permutation, Rounds};

fn draw(rng: &mut StdRng) -> Fr {
    match rng.gen_range(0..8) {
        0 => Fr::ZERO,
        1 => Fr::ONE,
        2 => -Fr::ONE,
        _ => Fr::rand(rng),
    }
}

fn vector(rng: &mut StdRng, n: usize) -> Vec<Fr> {
    (0..n).map(|_| draw(rng)).collect()
}

fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).map(|(a, b)| *a * b).sum()
}

/// Line by line what [`Rounds`] says.
fn reference(rounds: &Rounds<'_>, state: &mut [Fr]) -> Fr {
    fn full(constants: &[Fr], matrix: &[Vec<Fr>], state: &mut [Fr]) {
        let after: Vec<Fr> = state.iter().zip(constants).map(|(s, c)| (*s + c).pow([5])).collect();
        for (s, row) in state.iter_mut().zip(matrix) {
            *s = dot(row, &after);
        }
    }
    let (end, before) = rounds.first.split_last().unwrap();
    before.iter().for_each(|constants| full(constants, rounds.mds, state));
    full(end, rounds.pre_sparse, state);
    state.iter_mut().zip(rounds.first_partial).for_each(|(s, c)| *s += c);
    for round in &rounds.partial {
        state[0] = state[0].pow([5]) + round.after_sbox;
        let next = dot(round.row, state);
        for j in 1..state.len() {
            let first = state[0];
            state[j] += round.column[j - 1] * first;
        }
        state[0] = next;
    }
    rounds.last.iter().for_each(|constants| full(constants, rounds.mds, state));
    state[0]
}

/// Every width, every rest of a block of partial rounds, every rest of a pack of states, prefixes of every length.
#[test]
fn rounds_are_what_they_say() {
    let mut rng = StdRng::seed_from_u64(11);
    for t in 2..=MAX_WIDTH {
        for partial in [1, 2, 3, 4, 5, 6, 7, 8, 57] {
            let mut matrix = |rows: usize| -> Vec<Vec<Fr>> { (0..rows).map(|_| vector(&mut rng, t)).collect() };
            let (first, last) = (matrix(1 + partial % 4), matrix(1 + partial % 3));
            let (mds, pre_sparse, added) = (matrix(t), matrix(t), matrix(1));
            let (rows, columns) = (matrix(partial), matrix(partial));
            let rounds = Rounds {
                first: &first,
                last: &last,
                mds: &mds,
                pre_sparse: &pre_sparse,
                first_partial: &added[0],
                partial: rows
                    .iter()
                    .zip(&columns)
                    .map(|(row, c)| Partial { after_sbox: c[0], row, column: &c[1..] })
                    .collect(),
            };
            let count = (partial * 7 + t) % 34;
            let prefix = vector(&mut rng, partial % t);
            let own = t - 1 - prefix.len();
            let inputs = vector(&mut rng, own * count);
            let expected: Vec<Fr> = (0..count)
                .map(|n| {
                    let mut state = [&[Fr::ZERO], &prefix[..], &inputs[n * own..(n + 1) * own]].concat();
                    reference(&rounds, &mut state)
                })
                .collect();
            for instructions in Instructions::all_for_hashing() {
                let permutation = Permutation::new(instructions, &rounds);
                assert_eq!(permutation.width(), t);
                let mut found = vec![Fr::ONE; count];
                permutation.compress(&prefix, &inputs, &mut found);
                assert_eq!(
                    found,
                    expected,
                    "{}: width {t}, {partial} partial rounds, {count} states",
                    instructions.name()
                );
            }
        }
    }
}

#[test]
#[should_panic(expected = "fill the states")]
fn too_few_inputs_are_refused() {
    let one = vec![vec![Fr::ONE; 3]; 3];
    let rounds = Rounds {
        first: &one[..1],
        last: &one[..1],
        mds: &one,
        pre_sparse: &one,
        first_partial: &one[0],
        partial: vec![Partial { after_sbox: Fr::ONE, row: &one[0], column: &one[0][1..] }],
    };
    Permutation::new(Instructions::scalar(), &rounds).compress(&[Fr::ONE], &[Fr::ONE; 3], &mut [Fr::ZERO; 4]);
}
