//! From columns to rows: every length and every number is checked, because the file is not trusted.

use super::{fixed, optional, unsigned};
use crate::store::{EnrolmentRow, LookRow, MembershipRow, RecordRow, RootRow, RootState, StoreError, Stored, Tag};
use sealroot_protocol::{
    field::{self, Digest, F},
    record::Leaf,
    schema::SchemaId,
    tree::{LeafIndex, Root},
};
use sqlx::{Row, sqlite::SqliteRow};

pub(super) fn element(row: &SqliteRow, column: &'static str) -> Stored<F> {
    field::from_bytes(&fixed(row, column)?).map_err(|_| StoreError::Column(column))
}

pub(super) fn tag(row: &SqliteRow) -> Stored<Tag> {
    Ok(Tag(fixed(row, "tag")?))
}

pub(super) fn record(row: &SqliteRow) -> Stored<RecordRow> {
    Ok(RecordRow {
        id: fixed(row, "id")?,
        version: unsigned(row, "version")?,
        schema: SchemaId(element(row, "schema_id")?),
        period: unsigned(row, "period")?,
        lookup: fixed(row, "lookup")?,
        serial: fixed(row, "serial")?,
        subject: fixed(row, "subject")?,
        index: LeafIndex(unsigned(row, "leaf_index")?),
        leaf: Leaf(element(row, "leaf")?),
        since: unsigned(row, "since_epoch")?,
        until: optional(row, "until_epoch")?,
        sealed: row.try_get("sealed")?,
        tag: tag(row)?,
    })
}

pub(super) fn enrolment(row: &SqliteRow) -> Stored<EnrolmentRow> {
    Ok(EnrolmentRow {
        subject: fixed(row, "subject")?,
        version: unsigned(row, "version")?,
        anchor_by: row.try_get("anchor_by")?,
        epoch: unsigned(row, "epoch")?,
        sealed: row.try_get("sealed")?,
        tag: tag(row)?,
    })
}

pub(super) fn look(row: &SqliteRow) -> Stored<LookRow> {
    let flag = |column| match unsigned::<u8>(row, column)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(StoreError::Column(column)),
    };
    Ok(LookRow {
        skeleton: fixed(row, "skeleton")?,
        subject: fixed(row, "subject")?,
        ascii: flag("ascii")?,
        small: flag("small")?,
        capital: flag("capital")?,
        line: optional(row, "line")?,
        tag: tag(row)?,
    })
}

pub(super) fn membership(row: &SqliteRow) -> Stored<MembershipRow> {
    Ok(MembershipRow {
        member: fixed(row, "member")?,
        household: fixed(row, "household")?,
        since: unsigned(row, "since_epoch")?,
        until: optional(row, "until_epoch")?,
        tag: tag(row)?,
    })
}

pub(super) fn root(row: &SqliteRow) -> Stored<RootRow> {
    Ok(RootRow {
        epoch: unsigned(row, "epoch")?,
        root: Root(element(row, "root")?),
        log_size: unsigned(row, "log_size")?,
        log_head: Digest(fixed(row, "log_head")?),
        state: state(row.try_get("state")?)?,
        anchor_by: row.try_get("anchor_by")?,
        sequence: optional(row, "sequence")?,
        block: optional(row, "block")?,
        anchored_at: row.try_get("anchored_at")?,
        superseded_at: row.try_get("superseded_at")?,
        tag: tag(row)?,
    })
}

fn state(text: &str) -> Stored<RootState> {
    let all = [RootState::Pending, RootState::Anchored, RootState::Withdrawn, RootState::Retired];
    all.into_iter().find(|state| state.as_str() == text).ok_or(StoreError::Column("state"))
}
