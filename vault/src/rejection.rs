//! What the vault rejects: the caller asked for something that can't be done, and nothing was done.
//!
//! Guarantee: no message contains a value from a record.

use crate::{
    disclosure::{absence::AbsentRecord, release_rejection::ReleaseRejection},
    records::import::Removals,
};
use sealroot_protocol::{
    code::{Code, Coded},
    field::Digest,
    id_form::IdFormError,
    identifier::NotAnIdentifier,
    moment::Moment,
    printable::counted,
};

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
    /// A vault's databases without its key ring.
    #[error("there are the databases of a vault in {0}, and not its key ring")]
    RingMissing(String),
    /// Another process has the vault open.
    #[error("the vault in {0} is open in another process: wait for it, or stop it")]
    InUse(String),
    /// A schema is not registered.
    #[error("schema {0} is not registered in this vault: import with its schema first")]
    UnknownSchema(String),
    /// No live record under the root asked for.
    #[error("{0}")]
    NoRecord(Box<AbsentRecord>),
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
        "the anchor landed at {}, later than {}, so that a replaced key could earn a second nullifier: \
         withdraw this root and anchor again", Moment::from_signed(*landed), Moment::from_signed(*deadline)
    )]
    AnchoredTooLate {
        /// Block time, Unix seconds.
        landed: i64,
        /// Latest time, Unix seconds.
        deadline: i64,
    },
    /// The chain names a root that this vault never made.
    #[error(
        "the chain's newest anchor (root {0}) isn't known to this vault: the vault was set back to before it, or another copy of it went on, or it is a new vault under the agency's name"
    )]
    ForeignRoot(Digest),
    /// The chain has a root that the copy lacks, and nobody said yes to what that means.
    #[error("{}: with it, every key of every person counts from a later day on, because what was written since is gone", older(*newest, *changes, *renamed))]
    OlderCopy {
        /// Whether it has the chain's newest root.
        newest: bool,
        /// Ids that were changed since, as the log tells.
        renamed: u64,
        /// Changes that the access log was told of and the copy lacks.
        changes: u64,
    },
    /// A place for a backup or a restored vault that has something in it.
    #[error("{0} is there already: choose a directory that is empty or isn't there yet")]
    NotVacant(String),
    /// In the hidden directory of a backup or a restore, what neither made.
    #[error(
        "{0} is where an interrupted backup or restore would have left its files, and is none of them: nothing was deleted"
    )]
    Foreign(String),
    /// A directory without a backup's list.
    #[error("{0} is no backup: it has no backup.json, so it was copied by hand, and what it is worth can't be said")]
    NoBackup(String),
    /// Copies of different agencies' vaults.
    #[error("the files in {path} are agency {found}'s, and those in {from} are {asked}'s: no vault is made of both")]
    OthersFiles {
        /// Where the other agency's files are.
        path: String,
        /// Whose they are.
        found: String,
        /// The copy.
        from: String,
        /// Whose it is.
        asked: String,
    },
    /// Data keys that records of a copy need aren't there.
    #[error(
        "the data keys of {} are gone: they were replaced or erased after the copy was made, or keys.db isn't the copy's{}",
        counted(*records, "record", "records"),
        if *confirmed == 0 { String::new() } else { format!("; {confirmed} were to be dropped") }
    )]
    KeysGone {
        /// Live records without a key.
        records: u64,
        /// How many were to be dropped.
        confirmed: u64,
    },
    /// A directory within another one that is read or copied.
    #[error("{inner} lies in {outer}: choose a place outside")]
    Within {
        /// The one inside.
        inner: String,
        /// The one around it.
        outer: String,
    },
    /// A copy that isn't there.
    #[error("{0} is no directory: name the directory that the copy is in")]
    NoCopy(String),
    /// A place where no directory can be made.
    #[error("{path}: {why}")]
    Unmade {
        /// The place.
        path: String,
        /// What the system says.
        why: String,
    },
    /// A file of a backup isn't the one that was written.
    #[error("{0} is not the file that the backup was made with: the medium fails, or somebody changed it")]
    DamagedCopy(String),
    /// One of the vault's files is gone.
    #[error("{0} is missing: without it the vault isn't whole")]
    FileMissing(String),
    /// Longer than on any chain.
    #[error("a grace is at most 90 days, and an anchor waits no longer than that")]
    Grace,
    /// The proof of possession fails.
    #[error(
        "the proof of possession does not hold for this agency, subject, role, key and nonce: ask the wallet for a new one"
    )]
    Possession,
    /// A release that doesn't count.
    #[error(transparent)]
    Release(#[from] ReleaseRejection),
    /// More representatives than a person can have.
    #[error("this person has 8 representatives already: remove one first")]
    Representatives,
    /// The key is no representative's.
    #[error("no representative of this person has that key")]
    NoRepresentative,
    /// The nonce was not issued for this subject, was used, or has expired.
    #[error("the enrolment nonce was not issued for this subject and role, was used or has expired: ask for a new one")]
    Nonce,
    /// The national id is not spelled as ids of this agency are.
    #[error("the national id {0}")]
    NationalId(#[source] IdFormError),
    /// The business key has no unambiguous spelling.
    #[error("the business key {0}")]
    BusinessKey(#[source] NotAnIdentifier),
    /// Nobody has this id.
    #[error("the vault has no person with this id: no record, and no enrolled key")]
    UnknownPerson,
    /// The chain counts more entries of the access log than can have been lost.
    #[error("the chain counts {missing} more entries of this agency's access log than the copy has")]
    LogTooShort {
        /// How many.
        missing: u64,
    },
    /// The id that is to be changed means nobody here.
    #[error("the vault has no person with the old id: no record, and no enrolled key")]
    UnknownOldId,
    /// Another id took its place.
    #[error("another id took the place of this one: use the person's new id")]
    IdReplaced,
    /// Old and new id are one.
    #[error("both ids are the same person's already, in this vault's spelling")]
    SameId,
    /// Two ids that stand for two people in this vault.
    #[error("the new id is, or was, somebody's in this vault: it has records, a household or a key of its own")]
    BothIds,
    /// The id looks like another person's.
    #[error("the id looks like another person's in this vault, in letters of another script")]
    LookAlike,
    /// A schema would read the ids that the vault has in another case.
    #[error(
        "the schema reads ids in {case} letters, and the vault has {} in other letters: to it, another case would be another person", counted(*ids, "id", "ids")
    )]
    OtherCase {
        /// `capital` or `small`.
        case: &'static str,
        /// How many.
        ids: u64,
    },
    /// The serials of a schema come from another column.
    #[error("records of schema {schema} have their business key from {}: another kind of key would let one record earn twice",
        .tied.as_ref().map_or("the national id".to_owned(), |column| format!("the column {column}")))]
    KeyColumn {
        /// Name of the schema.
        schema: String,
        /// The column; none: the national id.
        tied: Option<String>,
    },
    /// A file without rows.
    #[error("the file has a header and no rows: nothing was imported, and nothing is missing from it")]
    NoRows,
    /// The answer to a challenge came a second time.
    #[error("this answer was taken before: the key is enrolled or registered already")]
    AnswerUsed,
    /// One schema reads ids in capital letters, another one in small ones.
    #[error("the schemas of this vault disagree on the case of letters in ids: one says upper, one lower")]
    LetterCase,
    /// The recipient's X25519 key is unusable.
    #[error("the recipient's X25519 key is not usable: it is not 32 bytes, or of small order")]
    RecipientKey,
    /// The tree is full.
    #[error("the tree is full: 2^32 leaves were appended")]
    TreeFull,
    /// The import plan contradicts the schema or the file's header.
    #[error("the import can't start: {0}")]
    Plan(String),
    /// The file is no CSV in UTF-8.
    #[error("the file can't be imported as it is: {0}")]
    NotCsv(String),
    /// Records would be removed, and nobody said yes to it.
    #[error("{0}")]
    RemovalUnconfirmed(Box<Removals>),
    /// More records would be removed than a yes is enough for, or another number than was said.
    #[error("{0}, and that number was not confirmed")]
    TooManyRemovals(Box<Removals>),
    /// The file lacks records, and one of its rows may be about any of them.
    #[error(
        "nothing can be removed: line {line}: {why}, so it could be one of the records that the file seems to lack"
    )]
    RemovalUnsafe {
        /// The first line that is to blame.
        line: u64,
        /// What can't be known.
        why: &'static str,
    },
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

