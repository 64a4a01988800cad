//! How the program behaves among others: in a pipe whose reader leaves, and in an environment that says nothing.
#![allow(clippy::unwrap_used)]

use std::{
    path::Path,
    process::{Command, Stdio},
};

fn sealroot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroot"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn law() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/heating-allowance/income.policy.toml");
    path.to_str().unwrap().to_owned()
}

/// `sealroot … | head`: the reader has seen enough, which is no failure and no crash.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    for extra in [&[][..], &["--json"]] {
        let law = law();
        let arguments = [&["policy", "explain", &law][..], extra].concat();
        let mut child = sealroot(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{:?}", output.status);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

/// An empty path would be the working directory: the variable is named, in text and in JSON. Help is help.
#[test]
fn an_empty_variable_is_named() {
    let law = law();
    for name in ["SEALROOT_CHAIN", "SEALROOT_LANGUAGE", "SEALROOT_WALLET_PASSPHRASE", "SEALROOT_VAULT_PASSPHRASE_FILE"]
    {
        let run = |extra: &[&str]| {
            let arguments = [&["policy", "explain", &law][..], extra].concat();
            let output = sealroot(&arguments).env(name, "").output().unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (exit, said) = run(&[]);
        assert_eq!(exit, Some(2));
        assert!(said.contains(name) && said.contains("unset it"), "{said}");
        let (exit, said) = run(&["--json"]);
        let error: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((exit, error["error"]["code"].as_str()), (Some(2), Some("usage")));
        assert_eq!(run(&["--help"]), (Some(0), String::new()));
    }
}

/// What programs read on stderr is JSON or nothing: no progress stands between.
#[test]
fn nothing_is_narrated_to_programs() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("keys");
    let setup = ["setup", "--insecure-dev", "--shape", "solo", "--seed", "7", "--json", "--out", out.to_str().unwrap()];
    let output = sealroot(&setup).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// While a verb waits with a secret in hand, a crash dumps nothing, and another process of the same user doesn't read its memory: to the kernel it is root's.
#[cfg(target_os = "linux")]
#[test]
fn a_running_verb_keeps_its_memory_to_itself() {
    use std::{
        fs,
        io::ErrorKind,
        os::unix::{
            fs::{MetadataExt, PermissionsExt},
            process::CommandExt,
        },
        time::{Duration, Instant},
    };

    /// A user without rights, where the tests run as root.
    const NOBODY: u32 = 65_534;
    let directory = tempfile::tempdir().unwrap();
    let as_root = directory.path().metadata().unwrap().uid() == 0;
    let program = directory.path().join("sealroot");
    let mut command = if as_root {
        fs::copy(env!("CARGO_BIN_EXE_sealroot"), &program).unwrap();
        for path in [directory.path(), &program] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = Command::new(&program);
        command.uid(NOBODY);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_sealroot"))
    };
    let vault = directory.path().join("vault");
    command.args(["agency", "erase", "--national-id-file", "-", "--why", "request 1", "--yes", "--vault"]).arg(&vault);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = loop {
        match command.spawn() {
            // Another test's process was forked while the copy was written, and holds it open until it runs its own program.
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy && begun.elapsed() < Duration::from_secs(60) =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            spawned => break spawned.unwrap(),
        }
    };
    let proc = Path::new("/proc").join(child.id().to_string());
    let is_private = || {
        let limits = fs::read_to_string(proc.join("limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let core: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        core == ["0", "0"] && proc.join("mem").metadata().unwrap().uid() == 0
    };
    let begun = Instant::now();
    while !is_private() {
        assert!(begun.elapsed() < Duration::from_secs(60), "its memory can be dumped or read");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.try_wait().unwrap().is_none(), "it is running, and waits for the id");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}
