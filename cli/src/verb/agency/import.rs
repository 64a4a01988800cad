//! `agency import`: CSV in, all of it or nothing.

use super::{VaultArgs, read_schema};
use crate::{
    failure::{Failure, Outcome},
    files,
    ui::Ui,
};
use sealroot_agency::import::{self as party, ImportError, ImportInput, SchemaChoice};
use sealroot_protocol::code::Code;
use sealroot_protocol::date::FactsPeriod;
use sealroot_vault::{
    VaultError,
    import::{BadRows, ImportMode},
    rows::{Columns, PeriodSource},
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
    after_help = "Examples:\n  sealroot agency import --vault registry --schema citizen citizens.csv\n  sealroot agency import --vault tax-office --schema income --period 2025-11 income.csv\n  sealroot agency import --vault tax-office --schema income --period 2025-11 income-corrected.csv --update --dry-run"
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
    /// What period all rows are about: YYYY-MM (its first month) or `timeless`
    #[arg(long, conflicts_with = "period_column", default_value = "timeless")]
    pub period: FactsPeriod,
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
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Import the good rows of a file with bad ones
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// What an import did.
#[derive(Debug, Serialize)]
pub struct ImportedReport {
    committed: bool,
    rows: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    missing: u64,
    removed: u64,
    bad_rows: u64,
    problems: Vec<String>,
    changes: Vec<String>,
    ignored_columns: Vec<String>,
    /// Wall-clock time.
    pub milliseconds: u128,
}

impl fmt::Display for ImportedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.committed { "imported" } else { "dry run, nothing written" };
        write!(
            f,
            "{verb}: {} rows, {} new, {} changed, {} unchanged, {} missing from the file, {} removed ({} ms)",
            self.rows, self.added, self.changed, self.unchanged, self.missing, self.removed, self.milliseconds
        )?;
        for line in self.changes.iter().chain(&self.problems) {
            write!(f, "\n  {line}")?;
        }
        if !self.ignored_columns.is_empty() {
            write!(f, "\n  columns that the schema doesn't know, ignored: {}", self.ignored_columns.join(", "))?;
        }
        Ok(())
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
    let period = args.period_column.clone().map_or(PeriodSource::Fixed(args.period), PeriodSource::Column);
    let input = ImportInput {
        schema,
        columns: Columns { national_id: args.id_column.clone(), business_key: args.key_column.clone(), period },
        mode: if args.update { ImportMode::Update { remove_missing: args.remove_missing } } else { ImportMode::Add },
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
    Ok(ImportedReport {
        committed: report.committed,
        rows: report.progress.rows,
        added: report.progress.added,
        changed: report.progress.changed,
        unchanged: report.progress.unchanged,
        missing: report.missing,
        removed: report.removed,
        bad_rows: report.progress.bad_rows,
        problems: report.problems.iter().map(ToString::to_string).collect(),
        changes: report.changes.iter().map(|c| format!("line {}: {}", c.line, c.attributes.join(", "))).collect(),
        ignored_columns: report.ignored_columns,
        milliseconds: started.elapsed().as_millis(),
    })
}

/// All bad rows that the report lists, so that the file can be corrected at once.
fn bad_rows(rows: &BadRows) -> Failure {
    let listed: Vec<_> = rows.problems.iter().map(ToString::to_string).collect();
    Failure::new(
        Code::BadRows,
        format!("{} bad rows, so nothing was imported\n  {}", rows.bad_rows, listed.join("\n  ")),
    )
    .advice("correct the file, or import its good rows with --skip-bad-rows")
}

/// Rows, guessed from the file's size: for the progress bar only.
fn estimate_rows(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len() / 80)
}
