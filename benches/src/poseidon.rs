//! Native Poseidon against light-poseidon, the library whose constants it uses.

use crate::measure::{Figures, compare, micros, ratio};
use light_poseidon::{Poseidon, PoseidonHasher};
use sealroot_protocol::{field::F, poseidon};
use serde_json::json;
use std::hint::black_box;

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    for inputs in [2usize, 4, 5, 10, 12] {
        let input =
            |i: u64| -> Vec<F> { (0..inputs as u64).map(|j| F::from(i * 31 + j) * F::from(u64::MAX - i)).collect() };
        let mut light = Poseidon::<F>::new_circom(inputs).map_err(|e| e.to_string())?;
        let [baseline, ours] = compare(
            7,
            400,
            |i| {
                let _ = black_box(light.hash(&input(i)));
            },
            |i| {
                black_box(poseidon::circomlib(&input(i)));
            },
        );
        figures.row(json!({
            "width": inputs + 1,
            "light_poseidon_us": micros(baseline),
            "sealroot_us": micros(ours),
            "ratio": ratio(baseline, ours),
        }));
    }
    Ok(figures)
}
