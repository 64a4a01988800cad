//! What a trust file pins of a chain, for the host that talks to a node.

use crate::{
    failure::{Failure, Outcome},
    files, kinds,
};
use sealroot_chain::{Pins, SealerPin};
use sealroot_verifier::trust::Trust;
use std::path::Path;

/// Reads a trust file's pins.
pub fn read(file: &Path) -> Outcome<Pins> {
    let text = files::read_text(file)?;
    let trust =
        Trust::from_toml(&text).map_err(|e| files::of_kind(file, text.as_bytes(), kinds::TRUST, Failure::of(e)))?;
    Ok(Pins {
        chain_id: trust.chain_id,
        contracts: trust.contracts.in_order().map(|pin| (pin.address, pin.code_hash)),
        sealers: trust
            .sealers
            .iter()
            .map(|sealer| SealerPin { address: sealer.address, from: sealer.from, until: sealer.until })
            .collect(),
        blocks: trust.blocks.iter().map(|block| (block.number, block.hash)).collect(),
    })
}
