//! What a clerk sees of a vault: imports with their exit codes, roots with their dates, the access log page by page. Made with the verbs alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "shared/reports.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod reports;

use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};
use tempfile::TempDir;

const SCHEMA: &str = "name = \"income\"\nperiod = \"month\"\n[[attribute]]\nname = \"identity\"\nkind = \"text\"\n[[attribute]]\nname = \"earned\"\nkind = \"money\"\ncurrency = \"EUR\"\nmin = 0\n";

struct Office {
    directory: TempDir,
}

impl Office {
    fn new() -> Self {
        let office = Self { directory: tempfile::tempdir().unwrap() };
        office.write("income.schema.toml", SCHEMA);
        let key = office.path("master.key");
        fs::write(&key, [7; 32]).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let (schema, vault) = (office.file("income.schema.toml"), office.file("vault"));
        let init = ["agency", "init", "--name", "tax-office", "--schema", &schema, "--vault", &vault];
        assert_eq!(office.run(&init).status.code(), Some(0));
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.file(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroot"));
        command.args(arguments).env("SEALROOT_VAULT", self.file("vault"));
        command.env("SEALROOT_VAULT_KEY_FILE", self.file("master.key")).output().unwrap()
    }

    /// Exit code, standard output, standard error.
    fn text(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.run(arguments);
        (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let arguments = [arguments, &["--json"]].concat();
        let output = self.run(&arguments);
        reports::check(&arguments, &output);
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
    }

    /// Imports these people with these earnings.
    fn import(&self, rows: &str, more: &[&str]) -> (i32, String, String) {
        let file = self.write("income.csv", &format!("national_id;earned\n{rows}"));
        let arguments = ["agency", "import", &file, "--schema", "income", "--period", "2025-11"];
        self.text(&[&arguments[..], more].concat())
    }
}

fn people(range: std::ops::Range<u32>) -> String {
    range.map(|i| format!("ID-{i:03};{i}.00\n")).collect()
}

#[test]
fn an_import_says_what_it_does_and_a_dry_run_ends_as_it_would() {
    let office = Office::new();
    let file = office.write("income.csv", &format!("national_id;earned\n{}", people(0..40)));
    let (code, _, told) = office.text(&["agency", "import", &file, "--schema", "income"]);
    assert_eq!(code, 2, "no income is timeless by omission");
    assert!(told.contains("[bad-import-plan]") && told.contains("--period"), "{told}");

    assert_eq!(office.import(&people(0..40), &[]).0, 0);
    let (code, _, told) = office.import(&people(0..40), &[]);
    assert_eq!((code, told.lines().count()), (1, 2), "{told}");
    assert!(told.contains("the vault has records for all 40 rows of this file already"), "{told}");
    let (code, told, _) = office.import(&people(0..40), &["--update"]);
    assert_eq!((code, told.lines().count()), (0, 1), "{told}");
    assert!(told.starts_with("nothing changed: all 40 rows are as the vault has them"), "{told}");
    let (code, _, told) = office.import(&people(0..41), &[]);
    assert_eq!((code, told.lines().count()), (1, 3), "one fault in forty rows is one line: {told}");
    assert!(told.contains("lines 2, 3, 4, 5, 6 and 35 more: this person already has a record"), "{told}");

    // Two of forty are missing: the number and share first, then --yes.
    let remove = ["--update", "--remove-missing"];
    for (extra, code, says) in [
        (&["--dry-run"][..], 2, "would be removed: 2025-11: 2 of 40 records (5.0 %)"),
        (&[], 2, "the file lacks 2 records, which would be removed: 2025-11: 2 of 40 records (5.0 %)"),
        (&["--yes", "--max-removed-percent", "4"], 1, "more than 4 % of a period"),
        (&["--yes", "--confirm-removals", "3"], 1, "--confirm-removals 2"),
        (&["--yes", "--dry-run"], 0, "first imported on "),
        (&["--yes"], 0, "2 removed"),
    ] {
        let (found, out, err) = office.import(&people(2..40), &[&remove[..], extra].concat());
        assert_eq!(found, code, "{extra:?}: {out}{err}");
        assert!(out.contains(says) || err.contains(says), "{extra:?}: {out}{err}");
    }
    // More than the share needs the number.
    let (code, _, told) = office.import(&people(10..40), &[&remove[..], &["--yes"]].concat());
    assert_eq!(code, 1);
    assert!(told.contains("[too-many-removals]") && told.contains("--yes --confirm-removals 8"), "{told}");
    assert_eq!(office.import(&people(10..40), &[&remove[..], &["--yes", "--confirm-removals", "8"]].concat()).0, 0);

    // A skipped row is never missing; and where nobody knows whom a row is about, nobody is removed.
    let all = [&remove[..], &["--yes", "--max-removed-percent", "100", "--skip-bad-rows"]].concat();
    let bad = people(10..39) + "ID-039;much\n";
    let (code, told, _) = office.import(&bad, &all);
    assert_eq!(code, 0);
    assert!(told.contains("line 31, column earned: expected an amount") && !told.contains("1 removed"), "{told}");
    let quote = people(10..38) + "\"ID-038;38.00\nID-039;39.00\n";
    for extra in [&[][..], &["--dry-run"]] {
        let (code, _, told) = office.import(&quote, &[&all[..], extra].concat());
        assert_eq!(code, 1);
        assert!(told.contains("[removal-unsafe]: nothing can be removed: line 30"), "{told}");
    }
    let file = office.write("income.csv", &format!("national_id;earned\n{quote}"));
    let import = ["agency", "import", &file, "--schema", "income", "--period", "2025-11", "--update", "--dry-run"];
    let (code, report) = office.json(&import);
    assert_eq!((code, report["bad_rows"].as_u64(), report["unchanged"].as_u64()), (1, Some(1), Some(29)));
    assert_eq!((report["problems"][0]["lines"][0].as_u64(), report["missing"].as_u64()), (Some(30), Some(1)));
    let (code, status) = office.json(&["agency", "status", "--check"]);
    assert_eq!(
        (code, status["live_records"].as_u64(), status["working_root_anchored"].as_bool()),
        (0, Some(30), Some(false))
    );
}

#[test]
fn the_log_shows_its_newest_entries_with_dates_and_pages() {
    let office = Office::new();
    office.import(&people(0..3), &[]);
    // Registering and removing nobody leaves no entry: erasures do.
    for i in 0..3 {
        let id = format!("ID-{i:03}");
        let (code, out, err) = office.text(&["agency", "erase", "--national-id", &id, "--why", "request 17", "--yes"]);
        assert_eq!(code, 0, "{out}{err}");
    }
    let (code, told, _) = office.text(&["agency", "log", "--limit", "2"]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "older entries: --before 1", "{told}");
    assert!(lines[1].starts_with("#1 20") && lines[1].contains(" UTC: EVERYTHING ERASED; "), "{told}");
    assert!(lines[2].starts_with("#2 ") && lines.len() == 3, "{told}");
    let (_, told, _) = office.text(&["agency", "log", "--before", "1"]);
    assert!(told.starts_with("#0 ") && told.ends_with("newer entries: --from 1\n"), "{told}");
    let (_, page) = office.json(&["agency", "log", "--from", "1", "--limit", "1"]);
    assert_eq!(
        (page["entries"][0]["position"].as_u64(), page["before"].as_u64(), page["from"].as_u64()),
        (Some(1), Some(1), Some(2))
    );
    assert!(page["entries"][0]["at"].as_str().unwrap().ends_with('Z'));
    let (_, page) = office.json(&["agency", "log", "--from", "3"]);
    assert_eq!((page["entries"].as_array().unwrap().len(), page["before"].as_u64()), (0, Some(3)));
}
