//! One sender per key at a time, among the processes of one machine: two that ask a network for the next number of a key at once get the same one.
//!
//! Non-guarantee: other machines, and other software with the key. Then one of two transactions is refused, and prepared again.

use super::{NetworkOptions, error::NodeError};
use alloy_primitives::Address;
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    path::Path,
    time::{Duration, Instant},
};

const PAUSE: Duration = Duration::from_millis(50);

/// Held while a key's transaction is on its way.
pub(super) struct Turn {
    _locked: Option<File>,
}

/// Waits until no other process sends with this key. Where no lock can be kept, there is none.
pub(super) async fn take(options: &NetworkOptions, chain_id: u64, key: Address) -> Result<Turn, NodeError> {
    let file = options.senders.as_deref().and_then(|directory| open(directory, chain_id, key).ok());
    let Some(file) = file else { return Ok(Turn { _locked: None }) };
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _locked: Some(file) }),
            Err(TryLockError::Error(_)) => return Ok(Turn { _locked: None }),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= options.patience => {
                return Err(NodeError::KeyBusy { key, seconds: options.patience.as_secs() });
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn open(directory: &Path, chain_id: u64, key: Address) -> std::io::Result<File> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    // It stays, empty: a lock file that is removed while another process waits for it gives the lock to two.
    OpenOptions::new().create(true).write(true).truncate(false).open(directory.join(format!("{chain_id}-{key}.lock")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_key_has_one_sender_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let options = NetworkOptions {
            senders: Some(directory.path().join("senders")),
            patience: Duration::from_millis(200),
            ..NetworkOptions::default()
        };
        let (one, other) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let held = take(&options, 1, one).await.unwrap();
        assert!(matches!(take(&options, 1, one).await, Err(NodeError::KeyBusy { .. })));
        let _others = (take(&options, 1, other).await.unwrap(), take(&options, 2, one).await.unwrap());
        let waits = take(&options, 1, one);
        let released = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            drop(held);
        };
        assert!(tokio::join!(waits, released).0.is_ok());
    }

    /// A lock is a courtesy: where none can be kept, a transaction is sent all the same.
    #[tokio::test]
    async fn no_lock_is_no_reason_to_fail() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let options = NetworkOptions { senders: Some(file), ..NetworkOptions::default() };
        let (one, two) = (take(&options, 1, Address::ZERO).await, take(&options, 1, Address::ZERO).await);
        assert!(one.is_ok() && two.is_ok());
    }
}
