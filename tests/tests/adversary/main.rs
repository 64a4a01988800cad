//! Threats, one file each, against real proofs. The chain is given as data; `chain/` shows that the real one says the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod composition;
mod holder;
mod honest;
mod probing;
mod records;
mod refusals;
mod roots;
mod time;
mod versions;
mod wire;

use sealroot_protocol::{bundle::Bundle, code::Coded, snapshot::Snapshot};
use sealroot_testing::world::{World, universal_keys};
use sealroot_verifier::verify;
use std::sync::OnceLock;

/// The applicant's honest claim and its world, proved once.
fn honest() -> &'static (World, Bundle) {
    static HONEST: OnceLock<(World, Bundle)> = OnceLock::new();
    HONEST.get_or_init(|| {
        let world = World::new();
        let bundle = world.claim(World::APPLICANT);
        (world, bundle)
    })
}

/// The reason for which a bundle is refused; panics if it isn't.
fn refusal(bundle: &Bundle, snapshot: &Snapshot, now: u64) -> &'static str {
    verify(bundle, snapshot, &universal_keys(), now).expect_err("accepted").code().as_str()
}
