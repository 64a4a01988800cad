//! National ids: whether a file's ids are one person each, and what to do when a person's id changes.

use sealroot_handover::Access;
use sealroot_protocol::schema::Schema;
use sealroot_vault::{
    Vault, VaultError,
    change_id::{ChangeOfId, IdChanged},
    check_ids::IdsReport,
    store::Store,
};
use std::io::Read;

/// A file whose ids are looked at.
pub struct CheckIdsInput {
    /// Which column holds them.
    pub column: String,
    /// The schema that says how they are read; none: as the registered schemas do.
    pub schema: Option<Schema>,
}

/// Looks at the ids of a CSV file, and changes nothing.
pub async fn check_ids<S: Store>(
    input: CheckIdsInput,
    file: impl Read + Send + 'static,
    vault: &Vault<S>,
) -> Result<IdsReport, VaultError> {
    vault.check_ids(file, &input.column, input.schema.as_ref()).await
}

/// Makes another id mean the same person. The clerk has checked that both are one person's.
pub async fn change_id<S: Store>(
    change: &ChangeOfId,
    access: &Access,
    vault: &Vault<S>,
) -> Result<IdChanged, VaultError> {
    vault.change_id(change, access).await
}
