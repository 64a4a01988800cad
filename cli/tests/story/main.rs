//! The demo as a user runs it, and every later verb on the files that it leaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod bytes;
mod foreign;
mod ids;
mod outputs;
mod refusals;
mod release;
#[path = "../shared/reports.rs"]
mod reports;
mod schemas;
mod verbs;
mod written;

use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

fn sealroot(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_sealroot")).args(arguments).output().unwrap();
    reports::check(arguments, &output);
    output
}

/// A demo directory, made once, and its report.
fn demo() -> &'static (PathBuf, Value) {
    static DEMO: OnceLock<(PathBuf, Value)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        let output = sealroot(&["demo", "--records", "60", "--dir", directory.to_str().unwrap(), "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Before anybody uses it: what the walk through all verbs changes is its own.
        verbs::copy(&directory, &directory.with_extension("walk"));
        (directory, serde_json::from_slice(&output.stdout).unwrap())
    })
}

/// One process at a time has a vault open, and a wallet's history.
fn registry() -> MutexGuard<'static, ()> {
    static REGISTRY: Mutex<()> = Mutex::new(());
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn path(name: &str) -> String {
    demo().0.join(name).to_str().unwrap().to_owned()
}

fn run(verb: &[&str], files: &[(&str, &str)]) -> Output {
    let named: Vec<(String, String)> = files.iter().map(|(flag, file)| (flag.to_string(), path(file))).collect();
    let mut arguments: Vec<&str> = verb.to_vec();
    for (flag, file) in &named {
        if !flag.is_empty() {
            arguments.push(flag);
        }
        arguments.push(file);
    }
    sealroot(&arguments)
}

fn reason(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let json: Value =
        serde_json::from_str(text.trim().lines().last().unwrap()).unwrap_or_else(|e| panic!("{e}: {text}"));
    json["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn the_report_has_what_programs_need() {
    let report = &demo().1;
    assert_eq!(report["counts"]["citizens"], 60);
    assert_eq!(report["decision"], "approved");
    assert_eq!(report["amount"], json!({ "minor": 41_200, "currency": "EUR" }));
    assert_eq!(report["roots"].as_object().unwrap().len(), 2);
    assert!(report["constraints"].as_u64().unwrap() <= 32_768);
    for time in ["import", "anchor", "witness", "prove", "verify", "audit"] {
        assert!(report["times_ms"][time].is_u64(), "{time}");
    }
    assert_eq!(report["sizes_bytes"]["proof"], 256);
    let attacks = report["attacks"].as_array().unwrap();
    let codes: Vec<_> = attacks.iter().map(|attack| attack["code"].as_str().unwrap()).collect();
    assert!(attacks.iter().all(|attack| attack["rejected"] == true), "{attacks:?}");
    // Each is rejected with its own code, not for a mistake on the way.
    let expected = [
        "proof-invalid",
        "part-applicant-mismatch",
        "requester-not-authorised",
        "nullifier-spent",
        "proof-invalid",
        "policy-not-enacted",
        "policy-edited",
        "part-applicant-mismatch",
        "root-withdrawn",
    ];
    assert_eq!(codes, expected);
}

/// The auditor has a bundle, a trust file and the key file beside it; nothing else is needed, and nothing else is read.
#[test]
fn an_audit_needs_bundle_trust_file_and_key_alone() {
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["bundle.json", "trust.toml", "solo.universal.key"] {
        fs::copy(path(name), elsewhere.path().join(name)).unwrap();
    }
    let file = |name: &str| elsewhere.path().join(name).to_str().unwrap().to_owned();
    let (bundle, trust) = (file("bundle.json"), file("trust.toml"));
    let audit = |extra: &[&str]| {
        let mut arguments = vec!["audit", &bundle, "--trust", &trust, "--json"];
        arguments.extend(extra);
        sealroot(&arguments)
    };
    let output = audit(&["--allow-insecure-dev-keys"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["held"], 1);

    // Development keys are refused unless the auditor says otherwise.
    assert_eq!(audit(&[]).status.code(), Some(2));

    // Bytes changed all over the file, evidence included: every one is refused. `bytes.rs` changes more of them.
    let original = fs::read(&bundle).unwrap();
    for at in (0..original.len()).step_by(original.len() / 10) {
        let mut changed = original.clone();
        changed[at] ^= 1;
        fs::write(&bundle, &changed).unwrap();
        let output = audit(&["--allow-insecure-dev-keys"]);
        assert_eq!(output.status.code(), Some(1), "byte {at}: {}", String::from_utf8_lossy(&output.stdout));
    }
    fs::write(&bundle, &original).unwrap();

    // Another sealer, chain, contract or code than the auditor trusts.
    let honest = fs::read_to_string(&trust).unwrap();
    let sealer = honest.split("sealers").nth(1).unwrap().split("0x").nth(1).unwrap()[..40].to_owned();
    let chain_id = "chain_id = 20261";
    let code = honest.split("code_hash = \"0x").nth(1).unwrap()[..64].to_owned();
    assert!(honest.contains(chain_id));
    for (from, to) in
        [(sealer.as_str(), "11".repeat(20)), (chain_id, "chain_id = 1".into()), (code.as_str(), "22".repeat(32))]
    {
        fs::write(&trust, honest.replace(from, &to)).unwrap();
        assert_eq!(audit(&["--allow-insecure-dev-keys"]).status.code(), Some(1), "{from} -> {to}");
    }
}

#[test]
fn verbs_answer_with_stable_reasons_and_exit_codes() {
    let common = [("--chain", "chain"), ("--keys", "keys")];
    // The story ended with the tax office withdrawing its root: the decided bundle is history, for `verify` it counts no more.
    let mut files = vec![("", "bundle.json")];
    files.extend(common);
    let output = run(&["verify", "--json", "--allow-insecure-dev-keys"], &files);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(reason(&output), "root-withdrawn");

    let output = run(&["verify", "--json"], &files);
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(2), "bad-universal-key"));

    let output = sealroot(&["verify", "nowhere.json", "--json"]);
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(2), "file-not-found"));

    let demo_again = sealroot(&["demo", "--dir", demo().0.to_str().unwrap(), "--json"]);
    assert_eq!((demo_again.status.code(), reason(&demo_again).as_str()), (Some(2), "directory-exists"));
}

