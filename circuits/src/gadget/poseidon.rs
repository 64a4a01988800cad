//! Poseidon: the same permutation as [`sealroot_protocol::poseidon`], at three constraints per S-box.
//!
//! Only S-boxes cost constraints; everything between them is linear. A partial round has one S-box, so its state
//! stays a linear combination of the S-boxes before it: at most `t` + 66 terms.

use crate::system::{Number, System};
use sealroot_protocol::{field::F, poseidon::Parameters, tag::Tag};

/// `Poseidon(tag, inputs…)`, 1 to 11 inputs.
///
/// The tag and the capacity are constants and pass their first S-box outside the circuit.
pub fn hash<S: System>(sys: &mut S, tag: Tag, inputs: &[S::Num]) -> S::Num {
    hash_with_prefix(sys, &[tag.value()], inputs)
}

/// `Poseidon(prefix…, inputs…)`, where the prefix is constant and together there are 2 to 12 inputs.
pub fn hash_with_prefix<S: System>(sys: &mut S, prefix: &[F], inputs: &[S::Num]) -> S::Num {
    let parameters = Parameters::of_width(1 + prefix.len() + inputs.len());
    let [first, last] = &parameters.full_constants;

    let fixed = 1 + prefix.len();
    let capacity = [F::from(0u8)];
    let constants = capacity.iter().chain(prefix).zip(&first[0]).map(|(x, c)| S::Num::constant(fifth_power(*x + c)));
    let mut state: Vec<S::Num> = constants.collect();
    for (input, c) in inputs.iter().zip(&first[0][fixed..]) {
        let shifted = input.clone() + S::Num::constant(*c);
        state.push(s_box(sys, &shifted));
    }
    state = mix(&parameters.mds, &state);
    for (i, constants) in first.iter().enumerate().skip(1) {
        let matrix = if i + 1 == first.len() { &parameters.pre_sparse } else { &parameters.mds };
        state = full_round(sys, constants, matrix, &state);
    }
    add_constants(&mut state, &parameters.first_partial);
    for round in &parameters.partial {
        let after = s_box(sys, &state[0]) + S::Num::constant(round.after_sbox);
        state[0] = after.clone();
        let first = inner_product(&round.row, &state);
        for (s, c) in state[1..].iter_mut().zip(&round.column) {
            s.add_scaled(*c, &after);
        }
        state[0] = first;
    }
    for (i, constants) in last.iter().enumerate() {
        if i + 1 < last.len() {
            state = full_round(sys, constants, &parameters.mds, &state);
        } else {
            // Only state[0] leaves the permutation.
            state = full_round(sys, constants, &parameters.mds[..1], &state);
        }
    }
    state.swap_remove(0)
}

fn full_round<S: System>(sys: &mut S, constants: &[F], matrix: &[Vec<F>], state: &[S::Num]) -> Vec<S::Num> {
    let mut state = state.to_vec();
    add_constants(&mut state, constants);
    let boxes: Vec<S::Num> = state.iter().map(|s| s_box(sys, s)).collect();
    mix(matrix, &boxes)
}

fn add_constants<N: Number>(state: &mut [N], constants: &[F]) {
    for (s, c) in state.iter_mut().zip(constants) {
        s.add_scaled(*c, &N::unit());
    }
}

fn mix<N: Number>(matrix: &[Vec<F>], state: &[N]) -> Vec<N> {
    matrix.iter().map(|row| inner_product(row, state)).collect()
}

fn inner_product<N: Number>(row: &[F], state: &[N]) -> N {
    let mut sum = N::nil();
    for (coefficient, s) in row.iter().zip(state) {
        sum.add_scaled(*coefficient, s);
    }
    sum
}

/// x⁵ = (x²)²·x.
fn s_box<S: System>(sys: &mut S, x: &S::Num) -> S::Num {
    let square = sys.product(x, x);
    let fourth = sys.product(&square, &square);
    sys.product(&fourth, x)
}

fn fifth_power(x: F) -> F {
    let square = x * x;
    square * square * x
}