impl Coded for Rejection {
    fn code(&self) -> Code {
        match self {
            Self::OtherAgency { .. } | Self::OthersFiles { .. } => Code::VaultOtherAgency,
            Self::Exists(_) => Code::VaultExists,
            Self::Missing(_) => Code::VaultMissing,
            Self::RingMissing(_) => Code::KeyRingMissing,
            Self::InUse(_) => Code::VaultInUse,
            Self::UnknownSchema(_) => Code::UnknownSchema,
            Self::NoRecord(absent) => absent.code(),
            Self::NeedsBusinessKey => Code::NeedsBusinessKey,
            Self::NoAnchoredRoot => Code::NoAnchoredRoot,
            Self::UnknownRoot(_) => Code::RootNotOfThisVault,
            Self::GraceEnded(_) => Code::RootGraceEnded,
            Self::RootWithdrawn(_) => Code::RootWithdrawn,
            Self::AnchoredTooLate { .. } => Code::AnchorLandedLate,
            Self::ForeignRoot(_) => Code::VaultBehindChain,
            Self::OlderCopy { .. } => Code::NotConfirmed,
            Self::KeysGone { .. } => Code::DataKeyGone,
            Self::LogTooShort { .. } => Code::AccessLogShrank,
            Self::Within { .. } => Code::DirectoryExists,
            Self::NoCopy(_) => Code::FileNotFound,
            Self::Unmade { .. } => Code::FileUnwritable,
            Self::NotVacant(_) | Self::Foreign(_) => Code::DirectoryExists,
            Self::DamagedCopy(_) | Self::NoBackup(_) => Code::BackupDamaged,
            Self::FileMissing(_) => Code::VaultFileMissing,
            Self::ChainBehind => Code::ChainBehindVault,
            Self::Grace => Code::GraceTooLong,
            Self::Possession => Code::PossessionUnproved,
            Self::Release(rejection) => rejection.code(),
            Self::Representatives => Code::TooManyRepresentatives,
            Self::NoRepresentative => Code::NoRepresentative,
            Self::Nonce => Code::EnrolmentNonce,
            Self::NationalId(error) => error.code(),
            Self::BusinessKey(error) => error.code(),
            Self::LookAlike => Code::LookAlikeId,
            Self::OtherCase { .. } => Code::IdsDiffer,
            Self::KeyColumn { .. } => Code::OtherKeyColumn,
            Self::NoRows => Code::NoRows,
            Self::AnswerUsed => Code::AnswerUsed,
            Self::LetterCase => Code::BadSchema,
            Self::UnknownPerson | Self::UnknownOldId => Code::UnknownPerson,
            Self::IdReplaced => Code::IdReplaced,
            Self::SameId => Code::SameId,
            Self::BothIds => Code::BothIds,
            Self::RecipientKey => Code::RecipientKey,
            Self::TreeFull => Code::TreeFull,
            Self::Plan(_) => Code::BadImportPlan,
            Self::NotCsv(_) => Code::NotCsv,
            Self::RemovalUnconfirmed(_) => Code::NotConfirmed,
            Self::TooManyRemovals(_) => Code::TooManyRemovals,
            Self::RemovalUnsafe { .. } => Code::RemovalUnsafe,
            Self::NoLogEntry(_) => Code::NoLogEntry,
            Self::Schema(_) => Code::BadSchema,
            Self::Date => Code::Date,
        }
    }

