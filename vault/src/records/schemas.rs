//! The schemas that a vault's records have.

use crate::{
    error::{Integrity, Rejection, StoreError, VaultError},
    people::national_id::IdForms,
    records::issue::SchemaShape,
    store::{Records, RecordsTx, SchemaRow, Store, Tag},
    vault::Vault,
};
use sealroot_protocol::{
    canonical,
    id_form::LetterCase,
    schema::{Schema, SchemaId},
};
use std::collections::HashMap;

impl<S: Store> Vault<S> {
    /// Registers a schema; returns its id.
    pub async fn add_schema(&self, schema: &Schema) -> Result<SchemaId, VaultError> {
        let invalid = |e: sealroot_protocol::schema::SchemaError| Rejection::Schema(e.to_string());
        schema.attributes().map_err(invalid)?;
        let id = schema.id().map_err(invalid)?;
        let json = canonical::to_bytes(schema).map_err(|e| Rejection::Schema(e.to_string()))?;
        let json = String::from_utf8(json).map_err(|e| Rejection::Schema(e.to_string()))?;
        let mut tx = self.store.records().write().await?;
        let before = IdForms::of(schemas(&mut tx).await?.values())?;
        tx.add_schema(&SchemaRow { id, name: schema.name.to_string(), json, tag: Tag::default() }).await?;
        let after = IdForms::of(schemas(&mut tx).await?.values())?;
        if let Some(rejection) = folds_ids(&mut tx, &before, &after).await? {
            return Err(rejection.into());
        }
        tx.commit().await?;
        self.load_id_forms().await?;
        Ok(id)
    }

    /// Fails where [`Self::add_schema`] would because of the schemas and ids that there are.
    pub(crate) async fn may_add_schema(&self, schema: &Schema) -> Result<(), VaultError> {
        let mut tx = self.store.records().read().await?;
        let registered = schemas(&mut tx).await?;
        let (before, after) = (IdForms::of(registered.values())?, IdForms::of(registered.values().chain([schema]))?);
        folds_ids(&mut tx, &before, &after).await?.map_or(Ok(()), |rejection| Err(rejection.into()))
    }

    /// Registered schemas by id.
    pub async fn schemas(&self) -> Result<HashMap<SchemaId, Schema>, VaultError> {
        schemas(&mut self.store.records().read().await?).await
    }
}

/// Where a schema is the first to state the case of letters, ids that the vault has in another case would be other people's from then on.
pub(crate) async fn folds_ids(
    tx: &mut impl RecordsTx,
    before: &IdForms,
    after: &IdForms,
) -> Result<Option<Rejection>, VaultError> {
    let (None, Some(case)) = (before.case, after.case) else { return Ok(None) };
    let upper = case == LetterCase::Upper;
    let ids = tx.ids_in_other_case(upper).await?;
    let case = if upper { "capital" } else { "small" };
    Ok((ids > 0).then_some(Rejection::OtherCase { case, ids }))
}

/// Registered schemas by id, as a transaction sees them, so that the holder of one connection doesn't wait for a second.
pub(crate) async fn schemas(tx: &mut impl RecordsTx) -> Result<HashMap<SchemaId, Schema>, VaultError> {
    let rows = tx.schemas().await?;
    rows.into_iter()
        .map(|row| {
            let schema: Schema = serde_json::from_str(&row.json).map_err(|_| StoreError::Column("schemas.json"))?;
            // The table is not trusted: the id is the schema's digest.
            if schema.id().ok() == Some(row.id) { Ok((row.id, schema)) } else { Err(Integrity::Encoding.into()) }
        })
        .collect()
}

/// What rows need to know of each registered schema.
pub(crate) async fn shapes(tx: &mut impl RecordsTx) -> Result<HashMap<SchemaId, SchemaShape>, VaultError> {
    schemas(tx)
        .await?
        .into_iter()
        .map(|(id, schema)| {
            let used = schema.attributes().map_err(|_| Integrity::Encoding)?.len();
            Ok((id, SchemaShape { used, many: schema.many }))
        })
        .collect()
}
