//! A vault goes on from a copy: what the chain has of the agency says how old the copy is.
//!
//! Guarantees: those of [`sealroot_vault::restore`]: nobody is approved twice because of it. A copy that is older than the chain's newest root goes on only where that is
//! asked for, because every key then counts from a later day on.

use crate::anchor::{AnchorError, landed};
use sealroot_chain::{Calls, Chain};
use sealroot_handover::Access;
use sealroot_protocol::name::Name;
use sealroot_vault::{
    VaultError,
    restore::{Restored, Restoring},
};

/// What is restored, and by whom.
pub struct RestoreInput {
    /// Whose vault.
    pub agency: Name,
    /// Go on also where the copy is older than the chain's newest root.
    pub although_older: bool,
    /// Go on without exactly so many records whose data keys are gone.
    pub drop_records: u64,
    /// The clerk that restores the vault and why, for the access log.
    pub access: Access,
}

/// Restores a vault; `restore` does it where the host keeps vaults and their copies. Anchor soon: until then nothing is proved.
pub async fn restore(
    input: RestoreInput,
    chain: &impl Chain,
    restore: impl AsyncFnOnce(&Restoring) -> Result<Restored, VaultError>,
) -> Result<Restored, AnchorError> {
    let RestoreInput { agency, although_older, drop_records, access } = input;
    let head = chain.agency_head(&agency).await?.ok_or_else(|| AnchorError::UnregisteredAgency(agency.clone()))?;
    let (newest, entry) = match head.root {
        Some(root) => {
            let (newest, entry) = landed(chain, &agency, root, head.sequence).await?;
            (Some(newest), entry)
        }
        None => (None, None),
    };
    let withdrawn = entry.is_some_and(|entry| entry.withdrawn_at.is_some());
    let chain_log = head.access_log_size;
    Ok(restore(&Restoring { chain: newest, withdrawn, chain_log, although_older, drop_records, access }).await?)
}
