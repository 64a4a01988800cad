//! `agency backup`, `agency check-backups` and `agency restore`: copies of a vault, what they are still good for, and a vault from a copy.

use super::{VaultArgs, enrol::clerk};
use crate::{
    chain::{ChainArgs, MEMORY},
    clock,
    failure::{Failure, Outcome},
    files::shown,
    ui::Ui,
};
use sealroot_agency::{
    anchor::AnchorError,
    restore::{self as party, RestoreInput},
};
use sealroot_files::Staged;
use sealroot_protocol::{code::Code, moment::Moment, name::Name, printable::counted};
use sealroot_vault::{
    Clock, EmbeddedVault,
    embedded::{Copies, RingStanding, check_vacant},
    restore::{RestoreStep, Restored, Standing},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Copies the vault.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency anchor --vault tax-office --signing-key tax-office/signing.key\n  sealroot agency backup --vault tax-office --out /backups/tax-office-2026-11-30\n\nRun it right after each anchor: a copy from before the chain's newest anchor goes on only as `agency restore --although-older` lets it. Delete keys.db from copies that are some days old: it brings erased people back, until the next `agency rotate-keys`."
)]
pub struct BackupArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Directory of the copy: empty, or not there yet
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// What was copied.
#[derive(Debug, Serialize)]
pub struct BackupReport {
    directory: PathBuf,
    agency: Name,
    changes: u64,
    log_entries: u64,
    /// Sequence number of the newest root that the copy knows to be on chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    bytes: u64,
}

impl fmt::Display for BackupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "copied the vault of {} to {}: {}, {} of the access log, {} bytes",
            self.agency,
            shown(&self.directory),
            counted(self.changes, "change", "changes"),
            counted(self.log_entries, "entry", "entries"),
            self.bytes
        )?;
        match self.sequence {
            Some(sequence) => write!(
                f,
                "\n  restored while anchor number {sequence} is the chain's newest, it loses no key's periods; after the next anchor it makes every key start anew: make another then"
            ),
            None => write!(
                f,
                "\n  restored while the chain has no root of this agency, it loses no key's periods; after the first anchor it makes every key start anew: make another then"
            ),
        }?;
        write!(
            f,
            "\n  keys.db in it brings erased people back: delete it there after a few days, and keep keyring.json apart from what unlocks it"
        )
    }
}

/// Runs it.
pub async fn backup(args: &BackupArgs) -> Outcome<BackupReport> {
    check_vacant(&args.out).map_err(Failure::of)?;
    let vault = args.vault.open_to_read().await?;
    let list = vault.backup(&args.out).await.map_err(Failure::of)?;
    vault.close().await;
    let memory = args.vault.vault.join(MEMORY);
    if memory.exists() {
        copy_memory(&memory, &args.out.join(MEMORY))?;
    }
    let bytes = list.files.iter().map(|file| file.bytes).sum();
    let (agency, changes, log_entries, sequence) = (list.agency, list.changes, list.log_entries, list.sequence);
    Ok(BackupReport { directory: args.out.clone(), agency, changes, log_entries, sequence, bytes })
}

/// Judges backups.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency check-backups /backups/tax-office-* --vault tax-office\n\nRun it after erasures, `rotate-keys` and `relock`. It ends with exit code 1 where a file must be destroyed. It knows of no other copies than those that are named."
)]
pub struct CheckBackupsArgs {
    /// Directories that `agency backup` made
    #[arg(required = true, value_name = "DIR")]
    pub backups: Vec<PathBuf>,
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
}

/// What the backups are.
#[derive(Debug, Serialize)]
pub struct CheckBackupsReport {
    backups: Vec<JudgedBackup>,
}

#[derive(Debug, Serialize)]
struct JudgedBackup {
    directory: PathBuf,
    taken_at: Moment,
    /// Whether it has the newest root on chain that the vault knows.
    newest_root: bool,
    /// Whether that root was withdrawn.
    newest_root_withdrawn: bool,
    /// Erasures since it was made: a restore from it has to carry them out again.
    erasures_since: u64,
    /// Those of them that its `keys.db` undoes: all, or none where it has no `keys.db`.
    undoes_erasures: u64,
    /// `current`, `old`, `locked-otherwise`; none where it has no key ring.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_ring: Option<&'static str>,
}

