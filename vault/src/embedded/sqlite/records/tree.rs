//! Versions of tree nodes, and roots.

use super::{
    super::{fixed, reached, row::root, signed, unsigned},
    CHUNK,
};
use crate::store::{Epoch, NodeRow, RootRow, Stored};
use sealroot_protocol::field;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

pub(super) async fn nodes(
    db: &mut SqliteConnection,
    level: u32,
    positions: &[u32],
    epoch: Epoch,
) -> Stored<Vec<NodeRow>> {
    let mut out = Vec::with_capacity(positions.len());
    for chunk in positions.chunks(CHUNK) {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT n.position, n.epoch, n.children FROM nodes n WHERE n.level = ");
        query.push_bind(i64::from(level)).push(" AND n.position IN (");
        let mut list = query.separated(", ");
        for position in chunk {
            list.push_bind(i64::from(*position));
        }
        list.push_unseparated(")");
        query
            .push(" AND n.epoch = (SELECT MAX(m.epoch) FROM nodes m WHERE m.level = n.level AND m.position = n.position AND m.epoch <= ")
            .push_bind(signed(epoch))
            .push(")");
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(NodeRow {
                level,
                position: unsigned(&row, "position")?,
                epoch: unsigned(&row, "epoch")?,
                children: fixed(&row, "children")?,
            });
        }
    }
    Ok(out)
}

pub(super) async fn put_nodes(db: &mut SqliteConnection, rows: &[NodeRow]) -> Stored<()> {
    for chunk in rows.chunks(CHUNK) {
        let done = QueryBuilder::<Sqlite>::new("INSERT INTO nodes (level, position, epoch, children) ")
            .push_values(chunk, |mut b, row| {
                b.push_bind(i64::from(row.level))
                    .push_bind(i64::from(row.position))
                    .push_bind(signed(row.epoch))
                    .push_bind(&row.children[..]);
            })
            .push(" ON CONFLICT (level, position, epoch) DO UPDATE SET children = excluded.children")
            .build()
            .execute(&mut *db)
            .await?;
        reached(&done, chunk.len() as u64, "nodes")?;
    }
    Ok(())
}

pub(super) async fn prune_nodes(db: &mut SqliteConnection, epoch: Epoch) -> Stored<u64> {
    let pruned = sqlx::query(
        "DELETE FROM nodes WHERE epoch < $1 AND EXISTS (
             SELECT 1 FROM nodes n WHERE n.level = nodes.level AND n.position = nodes.position
             AND n.epoch > nodes.epoch AND n.epoch <= $1)",
    )
    .bind(signed(epoch))
    .execute(db)
    .await?;
    Ok(pruned.rows_affected())
}

pub(super) async fn roots(db: &mut SqliteConnection) -> Stored<Vec<RootRow>> {
    let rows = sqlx::query(
        "SELECT epoch, root, log_size, log_head, state, anchor_by, sequence, block, anchored_at, superseded_at, tag
         FROM roots ORDER BY epoch",
    )
    .fetch_all(db)
    .await?;
    rows.iter().map(root).collect()
}

pub(super) async fn put_root(db: &mut SqliteConnection, row: &RootRow) -> Stored<()> {
    let done = sqlx::query(
        "INSERT INTO roots (epoch, root, log_size, log_head, state, anchor_by, sequence, block, anchored_at, superseded_at, tag)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (epoch) DO UPDATE SET
             root = excluded.root, log_size = excluded.log_size, log_head = excluded.log_head, state = excluded.state,
             anchor_by = excluded.anchor_by, sequence = excluded.sequence, block = excluded.block,
             anchored_at = excluded.anchored_at, superseded_at = excluded.superseded_at, tag = excluded.tag",
    )
    .bind(signed(row.epoch))
    .bind(&field::to_bytes(row.root.0)[..])
    .bind(signed(row.log_size))
    .bind(&row.log_head.0[..])
    .bind(row.state.as_str())
    .bind(row.anchor_by)
    .bind(row.sequence.map(signed))
    .bind(row.block.map(signed))
    .bind(row.anchored_at)
    .bind(row.superseded_at)
    .bind(&row.tag.0[..])
    .execute(db)
    .await?;
    reached(&done, 1, "roots")
}
