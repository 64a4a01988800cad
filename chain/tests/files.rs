//! Attacks on the chain's files by somebody who can write to them and lacks the sealer's key: every column of every table, the schema, random bytes.
//!
//! Each change must be refused with a typed error, or leave everything that the chain says as it was. `docs/DATA_MODEL.md` has a row for each column; the
//! cases are generated from the database's own schema, so that a new column can be forgotten in neither. `SEALROOT_CASES` chooses how many random changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use alloy_primitives::Log;
use sealroot_chain::{Act, Calls, Chain, ChainError, EmbeddedChain, SeenBlock, check_seen};
use sealroot_protocol::{
    code::{Code, Coded},
    evidence::Evidence,
    snapshot::{Snapshot, SnapshotQuery},
};
use sealroot_testing::{cases, chain::*, seed};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, TypeInfo, ValueRef, sqlite::SqliteConnectOptions};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tempfile::TempDir;

const DATABASE: &str = "chain.sqlite";

/// A block's header and its transactions, as bytes.
type BlockBytes = (Vec<u8>, Vec<Vec<u8>>);

/// Everything that a chain says to anybody.
#[derive(Debug, PartialEq)]
struct Said {
    head: SeenBlock,
    chain_id: u64,
    now: u64,
    codes: Vec<String>,
    blocks: Vec<BlockBytes>,
    snapshots: Vec<Snapshot>,
    evidence: Evidence,
    /// All events of all contracts.
    events: Vec<Log>,
}

/// Opens, reads everything, and adds a block, because a change may do its harm later.
async fn said(directory: &Path, query: &SnapshotQuery) -> Result<Said, ChainError> {
    let chain = EmbeddedChain::open(directory).await?;
    let head = chain.head().await?;
    let mut said = Said {
        head: head.into(),
        chain_id: chain.chain_id(),
        now: chain.now().await?,
        codes: chain.code_hashes().await?.iter().map(|pin| format!("{pin:?}")).collect(),
        blocks: Vec::new(),
        snapshots: Vec::new(),
        evidence: chain.collect_evidence(query, head.number).await?,
        events: Vec::new(),
    };
    for contract in chain.contracts().in_order() {
        said.events.extend(chain.logs(contract, [None; 4]).await?);
    }
    for number in 0..=head.number {
        let header = chain.header(number).await?;
        let transactions = chain.transactions(number).await?.iter().map(|raw| raw.to_vec()).collect();
        said.blocks.push((header.to_vec(), transactions));
        said.snapshots.push(chain.snapshot_at(query, number).await?);
    }
    let act = Act::RegisterRequester { id: name("newcomer"), key: key("newcomer").address() };
    chain.propose(&key("officer-1"), &act).await?;
    drop(chain);
    EmbeddedChain::open(directory).await.expect("what was acknowledged opens again");
    Ok(said)
}

/// A chain with an approval, what it says, and a copy of its files from two blocks before.
struct Attacked {
    directory: TempDir,
    older: TempDir,
    query: SnapshotQuery,
    said: Said,
}

async fn attacked() -> Attacked {
    let world = World::new().await;
    world.approve(&world.approval(world.request(), 11, 400)).await.unwrap();
    let query = world.query(Some(11));
    let World { chain, directory } = world;
    chain.close().await.unwrap();
    let older = copied(directory.path());
    let world = World { chain: EmbeddedChain::open(directory.path()).await.unwrap(), directory };
    world.anchor("registry", "registry-key", 8, 2, Some(1)).await.unwrap();
    world.at("2026-11-07").await;
    world.anchor("tax-office", "tax-key", 9, 2, Some(2)).await.unwrap();
    let World { chain, directory } = world;
    chain.close().await.unwrap();
    let said = said(copied(directory.path()).path(), &query).await.unwrap();
    Attacked { directory, older, query, said }
}

