//! What is stored isn't what was stored.

use sealroot_protocol::code::{Code, Coded};

/// Stored data was damaged or changed. Each variant is one attack that the tests carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Integrity {
    /// Authenticated decryption failed: wrong key, another row's ciphertext, or changed bytes.
    #[error("a stored row does not decrypt: it was changed or moved, or its key is another row's")]
    Ciphertext,
    /// A row of the named table isn't what this vault wrote there: a column was changed, or a row was made or moved without the vault's keys.
    #[error(
        "a row of the table {0} is not the one that this vault wrote: it was changed, moved or made by somebody without the vault's keys"
    )]
    Row(&'static str),
    /// The rows of the named table aren't those that this vault wrote last.
    #[error(
        "the rows of the table {0} are not those that this vault wrote last: one was deleted, or an older one was put back"
    )]
    Rows(&'static str),
    /// The databases don't hold what the newest change left, as the access log has it.
    #[error(
        "the vault's database is not the one that was written last: the access log tells of another state than it has"
    )]
    State,
    /// What a row is found by isn't what its contents say.
    #[error("a stored record is filed under another person, business key or period than its contents name")]
    References,
    /// The data key is gone.
    #[error("the record's data key is gone: it was erased, or the key store is older than the database")]
    KeyGone,
    /// The key that opens enrolments is gone. Nothing ever destroys it.
    #[error("the key that opens enrolments is not in keys.db: the file was emptied, or is another vault's")]
    EnrolmentKeyGone,
    /// The record decrypts but isn't the one in the tree.
    #[error("a stored record is not the one that the tree commits to: an older version was put back")]
    LeafMismatch,
    /// A node isn't the hash of its children.
    #[error("the tree's nodes do not lead to the anchored root")]
    Tree,
    /// Plaintext isn't a canonical record.
    #[error("a decrypted record is not canonical")]
    Encoding,
    /// The households' records name others than the table that keeps everybody in one household.
    #[error("the table of household members does not have the members whom the live household records name")]
    Memberships,
    /// The access log's nodes don't fit its entries, or it isn't a log that only grew since a root was prepared over it.
    #[error(
        "the access log (log.db) is not the one that this vault wrote last: it is older, was cut or changed, or is another vault's"
    )]
    Log,
}

impl Coded for Integrity {
    fn code(&self) -> Code {
        match self {
            Self::Ciphertext => Code::StoredRowChanged,
            Self::Row(_) | Self::References => Code::StoredRowForged,
            Self::Rows(_) => Code::StoredRowsReplaced,
            Self::State => Code::VaultSetBack,
            Self::KeyGone | Self::EnrolmentKeyGone => Code::DataKeyGone,
            Self::LeafMismatch => Code::StoredRecordReplaced,
            Self::Tree => Code::TreeInconsistent,
            Self::Encoding => Code::StoredRecordMalformed,
            Self::Memberships => Code::MembershipsInconsistent,
            Self::Log => Code::AccessLogInconsistent,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::EnrolmentKeyGone => Some(
                "no erasure takes that key away: put back the keys.db that was copied with records.db (`agency restore --keys-from`)".to_owned(),
            ),
            _ => None,
        }
    }
}
