//! `agency status` and `agency log`.

use super::VaultArgs;
use crate::{
    failure::{Failure, Outcome},
    files::{Form, Output, shown},
    identity::NationalIdArgs,
    ui::Ui,
};
use sealroot_agency::{
    log::{self as party, Listed, LogInput, Page},
    status,
};
use sealroot_handover::LoggedAct;
use sealroot_protocol::{
    moment::Moment,
    printable::{counted, printable},
};
use sealroot_vault::{CheckProgress, EmbeddedVault, RootStanding, log::LogEntry, store::RootRow};
use serde::Serialize;
use std::{
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Shows a vault.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency status --vault tax-office --check\n  sealroot agency status --vault tax-office --check --quick      (seconds instead of minutes; says what it leaves out)"
)]
pub struct StatusArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Also open every record, and compare it with the tree and the log with its head
    #[arg(long)]
    pub check: bool,
    /// With --check: compare every row with what was written last, and the log with its heads; open no record, and recompute no tree
    #[arg(long, requires = "check")]
    pub quick: bool,
}

/// A vault at a glance.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    agency: String,
    live_records: u64,
    data_keys: u64,
    key_encryption_keys: usize,
    working_root: String,
    /// Whether the working root is anchored; else what changed since waits for `agency anchor`.
    working_root_anchored: bool,
    /// Oldest first.
    roots: Vec<RootLine>,
    schemas: Vec<String>,
    log_entries: u64,
    log_head: String,
    /// First day of every key, in a vault that went on from an older copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_since: Option<String>,
    /// By when the next anchor must land, so that the day stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_by: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_records: Option<u64>,
    /// Versions of records whose rows were compared, and which were not opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared_rows: Option<u64>,
}

/// A root, as far as this vault knows of it.
#[derive(Debug, Serialize)]
struct RootLine {
    root: String,
    state: RootState,
    /// Number of the agency's anchor.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchored_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_at: Option<Moment>,
    /// Until when a replaced root may still be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_ends: Option<Moment>,
    /// Until when a root that waits must be anchored.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_by: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum RootState {
    Waiting,
    Anchored,
    InGrace,
    GraceEnded,
    Withdrawn,
    Retired,
    BeforeRestore,
    Overtaken,
}

/// Roots that are good for nothing any more and that the text lists.
const OLD_ROOTS: usize = 5;

impl RootLine {
    fn new((row, standing): (RootRow, RootStanding)) -> Self {
        let (state, grace_ends) = match standing {
            RootStanding::Waiting => (RootState::Waiting, None),
            RootStanding::Anchored => (RootState::Anchored, None),
            RootStanding::InGrace(ends) => (RootState::InGrace, Some(ends)),
            RootStanding::GraceEnded(ends) => (RootState::GraceEnded, Some(ends)),
            RootStanding::Withdrawn => (RootState::Withdrawn, None),
            RootStanding::Retired => (RootState::Retired, None),
            RootStanding::BeforeRestore => (RootState::BeforeRestore, None),
            RootStanding::Overtaken => (RootState::Overtaken, None),
        };
        Self {
            root: row.root.to_string(),
            state,
            sequence: row.sequence,
            block: row.block,
            anchored_at: row.anchored_at.map(Moment::from_signed),
            superseded_at: row.superseded_at.map(Moment::from_signed),
            grace_ends: grace_ends.map(Moment::from_signed),
            anchor_by: row.anchor_by.filter(|_| state == RootState::Waiting).map(Moment::from_signed),
        }
    }

    fn is_old(&self) -> bool {
        match self.state {
            RootState::Waiting | RootState::Anchored | RootState::InGrace | RootState::BeforeRestore => false,
            RootState::GraceEnded | RootState::Withdrawn | RootState::Retired | RootState::Overtaken => true,
        }
    }
}

