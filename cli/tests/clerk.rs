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
    assert!(told.contains("the vault has records for the whole file already (40 rows)"), "{told}");
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
    // Between them stand the vault's own states, which a list of accesses leaves out.
    let (_, all) = office.json(&["agency", "log"]);
    let at: Vec<u64> =
        all["entries"].as_array().unwrap().iter().map(|entry| entry["position"].as_u64().unwrap()).collect();
    assert_eq!(at.len(), 3, "{all}");
    let (_, states) = office.json(&["agency", "log", "--states"]);
    assert!(states["entries"].as_array().unwrap().len() as u64 > at[2], "{states}");
    assert_eq!(states["entries"][0]["disclosure"]["what"], "changed");

    let (code, told, _) = office.text(&["agency", "log", "--limit", "2"]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], format!("older entries: --before {}", at[1]), "{told}");
    let second = format!("#{} 20", at[1]);
    assert!(lines[1].starts_with(&second) && lines[1].contains(" UTC: EVERYTHING ERASED; "), "{told}");
    assert!(lines[2].starts_with(&format!("#{} ", at[2])) && lines.len() == 3, "{told}");
    let (_, told, _) = office.text(&["agency", "log", "--before", &at[1].to_string()]);
    let newer = format!("newer entries: --from {}\n", at[0] + 1);
    assert!(told.starts_with(&format!("#{} ", at[0])) && told.ends_with(&newer), "{told}");
    let (_, page) = office.json(&["agency", "log", "--from", &(at[0] + 1).to_string(), "--limit", "1"]);
    assert_eq!(
        (page["entries"][0]["position"].as_u64(), page["before"].as_u64(), page["from"].as_u64()),
        (Some(at[1]), Some(at[1]), Some(at[1] + 1))
    );
    assert!(page["entries"][0]["at"].as_str().unwrap().ends_with('Z'));
    let beyond = at[2] + 1;
    let (_, page) = office.json(&["agency", "log", "--from", &beyond.to_string()]);
    assert_eq!((page["entries"].as_array().unwrap().len(), page["before"].as_u64()), (0, Some(beyond)));
}

/// Messages end up in logs and tickets: they say which line, and never who.
#[test]
fn no_rejection_names_a_person() {
    let office = Office::new();
    assert_eq!(office.import("SECTOP-1;1.00\nSECTOP-2;2.00\n", &[]).0, 0);
    let file = |name: &str, text: &str| office.write(name, text);
    let files = [
        file("twice.csv", "national_id;earned\nSECTOP-3;1.00\nSECTOP-3;2.00\n"),
        file("cell.csv", "national_id;earned\nSECTOP-3;SECTOP-4\n"),
        file("id.csv", "national_id;earned\nSECTOP-3 ;1.00\n"),
        file("identity.csv", "national_id;identity;earned\nSECTOP-3;SECTOP-4;1.00\n"),
        file("quote.csv", "national_id;earned\n\"SECTOP-3;1.00\nSECTOP-4;2.00\n"),
        file("again.csv", "national_id;earned\nSECTOP-1;1.00\nSECTOP-3;2.00\n"),
        file("alike.csv", "national_id;earned\nSECTOP-3;1.00\n\u{405}\u{415}\u{421}\u{422}\u{41e}\u{420}-1;2.00\n"),
        file("headless.csv", "SECTOP-3;1.00\nSECTOP-4;2.00\n"),
    ];
    let mut verbs: Vec<Vec<&str>> = Vec::new();
    for file in &files {
        for extra in [&[][..], &["--update", "--dry-run"], &["--update", "--remove-missing", "--yes"]] {
            let import = ["agency", "import", file, "--schema", "income", "--period", "2025-11"];
            verbs.push([&import[..], extra].concat());
        }
    }
    let challenge = office.file("challenge.json");
    for id in ["SECTOP-9", "SECTOP\u{200b}-1"] {
        verbs.push(vec!["agency", "enrol", "--national-id", id, "--challenge", &challenge]);
        verbs.push(vec!["agency", "erase", "--national-id", id, "--yes"]);
        verbs.push(vec!["agency", "log", "--national-id", id]);
        verbs.push(vec!["agency", "change-id", "--old", id, "--new", "SECTOP-5", "--why", "a permit"]);
    }
    for (old, new) in [
        ("SECTOP-1", "SECTOP-1"),
        ("SECTOP-1", "SECTOP-2"),
        ("SECTOP-1", "\u{405}\u{415}\u{421}\u{422}\u{41e}\u{420}-2"),
    ] {
        verbs.push(vec!["agency", "change-id", "--old", old, "--new", new, "--why", "a permit"]);
    }
    let mut rejected = 0;
    for verb in &verbs {
        for json in [&[][..], &["--json"]] {
            let (code, out, err) = office.text(&[&verb[..], json].concat());
            let told = out + &err;
            assert!(!told.contains("SECTOP") && !told.contains('\u{405}'), "{verb:?}: {told}");
            rejected += i32::from(code != 0);
        }
    }
    assert!(rejected >= 60, "{rejected} of {}", 2 * verbs.len());
    assert_eq!(office.json(&["agency", "status", "--check"]).1["live_records"].as_u64(), Some(2));
}

