//! What a wallet answers to a request: the checks, the consent, the release.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod check;
mod consent;
mod heading;
mod release;

use sealroot_testing::asked::wallet;
use sealroot_wallet::{History, history::Lines};
use std::io;

/// A history on a disk that takes `lines` more lines.
fn nearly_full(lines: usize) -> History {
    History::of(Box::new(NearlyFull(lines)), &wallet()).unwrap()
}

struct NearlyFull(usize);

impl Lines for NearlyFull {
    fn name(&self) -> String {
        "nearly full".into()
    }
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn append(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}
