//! Import and root of a vault; `SEALROOT_RECORDS` sets the number of records, 10,000 by default.
//!
//! The import's parts come one after the other and sum up to it, but for the parsing, and the hashing of attributes, which go on beside them.
//!
//! Baseline of the import, in the same run: what it left in the databases, inserted row by row into empty ones with the same tables and indices by SQLite alone.

use crate::{
    measure::{self, Figures},
    prove::peak_memory_mib,
};
use sealroot_protocol::{date::FactsPeriod, schema::Schema};
use sealroot_vault::{
    Creation, MasterKey, Vault,
    anchor::LandedAnchor,
    import::{ImportMode, ImportPlan},
    rows::{Columns, PeriodSource},
};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

pub fn run() -> Result<Figures, String> {
    let count: u64 = std::env::var("SEALROOT_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(measure(count)).map_err(|e| e.to_string())
}

async fn measure(count: u64) -> Result<Figures, Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let key = directory.path().join("master.key");
    std::fs::write(&key, [7; 32])?;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
    let schema = std::fs::read_to_string(sealroot_testing::world::example().join("income.schema.toml"))?;
    let file = directory.path().join("income.csv");
    // Row by row: the peak of memory is to be the import's.
    let mut csv = BufWriter::new(File::create(&file)?);
    write!(csv, "national_id,employed")?;
    for month in 1..=12 {
        write!(csv, ",income_{month:02}")?;
    }
    for row in 0..count {
        write!(csv, "\n{row:08}-00,true")?;
        for month in 0..12 {
            write!(csv, ",{}.{:02}", (row * 37 + month * 11) % 5000, (row + month) % 100)?;
        }
    }
    csv.flush()?;
    drop(csv);

    let vault_directory = directory.path().join("vault");
    let agency = "tax-office".parse()?;
    let vault = Vault::create_embedded(&vault_directory, &agency, &MasterKey::File(key), Creation::default()).await?;
    let plan = ImportPlan {
        schema: Schema::from_toml(&schema)?,
        columns: Columns { period: PeriodSource::Fixed("2025-11".parse::<FactsPeriod>()?), ..Columns::default() },
        mode: ImportMode::Add,
        dry_run: false,
        skip_bad_rows: false,
    };
    // Reads and checks every row, and looks for its record: an import without hashing and writing.
    let started = Instant::now();
    vault.import(File::open(&file)?, ImportPlan { dry_run: true, ..plan.clone() }, |_| {}).await?;
    let dry = started.elapsed();
    let (started, cpu) = (Instant::now(), measure::cpu());
    let report = vault.import(File::open(&file)?, plan, |_| {}).await?;
    let (import, cpu) = (started.elapsed(), measure::cpu() - cpu);
    let peak = peak_memory_mib();
    let started = Instant::now();
    let pending = vault.pending_root().await?.ok_or("nothing to anchor")?;
    let root = started.elapsed();
    // What `agency anchor` does around the chain's transaction, which is the same whatever the number of records.
    let started = Instant::now();
    let landed = LandedAnchor { root: pending.root, sequence: 1, block: 1, block_time: 1_764_547_200 };
    vault.mark_anchored(&landed).await?;
    vault.prune().await?;
    let anchored = started.elapsed();
    vault.close().await;
    let mut plain = Duration::ZERO;
    for name in ["records.db", "keys.db"] {
        plain += insert_again(&vault_directory.join(name), &directory.path().join(name)).await?;
    }
    let times = report.times;
    let seconds = |time: Duration| (time.as_secs_f64() * 100.0).round() / 100.0;
    let mut figures = Figures::default();
    figures.row(json!({
        "records": count,
        "import_s": (import.as_secs_f64() * 100.0).round() / 100.0,
        "import_records_per_s": (count as f64 / import.as_secs_f64()).round(),
        "import_cpu_s": (cpu.as_secs_f64() * 100.0).round() / 100.0,
        "parse_beside_s": seconds(times.parse),
        "hash_beside_s": seconds(times.hash_beside),
        "wait_s": seconds(times.wait),
        "compare_s": seconds(times.compare),
        "hash_s": seconds(times.hash),
        "seal_s": seconds(times.seal),
        "insert_s": seconds(times.insert),
        "tree_s": seconds(times.tree),
        "commit_s": seconds(times.commit),
        "dry_run_s": (dry.as_secs_f64() * 100.0).round() / 100.0,
        "plain_insert_s": (plain.as_secs_f64() * 100.0).round() / 100.0,
        "ratio": (import.as_secs_f64() / plain.as_secs_f64() * 100.0).round() / 100.0,
        "pending_root_ms": root.as_millis(),
        "mark_anchored_ms": anchored.as_millis(),
        "peak_mib": peak,
    }));
    Ok(figures)
}

/// How long SQLite alone takes to insert a database's rows into an empty one, in one transaction that is on disk at its end.
async fn insert_again(from: &Path, to: &Path) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut database = SqliteConnectOptions::new()
        .filename(to)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::query("ATTACH $1 AS vault").bind(from.to_str()).execute(&mut database).await?;
    let tables = "SELECT name, sql, type FROM vault.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC";
    let mut names = Vec::new();
    for row in sqlx::query(tables).fetch_all(&mut database).await? {
        let sql: String = row.try_get("sql")?;
        sqlx::query(AssertSqlSafe(sql)).execute(&mut database).await?;
        if row.try_get::<&str, _>("type")? == "table" {
            names.push(row.try_get::<String, _>("name")?);
        }
    }
    let started = Instant::now();
    let mut tx = database.begin().await?;
    for name in names {
        let sql = format!("INSERT INTO main.{name} SELECT * FROM vault.{name}");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(started.elapsed())
}
