//! States that the access log was told of, and that a restore went on without: a list of states says which of them are the vault's own past.

use crate::{
    error::{StoreError, VaultError},
    store::RecordsTx,
};
use serde::{Deserialize, Serialize};

/// Name of the value.
const NAME: &str = "lost-states";

/// Numbers of lost states.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct LostStates(Vec<Lost>);

/// Those that one restore lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lost {
    first: u64,
    last: u64,
}

impl LostStates {
    /// Those of all restores that this vault goes on from.
    pub(crate) async fn read(tx: &mut impl RecordsTx) -> Result<Self, VaultError> {
        let Some(bytes) = tx.value(NAME).await? else { return Ok(Self::default()) };
        Ok(serde_json::from_slice(&bytes).map_err(|_| StoreError::Column("vault_values.lost-states"))?)
    }

    /// Notes that the newest `changes` states up to `last` are lost.
    pub(crate) async fn add(tx: &mut impl RecordsTx, last: u64, changes: u64) -> Result<(), VaultError> {
        let mut lost = Self::read(tx).await?;
        lost.0.push(Lost { first: last.saturating_sub(changes) + 1, last });
        let bytes = serde_json::to_vec(&lost).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(tx.set_value(NAME, &bytes).await?)
    }

    /// Whether a state is one of them.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.0.iter().any(|lost| (lost.first..=lost.last).contains(&number))
    }
}
