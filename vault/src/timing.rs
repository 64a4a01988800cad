//! What a vault knows of the chain's timing, and the settings that it keeps.

use crate::{
    error::{Rejection, StoreError, VaultError},
    store::RecordsTx,
};
use sealroot_protocol::name::Name;
use serde::{Deserialize, Serialize};

/// Longest grace, as the contract has it: 90 days.
const MAX_SECONDS: u64 = 90 * 86_400;

/// What a vault knows of the chain's timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// How long a replaced root may still be used, seconds; the same as in the agency's entry on chain.
    pub grace: u64,
    /// How long a key replacement may wait for its anchor, seconds. Longer is safer to meet; the holder's new key starts later.
    pub anchor_window: u64,
}

impl Default for Timing {
    /// Three days of grace, one day until the anchor.
    fn default() -> Self {
        Self { grace: 3 * 86_400, anchor_window: 86_400 }
    }
}

impl Timing {
    /// No agency has a longer grace on chain; an anchor that waits longer than any is a mistake.
    pub(crate) fn check(self) -> Result<(), Rejection> {
        if self.grace > MAX_SECONDS || self.anchor_window > MAX_SECONDS { Err(Rejection::Grace) } else { Ok(()) }
    }
}

/// What a vault knows of itself; stored with the records.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) agency: Name,
    pub(crate) timing: Timing,
}

impl Settings {
    const NAME: &str = "settings";

    /// The stored ones; none where there is no vault.
    pub(crate) async fn read(tx: &mut impl RecordsTx) -> Result<Option<Self>, VaultError> {
        let Some(bytes) = tx.value(Self::NAME).await? else { return Ok(None) };
        Ok(serde_json::from_slice(&bytes).map_err(|_| StoreError::Column("vault_values.settings"))?)
    }

    /// Stores them.
    pub(crate) async fn write(&self, tx: &mut impl RecordsTx) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec(self).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(tx.set_value(Self::NAME, &bytes).await?)
    }
}
