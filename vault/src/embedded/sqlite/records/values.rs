//! The vault's own values, schemas and finished imports.

use super::super::{
    fixed, reached,
    row::{element, tag},
    signed, unsigned,
};
use crate::store::{ImportRow, SchemaRow, Stored, ValueRow};
use sealroot_protocol::{field, schema::SchemaId};
use sqlx::{Row, SqliteConnection};

pub(super) async fn begin(db: &mut SqliteConnection) -> Stored<()> {
    sqlx::query("DELETE FROM vault_values").execute(&mut *db).await?;
    sqlx::query("DELETE FROM state").execute(db).await?;
    Ok(())
}

pub(super) async fn state(db: &mut SqliteConnection) -> Stored<Option<Vec<u8>>> {
    let row = sqlx::query("SELECT sealed FROM state WHERE id = 1").fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("sealed")?)).transpose()
}

pub(super) async fn put_state(db: &mut SqliteConnection, sealed: &[u8]) -> Stored<()> {
    let sql = "INSERT INTO state (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed";
    reached(&sqlx::query(sql).bind(sealed).execute(db).await?, 1, "state")
}

pub(super) async fn all(db: &mut SqliteConnection) -> Stored<Vec<ValueRow>> {
    let rows = sqlx::query("SELECT name, value, tag FROM vault_values ORDER BY name").fetch_all(db).await?;
    rows.iter()
        .map(|row| Ok(ValueRow { name: row.try_get("name")?, value: row.try_get("value")?, tag: tag(row)? }))
        .collect()
}

pub(super) async fn get(db: &mut SqliteConnection, name: &str) -> Stored<Option<ValueRow>> {
    let row =
        sqlx::query("SELECT name, value, tag FROM vault_values WHERE name = $1").bind(name).fetch_optional(db).await?;
    row.map(|row| Ok(ValueRow { name: row.try_get("name")?, value: row.try_get("value")?, tag: tag(&row)? }))
        .transpose()
}

pub(super) async fn put(db: &mut SqliteConnection, row: &ValueRow) -> Stored<()> {
    let done = sqlx::query(
        "INSERT INTO vault_values (name, value, tag) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, tag = excluded.tag",
    )
    .bind(&row.name)
    .bind(&row.value)
    .bind(&row.tag.0[..])
    .execute(db)
    .await?;
    reached(&done, 1, "vault_values")
}

pub(super) async fn schemas(db: &mut SqliteConnection) -> Stored<Vec<SchemaRow>> {
    let rows = sqlx::query("SELECT id, name, json, tag FROM schemas ORDER BY name, id").fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(SchemaRow {
                id: SchemaId(element(row, "id")?),
                name: row.try_get("name")?,
                json: row.try_get("json")?,
                tag: tag(row)?,
            })
        })
        .collect()
}

pub(super) async fn add_schema(db: &mut SqliteConnection, schema: &SchemaRow) -> Stored<()> {
    sqlx::query("INSERT INTO schemas (id, name, json, tag) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING")
        .bind(&field::to_bytes(schema.id.0)[..])
        .bind(&schema.name)
        .bind(&schema.json)
        .bind(&schema.tag.0[..])
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn add_import(db: &mut SqliteConnection, row: &ImportRow) -> Stored<()> {
    let done = sqlx::query(
        "INSERT INTO imports (id, schema_id, at, added, changed, unchanged, removed, tag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&row.id[..])
    .bind(&field::to_bytes(row.schema.0)[..])
    .bind(row.at)
    .bind(signed(row.added))
    .bind(signed(row.changed))
    .bind(signed(row.unchanged))
    .bind(signed(row.removed))
    .bind(&row.tag.0[..])
    .execute(db)
    .await?;
    reached(&done, 1, "imports")
}

pub(super) async fn imports(db: &mut SqliteConnection) -> Stored<Vec<ImportRow>> {
    let sql = "SELECT id, schema_id, at, added, changed, unchanged, removed, tag FROM imports ORDER BY at, id";
    let rows = sqlx::query(sql).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(ImportRow {
                id: fixed(row, "id")?,
                schema: SchemaId(element(row, "schema_id")?),
                at: row.try_get("at")?,
                added: unsigned(row, "added")?,
                changed: unsigned(row, "changed")?,
                unchanged: unsigned(row, "unchanged")?,
                removed: unsigned(row, "removed")?,
                tag: tag(row)?,
            })
        })
        .collect()
}
