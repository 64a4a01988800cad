//! Every decoder on its committed corpus and on damaged copies of it. The number of damaged inputs is `SEALROOT_CASES` for each decoder, the seed
//! `SEALROOT_SEED`; an input that breaks a guarantee is written to the file that the message names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_fuzz::{TARGETS, Target};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The corpus of a target, by file name.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no corpus", target.name);
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// What formats are made of, so that damage isn't only noise.
const TOKENS: [&[u8]; 12] = [
    b"{",
    b"}",
    b"\"",
    b",",
    b"null",
    b"-1",
    b"0x",
    b"18446744073709551616",
    b"\xff\xfe",
    b"\n",
    b"\x00\x00\x00\x00",
    b"= \"",
];

/// A damaged copy.
fn damaged(corpus: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut data = corpus[random.random_range(0..corpus.len())].clone();
    for _ in 0..random.random_range(1..5) {
        let at = random.random_range(0..=data.len());
        let length = random.random_range(0..=(data.len() - at).min(64));
        match random.random_range(0..7) {
            0 if at < data.len() => data[at] ^= 1 << random.random_range(0..8),
            1 if at < data.len() => data[at] = random.random(),
            2 => drop(data.drain(at..at + length)),
            3 => {
                let copy = data[at..at + length].to_vec();
                data.splice(at..at, copy);
            }
            4 => {
                let token = TOKENS[random.random_range(0..TOKENS.len())];
                data.splice(at..at + token.len().min(length), token.iter().copied());
            }
            5 => data.truncate(at),
            _ => {
                let other = &corpus[random.random_range(0..corpus.len())];
                let from = random.random_range(0..=other.len());
                let upto = (from + 64).min(other.len());
                data.splice(at..at + length, other[from..upto].iter().copied());
            }
        }
    }
    data
}

/// Runs one input; where a guarantee breaks, keeps it.
fn attempt(target: &Target, data: &[u8]) {
    let run = catch_unwind(AssertUnwindSafe(|| (target.run)(data)));
    if run.is_err() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}", target.name, data.len()));
        fs::write(&path, data).unwrap();
        panic!("{}: the input is in {}", target.name, path.display());
    }
}

#[test]
fn every_decoder_survives_damage() {
    let (cases, seed) = (number("SEALROOT_CASES", 200), number("SEALROOT_SEED", 1));
    for target in TARGETS {
        let corpus = corpus(target);
        corpus.iter().for_each(|data| attempt(target, data));
        let mut random = StdRng::seed_from_u64(seed);
        for _ in 0..cases {
            attempt(target, &damaged(&corpus, &mut random));
        }
    }
    println!("{} decoders, {cases} damaged inputs each, seed {seed}", TARGETS.len());
}

/// A target without a program for cargo-fuzz, or the other way round.
#[test]
fn every_target_has_its_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
    let mut programs: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut names: Vec<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    programs.sort();
    names.sort();
    assert_eq!(programs, names);
}
