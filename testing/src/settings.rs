//! How much a test does: CI runs samples, `SEALROOT_CASES` and `SEALROOT_SEED` choose the full counts.

use std::{env, str::FromStr};

/// How many random cases: `SEALROOT_CASES`, or the sample that CI runs.
pub fn cases<N: FromStr>(sample: N) -> N {
    setting("SEALROOT_CASES", sample)
}

/// Where randomness starts: `SEALROOT_SEED`, or the one that CI runs, so that a failure can be repeated.
pub fn seed(usual: u64) -> u64 {
    setting("SEALROOT_SEED", usual)
}

/// A wrong value stops the test: a full count must not silently be a sample.
fn setting<N: FromStr>(name: &str, otherwise: N) -> N {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no such number")),
        Err(_) => otherwise,
    }
}