    fn advice(&self) -> Option<String> {
        let number = |removals: &Removals| format!("--confirm-removals {}", removals.count);
        match self {
            Self::ForeignRoot(_) => Some(
                "find a copy of the vault that was made after the chain's newest anchor; where there is none, `sealroot agency restore` lets the newest copy go on; where no copy is left at all, docs/OPERATING.md says what to do under \"No copy of the vault is left\"".to_owned(),
            ),
            Self::Foreign(path) => Some(format!("look at it, move {path} away, and run it again")),
            Self::NoBackup(_) => Some(
                "delete keys.db in it if anybody was erased since it was made, and keyring.json if the keys were rotated or the vault was relocked since; `sealroot agency restore` goes on from it as from a backup, and erases again whom the log tells of; make copies with `sealroot agency backup`, which this verb judges".to_owned(),
            ),
            Self::OthersFiles { path, .. } => Some(format!("name another directory than {path}, or copies of one vault")),
            Self::LogTooShort { .. } => Some(
                "nobody writes so many: let two officers revoke the key that anchored them, and restore again; or give a newer log.db (--log-from)".to_owned(),
            ),
            Self::UnknownOldId => Some(
                "compare it with the person's papers; where the vault was restored from a copy without the person, or the records were removed, repeat with --although-unknown, before a file with the new id is imported".to_owned(),
            ),
            Self::KeysGone { records, .. } => Some(format!(
                "give the keys.db that was copied with records.db (--keys-from), or go on without these records: --drop-records {records}"
            )),
            Self::OlderCopy { .. } => Some(
                "look for a newer copy; where there is none, repeat with --although-older".to_owned(),
            ),
            Self::RemovalUnconfirmed(removals) => {
                let number = removals.above.map_or_else(String::new, |_| format!(" {}", number(removals)));
                Some(format!(
                    "look with --dry-run at what the file lacks; if all of it is to go, repeat with --yes{number}; without --remove-missing nothing goes"
                ))
            }
            Self::TooManyRemovals(removals) => Some(format!(
                "look with --dry-run at what the file lacks; if all of it is to go, repeat with --yes {}",
                number(removals)
            )),
            Self::KeyColumn { tied: Some(column), .. } => Some(format!(
                "import with --key-column {column}; records with another kind of key have a schema of another name"
            )),
            Self::KeyColumn { tied: None, .. } => Some(
                "import without --key-column; records with another kind of key have a schema of another name".to_owned(),
            ),
            Self::OtherCase { .. } => Some(
                "`sealroot agency check-ids --schema FILE` names the lines of a file with such ids; `sealroot agency change-id` makes each the id in the \
                 schema's case; then add the schema"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// In what a copy is older, as far as is known.
fn older(newest: bool, changes: u64, renamed: u64) -> String {
    let root =
        if newest { "the copy has the chain's newest root" } else { "the copy is older than the chain's newest root" };
    let lost = match changes {
        0 => String::new(),
        _ => format!(", and lacks {} that the access log tells of", counted(changes, "change", "changes")),
    };
    let ids = match renamed {
        0 => String::new(),
        _ => format!(", {} among them", counted(renamed, "changed id", "changed ids")),
    };
    format!("{root}{lost}{ids}")
}
