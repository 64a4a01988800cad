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
    let newest = match head.root {
        Some(root) => Some(landed(chain, &agency, root, head.sequence).await?.0),
        None => None,
    };
    Ok(restore(&Restoring { chain: newest, chain_log: head.access_log_size, although_older, drop_records, access })
        .await?)
}
