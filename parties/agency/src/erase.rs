//! Erasing a person: data keys are destroyed, leaves become empty. Anchor the new root soon.

use sealroot_handover::Access;
use sealroot_vault::{Vault, VaultError, erase::Erased, store::Store};

/// Whose records are erased.
#[derive(Clone)]
pub struct EraseInput {
    /// The person.
    pub national_id: String,
    /// The clerk that erases and why, for the access log, which the person can read.
    pub access: Access,
}

/// Erases everything about a person but what must survive. The host has asked whether it is meant: nothing brings the records back.
pub async fn erase<S: Store>(input: &EraseInput, vault: &Vault<S>) -> Result<Erased, VaultError> {
    vault.erase(vault.subject(&input.national_id)?, &input.access).await
}