impl fmt::Display for CheckBackupsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, backup) in self.backups.iter().enumerate() {
            let roots = match (backup.newest_root, backup.newest_root_withdrawn) {
                (true, false) => "has the newest root",
                (true, true) => "has the newest root, which is withdrawn",
                (false, _) => "is older than the newest root",
            };
            let line = if i == 0 { "" } else { "\n" };
            write!(f, "{line}{}: made {}, {roots}", shown(&backup.directory), backup.taken_at)?;
            if backup.erasures_since > 0 {
                let erasures = counted(backup.erasures_since, "erasure", "erasures");
                write!(
                    f,
                    "\n  {erasures} since: a restore from it has to carry out as many again, and does where it gets the log (--log-from)"
                )?;
            }
            if backup.undoes_erasures > 0 {
                let erasures = counted(backup.undoes_erasures, "erasure", "erasures");
                write!(f, "\n  DELETE {}: it undoes {erasures}", shown(&backup.directory.join("keys.db")))?;
            }
            let newest = self.backups.iter().any(|other| other.newest_root && other.undoes_erasures == 0);
            if i + 1 == self.backups.len() && !newest {
                write!(f, "\n  none of these is a copy to go on from: make one first, with `sealroot agency backup`")?;
            }
            let why = match backup.key_ring {
                Some("old") => "it has keys from before a rotation",
                Some("locked-otherwise") => "another passphrase or key file than the vault's opens it",
                _ => continue,
            };
            write!(f, "\n  DELETE {}: {why}", shown(&backup.directory.join("keyring.json")))?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn check_backups(args: &CheckBackupsArgs, ui: Ui) -> Outcome<()> {
    let master = args.vault.master_key()?;
    let vault = args.vault.open_to_read_with(&master).await?;
    let (mut backups, mut outdated) = (Vec::new(), 0);
    let mut unjudged: Option<Failure> = None;
    for directory in &args.backups {
        let judged = match vault.judge_backup(directory, &master).await.map_err(Failure::of) {
            Ok(judged) => judged,
            Err(failure) => {
                // The first one ends the verb; each says what to do about its directory.
                match unjudged {
                    Some(_) => ui.say(failure),
                    None => unjudged = Some(failure),
                }
                continue;
            }
        };
        outdated += u64::from(judged.is_outdated());
        let key_ring = judged.ring.map(|ring| match ring {
            RingStanding::Current => "current",
            RingStanding::Old => "old",
            RingStanding::LockedOtherwise => "locked-otherwise",
        });
        backups.push(JudgedBackup {
            directory: directory.clone(),
            taken_at: Moment::from_signed(judged.list.taken_at),
            newest_root: judged.newest,
            newest_root_withdrawn: judged.withdrawn,
            erasures_since: judged.erasures,
            undoes_erasures: judged.undoes,
            key_ring,
        });
    }
    vault.close().await;
    if !backups.is_empty() {
        ui.report(&CheckBackupsReport { backups })?;
    }
    if let Some(failure) = unjudged {
        return Err(failure);
    }
    if outdated == 0 {
        return Ok(());
    }
    let text = format!(
        "{} what must be destroyed",
        if outdated == 1 { "one backup has".into() } else { format!("{outdated} backups have") }
    );
    Err(Failure::new(Code::BackupsOutdated, text))
}

fn copy_memory(from: &std::path::Path, to: &std::path::Path) -> Outcome<()> {
    let bytes = crate::files::read(from)?;
    let written = Staged::new(to, &bytes, sealroot_files::Access::Owner).and_then(Staged::replace);
    written.map_err(|error| Failure::new(Code::FileUnwritable, format!("{}: {error}", shown(to))))
}

/// Makes a vault from a copy.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency restore --from /backups/tax-office-2026-11-30 --vault tax-office --why 'disk failed, ticket 7/26'\n  sealroot agency anchor --vault tax-office --signing-key tax-office/signing.key      (until then nothing is proved)\n\nThe damaged vault's own log.db and keys.db may be newer than the copy's, and whole. Then the people whom it erased since are erased again:\n  sealroot agency restore --from /backups/tax-office-2026-11-30 --log-from tax-office.broken --keys-from tax-office.broken --vault tax-office --why 'records.db damaged'\n\nA copy that is older than the chain's newest root goes on with --although-older: every key then counts from a later day on, so that nobody is approved twice. Do again what was written since, changed ids first."
)]
pub struct RestoreArgs {
    /// Directory of the copy: a backup, or a vault that no process has open
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Directory with a newer log.db
    #[arg(long, value_name = "DIR")]
    pub log_from: Option<PathBuf>,
    /// Directory with another keys.db, and with keyring.json if it is there
    #[arg(long, value_name = "DIR")]
    pub keys_from: Option<PathBuf>,
    /// Where the vault is to be: a directory that is empty or isn't there yet. The passphrase or key file is the one that locked the copy's key ring.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Understood: the copy is older than the chain's newest root, and every key counts from a later day on
    #[arg(long)]
    pub although_older: bool,
    /// Go on without the records whose data keys are gone: exactly so many, as the verb names them
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub drop_records: u64,
    /// Why, for the access log
    #[arg(long, value_parser = super::reason)]
    pub why: String,
}

/// What was restored.
#[derive(Debug, Serialize)]
pub struct RestoreReport {
    agency: Name,
    standing: &'static str,
    /// Whether the chain's newest root was withdrawn.
    newest_root_withdrawn: bool,
    lost_changes: u64,
    /// Ids that were changed among them.
    changed_ids: u64,
    erased_again: u64,
    records_without_keys: u64,
    reissued: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_by: Option<Moment>,
}

