//! `agency import`: CSV in, all of it or nothing.

use super::{VaultArgs, read_schema};
use crate::{
    failure::{Failure, Outcome},
    files,
    ui::Ui,
};
use sealroot_agency::import::{self as party, ImportError, ImportInput, SchemaChoice};
use sealroot_protocol::{code::Code, date::FactsPeriod, printable::counted};
use sealroot_vault::{
    Rejection, VaultError,
    import::{BadRows, ImportMode, ImportReport, MOST_PERCENT, Missing, MissingIn, Removal, RowChange, WouldFail},
    rows::{Columns, PeriodSource, ProblemGroup},
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Instant,
};

/// Imports records.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency import --vault registry --schema citizen citizens.csv\n  sealroot agency import --vault tax-office --schema income --period 2025-11 income.csv\n  sealroot agency import --vault tax-office --schema income --period 2025-11 income-corrected.csv --update --dry-run\n  sealroot agency import --vault tax-office --schema income --period 2025-11 income-corrected.csv --update --remove-missing --yes\n\nThe file is CSV in UTF-8, one line for each record. Cells are separated by a comma, semicolon, tabulator or |; the header tells which. A dry run ends with the exit code of the real import."
)]
pub struct ImportArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The CSV file, with a header line; columns are found by the names of the schema's attributes
    pub csv: PathBuf,
    /// Name of a schema of the vault, or a schema file
    #[arg(long, value_name = "NAME|FILE")]
    pub schema: String,
    /// What period all rows are about: YYYY-MM (its first month) or `timeless` (default: as the schema says; if it says nothing, the period must be given)
    #[arg(long, conflicts_with = "period_column")]
    pub period: Option<FactsPeriod>,
    /// Column that says the period of each row
    #[arg(long, value_name = "COLUMN")]
    pub period_column: Option<String>,
    /// Column of the national id
    #[arg(long, value_name = "COLUMN", default_value = "national_id")]
    pub id_column: String,
    /// Column of the business key, for schemas with several records per person (default: the national id)
    #[arg(long, value_name = "COLUMN")]
    pub key_column: Option<String>,
    /// Compare with the vault and replace rows that changed; unchanged ones stay as they are
    #[arg(long)]
    pub update: bool,
    /// With --update: remove records that the file lacks, in the periods that it speaks of
    #[arg(long, requires = "update")]
    pub remove_missing: bool,
    /// Understood: the records that the file lacks are removed
    #[arg(long, requires = "remove_missing")]
    pub yes: bool,
    /// Share of a period's records, in percent, above which --yes is not enough and --confirm-removals must name the number
    #[arg(long, value_name = "PERCENT", requires = "remove_missing", default_value_t = MOST_PERCENT, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub max_removed_percent: u8,
    /// The exact number of records that are to be removed, as --dry-run shows it
    #[arg(long, value_name = "NUMBER", requires = "remove_missing")]
    pub confirm_removals: Option<u64>,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Import the good rows of a file with bad ones; the others change nothing and remove nobody
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// What an import did, or would do.
#[derive(Debug, Serialize)]
pub struct ImportedReport {
    committed: bool,
    rows: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    missing: u64,
    /// Where records are missing from the file.
    missing_in: Vec<Lacking>,
    /// Why the file doesn't show for certain which records it lacks, if it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    uncertain: Option<String>,
    removed: u64,
    /// How many the real import would remove, once that is confirmed; after a dry run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_remove: Option<u64>,
    bad_rows: u64,
    problems: Vec<Fault>,
    changes: Vec<String>,
    ignored_columns: Vec<String>,
    /// Wall-clock time.
    pub milliseconds: u128,
    /// What the real import would fail with; after a dry run only.
    #[serde(skip)]
    would_fail: Option<Failure>,
}

