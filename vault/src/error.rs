//! Errors, arranged by whose fault it is. No message ever contains a value from a record.

use sealroot_protocol::{field::Digest, signature::SignerError};

/// What a vault operation can fail with.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The caller asked for something that can't be done.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A CSV file has bad rows, and nothing of it was imported.
    #[error(transparent)]
    BadRows(Box<crate::import::BadRows>),
    /// Keys are missing or wrong.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stored data is not what was stored: damage, or somebody's hand.
    #[error(transparent)]
    Integrity(#[from] Integrity),
    /// The agency's key doesn't sign, so nothing was released.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The access log could not be written, so nothing was disclosed.
    #[error("the access log could not be written, so nothing was disclosed: {0}")]
    Log(#[source] StoreError),
}

/// The caller's request can't be served as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The vault belongs to another agency.
    #[error("this vault belongs to agency {found}, not {asked}: open the right directory")]
    OtherAgency {
        /// Agency of the vault.
        found: String,
        /// Agency asked for.
        asked: String,
    },
    /// A vault exists already where one should be created.
    #[error("there is a vault in {0} already: open it, or choose an empty directory")]
    Exists(String),
    /// No vault where one should be opened.
    #[error("there is no vault in {0}: create one first (agency init)")]
    Missing(String),
    /// Another process has the vault open.
    #[error("the vault in {0} is open in another process: wait for it, or stop it")]
    InUse(String),
    /// A schema is not registered.
    #[error("schema {0} is not registered in this vault: import with its schema first")]
    UnknownSchema(String),
    /// No live record under the root asked for.
    #[error("no record of this subject, schema and period under this root")]
    NoRecord,
    /// The schema has several records per subject and period.
    #[error("this schema has many records per subject and period: name the business key")]
    NeedsBusinessKey,
    /// No root was anchored yet, or the newest was withdrawn.
    #[error("no anchored root can be used now: anchor one first")]
    NoAnchoredRoot,
    /// The root isn't one of this vault's anchored roots.
    #[error("root {0} is not an anchored root of this vault")]
    UnknownRoot(Digest),
    /// The root's grace has ended.
    #[error("the grace of root {0} has ended: use the newest root")]
    GraceEnded(Digest),
    /// The root was withdrawn.
    #[error("root {0} was withdrawn: correct the records and anchor again")]
    RootWithdrawn(Digest),
    /// The anchor landed too late for key replacements in it.
    #[error(
        "the anchor landed at {landed}, later than {deadline}, so that a replaced key could earn a second nullifier: \
         withdraw this root and anchor again"
    )]
    AnchoredTooLate {
        /// Block time, Unix seconds.
        landed: i64,
        /// Latest time, Unix seconds.
        deadline: i64,
    },
    /// The chain names a root that this vault never made.
    #[error(
        "the chain's latest root {0} was not made by this vault: the database is older than the chain; restore the newest one"
    )]
    ForeignRoot(Digest),
    /// Grace differs from the vault's.
    #[error("grace must be between 0 and 10 years")]
    Grace,
    /// The proof of possession fails.
    #[error(
        "the proof of possession does not hold for this agency, subject, role, key and nonce: ask the wallet for a new one"
    )]
    Possession,
    /// A release that doesn't count.
    #[error(transparent)]
    Release(#[from] crate::release::ReleaseRejection),
    /// More representatives than a person can have.
    #[error("this person has 8 representatives already: remove one first")]
    Representatives,
    /// The key is no representative's.
    #[error("no representative of this person has that key")]
    NoRepresentative,
    /// The nonce was not issued for this subject, was used, or has expired.
    #[error("the enrolment nonce was not issued for this subject and role, was used or has expired: ask for a new one")]
    Nonce,
    /// The national id is empty or has surrounding white space.
    #[error("a national id is non-empty text without surrounding white space")]
    NationalId,
    /// A business key is empty or has surrounding white space.
    #[error("a business key is non-empty text without surrounding white space")]
    BusinessKey,
    /// The recipient's X25519 key is unusable.
    #[error("the recipient's X25519 key is not usable: it is not 32 bytes, or of small order")]
    RecipientKey,
    /// The tree is full.
    #[error("the tree is full: 2^32 leaves were appended")]
    TreeFull,
    /// The import plan contradicts the schema or the file's header.
    #[error("the import can't start: {0}")]
    Plan(String),
    /// No such entry in the access log, or a proof for more entries than there are.
    #[error("the access log has no entry {0}")]
    NoLogEntry(u64),
    /// A schema that is not valid.
    #[error("the schema is not valid: {0}")]
    Schema(String),
    /// The chain has no root, or an older one than this vault anchored.
    #[error("the chain's latest root is older than what this vault anchored: this is another chain, or it was reset")]
    ChainBehind,
    /// A date that can't be computed.
    #[error("the clock or the grace leads to a date outside 0001 to 9999")]
    Date,
}

/// Keys are missing, unreadable or wrong.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The passphrase or key file doesn't open the ring.
    #[error("the key ring does not open: wrong passphrase or key file, or the ring file was changed")]
    WrongKey,
    /// A key file can be read by others.
    #[error("{path} can be read by others (mode {mode:o}): run chmod 600 on it")]
    Permissions {
        /// The file.
        path: String,
        /// Its mode bits.
        mode: u32,
    },
    /// Wrong length of a key file.
    #[error("{path} must hold exactly 32 bytes and holds {found}: make one with `head -c 32 /dev/urandom`")]
    Length {
        /// The file.
        path: String,
        /// Bytes found.
        found: u64,
    },
    /// The ring needs the other kind of master key.
    #[error("this ring is locked with {0}")]
    OtherKind(&'static str),
    /// A passphrase that is too short.
    #[error("a passphrase has at least 12 characters")]
    ShortPassphrase,
    /// A file error.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The ring file isn't one.
    #[error("{path} is not a key ring of this version: {reason}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A data key is wrapped under a key that the ring doesn't have.
    #[error("a data key is wrapped under key {0}, which is not in the ring: restore the newest keyring.json")]
    UnknownKek(String),
}

/// The database failed, or can't give the durability that is promised.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// From the driver.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("database migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A pragma didn't take.
    #[error("the database refuses {pragma} = {wanted} (it says {found}): acknowledged writes would not be durable")]
    Durability {
        /// Name of the setting.
        pragma: &'static str,
        /// Value that is needed.
        wanted: &'static str,
        /// Value read back.
        found: String,
    },
    /// The directory can't be used.
    #[error("{path}: {source}")]
    File {
        /// The file or directory.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A column doesn't have the form that this program writes.
    #[error("column {0} holds a value that this program never writes")]
    Column(&'static str),
    /// A sink that is down, full or closed.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Stored data was damaged or changed. Each variant is one attack that the tests carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Integrity {
    /// Authenticated decryption failed: wrong key, another row's ciphertext, or changed bytes.
    #[error("a stored row does not decrypt: it was changed or moved, or its key is another row's")]
    Ciphertext,
    /// The data key is gone.
    #[error("the record's data key is gone: it was erased, or the key store is older than the database")]
    KeyGone,
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
    /// The access log's nodes don't fit its entries.
    #[error("the access log is not consistent with its head")]
    Log,
}
