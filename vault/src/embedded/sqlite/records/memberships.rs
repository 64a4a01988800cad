//! Who is, or was, in which household.

use super::{
    super::{reached, row::membership, signed},
    CHUNK, listed, part,
};
use crate::store::{MembershipRow, Reference, Stored};
use sqlx::{AssertSqlSafe, SqliteConnection};

const MEMBERSHIP: &str = "member, household, since_epoch, until_epoch, tag";

pub(super) async fn of_members(db: &mut SqliteConnection, members: &[Reference]) -> Stored<Vec<MembershipRow>> {
    rows(db, "member", members).await
}

pub(super) async fn live_in(db: &mut SqliteConnection, households: &[Reference]) -> Stored<Vec<MembershipRow>> {
    rows(db, "until_epoch IS NULL AND household", households).await
}

pub(super) async fn of_part(db: &mut SqliteConnection, first: u8) -> Stored<Vec<MembershipRow>> {
    let sql = format!("SELECT {MEMBERSHIP} FROM memberships WHERE member >= $1 AND member < $2");
    let (from, below) = part(first);
    sqlx::query(AssertSqlSafe(sql)).bind(from).bind(below).fetch_all(db).await?.iter().map(membership).collect()
}

pub(super) async fn after(
    db: &mut SqliteConnection,
    after: Option<(Reference, Reference)>,
    limit: u32,
) -> Stored<Vec<MembershipRow>> {
    let sql = format!(
        "SELECT {MEMBERSHIP} FROM memberships WHERE (member, household) > ($1, $2) ORDER BY member, household LIMIT $3"
    );
    let (member, household) = after.map_or_else(Default::default, |(a, b)| (a.to_vec(), b.to_vec()));
    let query = sqlx::query(AssertSqlSafe(sql)).bind(member).bind(household).bind(i64::from(limit));
    query.fetch_all(db).await?.iter().map(membership).collect()
}

/// Memberships of a fixed condition that ends with a column, whose values are in the list.
async fn rows(db: &mut SqliteConnection, condition: &'static str, values: &[Reference]) -> Stored<Vec<MembershipRow>> {
    let mut out = Vec::new();
    for chunk in values.chunks(CHUNK) {
        let mut query = listed(format!("SELECT {MEMBERSHIP} FROM memberships WHERE {condition}"), chunk);
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(membership(&row)?);
        }
    }
    Ok(out)
}

pub(super) async fn write(db: &mut SqliteConnection, rows: &[MembershipRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query(
            "INSERT INTO memberships (member, household, since_epoch, until_epoch, tag) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (member, household) DO UPDATE SET
                 since_epoch = excluded.since_epoch, until_epoch = excluded.until_epoch, tag = excluded.tag",
        )
        .bind(&row.member[..])
        .bind(&row.household[..])
        .bind(signed(row.since))
        .bind(row.until.map(signed))
        .bind(&row.tag.0[..])
        .execute(&mut *db)
        .await?;
        reached(&done, 1, "memberships")?;
    }
    Ok(())
}

pub(super) async fn delete(db: &mut SqliteConnection, rows: &[MembershipRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query("DELETE FROM memberships WHERE member = $1 AND household = $2")
            .bind(&row.member[..])
            .bind(&row.household[..])
            .execute(&mut *db)
            .await?;
        reached(&done, 1, "memberships")?;
    }
    Ok(())
}