/// A copy of a chain's files, the write-ahead log among them, for one attack.
fn copied(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        // The shared memory is made anew from the log.
        if !entry.file_name().to_str().unwrap().ends_with("-shm") {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

/// How an attack ended.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Refused(Code),
    Harmless,
    /// An earlier state of the same chain, which a party that saw a later block refuses.
    Noticed,
}

impl Attacked {
    /// What came of a change to a copy. Panics where the chain says something else than before.
    async fn end(&self, directory: &Path, what: &str) -> End {
        match said(directory, &self.query).await {
            Err(error) => {
                let code = error.code();
                let typed = [
                    Code::ChainDamaged,
                    Code::ChainDatabase,
                    Code::ChainFile,
                    Code::ChainOtherFormat,
                    Code::ChainReadOnly,
                    Code::ChainUnfinished,
                    Code::ChainUnreadable,
                    Code::DiskNotDurable,
                    Code::NoChain,
                    Code::SecretReadableByOthers,
                ];
                // An approval that isn't on an earlier state can't be proven there.
                let earlier = code == Code::NothingToProve && self.is_noticed(directory).await;
                assert!(typed.contains(&code) || earlier, "{what}: {code:?} {error}");
                if earlier { End::Noticed } else { End::Refused(code) }
            }
            Ok(said) if said == self.said => End::Harmless,
            Ok(said) => {
                assert!(self.said.blocks.starts_with(&said.blocks), "{what}: the chain says something else");
                assert!(self.said.snapshots.starts_with(&said.snapshots), "{what}: a past state is another one");
                assert!(said.head.number < self.said.head.number, "{what}: {said:#?}");
                assert!(self.is_noticed(directory).await, "{what}: nobody can tell that the chain was set back");
                End::Noticed
            }
        }
    }

    async fn is_noticed(&self, directory: &Path) -> bool {
        let chain = EmbeddedChain::open(directory).await.unwrap();
        check_seen(&chain, Some(self.said.head)).await.is_err_and(|error| error.code() == Code::ChainRolledBack)
    }
}

async fn database(directory: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(directory.join(DATABASE)).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Runs SQL on the file as somebody with a shell would; false if SQLite itself refuses it.
async fn run(directory: &Path, sql: &str) -> bool {
    let mut connection = database(directory).await;
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.is_ok();
    connection.close().await.unwrap();
    done
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    /// As SQL has it.
    fn sql(&self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
        }
    }

    /// Other values of the same type.
    fn flipped(&self) -> Vec<Self> {
        match self {
            Self::Integer(value) => {
                vec![value ^ 1, value ^ (1 << 40), -value - 1].into_iter().map(Self::Integer).collect()
            }
            Self::Text(text) => {
                let (kept, last) = text.split_at(text.len() - 1);
                let other = if last == "1" { "2" } else { "1" };
                vec![Self::Text(format!("{kept}{other}")), Self::Text(kept.to_owned()), Self::Text(String::new())]
            }
            Self::Blob(bytes) => {
                let flipped = |place: usize| {
                    let mut other = bytes.clone();
                    other[place] ^= 1;
                    other
                };
                let mut others = vec![[&bytes[..], &[0]].concat(), Vec::new()];
                if !bytes.is_empty() {
                    others.extend([flipped(0), flipped(bytes.len() / 2), flipped(bytes.len() - 1)]);
                    others.push(bytes[..bytes.len() - 1].to_vec());
                }
                others.into_iter().map(Self::Blob).filter(|other| other != self).collect()
            }
        }
    }
}

/// A table with its columns, and the rows of a file.
struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// Every table that the file has, by its own schema.
async fn tables(directory: &Path) -> Vec<Table> {
    let mut connection = database(directory).await;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
    let mut tables = Vec::new();
    for name in names {
        let sql = "SELECT name FROM pragma_table_info($1) ORDER BY cid";
        let columns: Vec<String> = sqlx::query_scalar(sql).bind(&name).fetch_all(&mut connection).await.unwrap();
        let sql = format!("SELECT {} FROM {name} ORDER BY {}", columns.join(", "), columns.join(", "));
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let cell = |row: &sqlx::sqlite::SqliteRow, i: usize| match row.try_get_raw(i).unwrap().type_info().name() {
            "INTEGER" => Cell::Integer(row.get(i)),
            "TEXT" => Cell::Text(row.get(i)),
            "BLOB" => Cell::Blob(row.get(i)),
            other => panic!("{name} has a value of type {other}"),
        };
        let rows = rows.iter().map(|row| (0..columns.len()).map(|i| cell(row, i)).collect()).collect();
        tables.push(Table { name, columns, rows });
    }
    connection.close().await.unwrap();
    tables
}

impl Table {
    /// Writes rows in place of all that are there; false if the table's own keys refuse them.
    async fn write(&self, directory: &Path, rows: &[Vec<Cell>]) -> bool {
        let line = |row: &Vec<Cell>| format!("({})", row.iter().map(Cell::sql).collect::<Vec<_>>().join(", "));
        let lines: Vec<_> = rows.iter().map(line).collect();
        let insert = if lines.is_empty() {
            String::new()
        } else {
            format!("INSERT INTO {} VALUES {};", self.name, lines.join(", "))
        };
        run(directory, &format!("BEGIN; DELETE FROM {}; {insert} COMMIT;", self.name)).await
    }

    /// The changes of one column in one row: what it does, and the table's rows afterwards.
    fn changes(&self, column: usize, row: usize, older: &Table) -> Vec<(String, Vec<Vec<Cell>>)> {
        let value = &self.rows[row][column];
        let with = |cell: Cell| {
            let mut rows = self.rows.clone();
            rows[row][column] = cell;
            rows
        };
        let mut changes: Vec<_> =
            value.flipped().into_iter().map(|cell| (format!("flipped to {}", cell.sql()), with(cell))).collect();
        // Exchanged with another row's.
        for other in [row + 1, row + self.rows.len() / 2].map(|other| other % self.rows.len()) {
            if self.rows[other][column] != *value {
                let mut rows = with(self.rows[other][column].clone());
                rows[other][column] = value.clone();
                changes.push((format!("exchanged with row {other}"), rows));
                changes.push((format!("copied from row {other}"), with(self.rows[other][column].clone())));
            }
        }
        // As it was: the same row's value in an older copy, or that copy's newest.
        let same = older.rows.get(row).into_iter().chain(older.rows.last());
        for earlier in same.map(|row| &row[column]).filter(|earlier| *earlier != value) {
            changes.push(("set back".into(), with(earlier.clone())));
        }
        // Two rows that differ in nothing else, exchanged, are the same rows.
        let same = |rows: &[Vec<Cell>]| {
            let mut lines: Vec<_> = rows.iter().map(|row| row.iter().map(Cell::sql).collect::<Vec<_>>()).collect();
            lines.sort();
            lines
        };
        let before = same(&self.rows);
        changes.retain(|(_, rows)| same(rows) != before);
        changes
    }

    /// This row gone; all rows gone.
    fn deletions(&self, row: usize) -> Vec<(String, Vec<Vec<Cell>>)> {
        let mut rows = self.rows.clone();
        rows.remove(row);
        vec![("deleted".into(), rows), ("emptied".into(), Vec::new())]
    }
}

/// The rows of the table of columns in `docs/DATA_MODEL.md`: what the last cell says of each.
fn documented() -> BTreeMap<String, String> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/DATA_MODEL.md")).unwrap();
    let section = page.split("### chain.sqlite").nth(1).expect("the page has the chain's store");
    let lines = section.lines().take_while(|line| !line.starts_with("## ") && !line.starts_with("### "));
    let cells = lines.filter_map(|line| line.strip_prefix("| `")).map(|line| line.split(" | ").collect::<Vec<_>>());
    cells
        .map(|cells| {
            assert_eq!(cells.len(), 4, "{cells:?}");
            (cells[0].trim_end_matches('`').to_owned(), cells[3].trim_end_matches(" |").to_owned())
        })
        .collect()
}

