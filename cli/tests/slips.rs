//! What people write or name by mistake, and what the program answers: the mistake, and what to write.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A verb that fails, in words: exit code and what it says.
#[track_caller]
fn said(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sealroot")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), text)
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/heating-allowance").join(name)
}

/// An example's file with a change, in a directory where the others lie beside it.
fn changed(directory: &Path, name: &str, from: &str, to: &str) -> String {
    for entry in fs::read_dir(example("")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
    }
    let text = fs::read_to_string(example(name)).unwrap();
    assert!(text.contains(from), "{from}");
    let path = directory.join(name);
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// One bound, and one message, wherever a grace is named; a delay that nobody could wait for, or that lets nobody look, makes no chain.
#[test]
fn bounds_are_said_before_anything_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (key, vault, chain) = (at("none.key"), at("vault"), at("chain"));
    let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    for grace in [
        vec!["chain", "register-agency", "--name", "a", "--address", address, "--officer", &key, "--grace-days", "91"],
        vec!["agency", "init", "--name", "a", "--vault", &vault, "--grace-days", "91"],
    ] {
        let (code, said) = said(&grace);
        assert!(code == 2 && said.contains("91 is not in 0..=90"), "{said}");
    }
    for delay in ["0", "59", "7776001", "18446744073709551615"] {
        let (code, said) =
            said(&["chain", "create", "--chain", &chain, "--chain-id", "7", "--officer", &key, "--delay", delay]);
        assert!(code == 2 && said.contains("is not in 60..=7776000"), "{said}");
    }
    assert!(fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing was made");
}

/// `AND`, `or`, `=`: what other notations write for `&&`, `||` and `==`.
#[test]
fn a_rule_in_another_notation_is_answered_with_what_to_write() {
    let directory = tempfile::tempdir().unwrap();
    let rule = fs::read_to_string(example("residence.policy.toml")).unwrap();
    let when = rule.lines().find(|line| line.starts_with("when = ")).unwrap();
    for (wrong, write) in [
        ("resident AND resident", "write && instead of AND"),
        ("resident or resident", "write || instead of or"),
        ("resident = true", "write == to compare"),
        ("not resident", "write ! instead of not"),
    ] {
        let path = changed(directory.path(), "residence.policy.toml", when, &format!("when = \"{wrong}\""));
        let (code, said) = said(&["policy", "check", &path]);
        assert!(code != 0 && said.contains(write), "{wrong}: {said}");
    }
}

/// Nobody can claim a period for which there is no law: it shows before the program is enacted.
#[test]
fn a_program_with_periods_without_a_law_is_warned_about() {
    let directory = tempfile::tempdir().unwrap();
    let program = changed(directory.path(), "program.toml", "first = \"2026-01\"", "first = \"2025-10\"");
    let policies = ["residence", "income"].map(|name| example(&format!("{name}.policy.toml")));
    let [residence, income] = policies.each_ref().map(|path| path.to_str().unwrap());
    let (code, said) = said(&["program", "check", &program, "--policy", residence, "--policy", income]);
    assert_eq!(code, 0, "{said}");
    for policy in ["residence", "income"] {
        let warning = format!("WARNING no version of policy {policy} that was looked at is in force on 2025-10-01");
        assert!(said.contains(&warning) && said.contains("3 periods can't be claimed"), "{said}");
    }
    let whole = example("program.toml");
    let (_, said) =
        self::said(&["program", "check", whole.to_str().unwrap(), "--policy", residence, "--policy", income]);
    assert!(!said.contains("WARNING"), "{said}");
}

/// A file of another kind is called by its name, and not by what it lacks.
#[test]
fn facts_of_another_kind_are_named() {
    let law = example("income.policy.toml");
    for (wrong, kind) in [("income.schema.toml", "a schema"), ("program.toml", "a program")] {
        let wrong = example(wrong);
        let facts = ["policy", "eval", law.to_str().unwrap(), "--as-of", "2026-11-01", "--facts"];
        let (code, said) = said(&[&facts[..], &[wrong.to_str().unwrap()]].concat());
        assert!(code == 2 && said.contains(&format!("this is {kind}, and a table of facts is needed")), "{said}");
    }
}

/// A pipe under a wallet's name: no disk is full.
#[test]
fn a_pipe_is_no_wallet() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("wallet.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (language, words) in [("en", "only regular files are read"), ("zh", "不是普通文件")] {
        let (code, said) = said(&["wallet", "show", "--wallet", pipe.to_str().unwrap(), "--language", language]);
        assert!(code == 2 && said.contains("[not-regular-file]") && said.contains(words), "{said}");
        assert!(!said.contains("disk"), "{said}");
    }
}

/// What a citizen reads in Chinese is Chinese where a file or the chain is to blame, too; the code stays, and the name of the file.
#[test]
fn a_citizen_reads_about_files_and_chains_in_chinese() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("no-request.json"), "{}").unwrap();
    let (chain, out) = (at("no-chain"), at("consent.json"));
    for (request, code, words) in
        [("none.json", "file-not-found", "找不到文件"), ("no-request.json", "bad-document", "不是所需的文档")]
    {
        let request = at(request);
        let consent = ["wallet", "consent", &request, "--chain", &chain, "--out", &out, "--language"];
        let (exit, chinese) = said(&[&consent[..], &["zh"]].concat());
        assert!(exit == 2 && chinese.contains(&format!("[{code}]")) && chinese.contains(words), "{chinese}");
        assert!(chinese.contains("怎么办") && chinese.contains(&*request), "{chinese}");
        let advice = chinese.split("怎么办").nth(1).unwrap();
        assert!(!advice.bytes().any(|b| b.is_ascii_alphabetic()), "{advice}");
        let (_, english) = said(&[&consent[..], &["en"]].concat());
        assert!(english.contains("what to do") && !english.contains(words), "{english}");
    }
    // A chain that isn't there.
    let (wallet, passphrase, phrase) = (at("wallet.json"), at("passphrase"), at("phrase"));
    fs::write(&passphrase, "a passphrase for this trial only\n").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let new =
        ["wallet", "new", "--wallet", &wallet, "--chain", &chain, "--language", "zh", "--passphrase-file", &passphrase];
    let (exit, chinese) = said(&[&new[..], &["--phrase-to", &phrase]].concat());
    assert!(exit == 2 && chinese.contains("[no-chain]") && chinese.contains("那里没有链"), "{chinese}");
    let new = ["wallet", "new", "--wallet", &wallet, "--chain", &chain, "--language", "zh"];
    let (exit, chinese) = said(&new);
    assert!(exit == 2 && chinese.contains("没有可显示助记词的终端") && chinese.contains("--phrase-to"), "{chinese}");
}
