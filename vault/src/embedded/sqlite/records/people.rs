//! Enrolments, the keys that were ever enrolled, and nonces of challenges.

use super::{
    super::{
        fixed, none_left, reached,
        row::{enrolment, tag},
        signed,
    },
    CHUNK, listed, part,
};
use crate::store::{EnrolmentRow, KnownKeyRow, NonceRow, Reference, Stored};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

const ENROLMENT: &str = "subject, version, anchor_by, epoch, sealed, tag";

pub(super) async fn enrolments(db: &mut SqliteConnection, subjects: &[Reference]) -> Stored<Vec<EnrolmentRow>> {
    let mut out = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let mut query = listed(format!("SELECT {ENROLMENT} FROM enrolments WHERE subject"), chunk);
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(enrolment(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn enrolments_in(db: &mut SqliteConnection, first: u8) -> Stored<Vec<EnrolmentRow>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE subject >= $1 AND subject < $2");
    let (from, below) = part(first);
    sqlx::query(AssertSqlSafe(sql)).bind(from).bind(below).fetch_all(db).await?.iter().map(enrolment).collect()
}

pub(super) async fn enrolments_after(
    db: &mut SqliteConnection,
    after: Option<Reference>,
    limit: u32,
) -> Stored<Vec<EnrolmentRow>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE subject > $1 ORDER BY subject LIMIT $2");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(after.map_or_else(Vec::new, |after| after.to_vec()))
        .bind(limit)
        .fetch_all(db)
        .await?;
    rows.iter().map(enrolment).collect()
}

pub(super) async fn put_enrolment(db: &mut SqliteConnection, row: &EnrolmentRow) -> Stored<()> {
    let done = sqlx::query(
        "INSERT INTO enrolments (subject, version, anchor_by, epoch, sealed, tag) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (subject) DO UPDATE SET
             version = excluded.version, anchor_by = excluded.anchor_by, epoch = excluded.epoch, sealed = excluded.sealed, tag = excluded.tag",
    )
    .bind(&row.subject[..])
    .bind(signed(row.version))
    .bind(row.anchor_by)
    .bind(signed(row.epoch))
    .bind(&row.sealed[..])
    .bind(&row.tag.0[..])
    .execute(db)
    .await?;
    reached(&done, 1, "enrolments")
}

pub(super) async fn waiting(db: &mut SqliteConnection) -> Stored<Vec<EnrolmentRow>> {
    let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE anchor_by IS NOT NULL ORDER BY anchor_by");
    sqlx::query(AssertSqlSafe(sql)).fetch_all(db).await?.iter().map(enrolment).collect()
}

pub(super) async fn put_known_key(db: &mut SqliteConnection, row: &KnownKeyRow) -> Stored<()> {
    let done = sqlx::query(
        "INSERT INTO known_keys (fingerprint, subject, tag) VALUES ($1, $2, $3)
         ON CONFLICT (fingerprint, subject) DO UPDATE SET tag = excluded.tag",
    )
    .bind(&row.fingerprint[..])
    .bind(&row.subject[..])
    .bind(&row.tag.0[..])
    .execute(db)
    .await?;
    reached(&done, 1, "known_keys")
}

pub(super) async fn known_keys(db: &mut SqliteConnection, fingerprint: &Reference) -> Stored<Vec<KnownKeyRow>> {
    let rows = sqlx::query("SELECT fingerprint, subject, tag FROM known_keys WHERE fingerprint = $1")
        .bind(&fingerprint[..])
        .fetch_all(db)
        .await?;
    rows.iter().map(known_key).collect()
}

pub(super) async fn known_keys_in(db: &mut SqliteConnection, first: u8) -> Stored<Vec<KnownKeyRow>> {
    let sql = "SELECT fingerprint, subject, tag FROM known_keys WHERE fingerprint >= $1 AND fingerprint < $2";
    let (from, below) = part(first);
    sqlx::query(sql).bind(from).bind(below).fetch_all(db).await?.iter().map(known_key).collect()
}

pub(super) async fn known_keys_after(
    db: &mut SqliteConnection,
    after: Option<(Reference, Reference)>,
    limit: u32,
) -> Stored<Vec<KnownKeyRow>> {
    let (fingerprint, subject) = after.map_or_else(Default::default, |(a, b)| (a.to_vec(), b.to_vec()));
    let rows = sqlx::query(
        "SELECT fingerprint, subject, tag FROM known_keys WHERE (fingerprint, subject) > ($1, $2) ORDER BY fingerprint, subject LIMIT $3",
    )
    .bind(fingerprint)
    .bind(subject)
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    rows.iter().map(known_key).collect()
}

fn known_key(row: &SqliteRow) -> Stored<KnownKeyRow> {
    let (fingerprint, subject) = (fixed(row, "fingerprint")?, fixed(row, "subject")?);
    Ok(KnownKeyRow { fingerprint, subject, tag: tag(row)? })
}

pub(super) async fn put_nonce(db: &mut SqliteConnection, row: &NonceRow) -> Stored<()> {
    let done = sqlx::query("INSERT INTO nonces (nonce, subject, expires, tag) VALUES ($1, $2, $3, $4)")
        .bind(&row.nonce[..])
        .bind(&row.subject[..])
        .bind(row.expires)
        .bind(&row.tag.0[..])
        .execute(db)
        .await?;
    reached(&done, 1, "nonces")
}

pub(super) async fn nonces(db: &mut SqliteConnection) -> Stored<Vec<NonceRow>> {
    let rows = sqlx::query("SELECT nonce, subject, expires, tag FROM nonces").fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let (nonce, subject) = (fixed(row, "nonce")?, fixed(row, "subject")?);
            Ok(NonceRow { nonce, subject, expires: row.try_get("expires")?, tag: tag(row)? })
        })
        .collect()
}

pub(super) async fn delete_nonces(db: &mut SqliteConnection, rows: &[NonceRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query("DELETE FROM nonces WHERE nonce = $1").bind(&row.nonce[..]).execute(&mut *db).await?;
        reached(&done, 1, "nonces")?;
        // Good once: a row that came back would make it good twice.
        let left =
            sqlx::query("SELECT 1 FROM nonces WHERE nonce = $1").bind(&row.nonce[..]).fetch_all(&mut *db).await?;
        none_left(left.len(), "nonces")?;
    }
    Ok(())
}