/// A column that has no row in the page, or a row without a column, fails.
#[tokio::test]
async fn every_column_of_the_chain_has_a_row_in_the_data_model() {
    let world = World::bare().await;
    let World { chain, directory } = world;
    drop(chain);
    let tables = tables(directory.path()).await;
    let stored: BTreeSet<_> =
        tables.iter().flat_map(|t| t.columns.iter().map(|column| format!("{}.{column}", t.name))).collect();
    assert_eq!(stored, documented().into_keys().collect());
}

/// Flips, exchanges, sets back and deletes every column of every table: the chain is refused, or says what it said.
#[tokio::test]
async fn every_column_of_the_chain_is_authenticated() {
    let attacked = attacked().await;
    let documented = documented();
    let (tables, older) = (tables(attacked.directory.path()).await, tables(attacked.older.path()).await);
    // In full every row; in a sample the first, one in the middle, and the newest.
    let all_rows = cases(1) > 1;
    let (mut refused, mut harmless) = (0, BTreeSet::new());
    for (table, older) in tables.iter().zip(&older) {
        assert!(!table.rows.is_empty(), "{} has no row to attack", table.name);
        let last = table.rows.len() - 1;
        let chosen: BTreeSet<_> = if all_rows { (0..=last).collect() } else { [0, last / 2, last].into() };
        for row in chosen {
            let columns = table.columns.iter().enumerate();
            let changes = columns
                .flat_map(|(i, column)| table.changes(i, row, older).into_iter().map(move |c| (column.as_str(), c)));
            for (column, (what, rows)) in changes.chain(table.deletions(row).into_iter().map(|c| ("row", c))) {
                let copy = copied(attacked.directory.path());
                if !table.write(copy.path(), &rows).await {
                    continue; // Two rows of one key.
                }
                let what = format!("{}.{column} of row {row} {what}", table.name);
                match attacked.end(copy.path(), &what).await {
                    End::Refused(_) => refused += 1,
                    End::Harmless => _ = harmless.insert(format!("{}.{column}", table.name)),
                    End::Noticed => panic!("{what}: one table alone can't set a chain back"),
                }
            }
        }
    }
    // A row may be taken away where its height may be changed: it repeats what an earlier one says.
    let column = |name: &String| name.strip_suffix(".row").map_or(name.clone(), |table| format!("{table}.block"));
    let undocumented: Vec<_> = harmless
        .iter()
        .filter(|name| !documented.get(&column(name)).is_some_and(|says| says.contains("nothing where")))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:?} can be changed, and docs/DATA_MODEL.md doesn't say so");
    assert!(refused > 300, "{refused} refused, {harmless:?} harmless");
}

