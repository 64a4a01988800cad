//! Programs that don't fit their policies, as `program check` finds them before anybody proposes one.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn law() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/heating-allowance")
}

/// Exit code, and what is printed.
fn check(directory: &Path, program: &str, policies: &[&str]) -> (Option<i32>, Value) {
    let file = directory.join("program.toml");
    fs::write(&file, program).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroot"));
    command.args(["program", "check", "--json"]).arg(&file).arg("--published").arg(directory.join("published"));
    for policy in policies {
        command.arg("--policy").arg(law().join(policy));
    }
    let output = command.output().unwrap();
    let printed = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code(), serde_json::from_slice(printed).unwrap())
}

#[test]
fn a_draft_is_checked_against_its_policies() {
    let directory = tempfile::tempdir().unwrap();
    let program = fs::read_to_string(law().join("program.toml")).unwrap();
    let both = ["residence.policy.toml", "income.policy.toml"];
    let (exit, report) = check(directory.path(), &program, &both);
    assert_eq!((exit, report["chain"].as_bool()), (Some(0), Some(false)), "{report}");
    let never = ("as_of = \"period-start\"", "as_of = \"period-end\"");
    let early = ("closes_after_days = 90", "closes_after_days = 20");
    for (changes, policies, code) in [
        (&[("EUR", "GBP")][..], &both[..], "program-does-not-fit"),
        (&[("output = 0", "output = 1")], &both, "program-does-not-fit"),
        (&[("part = 1", "part = 0")], &both, "program-does-not-fit"),
        (&[never, early], &both, "program-does-not-fit"),
        (&[("requesters =", "anonymous = true\nrequesters =")], &both, "policy-applicant-rule"),
        (&[], &both[..1], "no-policy"),
        (&[], &[], "no-policy"),
        (&[("EUR", "XYZ")], &both, "bad-program"),
    ] {
        let changed = changes.iter().fold(program.clone(), |text, (from, to)| text.replace(from, to));
        assert!(changes.is_empty() || changed != program, "{changes:?}");
        let (exit, report) = check(directory.path(), &changed, policies);
        assert_eq!(report["error"]["code"], code, "{changes:?}: {report}");
        assert_ne!(exit, Some(0));
    }
}

/// Incomes are of the twelve months before the claimed period: under a schema whose last month is too early nobody can have the record.
#[test]
fn a_program_without_facts_for_any_period_fits_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for file in fs::read_dir(law()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
    }
    let at = |name: &str| directory.path().join(name);
    let schema = fs::read_to_string(law().join("income.schema.toml")).unwrap();
    let program = fs::read_to_string(law().join("program.toml")).unwrap();
    for (latest, code) in [("2020-12", Some("program-does-not-fit")), ("2040-12", None)] {
        let bounded =
            schema.replacen("period = \"month\"", &format!("period = \"month\"\nlatest_period = \"{latest}\""), 1);
        assert_ne!(bounded, schema);
        fs::write(at("income.schema.toml"), bounded).unwrap();
        let policies =
            ["residence.policy.toml", "income.policy.toml"].map(|name| at(name).to_str().unwrap().to_owned());
        let (_, report) = check(directory.path(), &program, &[&policies[0], &policies[1]]);
        assert_eq!(report["error"]["code"].as_str(), code, "{latest}: {report}");
    }
}
