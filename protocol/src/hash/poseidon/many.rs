//! Many hashes at once, in the processor's lanes where it has them.

use super::{MAX_INPUTS, Parameters, hash};
use crate::{field::F, tag::Tag};
use ark_ff::Zero;
use sealroot_lanes::{
    Instructions,
    poseidon::{Partial, Permutation, Rounds},
};
use std::sync::OnceLock;

/// `Poseidon(tag, inputs…)` of each, in order: element for element what [`hash`] gives.
///
/// With AVX-512 IFMA or AVX2 sixteen hashes are computed side by side; without them, or with `SEALROOT_LANES=scalar` in the environment when this
/// is first called, one after the other. A number that doesn't fill the lanes costs as much as one that does; too few for the lanes to pay are
/// hashed one after the other, too. On one thread; the inputs are copied nowhere but to the stack.
///
/// At most 11 inputs besides the tag; more do not compile.
pub fn hash_many<const N: usize>(tag: Tag, inputs: &[[F; N]]) -> Vec<F> {
    const { assert!(N < MAX_INPUTS, "Poseidon takes at most 11 inputs besides the tag") };
    static INSTRUCTIONS: OnceLock<Instructions> = OnceLock::new();
    static CACHE: [OnceLock<Permutation>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
    let instructions = *INSTRUCTIONS.get_or_init(Instructions::detect_for_hashing);
    if inputs.len() < instructions.least_states() {
        return inputs.iter().map(|inputs| hash(tag, *inputs)).collect();
    }
    let mut out = vec![F::zero(); inputs.len()];
    let permutation = CACHE[N].get_or_init(|| permutation(instructions, N + 2));
    permutation.compress(&[tag.value()], inputs.as_flattened(), &mut out);
    out
}

/// The lanes' tables of state width `t`, from the same constants as the one-at-a-time function's.
fn permutation(instructions: Instructions, t: usize) -> Permutation {
    let parameters = Parameters::of_width(t);
    let [first, last] = &parameters.full_constants;
    let partial = parameters.partial.iter();
    Permutation::new(
        instructions,
        &Rounds {
            first,
            last,
            mds: &parameters.mds,
            pre_sparse: &parameters.pre_sparse,
            first_partial: &parameters.first_partial,
            partial: partial.map(|p| Partial { after_sbox: p.after_sbox, row: &p.row, column: &p.column }).collect(),
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{field, poseidon::circomlib};
    use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};

    fn number(name: &str, default: u64) -> u64 {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// Any element; one in three is an edge: 0, ±1, ±2, halves, and powers of two around limbs and both Montgomery radices.
    fn element(rng: &mut StdRng) -> F {
        use ark_ff::Field;
        if rng.random_ratio(2, 3) {
            loop {
                let mut bytes = [0; 32];
                rng.fill_bytes(&mut bytes);
                bytes[0] &= 0x3f;
                if let Ok(x) = field::from_bytes(&bytes) {
                    return x;
                }
            }
        }
        let power =
            F::from(2u8).pow([[0, 1, 51, 52, 63, 64, 104, 156, 208, 252, 253, 256, 260][rng.random_range(0..13)]]);
        match rng.random_range(0..5) {
            0 => F::zero(),
            1 => -power,
            2 => power - F::from(1u8),
            3 => power.inverse().unwrap(),
            _ => power,
        }
    }

    /// Every width with all instructions of this machine, for every number of states around one and two packs, some states equal: what
    /// light-poseidon's textbook form and the one-at-a-time form give.
    ///
    /// More than 1,000,000 states for each choice of instructions:
    /// `SEALROOT_CASES=560 SEALROOT_SEED=1 cargo test --release -p sealroot-protocol every_lane`.
    #[test]
    fn every_lane_is_the_native_hash() {
        let mut rng = StdRng::seed_from_u64(number("SEALROOT_SEED", 1));
        for inputs in 1..=MAX_INPUTS {
            let permutations: Vec<_> = Instructions::all_for_hashing()
                .into_iter()
                .map(|instructions| (instructions.name(), permutation(instructions, inputs + 1)))
                .collect();
            for case in 0..number("SEALROOT_CASES", 1) {
                for count in 0..=17 {
                    let prefix = (case as usize + count) % (inputs + 1);
                    let mut states: Vec<Vec<F>> =
                        (0..count).map(|_| (0..inputs).map(|_| element(&mut rng)).collect()).collect();
                    if count > 1 && rng.random_ratio(1, 2) {
                        states[count - 1] = states[0].clone();
                    }
                    let common = states.first().map_or_else(|| vec![F::zero(); prefix], |s| s[..prefix].to_vec());
                    states.iter_mut().for_each(|state| state[..prefix].copy_from_slice(&common));
                    let expected: Vec<F> = states.iter().map(|state| circomlib(state).unwrap()).collect();
                    let own: Vec<F> = states.iter().flat_map(|state| state[prefix..].to_vec()).collect();
                    for (name, permutation) in &permutations {
                        let mut found = vec![F::from(1u8); count];
                        permutation.compress(&common, &own, &mut found);
                        assert_eq!(found, expected, "{name}: {count} states of {inputs} inputs, case {case}");
                    }
                }
            }
        }
    }

    #[test]
    fn many_hashes_are_the_hashes() {
        fn check<const N: usize>(rng: &mut StdRng) {
            for count in (0..=33).chain([100]) {
                let inputs: Vec<[F; N]> = (0..count).map(|_| std::array::from_fn(|_| element(rng))).collect();
                let expected: Vec<F> = inputs.iter().map(|inputs| hash(Tag::Leaf, *inputs)).collect();
                assert_eq!(hash_many(Tag::Leaf, &inputs), expected, "{count} of {N} inputs");
            }
        }
        let mut rng = StdRng::seed_from_u64(2);
        check::<0>(&mut rng);
        check::<1>(&mut rng);
        check::<4>(&mut rng);
        check::<9>(&mut rng);
        check::<11>(&mut rng);
    }
}