/// Triggers, views, indices, tables and columns that this program didn't make, and those that it made and are gone.
/// An office and an officer act on events. A receipt that somebody changed, of a block that opening doesn't recompute, names no other approval.
#[tokio::test]
async fn a_changed_receipt_is_no_event() {
    let attacked = attacked().await;
    let events = async |directory: &TempDir| {
        let chain = EmbeddedChain::open(directory.path()).await.unwrap();
        chain.logs(chain.contracts().decisions, [None; 4]).await
    };
    let honest = events(&copied(attacked.directory.path())).await.unwrap();
    assert_eq!(honest.len(), 1, "one approval, under nullifier 11");
    let word = |n: u8| format!("A0{:064X}", n);
    let copy = copied(attacked.directory.path());
    let change = format!(
        "UPDATE transactions SET receipt = unhex(replace(hex(receipt), '{}', '{}')) WHERE instr(hex(receipt), '{}')",
        word(11),
        word(12),
        word(11)
    );
    assert!(run(copy.path(), &change).await);
    assert_eq!(events(&copy).await.unwrap_err().code(), Code::ChainDamaged);
}

#[tokio::test]
async fn the_chains_schema_is_the_programs() {
    let attacked = attacked().await;
    let mut attacks: Vec<String> =
        ["ANALYZE", "CREATE TABLE extra (a)", "CREATE VIEW extra AS SELECT * FROM meta"].map(str::to_owned).to_vec();
    for Table { name, columns, .. } in tables(attacked.directory.path()).await {
        attacks.push(format!("CREATE TRIGGER extra BEFORE INSERT ON {name} BEGIN SELECT RAISE(IGNORE); END"));
        attacks.push(format!("CREATE TRIGGER extra AFTER UPDATE ON {name} BEGIN DELETE FROM codes; END"));
        attacks.push(format!("ALTER TABLE {name} ADD COLUMN extra TEXT"));
        attacks.push(format!("PRAGMA foreign_keys = OFF; DROP TABLE {name}"));
        attacks.push(format!(
            "CREATE TABLE twin AS SELECT * FROM {name}; DROP TABLE {name}; ALTER TABLE twin RENAME TO {name}"
        ));
        for column in columns {
            attacks.push(format!("CREATE INDEX extra ON {name} ({column})"));
            attacks.push(format!("ALTER TABLE {name} RENAME COLUMN {column} TO {column}_"));
        }
    }
    for sql in attacks {
        let copy = copied(attacked.directory.path());
        assert!(run(copy.path(), &sql).await, "{sql}");
        assert_eq!(attacked.end(copy.path(), &sql).await, End::Refused(Code::ChainDamaged), "{sql}");
    }
}

