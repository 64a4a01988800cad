//! What ids look like.

use super::{
    super::{none_left, reached, row::look, signed, unsigned},
    CHUNK, listed, part,
};
use crate::store::{LookKey, LookRow, Reference, Stored};
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection};

const LOOK: &str = "skeleton, subject, ascii, small, capital, line, tag";

pub(super) async fn insert(db: &mut SqliteConnection, rows: &[LookRow]) -> Stored<()> {
    for chunk in rows.chunks(CHUNK) {
        let done = QueryBuilder::<Sqlite>::new(format!("INSERT INTO looks ({LOOK}) "))
            .push_values(chunk, |mut b, row| {
                b.push_bind(row.skeleton.to_vec())
                    .push_bind(row.subject.to_vec())
                    .push_bind(i64::from(row.ascii))
                    .push_bind(i64::from(row.small))
                    .push_bind(i64::from(row.capital))
                    .push_bind(row.line.map(signed))
                    .push_bind(row.tag.0.to_vec());
            })
            .build()
            .execute(&mut *db)
            .await?;
        reached(&done, chunk.len() as u64, "looks")?;
    }
    Ok(())
}

pub(super) async fn delete(db: &mut SqliteConnection, rows: &[LookRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query("DELETE FROM looks WHERE skeleton = $1 AND subject = $2 AND ascii = $3")
            .bind(&row.skeleton[..])
            .bind(&row.subject[..])
            .bind(i64::from(row.ascii))
            .execute(&mut *db)
            .await?;
        reached(&done, 1, "looks")?;
    }
    none_left(at(db, &rows.iter().map(LookRow::key).collect::<Vec<_>>()).await?.len(), "looks")
}

pub(super) async fn at(db: &mut SqliteConnection, keys: &[LookKey]) -> Stored<Vec<LookRow>> {
    let mut out = Vec::new();
    for chunk in keys.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {LOOK} FROM looks WHERE (skeleton, subject, ascii) IN (VALUES "
        ));
        let mut list = query.separated(", ");
        for (skeleton, subject, ascii) in chunk {
            list.push("(").push_bind_unseparated(skeleton.to_vec());
            list.push_unseparated(", ").push_bind_unseparated(subject.to_vec());
            list.push_unseparated(", ").push_bind_unseparated(i64::from(*ascii)).push_unseparated(")");
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(look(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn of_part(db: &mut SqliteConnection, first: u8) -> Stored<Vec<LookRow>> {
    let sql = format!("SELECT {LOOK} FROM looks WHERE subject >= $1 AND subject < $2");
    let (from, below) = part(first);
    sqlx::query(AssertSqlSafe(sql)).bind(from).bind(below).fetch_all(db).await?.iter().map(look).collect()
}

pub(super) async fn like(db: &mut SqliteConnection, skeletons: &[Reference], foreign: bool) -> Stored<Vec<LookRow>> {
    let condition = if foreign { "ascii = 0 AND skeleton" } else { "skeleton" };
    let mut out = Vec::new();
    for chunk in skeletons.chunks(CHUNK) {
        let mut query = listed(format!("SELECT {LOOK} FROM looks WHERE {condition}"), chunk);
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(look(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn of(db: &mut SqliteConnection, subject: &Reference) -> Stored<Vec<LookRow>> {
    let sql = format!("SELECT {LOOK} FROM looks WHERE subject = $1");
    sqlx::query(AssertSqlSafe(sql)).bind(&subject[..]).fetch_all(db).await?.iter().map(look).collect()
}

pub(super) async fn after(db: &mut SqliteConnection, after: Option<LookRow>, limit: u32) -> Stored<Vec<LookRow>> {
    let sql = format!(
        "SELECT {LOOK} FROM looks WHERE (skeleton, subject, ascii) > ($1, $2, $3) ORDER BY skeleton, subject, ascii LIMIT $4"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(after.map_or_else(Vec::new, |row| row.skeleton.to_vec()))
        .bind(after.map_or_else(Vec::new, |row| row.subject.to_vec()))
        .bind(after.map_or(0, |row| i64::from(row.ascii)))
        .bind(i64::from(limit));
    query.fetch_all(db).await?.iter().map(look).collect()
}

pub(super) async fn forget_lines(db: &mut SqliteConnection) -> Stored<()> {
    sqlx::query("UPDATE looks SET line = NULL WHERE line IS NOT NULL").execute(db).await?;
    Ok(())
}

pub(super) async fn in_other_case(db: &mut SqliteConnection, upper: bool) -> Stored<u64> {
    let sql = if upper {
        "SELECT COUNT(*) AS ids FROM looks WHERE small = 1"
    } else {
        "SELECT COUNT(*) AS ids FROM looks WHERE capital = 1"
    };
    unsigned(&sqlx::query(sql).fetch_one(db).await?, "ids")
}
