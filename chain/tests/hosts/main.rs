//! One suite over every host: the embedded chain in this process, the same behind its node, and Foundry's anvil.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod conforms;
mod created;
mod crowd;
mod followed;
mod foreign;
mod killed;
mod lies;
mod node;
mod reorganised;
