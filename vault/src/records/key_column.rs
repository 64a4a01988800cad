//! One kind of business key for each schema of a vault.
//!
//! Guarantee: serials of one schema name come from one column. A record that was removed or erased, and comes back under a key from another column, would have
//! another serial, and earn once more what it had earned. Non-guarantees: that a column of that name holds
//! the same kind of key in every file; that nobody who holds the database removes the value, which unties all schemas.

use super::rows::Columns;
use crate::{
    error::{Integrity, Rejection, VaultError},
    store::{Records, RecordsTx, Store},
    vault::Vault,
};
use sealroot_protocol::schema::Schema;
use std::collections::BTreeMap;

/// Vault's own value: JSON.
const NAME: &str = "key_columns";

/// By name of a schema: the column of its business key; none: the national id is the key.
type Tied = BTreeMap<String, Option<String>>;

impl<S: Store> Vault<S> {
    /// Fails where the schema's records have had another kind of business key; remembers it where they had none yet.
    pub(super) async fn tie_key_column(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        schema: &Schema,
        columns: &Columns,
    ) -> Result<(), VaultError> {
        let asked = columns.business_key.clone().filter(|column| *column != columns.national_id);
        let mut tied: Tied = match tx.value(NAME).await? {
            None => Tied::new(),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| Integrity::Encoding)?,
        };
        match tied.get(schema.name.as_str()) {
            Some(column) if *column == asked => return Ok(()),
            Some(column) => {
                return Err(Rejection::KeyColumn { schema: schema.name.to_string(), tied: column.clone() }.into());
            }
            None => {}
        }
        tied.insert(schema.name.to_string(), asked);
        let json = serde_json::to_vec(&tied).map_err(|_| Integrity::Encoding)?;
        Ok(tx.set_value(NAME, &json).await?)
    }
}