#[test]
fn inspect_names_every_file() {
    for (file, kind) in [
        ("bundle.json", "bundle"),
        ("cases/applicant/request.json", "request"),
        ("cases/applicant/consent-applicant.json", "consent"),
        ("cases/applicant/income.part.json", "part"),
        ("trust.toml", "trust file"),
        ("keys/solo.universal.key", "universal key"),
        ("law/income.schema.toml", "schema"),
        ("wallets/applicant.json", "wallet"),
        ("wallets/applicant.json.history.jsonl", "history of a wallet"),
        ("wallets/applicant.phrase", "recovery phrase"),
        ("keys/keys.json", "list of keys"),
        ("keys/solo.proving.key", "proving key"),
        ("law/income.policy.toml", "policy text"),
        ("law/program.toml", "program"),
        ("published/programs/heating-allowance.json", "program"),
        ("cases/applicant/case.secret", "case secret"),
        ("welfare-office/signing.key", "signing key"),
        ("tax-office/master.key", "key of 32 bytes"),
        ("tax-office/challenge-applicant.json", "enrolment challenge"),
        ("tax-office/answer-applicant.json", "enrolment answer"),
        ("tax-office/vault/keyring.json", "key ring of a vault"),
        ("dated/batch", "begun batch of refusals"),
    ] {
        let output = run(&["inspect", "--json"], &[("", file)]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(report["kind"], kind, "{file}");
    }
}

/// A message names the mistake: the kind of file that was given, the person who wasn't named, the languages that there are.
#[test]
fn messages_name_the_mistake() {
    let error = |output: &Output| -> (String, String) {
        let text = String::from_utf8_lossy(&output.stderr);
        let json: Value = serde_json::from_str(text.trim().lines().last().unwrap()).unwrap();
        let field = |name: &str| json["error"][name].as_str().unwrap().to_owned();
        (field("code"), field("message"))
    };
    let request = run(&["verify", "--json"], &[("", "cases/applicant/request.json")]);
    let (code, message) = error(&request);
    assert_eq!((request.status.code(), code.as_str()), (Some(2), "bad-document"));
    assert!(message.ends_with("this is a request, and a bundle is needed"), "{message}");

    let common = [("--keys", "keys"), ("--chain", "chain"), ("--published", "published")];
    let mut files = vec![("--request", "cases/applicant/request.json"), ("--out", "unmade.bundle.json")];
    files.push(common[2]);
    files.insert(0, ("", "cases/applicant/income.part.json"));
    let (code, message) = error(&run(&["bundle", "--json"], &files));
    assert_eq!(code, "missing-part");
    assert!(
        message.contains("policy residence") && message.contains("2 parts") && message.contains("1 was given"),
        "{message}"
    );

    let mut files = vec![("--vault", "tax-office/vault"), ("--key-file", "tax-office/master.key")];
    files.extend(common);
    files.extend([("--request", "cases/applicant/request.json"), ("--out", "unmade.part.json")]);
    files.push(("--consent", "cases/applicant/consent-applicant.json"));
    let verb = ["prove", "--policy", "income", "--allow-insecure-dev-keys", "--json"];
    let (code, message) = error(&run(&verb, &files));
    assert_eq!(code, "usage");
    assert!(message.contains("--national-id") && !message.contains("--recipient-key"), "{message}");

    let unknown = run(&["wallet", "show", "--language", "tlh", "--json"], &[("--wallet", "wallets/applicant.json")]);
    let (code, message) = error(&unknown);
    assert_eq!((unknown.status.code(), code.as_str()), (Some(2), "usage"));
    assert!(message.contains("en (English)") && message.contains("zh (中文)"), "{message}");
}

/// The law's words in the reader's language, with amount, currency and date.
#[test]
fn an_audit_speaks_the_readers_language() {
    for (language, words) in [
        ("en", ["valid, approved, 412.00 EUR", "dated by block", " UTC"]),
        ("zh", ["有效", "批准，412.00 EUR", "取暖补贴"]),
    ] {
        let verb = ["audit", "--allow-insecure-dev-keys", "--language", language];
        let output = run(&verb, &[("", "bundle.json"), ("", "dated/ineligible.json"), ("--trust", "trust.toml")]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(!text.contains("income-over-ceiling"), "the law's words instead of its code: {text}");
    }
}

#[test]
fn vaults_check_list_and_rotate() {
    let _registry = registry();
    let vault = [("--vault", "civil-registry/vault"), ("--key-file", "civil-registry/master.key")];
    let output = run(&["agency", "status", "--check", "--json"], &vault);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["live_records"].as_u64(), report["checked_records"].as_u64()), (Some(60), Some(60)));
    let log = run(&["agency", "log", "--json"], &vault);
    let report: Value = serde_json::from_slice(&log.stdout).unwrap();
    assert!(!report["entries"].as_array().unwrap().is_empty(), "every proof left an entry");

    let wrong = [("--vault", "civil-registry/vault"), ("--key-file", "tax-office/master.key")];
    assert_eq!(run(&["agency", "status", "--json"], &wrong).status.code(), Some(2));
}