/// A period of which the file lacks records.
#[derive(Debug, Serialize)]
struct Lacking {
    period: FactsPeriod,
    missing: u64,
    live: u64,
    /// When the missing records were first imported, and how many on each day.
    first_imported: Vec<ImportedOn>,
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Serialize)]
struct ImportedOn {
    day: String,
    records: u64,
}

/// The same fault in some rows.
#[derive(Debug, Serialize)]
struct Fault {
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// `bad-rows`, or a narrower one.
    code: Code,
    what: String,
    /// The first lines with it.
    lines: Vec<u64>,
    /// How many rows have it.
    rows: u64,
    #[serde(skip)]
    text: String,
}

/// Days that the text lists of a period.
const DAYS: usize = 10;

impl fmt::Display for ImportedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idle = self.added == 0 && self.changed == 0 && self.removed == 0 && self.would_remove.unwrap_or(0) == 0;
        let bad = if self.bad_rows > 0 { format!("{} bad, ", self.bad_rows) } else { String::new() };
        let verb = if self.committed { "imported" } else { "dry run, nothing written" };
        if idle && self.bad_rows == 0 && self.unchanged == self.rows && self.rows > 0 {
            if !self.committed {
                write!(f, "{verb}: ")?;
            }
            let as_they_were = if self.rows == 1 { "the row is" } else { &format!("all {} rows are", self.rows) };
            write!(f, "nothing changed: {as_they_were} as the vault has them ({} ms)", self.milliseconds)?;
        } else {
            write!(
                f,
                "{verb}: {}, {} new, {} changed, {} unchanged, {bad}{} missing from the file, {} removed ({} ms)",
                counted(self.rows, "row", "rows"),
                self.added,
                self.changed,
                self.unchanged,
                self.missing,
                self.removed,
                self.milliseconds
            )?;
        }
        let fate = match (self.removed, self.would_remove) {
            (0, Some(1..)) => "would be removed",
            (1.., _) => "removed",
            _ => "missing from the file, and stay",
        };
        for period in &self.missing_in {
            write!(f, "\n  {fate}: {}", period.text)?;
            if self.committed {
                continue;
            }
            for day in period.first_imported.iter().rev().take(DAYS) {
                write!(f, "\n    first imported on {}: {}", day.day, day.records)?;
            }
            if period.first_imported.len() > DAYS {
                write!(
                    f,
                    "\n    and on {}",
                    counted(period.first_imported.len() - DAYS, "earlier day", "earlier days")
                )?;
            }
        }
        if let Some(why) = self.uncertain.as_ref().filter(|_| self.missing > 0) {
            write!(f, "\n  what is missing isn't certain: {why}")?;
        }
        for line in self.changes.iter().chain(self.problems.iter().map(|fault| &fault.text)) {
            write!(f, "\n  {line}")?;
        }
        if !self.ignored_columns.is_empty() {
            write!(f, "\n  columns that the schema doesn't know, ignored: {}", self.ignored_columns.join(", "))?;
        }
        Ok(())
    }
}

impl ImportedReport {
    /// What the real import would fail with, after a dry run.
    pub fn into_failure(self) -> Option<Failure> {
        self.would_fail
    }
}

/// Runs it.
pub async fn import(args: &ImportArgs, ui: Ui) -> Outcome<ImportedReport> {
    let started = Instant::now();
    let file = files::open(&args.csv)?;
    let lines = estimate_rows(&args.csv);
    let vault = args.vault.open().await?;
    let schema = if args.schema.ends_with(".toml") {
        SchemaChoice::Given(Box::new(read_schema(Path::new(&args.schema))?))
    } else {
        SchemaChoice::Named(args.schema.clone())
    };
    let period = match (&args.period_column, args.period) {
        (Some(column), _) => PeriodSource::Column(column.clone()),
        (None, Some(period)) => PeriodSource::Fixed(period),
        (None, None) => PeriodSource::Schema,
    };
    let input = ImportInput {
        schema,
        columns: Columns { national_id: args.id_column.clone(), business_key: args.key_column.clone(), period },
        mode: args.mode(),
        dry_run: args.dry_run,
        skip_bad_rows: args.skip_bad_rows,
    };
    let bar = ui.progress("importing", lines);
    let shown = bar.clone();
    let outcome = party::import(input, file, &vault, move |p| shown.set_position(p.rows)).await;
    bar.finish_and_clear();
    vault.close().await;
    let report = outcome.map_err(|error| match error {
        ImportError::Vault(VaultError::BadRows(rows)) => bad_rows(&rows),
        other => Failure::of(other),
    })?;
    Ok(told(args, report, started))
}

