//! Every column of every table, one at a time: flipped, emptied, exchanged with another row's, set back to what it was; and every row: made up, deleted, set back as a whole, put back where it was
//! deleted. The tables are read from the databases, so that no new one can be forgotten, and docs/DATA_MODEL.md must have a row for each column and each table.

use super::database::Database;
use sealroot_handover::transfer::RecipientSecret;
use sealroot_protocol::{
    code::{Class, Coded},
    date::FactsPeriod,
    possession::{PossessionChallenge, ProofOfPossession},
    release::SignedRelease,
    schema::Schema,
};
use sealroot_testing::registry::{
    self, Embedded, Registry, access, citizen, clerk, csv, deployment, enrol, import, national_id, plan, release,
    wallet, which,
};
use sealroot_vault::{
    EmbeddedVault, Vault, VaultError,
    import::{ImportMode, ImportPlan},
    log::About,
    rows::{Columns, PeriodSource},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

const FILES: [&str; 3] = ["records.db", "keys.db", "log.db"];

const HOUSEHOLD: &str = r#"
name = "household"
household = true
[[attribute]]
name = "members"
kind = "integer"
min = 1
max = 8
[[attribute]]
name = "member"
kind = "member"
repeat = 8
"#;

/// What the page says that a column's attacker gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gain {
    /// Nothing: refused, or without effect. Acts may fail.
    Nothing,
    /// More than that, and said so.
    Open,
}

/// What the page says under a heading: of `table.column`, or of `table` where whole rows are meant.
fn page(heading: &str) -> BTreeMap<String, Gain> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/DATA_MODEL.md")).unwrap();
    let mut rows = BTreeMap::new();
    // The chain has a table of its own, further below.
    let (_, section) = text.split_once(&format!("\n### {heading}\n")).unwrap();
    let section = section.split_once("\n### ").map_or(section, |(section, _)| section);
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, .., gain] = cells.as_slice() else { continue };
        let name = name.trim_matches('`');
        let gain = if gain.starts_with("**Open") { Gain::Open } else { Gain::Nothing };
        assert!(rows.insert(name.to_owned(), gain).is_none(), "{name} stands twice");
    }
    rows
}

/// A vault in which every table of lasting rows has some, and what was used up in it.
pub(super) struct Town {
    pub(super) registry: Registry,
    /// Answered once already.
    used: (PossessionChallenge, ProofOfPossession),
    /// Let a record out already.
    released: SignedRelease,
    /// Before the last changes.
    pub(super) earlier: tempfile::TempDir,
}

fn household(rows: &str) -> (ImportPlan, Cursor<String>) {
    let members: Vec<String> = (1..=8).map(|i| format!("member_0{i}")).collect();
    let text = format!("number,national_id,members,{}\n{rows}", members.join(","));
    let columns = Columns {
        national_id: "national_id".into(),
        business_key: Some("number".into()),
        period: PeriodSource::Fixed(FactsPeriod::Timeless),
    };
    let schema = Schema::from_toml(HOUSEHOLD).unwrap();
    let plan = ImportPlan { schema, columns, mode: registry::UPDATE, dry_run: false, skip_bad_rows: false };
    (plan, Cursor::new(text))
}

/// Citizen 4 has another district.
pub(super) fn corrected() -> String {
    csv(0..6).replace(&citizen(4), &citizen(4).replace(",south,", ",east,"))
}