impl fmt::Display for RootLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            RootState::Waiting => "waiting to be anchored",
            RootState::Anchored => "anchored",
            RootState::InGrace => "in grace",
            RootState::GraceEnded => "grace ended",
            RootState::Withdrawn => "withdrawn",
            RootState::Retired if self.sequence.is_some() => "retired",
            RootState::Retired => "retired, never anchored",
            RootState::BeforeRestore => "on chain since before the restore; nothing is proved under it",
            RootState::Overtaken => "retired; the chain has another root under its number",
        };
        write!(f, "{}  {state}", self.root)?;
        if let (Some(sequence), Some(block)) = (self.sequence, self.block) {
            write!(f, "; number {sequence}, block {block}")?;
        }
        let dates =
            [("anchored", self.anchored_at), ("replaced", self.superseded_at), ("to be anchored by", self.anchor_by)];
        for (what, moment) in dates {
            moment.map_or(Ok(()), |moment| write!(f, "; {what} {moment}"))?;
        }
        let tense = if self.state == RootState::InGrace { "good until" } else { "was good until" };
        self.grace_ends.map_or(Ok(()), |moment| write!(f, "; {tense} {moment}"))
    }
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "vault of {}", self.agency)?;
        writeln!(
            f,
            "  {}, {}, {}",
            counted(self.live_records, "live record", "live records"),
            counted(self.data_keys, "data key", "data keys"),
            counted(self.key_encryption_keys, "key-encryption key", "key-encryption keys")
        )?;
        let anchored = if self.working_root_anchored { "anchored" } else { "not anchored yet: sealroot agency anchor" };
        writeln!(f, "  working root {} ({anchored})", self.working_root)?;
        if self.roots.is_empty() {
            writeln!(f, "  no root was prepared yet")?;
        }
        let old = self.roots.iter().filter(|root| root.is_old()).count();
        if old > OLD_ROOTS {
            writeln!(f, "  {}, which --json lists", counted(old - OLD_ROOTS, "older root", "older roots"))?;
        }
        let mut skip = old.saturating_sub(OLD_ROOTS);
        for root in &self.roots {
            if root.is_old() && skip > 0 {
                skip -= 1;
                continue;
            }
            writeln!(f, "  root {root}")?;
        }
        writeln!(f, "  schemas {}", self.schemas.join(", "))?;
        write!(f, "  access log of {}, head {}", counted(self.log_entries, "entry", "entries"), self.log_head)?;
        if let Some(day) = &self.holder_since {
            write!(f, "\n  restored from an older copy: no key serves a period that begins before {day}")?;
        }
        if let Some(by) = &self.anchor_by {
            write!(f, "\n  anchor before {by}, or that day moves")?;
        }
        if let Some(n) = self.checked_records {
            let open = counted(n, "record opens and has the leaf", "records open and have the leaves");
            write!(f, "\n  checked: {open} that the tree has; the log has its head")?;
        }
        if let Some(n) = self.compared_rows {
            let rows = counted(n, "version of a record is", "versions of records are");
            write!(
                f,
                "\n  checked quickly: the rows of {rows} those that were written last; the log has its heads\n  left out: no record was opened, and no tree recomputed"
            )?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn show_status(args: &StatusArgs, ui: Ui) -> Outcome<StatusReport> {
    let vault = args.vault.open_to_read().await?;
    let status = status::status(&vault).await.map_err(Failure::of)?;
    let (mut checked_records, mut compared_rows) = (None, None);
    if args.quick {
        compared_rows = Some(status::check_quickly(&vault).await.map_err(Failure::of)?);
    } else if args.check {
        checked_records = Some(watched_check(&vault, ui).await?);
    }
    vault.close().await;
    let anchored = |(row, standing): &(RootRow, RootStanding)| {
        row.root == status.working_root && *standing == RootStanding::Anchored
    };
    Ok(StatusReport {
        agency: status.agency.to_string(),
        live_records: status.counts.live,
        data_keys: status.data_keys,
        key_encryption_keys: status.key_encryption_keys,
        working_root: status.working_root.to_string(),
        working_root_anchored: status.roots.iter().any(anchored),
        roots: status.roots.into_iter().map(RootLine::new).collect(),
        schemas: status.schemas.iter().map(|row| row.name.clone()).collect(),
        log_entries: status.log.size,
        log_head: status.log.head.to_string(),
        holder_since: status.floor.map(|(since, _)| since.to_string()),
        anchor_by: status.floor.and_then(|(_, by)| by).map(Moment::from_signed),
        checked_records,
        compared_rows,
    })
}

/// A check that says how long it takes, once it knows.
async fn watched_check(vault: &EmbeddedVault, ui: Ui) -> Outcome<u64> {
    let bar = ui.progress("checking", 0);
    let (started, mut said) = (Instant::now(), false);
    let shown = |at: CheckProgress| {
        bar.set_length(at.total);
        bar.set_position(at.done);
        let left = started.elapsed().as_secs_f64() * (at.total - at.done) as f64 / at.done.max(1) as f64;
        if !said && started.elapsed() > SETTLED {
            said = true;
            ui.say(format!("the check takes about {} more", about(left)));
        }
    };
    let checked = status::check(vault, shown).await;
    bar.finish_and_clear();
    checked.map_err(Failure::of)
}

/// After so long the pace is known.
const SETTLED: Duration = Duration::from_secs(3);

fn about(seconds: f64) -> String {
    if seconds < 90.0 {
        counted(seconds.ceil() as u64, "second", "seconds")
    } else {
        counted((seconds / 60.0).ceil() as u64, "minute", "minutes")
    }
}

/// Lists accesses.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency log --vault tax-office\n  sealroot agency log --vault tax-office --before 1200      (the page before)\n  sealroot agency log --vault tax-office --national-id-file id\n  sealroot agency log --vault tax-office --national-id-file id --out log.json      (the person opens it: sealroot wallet log log.json)"
)]
pub struct LogArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Whose records; none: all.
    #[command(flatten)]
    pub person: NationalIdArgs,
    /// Entries about the vault's own states, too: one after every change; those that a restore lost are marked
    #[arg(long, conflicts_with_all = ["national-id", "national-id-file"])]
    pub states: bool,
    /// From this position on (default: the newest)
    #[arg(long, value_name = "POSITION", conflicts_with = "before")]
    pub from: Option<u64>,
    /// Up to this position, which is not listed
    #[arg(long, value_name = "POSITION")]
    pub before: Option<u64>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Write all entries about the person, sealed as they are, for the person to open with a wallet
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Accesses, oldest first.
#[derive(Debug, Serialize)]
pub struct LogReport {
    entries: Vec<LogLine>,
    /// What lists the entries before these, if there are any: `--before` this position.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    /// What lists the entries after these, if there are any: `--from` this position.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    /// Where all entries about the person were written.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct LogLine {
    position: u64,
    at: Moment,
    /// A state that a restore went on without: what it changed isn't in the vault.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lost: bool,
    /// Absent where the entry is sealed to the citizen: only the citizen's wallet can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    disclosure: Option<LoggedAct>,
    leaf: String,
}

