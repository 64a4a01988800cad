//! One suite over every host: the embedded chain in this process, the same behind its node, and Foundry's anvil.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Foundry's node, where it is asked for: `SEALROOT_ANVIL=1` (`cargo xtask full-counts anvil`). On a busy machine its answers of one moment don't agree with each other.
async fn anvil() -> Option<World<Remote>> {
    if std::env::var_os("SEALROOT_ANVIL").is_some() { World::<Remote>::anvil().await } else { None }
}

use sealroot_testing::{chain::World, hosts::Remote};

mod conforms;
mod crowd;
mod foreign;
mod lies;
mod node;
mod reorganised;
