//! A person's access-log entries, taken home: what the agency wrote about the person, to be opened with the wallet's reading key.
//!
//! Guarantee: the agency hands out what it can't read itself, as it is. Non-guarantees: that nothing is missing, or that the agency wrote it (anybody can seal
//! to a public key); inclusion proofs under the anchored head show both, and the file has none.

use crate::access_log::SealedEntry;
use sealroot_protocol::{canonical::Suite, name::Name};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogExport {
    /// The suite.
    pub suite: Suite,
    /// Whose log.
    pub agency: Name,
    /// All entries about the person, oldest first.
    pub entries: Vec<SealedEntry>,
}