impl fmt::Display for LogReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.before {
            writeln!(f, "older entries: --before {position}")?;
        }
        if self.entries.is_empty() {
            f.write_str("no accesses")?;
        }
        for (i, entry) in self.entries.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "#{} {}: ", entry.position, entry.at)?;
            match &entry.disclosure {
                Some(act) => {
                    write!(f, "{}", act.what)?;
                    if let (Some(schema), Some(period)) = (&act.schema, &act.period) {
                        write!(f, " {schema} ({period})")?;
                    }
                    match &act.state {
                        Some(state) if entry.lost => {
                            write!(f, " (state {}, lost: a restore went on without it)", state.number)?;
                        }
                        Some(state) => write!(f, " (state {})", state.number)?,
                        None => write!(f, "; {}: {}", printable(&act.access.who), printable(&act.access.why))?,
                    }
                    act.key.as_ref().map_or(Ok(()), |key| write!(f, " (key {})", printable(key)))?;
                    act.until.map_or(Ok(()), |until| write!(f, " until {until}"))?;
                }
                None => write!(f, "sealed to the person, whose wallet opens it")?,
            }
        }
        if let Some(position) = self.from {
            write!(f, "\nnewer entries: --from {position}")?;
        }
        let told = |file: &PathBuf| write!(f, "\nall entries about the person written to {}", shown(file));
        self.file.as_ref().map_or(Ok(()), told)
    }
}

/// Runs it.
pub async fn log(args: &LogArgs) -> Outcome<LogReport> {
    let place = args.out.as_deref().map(|path| Output::new(path, Form::personal("a log export"))).transpose()?;
    // What is written is about one person; a list is about all of them, or one.
    let person = args.person.source();
    let national_id = if place.is_some() { Some(person.read()?) } else { person.given()? };
    let vault = args.vault.open_to_read().await?;
    if let (Some(id), Some(place)) = (&national_id, place) {
        place.document(&party::export_log(id, &vault).await.map_err(Failure::of)?)?;
    }
    let page = match (args.from, args.before) {
        (Some(position), _) => Page::From(position),
        (None, Some(position)) => Page::Before(position),
        (None, None) => Page::Newest,
    };
    let input = LogInput { national_id, states: args.states, page, limit: args.limit };
    let Listed { entries, older, newer } = party::log(&input, &vault).await.map_err(Failure::of)?;
    vault.close().await;
    let before = entries.first().map(|entry| entry.position).or(args.from).filter(|_| older);
    let from = entries.last().map(|entry| entry.position + 1).or(args.before).filter(|_| newer);
    let line = |entry: LogEntry| LogLine {
        position: entry.position,
        at: Moment::from_signed(entry.at),
        lost: entry.lost,
        disclosure: entry.disclosure,
        leaf: entry.leaf.to_string(),
    };
    Ok(LogReport { entries: entries.into_iter().map(line).collect(), before, from, file: args.out.clone() })
}