#[test]
fn an_unknown_id_has_no_log_and_an_empty_file_no_missing_people() {
    let office = Office::new();
    office.import(&people(0..3), &[]);
    let (code, _, told) = office.text(&["agency", "log", "--national-id", "ID-009"]);
    assert!(code == 1 && told.contains("[unknown-person]"), "{told}");
    let (code, told, _) = office.text(&["agency", "log", "--national-id", "ID-001"]);
    assert_eq!((code, told.as_str()), (0, "no accesses\n"));
    for extra in [&[][..], &["--update"], &["--update", "--dry-run"], &["--update", "--remove-missing", "--yes"]] {
        let (code, out, err) = office.import("", extra);
        assert!(code == 1 && err.contains("[no-rows]: the file has a header and no rows"), "{extra:?}: {out}{err}");
    }
    // What would be removed is what the import would remove.
    let remove =
        ["--update", "--remove-missing", "--skip-bad-rows", "--yes", "--dry-run", "--max-removed-percent", "100"];
    let file = office.write("twice.csv", "national_id;earned\nID-000;0.00\nID-001;1.00\nID-001;2.00\n");
    let import = ["agency", "import", &file, "--schema", "income", "--period", "2025-11"];
    let (code, report) = office.json(&[&import[..], &remove].concat());
    assert_eq!((code, report["missing"].as_u64(), report["would_remove"].as_u64()), (1, Some(1), Some(0)));
    let (_, told, _) = office.text(&[&import[..], &remove].concat());
    assert!(told.contains("missing from the file, and stay") && !told.contains("would be removed"), "{told}");
    let file = office.write("alike.csv", "national_id;earned\nID-000;0.00\n\u{406}D-001;1.00\n");
    let (code, _, told) = office.text(&["agency", "import", &file, "--schema", "income", "--period", "2025-11"]);
    assert!(code == 1 && told.contains("[bad-rows]"), "{told}");
}

#[test]
fn what_an_id_looks_like_is_a_finding_of_its_own() {
    let office = Office::new();
    office.import("AB-1;1.00\n", &[]);
    let file = office.write("alike.csv", "national_id;earned\n\u{410}\u{412}-1;1.00\n");
    let import = ["agency", "import", &file, "--schema", "income", "--period", "2025-11"];
    let (code, report) = office.json(&[&import[..], &["--dry-run"]].concat());
    assert_eq!((code, report["problems"][0]["code"].as_str()), (1, Some("look-alike-id")));
    let (code, _, told) = office.text(&import);
    assert!(code == 1 && told.contains("line 2, column national_id: the id looks like another person's"), "{told}");
    assert!(told.contains("[look-alike-id]"), "{told}");
    let (code, report) = office.json(&["agency", "check-ids", &file]);
    assert_eq!(
        (code, report["alike_known"][0].as_u64(), report["alike"].as_array().map(Vec::len)),
        (1, Some(2), Some(0))
    );
    let (_, told, _) = office.text(&["agency", "check-ids", &file]);
    assert!(told.contains("lines 2: the id looks like another person's in the vault"), "{told}");
}

#[test]
fn a_subject_key_that_cant_be_written_leaves_no_vault() {
    let office = Office::new();
    let (schema, vault) = (office.file("income.schema.toml"), office.file("second"));
    let init = ["agency", "init", "--name", "registry", "--schema", &schema, "--vault", &vault, "--export-subject-key"];
    let long = office.file(&"k".repeat(300));
    let (beyond, there) = (office.file("income.schema.toml/key"), office.file("master.key"));
    for place in [&long, &beyond, &there, &vault] {
        let (code, _, told) = office.text(&[&init[..], &[place]].concat());
        assert_eq!(code, 2, "{told}");
        assert!(!office.path("second").exists(), "{place}: {told}");
    }
    let key = office.file("subject.key");
    assert_eq!(office.text(&[&init[..], &[&key]].concat()).0, 0);
    // A vault that isn't made leaves no key of it.
    let other = office.file("other.key");
    let (code, _, told) = office.text(&[&init[..], &[&other]].concat());
    assert!(code == 2 && told.contains("[vault-exists]"), "{told}");
    assert!(!office.path("other.key").exists());
    // The next agency derives the same people from it.
    let third = office.file("third");
    let next = ["agency", "init", "--name", "tax-office-2", "--vault", &third, "--subject-key", &key];
    assert_eq!(office.text(&next).0, 0);
}

/// A header that spells a column in other letters: the column that was meant is named, and nothing is guessed.
#[test]
fn a_column_in_other_letters_is_named() {
    let office = Office::new();
    let file = office.write("capitals.csv", "National_ID;Earned\nID-001;1.00\n");
    let import = ["agency", "import", &file, "--schema", "income", "--period", "2025-11"];
    let (exit, _, told) = office.text(&import);
    assert!(exit == 2 && told.contains("\"National_ID\" was meant, probably: write it as national_id"), "{told}");
    let (exit, _, told) = office.text(&[&import[..], &["--id-column", "National_ID"]].concat());
    assert!(exit == 2 && told.contains("\"Earned\" was meant, probably: write it as earned"), "{told}");
    let (_, _, told) = office.text(&["agency", "check-ids", &file]);
    assert!(told.contains("\"National_ID\" was meant"), "{told}");
}