/// An older copy of all files is a chain, and so is one that was grown again from it. A party that saw a later block can tell.
#[tokio::test]
async fn a_chain_that_was_set_back_is_noticed_by_who_saw_more() {
    let Attacked { older, said, .. } = attacked().await;
    let chain = EmbeddedChain::open(older.path()).await.unwrap();
    let seen = Some(said.head);
    let first = check_seen(&chain, None).await.unwrap();
    assert_eq!(failed(check_seen(&chain, seen).await), Code::ChainRolledBack);
    let world = World { chain, directory: older };
    for sequence in 2..6 {
        let previous = if sequence == 2 { 1 } else { 18 + sequence };
        world.anchor("registry", "registry-key", 19 + sequence, sequence, Some(previous)).await.unwrap();
    }
    assert!(world.chain.head().await.unwrap().number > said.head.number, "it is longer than before");
    assert_eq!(failed(check_seen(&world.chain, seen).await), Code::ChainRolledBack);
    // What was seen before it was set back, is there.
    assert!(check_seen(&world.chain, Some(first)).await.is_ok());
}

/// Random changes of the files' bytes: flipped, overwritten, exchanged with another place or an older copy, cut off, lengthened, taken away.
#[tokio::test]
async fn random_changes_of_the_chains_files_are_refused_or_harmless() {
    let attacked = attacked().await;
    let logged = logged(&attacked).await;
    let mut random = Random(seed(13));
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for case in 0..cases(150) {
        let base = if case % 3 == 0 { logged.path() } else { attacked.directory.path() };
        let copy = copied(base);
        let files: Vec<_> = [DATABASE, DATABASE, "chain.sqlite-wal", "chain.sqlite-wal", "sealer.key"]
            .into_iter()
            .filter(|file| copy.path().join(file).exists())
            .collect();
        let file = files[random.below(files.len())];
        let path = copy.path().join(file);
        let bytes = fs::read(&path).unwrap();
        let older = fs::read(attacked.older.path().join(file)).unwrap_or_default();
        match random.changed(&bytes, &older) {
            Some(changed) => fs::write(&path, changed).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let end = attacked.end(copy.path(), &format!("case {case} in {file}")).await;
        *ends.entry(format!("{end:?}")).or_default() += 1;
    }
    assert!(ends.contains_key("Refused(ChainDamaged)") && ends.contains_key("Harmless"), "{ends:?}");
}

/// The same chain, copied while it was open: its newest blocks lie in the write-ahead log.
async fn logged(attacked: &Attacked) -> TempDir {
    let source = copied(attacked.older.path());
    let world = World { chain: EmbeddedChain::open(source.path()).await.unwrap(), directory: source };
    world.anchor("registry", "registry-key", 8, 2, Some(1)).await.unwrap();
    world.at("2026-11-07").await;
    world.anchor("tax-office", "tax-key", 9, 2, Some(2)).await.unwrap();
    let copy = copied(world.directory.path());
    assert!(fs::metadata(copy.path().join("chain.sqlite-wal")).unwrap().len() > 10_000, "the log is there");
    // Signatures are deterministic (RFC 6979), so it is the same chain to the last byte of what it says.
    assert_eq!(world.chain.head().await.unwrap().hash, attacked.said.head.hash);
    copy
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }

    /// The file's bytes after a change; none if it is taken away.
    fn changed(&mut self, bytes: &[u8], older: &[u8]) -> Option<Vec<u8>> {
        const PAGE: usize = 4096;
        let mut changed = bytes.to_vec();
        let (place, pages) = (self.below(bytes.len()), bytes.len() / PAGE);
        match self.below(20) {
            0..8 => changed[place] ^= 1 << self.below(8),
            8..10 => {
                let run = self.below(64);
                changed.iter_mut().skip(place).take(run).for_each(|byte| *byte = self.below(256) as u8);
            }
            10 => changed.iter_mut().skip(place / PAGE * PAGE).take(PAGE).for_each(|byte| *byte = 0),
            11..13 if pages > 1 => {
                let (one, two) = (self.below(pages) * PAGE, self.below(pages) * PAGE);
                changed[one..one + PAGE].copy_from_slice(&bytes[two..two + PAGE]);
            }
            13..15 => {
                let end = (place + PAGE).min(older.len()).min(bytes.len());
                if place < end {
                    changed[place..end].copy_from_slice(&older[place..end]);
                }
            }
            15 => changed.truncate(place),
            16 => changed.extend((0..self.below(5000)).map(|i| i as u8)),
            17 if !older.is_empty() => changed = older.to_vec(),
            18 => return None,
            _ => {
                let from = self.below(bytes.len());
                let length = self.below(40).min(bytes.len() - from.max(place));
                changed[place..place + length].copy_from_slice(&bytes[from..from + length]);
            }
        }
        Some(changed)
    }
}