pub(super) async fn town() -> Town {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..6)).await;
    let (plan_of, rows) = household(&format!("1,{},1,{},,,,,,,\n", national_id(3), national_id(3)));
    vault.import(rows, plan_of, |_| {}).await.unwrap();
    let subject = |i| vault.subject(&national_id(i)).unwrap();
    enrol(&vault, subject(0), &wallet(1), None).await;
    enrol(&vault, subject(1), &wallet(5), None).await;
    registry.anchor(&vault).await;
    vault.close().await;
    let earlier = tempfile::tempdir().unwrap();
    copy(&registry.path(), earlier.path());

    let vault = registry.open::<Embedded>().await;
    let subject = |i| vault.subject(&national_id(i)).unwrap();
    let challenge = vault.enrolment_challenge(subject(2)).await.unwrap();
    let proof = wallet(3).prove_possession(&challenge, None, [3; 32]);
    vault.enrol(&challenge, &proof, None, &clerk()).await.unwrap();
    let released = release(&vault, 0, &wallet(1), &RecipientSecret::random().public());
    vault.release(&released, deployment(), Some(&registry::agency_key())).await.unwrap();
    vault.import(Cursor::new(corrected()), plan(registry::UPDATE), |_| {}).await.unwrap();
    let (plan_of, rows) = household(&format!(
        "1,{},2,{},{},,,,,,\n2,{},1,{},,,,,,,\n",
        national_id(3),
        national_id(3),
        national_id(5),
        national_id(4),
        national_id(4)
    ));
    vault.import(rows, plan_of, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    // Replaced, and not anchored yet; and asked, and not answered yet.
    enrol(&vault, subject(1), &wallet(6), None).await;
    vault.enrolment_challenge(subject(5)).await.unwrap();
    vault.close().await;
    Town { registry, used: (challenge, proof), released, earlier }
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// What an act came to: what it said, or that it failed; and whether it failed because something stored isn't right.
type Outcome = Result<String, (bool, String)>;

fn outcome<T: Debug>(result: Result<T, VaultError>) -> Outcome {
    result.map(|value| format!("{value:?}")).map_err(|error| {
        let damaged = matches!(error.code().class(), Class::Damaged);
        (damaged, format!("{:?}: {error}", error.code()))
    })
}

/// Acts whose answers depend on nothing random, one after another.
async fn acts(town: &Town, directory: &Path) -> Vec<(&'static str, Outcome)> {
    let mut done = Vec::new();
    let opened = Vault::open_embedded(directory, &town.registry.master(), town.registry.clock()).await;
    let vault: EmbeddedVault = match opened {
        Ok(vault) => vault,
        Err(error) => return vec![("open", outcome::<()>(Err(error)))],
    };
    let subject = |i| vault.subject(&national_id(i)).unwrap();
    done.push(("check", outcome(vault.check().await)));
    let status = vault.status().await.map(|status| {
        let roots: Vec<_> = status.roots.iter().map(|(row, standing)| (row.epoch, row.sequence, *standing)).collect();
        let imports: Vec<_> = status.imports.iter().map(|row| (row.at, row.added, row.changed, row.removed)).collect();
        let schemas: Vec<_> = status.schemas.iter().map(|row| row.name.clone()).collect();
        (roots, imports, schemas, status.timing)
    });
    done.push(("status", outcome(status)));
    done.push(("log", outcome(vault.log(About::People, 0, 100).await.map(|all| all.len()))));
    let mine = vault.export_log(subject(0)).await.map(|log| log.entries.len());
    done.push(("a person's log", outcome(mine)));
    for i in [0, 1, 3] {
        let opened = vault.open_record(&which(&vault, i), None, &access()).await;
        let said =
            opened.map(|o| (o.record.attributes.clone(), o.record.subject, o.record.holder, o.record.holder_since));
        done.push(("disclose", outcome(said)));
    }
    let (challenge, proof) = &town.used;
    done.push(("answer again", outcome(vault.enrol(challenge, proof, None, &clerk()).await)));
    let signed = vault.release(&town.released, deployment(), Some(&registry::agency_key())).await;
    done.push(("release again", outcome(signed.map(|_| ()))));
    let pending = vault.pending_root().await.map(|pending| pending.map(|p| (p.epoch, p.anchor_by)));
    done.push(("root", outcome(pending)));
    for (i, key) in [(0, 9), (3, 1), (2, 3)] {
        // A replaced key, one that is another person's, and the same one again.
        let result = async {
            let challenge = vault.enrolment_challenge(subject(i)).await?;
            let proof = wallet(key).prove_possession(&challenge, None, [3; 32]);
            vault.enrol(&challenge, &proof, None, &clerk()).await
        };
        done.push(("enrol", outcome(result.await)));
    }
    let text = corrected().replace(&citizen(5), &citizen(5).replace(",east,", ",north,"));
    let counts = |report: sealroot_vault::import::ImportReport| (report.progress, report.missing, report.removed);
    let update = vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await;
    done.push(("update", outcome(update.map(counts))));
    let (plan_of, rows) = household(&format!("3,{},2,{},{},,,,,,\n", national_id(0), national_id(0), national_id(5)));
    done.push(("another household", outcome(vault.import(rows, plan_of, |_| {}).await.map(counts))));
    done.push((
        "add",
        outcome(vault.import(Cursor::new(csv([0, 1])), plan(ImportMode::Add), |_| {}).await.map(counts)),
    ));
    done.push(("erase", outcome(vault.erase(subject(2), &access()).await)));
    done.push(("prune", outcome(vault.prune().await)));
    done.push(("rotate", outcome(vault.rotate_keys(|_| {}).await.map(|_| ()))));
    vault.close().await;
    done
}

/// A column: file, table, name, type.
async fn columns(directory: &Path) -> Vec<(&'static str, String, String, String)> {
    let mut all = Vec::new();
    for file in FILES {
        let mut db = Database::open(directory, file).await;
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY name";
        for table in db.texts(tables).await {
            let names = db.texts(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
            for name in names {
                let kind =
                    db.texts(&format!("SELECT type FROM pragma_table_info('{table}') WHERE name = '{name}'")).await;
                all.push((file, table.clone(), name, kind[0].clone()));
            }
        }
        db.close().await;
    }
    all
}

/// One change of one file.
struct Change {
    file: &'static str,
    /// `table.column`, or the table where a whole row is meant.
    what: String,
    how: &'static str,
    sql: Vec<String>,
}

async fn changes(town: &Town) -> Vec<Change> {
    let path = town.registry.path();
    let all = columns(&path).await;
    let mut changes = Vec::new();
    for (file, table, name, kind) in &all {
        let mut db = Database::open(&path, file).await;
        let rows = db.count(table).await;
        let mut before = Database::open(town.earlier.path(), file).await;
        let flipped = match kind.as_str() {
            "BLOB" => format!(
                "CASE WHEN length({name}) = 0 THEN x'00'
                 ELSE CAST(CASE WHEN substr({name}, 1, 1) = x'01' THEN x'02' ELSE x'01' END || substr({name}, 2) AS BLOB) END"
            ),
            "INTEGER" => format!("COALESCE({name}, 0) + 1"),
            _ => format!("{name} || 'x'"),
        };
        let made_up: Vec<&str> = all
            .iter()
            .filter(|(_, other, _, _)| other == table)
            .map(|(_, _, _, kind)| match kind.as_str() {
                "BLOB" => "zeroblob(32)",
                "INTEGER" => "1",
                _ => "'made up'",
            })
            .collect();
        if all.iter().find(|(_, other, _, _)| other == table).is_some_and(|(_, _, first, _)| first == name) {
            let sql = vec![format!("INSERT INTO {table} VALUES ({})", made_up.join(", "))];
            changes.push(Change { file, what: table.clone(), how: "made up", sql });
            let names = all.iter().filter(|(_, other, _, _)| other == table).map(|(_, _, name, _)| name.as_str());
            changes.extend(row_changes(file, table, &names.collect::<Vec<_>>(), &mut db, &mut before).await);
        }
        // Two of the rows: where a column counts for one row, it needn't for the first.
        for offset in
            [0, rows - 1].into_iter().collect::<BTreeSet<_>>().into_iter().filter(|offset| (0..rows).contains(offset))
        {
            let row = row_at(&mut db, table, offset).await;
            let change = |how, sql: Vec<String>| Change { file, what: format!("{table}.{name}"), how, sql };
            changes.push(change("flipped", vec![format!("UPDATE {table} SET {name} = {flipped} WHERE {row}")]));
            changes.push(change("emptied", vec![format!("UPDATE {table} SET {name} = NULL WHERE {row}")]));
            // As it was.
            let old = before.texts(&format!("SELECT quote({name}) FROM {table} WHERE {row}")).await;
            if let Some(old) = old.first() {
                changes.push(change("set back", vec![format!("UPDATE {table} SET {name} = {old} WHERE {row}")]));
            }
        }
        if rows > 1 {
            let (one, other) = (row_at(&mut db, table, 0).await, row_at(&mut db, table, 1).await);
            let value = |row: &str| format!("SELECT quote({name}) FROM {table} WHERE {row}");
            let (a, b) = (db.texts(&value(&one)).await.remove(0), db.texts(&value(&other)).await.remove(0));
            // A value that stands in the way of unique columns in between.
            let hole = match kind.as_str() {
                "BLOB" => "x'ff'",
                "INTEGER" => "-1",
                _ => "'?'",
            };
            let row_now = |row: &str, key: &str| row.replace(&format!("{name} IS {key}"), &format!("{name} IS {hole}"));
            changes.push(Change {
                file,
                what: format!("{table}.{name}"),
                how: "exchanged",
                sql: vec![
                    format!("UPDATE {table} SET {name} = {hole} WHERE {one}"),
                    format!("UPDATE {table} SET {name} = {a} WHERE {other}"),
                    format!("UPDATE {table} SET {name} = {b} WHERE {}", row_now(&one, &a)),
                ],
            });
        }
        before.close().await;
        db.close().await;
    }
    changes
}

/// Changes of whole rows: each deleted, each that is another now set back, and each that is gone put back.
async fn row_changes(
    file: &'static str,
    table: &str,
    names: &[&str],
    db: &mut Database,
    before: &mut Database,
) -> Vec<Change> {
    let change = |how, sql: Vec<String>| Change { file, what: table.to_owned(), how, sql };
    let values = names.iter().map(|name| format!("quote({name})")).collect::<Vec<_>>().join(" || ', ' || ");
    let mut changes = Vec::new();
    for offset in 0..db.count(table).await {
        let row = row_at(db, table, offset).await;
        changes.push(change("deleted", vec![format!("DELETE FROM {table} WHERE {row}")]));
        let select = format!("SELECT {values} FROM {table} WHERE {row}");
        if let Some(old) = before.texts(&select).await.first()
            && *old != db.texts(&select).await[0]
        {
            let sql = vec![format!("DELETE FROM {table} WHERE {row}"), format!("INSERT INTO {table} VALUES ({old})")];
            changes.push(change("set back as a whole", sql));
        }
    }
    for offset in 0..before.count(table).await {
        let row = row_at(before, table, offset).await;
        if db.texts(&format!("SELECT 'there' FROM {table} WHERE {row}")).await.is_empty() {
            let old = before.texts(&format!("SELECT {values} FROM {table} WHERE {row}")).await.remove(0);
            changes.push(change("put back", vec![format!("INSERT INTO {table} VALUES ({old})")]));
        }
    }
    changes
}

/// A condition that holds for one row: all its columns.
async fn row_at(db: &mut Database, table: &str, offset: i64) -> String {
    let names = db.texts(&format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")).await;
    let parts: Vec<String> = names.iter().map(|name| format!("'{name} IS ' || quote({name})")).collect();
    let order = names.join(", ");
    let sql = format!("SELECT {} FROM {table} ORDER BY {order} LIMIT 1 OFFSET {offset}", parts.join(" || ' AND ' || "));
    db.texts(&sql).await.remove(0)
}

/// Makes a change in a copy of the vault; none where a constraint forbids it.
async fn changed(town: &Town, change: &Change) -> Option<(tempfile::TempDir, PathBuf)> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("vault");
    fs::create_dir(&path).unwrap();
    copy(&town.registry.path(), &path);
    let mut db = Database::open(&path, change.file).await;
    let mut made = true;
    for sql in &change.sql {
        made &= db.attempt(sql).await;
    }
    db.close().await;
    made.then_some((home, path))
}

/// What an act did that it didn't do in the vault as it is.
fn gained(control: &[(&'static str, Outcome)], now: &[(&'static str, Outcome)]) -> Vec<String> {
    let mut gained = Vec::new();
    for (before, after) in control.iter().zip(now) {
        if let (name, Ok(said)) = after
            && before.1.as_ref() != Ok(said)
        {
            gained.push(format!("{name}: {said} instead of {:?}", before.1));
        }
    }
    gained
}

#[tokio::test]
async fn every_column_is_authenticated_or_said_to_be_open() {
    let town = town().await;
    let page: BTreeMap<String, Gain> = page("Columns").into_iter().chain(page("Rows")).collect();
    let all: BTreeSet<String> = columns(&town.registry.path())
        .await
        .iter()
        .flat_map(|(_, table, name, _)| [format!("{table}.{name}"), table.clone()])
        .collect();
    let said: BTreeSet<String> = page.keys().cloned().collect();
    assert_eq!(
        all.difference(&said).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "docs/DATA_MODEL.md lacks columns or tables"
    );
    assert_eq!(said.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "it has some that aren't there");

    let control = {
        let home = tempfile::tempdir().unwrap();
        copy(&town.registry.path(), home.path());
        acts(&town, home.path()).await
    };
    let works = control.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    assert!(works >= 13, "the acts work where nobody changed anything: {control:?}");
    let (mut tried, mut refused, mut wrong, mut open) = (0, 0, Vec::new(), BTreeSet::new());
    for change in changes(&town).await {
        let Some((_home, path)) = changed(&town, &change).await else { continue };
        tried += 1;
        let now = acts(&town, &path).await;
        let damaged = now.iter().any(|(_, outcome)| matches!(outcome, Err((true, _))));
        refused += usize::from(damaged);
        let gained = gained(&control, &now);
        if gained.is_empty() {
            continue;
        }
        match page.get(&change.what) {
            Some(Gain::Open) => drop(open.insert(change.what.clone())),
            _ => wrong.push(format!("{} {}: {gained:?}", change.what, change.how)),
        }
        if !damaged && page.get(&change.what) != Some(&Gain::Open) {
            wrong.push(format!("{} {}: nothing noticed it", change.what, change.how));
        }
    }
    println!("{tried} changes, {refused} refused, open: {open:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 150 && refused > 100, "{tried} {refused}");
}
