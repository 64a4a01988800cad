//! Which organisations' signatures a trust file takes for a block of a network without seals, and how many.

use super::TrustError;
use alloy_primitives::Address;
use sealroot_protocol::signature::deserialize_addresses;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Organisations that sign checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedCheckpoints {
    /// How many of them must sign a block.
    pub needed: u8,
    /// Their keys' addresses.
    #[serde(deserialize_with = "deserialize_addresses")]
    pub signers: Vec<Address>,
}

impl PinnedCheckpoints {
    /// That it can be satisfied.
    pub fn check(&self) -> Result<(), TrustError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(TrustError::Rule(text)) };
        let mut seen = BTreeSet::new();
        rule(self.signers.iter().all(|signer| seen.insert(signer)), "a signer of checkpoints is named twice")?;
        rule(self.signers.len() <= 64, "more than 64 signers of checkpoints are named")?;
        rule(
            (1..=self.signers.len()).contains(&usize::from(self.needed)),
            "as many signers of checkpoints are needed as are named, or fewer, and one at least",
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Trust, tests::trust};
    use super::*;

    #[test]
    fn checkpoints_are_a_way_to_know_the_chain_by() {
        let signers = vec![Address::repeat_byte(21), Address::repeat_byte(22), Address::repeat_byte(23)];
        let mut only = trust();
        only.sealers.clear();
        only.blocks.clear();
        only.checkpoints = Some(PinnedCheckpoints { needed: 2, signers });
        let text = only.to_toml().unwrap();
        assert_eq!(Trust::from_toml(&text).unwrap(), only, "{text}");
        for (from, to) in [
            ("needed = 2", "needed = 0"),
            ("needed = 2", "needed = 4"),
            ("needed = 2", "needed = 256"),
            ("0x1616161616161616161616161616161616161616", "0x1515151515151515151515151515151515151515"),
            ("0x1616161616161616161616161616161616161616", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
            ("signers", "signer"),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            assert!(Trust::from_toml(&text.replace(from, to)).is_err(), "{from} -> {to}");
        }
    }
}
