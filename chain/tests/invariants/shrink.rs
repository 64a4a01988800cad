//! The fewest calls that still break what a sequence broke, as far as that is cheap.

use crate::{generate::Made, play};
use alloy_primitives::hex;
use sealroot_testing::evm::Evm;
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Leaves out ever smaller groups of calls. Their waits stay, so that the others come at the same times.
pub fn fewest(evm: &Evm, made: &[Made], broken: &str) -> Vec<Made> {
    let (begun, mut kept) = (Instant::now(), made.to_vec());
    let mut size = kept.len().div_ceil(2);
    while size > 0 && begun.elapsed() < PATIENCE {
        let mut at = 0;
        while at < kept.len() && begun.elapsed() < PATIENCE {
            let mut fewer = kept.clone();
            let left_out: u64 = fewer.drain(at..(at + size).min(kept.len())).map(|made| made.wait).sum();
            if let Some(next) = fewer.get_mut(at) {
                next.wait += left_out;
            }
            if is_the_same(play::again(evm, &fewer).as_deref(), broken) { kept = fewer } else { at += size }
        }
        size /= 2;
    }
    kept
}

/// Words for one property begin alike; numbers in them may differ.
fn is_the_same(found: Option<&str>, broken: &str) -> bool {
    let kind = |words: &str| words.chars().filter(|c| !c.is_ascii_digit()).take(24).collect::<String>();
    found.is_some_and(|found| kind(found) == kind(broken))
}

/// One line a call.
pub fn show(made: &[Made]) -> String {
    made.iter().fold(String::new(), |mut text, made| {
        let _ = writeln!(
            text,
            "+{} s, {} to {}, {}: 0x{}",
            made.wait,
            made.from,
            made.to,
            made.what,
            hex::encode(&made.data)
        );
        text
    })
}
