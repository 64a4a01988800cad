//! What goes on beside the writer: the next rows are read, parsed, and hashed as far as their leaves don't depend on the vault.
//!
//! Four of the five hashes of a leaf are over the attributes alone. The writer waits for SQLite on one core, and the other one would be idle.

use super::plan::ImportMode;
use crate::{
    records::{
        import::times::Lap,
        issue::RECORDS_WORTH_A_THREAD,
        rows::{Chunk, RowReader},
    },
    tree::parallel::{self, off_the_runtime},
};
use sealroot_protocol::record;
use std::{io::Read, time::Duration};

/// Rows that were read, if there are any, and how long parsing and hashing them took.
pub(super) struct Ahead {
    pub(super) chunk: Option<Chunk>,
    pub(super) parse: Duration,
    pub(super) hash: Duration,
}

/// Which rows are hashed before it is known whether they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashing {
    /// All: each is to be a record, or the file is refused.
    Ahead,
    /// None: an update's row mostly is as its record, and a dry run writes nothing.
    Later,
}

impl Hashing {
    pub(super) fn of(mode: ImportMode, dry_run: bool) -> Self {
        if mode == ImportMode::Add && !dry_run { Self::Ahead } else { Self::Later }
    }
}

/// The next rows, at most `limit`.
pub(super) async fn next<R: Read + Send + 'static>(
    mut reader: RowReader<R>,
    limit: usize,
    hashing: Hashing,
) -> (RowReader<R>, Ahead) {
    off_the_runtime(move || {
        let mut lap = Lap::new();
        let mut chunk = reader.next_chunk(limit);
        let parse = lap.take();
        if let (Some(chunk), Hashing::Ahead) = (&mut chunk, hashing) {
            let digests = parallel::parts(&chunk.rows, RECORDS_WORTH_A_THREAD, |rows| {
                record::digests(&rows.iter().map(|row| &row.attributes).collect::<Vec<_>>())
            });
            for (row, digest) in chunk.rows.iter_mut().zip(digests) {
                row.digest = Some(digest);
            }
        }
        (reader, Ahead { chunk, parse, hash: lap.take() })
    })
    .await
}