/// Planted values are found nowhere but where people put them: not in vaults, chain, proofs, bundles or published documents, in any of these encodings.
#[test]
fn nothing_personal_is_found_in_any_file() {
    let row = fs::read_to_string(path("csv/citizens.csv")).unwrap().lines().nth(7).unwrap().to_owned();
    let (id, birth) = (row.split(',').next().unwrap().to_owned(), row.split(',').nth(1).unwrap().to_owned());
    let applicant = fs::read_to_string(path("csv/citizens.csv")).unwrap().lines().nth(1).unwrap().to_owned();
    let applicant_id = applicant.split(',').next().unwrap().to_owned();
    let needles: Vec<Vec<u8>> = [&id, &birth, &applicant_id].into_iter().flat_map(|text| encodings(text)).collect();

    let found = |directory: &str| {
        let mut hits = Vec::new();
        visit(&demo().0.join(directory), &mut |file, bytes| {
            for needle in &needles {
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    hits.push((file.to_owned(), needle.clone()));
                }
            }
        });
        hits
    };
    assert!(!found("csv").is_empty(), "the search itself must work");
    for directory in
        ["civil-registry", "tax-office", "chain", "cases", "published", "keys", "wallets", "welfare-office"]
    {
        assert_eq!(found(directory), [], "{directory}");
    }
}

fn encodings(text: &str) -> Vec<Vec<u8>> {
    let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![text.as_bytes().to_vec(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes(), utf16];
    if digits.len() >= 8 {
        all.push(digits.clone().into_bytes());
    }
    all
}

fn visit(path: &Path, each: &mut impl FnMut(&Path, &[u8])) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), each);
        }
    } else if path.is_file() {
        each(path, &fs::read(path).unwrap());
    }
}

/// A file that can't be read says nothing about the others; and a file's name says nothing at all.
#[test]
fn a_bad_file_is_one_finding_and_its_name_forges_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let forged = at("a.json: REJECTED\nb.json: valid, approved, 412.00\u{202e}.json");
    fs::write(&forged, "{}").unwrap();
    std::os::unix::fs::symlink("/dev/zero", at("zero.json")).unwrap();
    let mkfifo = Command::new("mkfifo").arg(at("pipe.json")).status().unwrap();
    assert!(mkfifo.success());
    let bundles = [forged, at("zero.json"), at("pipe.json"), at("missing.json"), PathBuf::from(path("bundle.json"))];
    let bundles: Vec<&str> = bundles.iter().map(|path| path.to_str().unwrap()).collect();
    let trust = path("trust.toml");
    let audit = |extra: &[&str]| {
        let options = ["--trust", &trust, "--allow-insecure-dev-keys"];
        sealroot(&[&["audit"], &bundles[..], &options, extra].concat())
    };
    let output = audit(&[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().all(|line| !line.starts_with("b.json")), "{text}");
    assert!(!text.contains('\u{202e}') && text.contains("1 hold, 4 rejected"), "{text}");
    let output = audit(&["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|f| f["error"]["code"].as_str()).collect();
    let regular = Some("not-regular-file");
    assert_eq!(codes, [Some("bundle-unreadable"), regular, regular, Some("file-not-found"), None]);
}
