//! Whom a verb is about stands in a file or on standard input, since every user of a machine can list everybody's arguments.

use super::{path, registry, sealroot};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

/// The applicant of the story.
const APPLICANT: &str = "20260101-00";

/// A verb of the tax office, with this text on standard input.
fn with_input(verb: &[&str], input: &str) -> Output {
    let (vault, key) = (path("tax-office/vault"), path("tax-office/master.key"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealroot"))
        .args(verb)
        .args(["--vault", &vault, "--key-file", &key, "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As another user sees it, while the verb waits for the id.
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!arguments.windows(APPLICANT.len()).any(|window| window == APPLICANT.as_bytes()));
    // A verb that asks for nothing may have ended before it reads this.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn entries(output: &Output) -> usize {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    report["entries"].as_array().unwrap().len()
}

fn code(output: &Output) -> String {
    super::reason(output)
}

/// The log of one person: the same by an argument, a file and standard input; and not everybody's.
#[test]
fn an_id_is_read_from_a_file_or_standard_input() {
    let _registry = registry();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("id");
    let written = |text: &str, mode: u32| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    };
    let by_file = ["agency", "log", "--national-id-file", file.to_str().unwrap()];
    let by_input = ["agency", "log", "--national-id-file", "-"];
    let everybody = entries(&with_input(&["agency", "log"], ""));
    written(&format!("\u{feff}{APPLICANT}\r\n"), 0o600);
    let theirs = entries(&with_input(&by_file, ""));
    assert!(theirs > 0 && theirs < everybody, "{theirs} of {everybody}");
    assert_eq!(entries(&with_input(&by_input, &format!("{APPLICANT}\nwhat follows is not read"))), theirs);

    // What others can read, what is more than one line, what is no id, and nobody.
    written(&format!("{APPLICANT}\n"), 0o644);
    assert_eq!(code(&with_input(&by_file, "")), "secret-readable-by-others");
    written(&format!("{APPLICANT}\n{APPLICANT}\n"), 0o600);
    assert_eq!(code(&with_input(&by_file, "")), "bad-national-id");
    written(&format!("{APPLICANT} \n"), 0o600);
    assert_eq!(code(&with_input(&by_file, "")), "bad-national-id");
    assert_eq!(code(&with_input(&by_input, "")), "usage");
    let both = ["agency", "log", "--national-id-file", "-", "--national-id", "1"];
    assert_eq!(code(&with_input(&both, APPLICANT)), "usage");
}

/// Verbs that are about one person say how to name them; a change of an id takes both from standard input, a line each.
#[test]
fn a_verb_without_a_person_says_how_to_name_them() {
    let _registry = registry();
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let (challenge, log) = (file("challenge.json"), file("log.json"));
    for (verb, option) in [
        (vec!["agency", "representatives"], "--national-id-file"),
        (vec!["agency", "enrol", "--challenge", &challenge], "--national-id-file"),
        (vec!["agency", "log", "--out", &log], "--national-id-file"),
        (vec!["agency", "erase", "--yes", "--why", "request 1"], "--national-id-file"),
        (vec!["agency", "change-id", "--why", "permit 1"], "--old-file"),
        (vec!["agency", "change-id", "--old", "T-1", "--why", "permit 1"], "--new-file"),
    ] {
        let output = with_input(&verb, "");
        assert_eq!(code(&output), "usage", "{verb:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(option), "{verb:?}");
        assert!(!out.path().join("challenge.json").exists() && !out.path().join("log.json").exists());
    }
    let change = ["agency", "change-id", "--old-file", "-", "--new-file", "-", "--why", "permit 1"];
    assert_eq!(code(&with_input(&change, &format!("{APPLICANT}\n{APPLICANT}\n"))), "same-id", "both were read");

    // Nobody is erased without a reason that the person can read.
    let output =
        sealroot(&["agency", "erase", "--vault", &path("tax-office/vault"), "--national-id-file", "-", "--yes"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("--why"));
}