impl ImportArgs {
    fn mode(&self) -> ImportMode {
        let removal =
            Removal { confirmed: self.yes, most_percent: self.max_removed_percent, exactly: self.confirm_removals };
        match (self.update, self.remove_missing) {
            (false, _) => ImportMode::Add,
            (true, false) => ImportMode::Update { missing: Missing::Keep },
            (true, true) => ImportMode::Update { missing: Missing::Remove(removal) },
        }
    }
}

fn told(args: &ImportArgs, report: ImportReport, started: Instant) -> ImportedReport {
    // What isn't confirmed yet could still be removed; where anything else is wrong, nothing is.
    let removes = match &report.would_fail {
        None | Some(WouldFail::Rejected(Rejection::RemovalUnconfirmed(_) | Rejection::TooManyRemovals(_))) => {
            report.missing
        }
        Some(_) => 0,
    };
    let would_fail = report.would_fail.map(|failure| match failure {
        WouldFail::BadRows(rows) => bad_rows(&rows),
        WouldFail::Rejected(rejection) => Failure::of(rejection),
    });
    ImportedReport {
        committed: report.committed,
        rows: report.progress.rows,
        added: report.progress.added,
        changed: report.progress.changed,
        unchanged: report.progress.unchanged,
        missing: report.missing,
        missing_in: report.missing_in.into_iter().map(lacking).collect(),
        uncertain: report.unread.map(|unread| format!("line {}: {}", unread.line, unread.why)),
        removed: report.removed,
        would_remove: (args.dry_run && args.remove_missing).then_some(removes),
        bad_rows: report.progress.bad_rows,
        problems: report.problems.groups.into_iter().map(fault).collect(),
        changes: report.changes.iter().map(changed).collect(),
        ignored_columns: report.ignored_columns,
        milliseconds: started.elapsed().as_millis(),
        would_fail,
    }
}

fn changed(change: &RowChange) -> String {
    let what = change.attributes.iter().map(String::as_str).chain(change.subject.then_some("whose record it is"));
    format!("line {}: {}", change.line, what.collect::<Vec<_>>().join(", "))
}

fn lacking(found: MissingIn) -> Lacking {
    let text = found.to_string();
    let on = |(day, records): (sealroot_protocol::date::Date, u64)| ImportedOn { day: day.to_string(), records };
    let MissingIn { period, missing, live, since } = found;
    Lacking { period, missing, live, first_imported: since.into_iter().map(on).collect(), text }
}

fn fault(group: ProblemGroup) -> Fault {
    let text = group.to_string();
    let ProblemGroup { column, what, lines, count, code } = group;
    Fault { column, code, what, lines, rows: count, text }
}

/// All faults that the report lists, so that the file can be corrected at once.
fn bad_rows(rows: &BadRows) -> Failure {
    if rows.is_repetition() {
        return Failure::of(rows.clone());
    }
    let listed: Vec<_> = rows.problems.groups.iter().map(ToString::to_string).collect();
    let message = format!(
        "{} of {} bad, so nothing was imported\n  {}",
        rows.bad_rows,
        counted(rows.rows, "row is", "rows are"),
        listed.join("\n  ")
    );
    Failure::new(Code::BadRows, message).advice("correct the file, or import its good rows with --skip-bad-rows")
}

/// Rows, guessed from the file's size: for the progress bar only.
fn estimate_rows(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len() / 80)
}
