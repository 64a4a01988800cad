//! Real keys and proofs: households, and every law under `examples/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod household;
mod laws;

use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_protocol::{field::Digest, machine::Shape, policy::PolicyDigest};
use sealroot_prover::{Prover, Statement, engine::Options, insecure_dev_setup};
use sealroot_testing::statement::Case;
use sealroot_verifier::{key_header::KeySecurity, universal_key::UniversalKey};
use std::sync::OnceLock;

/// The verifier's key and a prover with tables, made once a process.
fn keys(shape: Shape) -> &'static (UniversalKey, Prover) {
    static SOLO: OnceLock<(UniversalKey, Prover)> = OnceLock::new();
    static HOUSEHOLD: OnceLock<(UniversalKey, Prover)> = OnceLock::new();
    let made = || {
        let made = insecure_dev_setup(shape, &mut StdRng::seed_from_u64(3)).unwrap();
        let (universal, hash) = (made.universal.clone(), made.proving_key_hash);
        let security = KeySecurity::AllowInsecure;
        let options = Options::detect();
        let prover =
            Prover::load_with_tables(made.universal, &made.proving_key, hash, security, options, &|_| ()).unwrap();
        (universal, prover)
    };
    let keys = if shape == Shape::Household { &HOUSEHOLD } else { &SOLO };
    keys.get_or_init(made)
}

fn statement(case: &Case) -> Statement<'_> {
    Statement { words: &case.words, policy: PolicyDigest(Digest([9; 32])), as_of: case.as_of, request: case.request }
}