impl fmt::Display for RestoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the vault of {} goes on from the copy", self.agency)?;
        if self.standing == "newest" {
            write!(f, ", which has the chain's newest root")?;
        }
        if let Some(day) = &self.holder_since {
            write!(
                f,
                ", which lacks what every key may have been used for since\n  every key counts for periods that begin on or after {day}; for earlier ones the program's manual path applies\n  \
                 {} issued again",
                counted(self.reissued, "record", "records")
            )?;
        }
        if self.newest_root_withdrawn {
            write!(
                f,
                "\n  the chain's newest root is withdrawn: nothing is proved under it, and the chain takes it no more; correct what it was withdrawn for, and anchor the root that comes of it"
            )?;
        }
        if self.lost_changes > 0 {
            write!(
                f,
                "\n  the access log tells of {} that the copy lacks, {} among them; which they were stands in the clerks' papers",
                counted(self.lost_changes, "change", "changes"),
                counted(self.changed_ids, "changed id", "changed ids")
            )?;
        }
        if self.erased_again > 0 {
            write!(f, "\n  erased again: {}", counted(self.erased_again, "person", "people"))?;
        }
        if self.records_without_keys > 0 {
            let records = counted(self.records_without_keys, "record", "records");
            write!(f, "\n  dropped, because their data keys are gone: {records}; import again what isn't erased")?;
        }
        if self.lost_changes > 0 || self.holder_since.is_some() {
            write!(
                f,
                "\n  do again what was written since the copy was made: changed ids first, then imports, enrolments, representatives, and erasures that the access log above doesn't have"
            )?;
        }
        match &self.anchor_by {
            Some(by) => write!(f, "\n  anchor before {by}: until then nothing is proved, and later the day moves"),
            None => write!(
                f,
                "\n  anchor the next root soon (`sealroot agency anchor`), then make a new copy (`sealroot agency backup`)"
            ),
        }
    }
}

/// Runs it.
pub async fn restore(args: &RestoreArgs, ui: Ui) -> Outcome<RestoreReport> {
    check_vacant(&args.vault.vault).map_err(Failure::of)?;
    clock::now()?;
    let copies = Copies { from: args.from.clone(), log: args.log_from.clone(), keys: args.keys_from.clone() };
    let agency = copies.agency().map_err(Failure::of)?;
    let master = args.vault.master_key()?;
    // The memory first: the chain that says how old the copy is must be the one that the agency saw.
    let memory = args.from.join(MEMORY);
    let given = std::iter::once(&args.from).chain(&args.log_from).chain(&args.keys_from);
    let chain = args.chain.open_for_copies(given).await?;
    let input = RestoreInput {
        agency: agency.clone(),
        although_older: args.although_older,
        drop_records: args.drop_records,
        access: clerk(args.why.clone()),
    };
    let bar = ui.progress(step_name(RestoreStep::Copying), 0);
    let mut shown = |step, done, total| {
        bar.set_message(step_name(step));
        bar.set_length(total);
        bar.set_position(done);
    };
    let restore = async |how: &_| {
        let place = &args.vault.vault;
        EmbeddedVault::restore_embedded(place, &copies, &master, Clock::system(), how, &mut shown).await
    };
    let restored = party::restore(input, &chain, restore).await;
    bar.finish_and_clear();
    let Restored { standing, withdrawn, lost, renamed, erased, dropped, reissued } =
        restored.map_err(|error| of_keys(args, error))?;
    if memory.exists() {
        copy_memory(&memory, &args.vault.vault.join(MEMORY))?;
    }
    args.chain.remember_for(&args.vault.vault, &chain).await?;
    let (standing, holder_since, anchor_by) = match standing {
        Standing::Newest => ("newest", None, None),
        Standing::Older { since, anchor_by } => {
            ("older", Some(since.to_string()), Some(Moment::from_signed(anchor_by)))
        }
    };
    Ok(RestoreReport {
        agency,
        standing,
        newest_root_withdrawn: withdrawn,
        lost_changes: lost,
        changed_ids: renamed,
        erased_again: erased,
        records_without_keys: dropped,
        reissued,
        holder_since,
        anchor_by,
    })
}

fn step_name(step: RestoreStep) -> &'static str {
    match step {
        RestoreStep::Copying => "copying",
        RestoreStep::Resuming => "comparing rows",
        RestoreStep::Checking => "checking",
    }
}

/// A key ring that lies apart from the copy says whose vault it is. Where the copy itself doesn't, an agency that the chain doesn't know may be another one.
fn of_keys(args: &RestoreArgs, error: AnchorError) -> Failure {
    let unregistered = matches!(error, AnchorError::UnregisteredAgency(_));
    let failure = Failure::of(error);
    match &args.keys_from {
        Some(keys) if unregistered => failure.advice(format!(
            "the name is that of the key ring in {}: if it is another agency's than the copy's, name the directory with the copy's own key ring",
            shown(keys)
        )),
        _ => failure,
    }
}
