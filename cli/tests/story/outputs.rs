//! No verb replaces a file that isn't its own: tried for every option of every verb that names what is written.

use super::{demo, path, reason, run, sealroot, written::WRITTEN};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Output,
};

/// A verb, with `OUT` where its output goes. What it would read doesn't exist: a place is looked at first.
const TRIED: &[(&str, &str, &str)] = &[
    ("demo", "dir", "demo --dir OUT"),
    ("key new", "file", "key new OUT"),
    ("key new", "file", "key new --recipient OUT"),
    ("agency init", "export_subject_key", "agency init --vault VAULT --name a --key-file no --export-subject-key OUT"),
    ("agency enrol", "challenge", "agency enrol --vault no --national-id 1 --challenge OUT"),
    ("agency release", "out", "agency release --vault no --authorisation no --out OUT"),
    ("agency log", "out", "agency log --vault no --national-id 1 --out OUT"),
    ("agency backup", "out", "agency backup --vault no --out OUT"),
    ("agency restore", "vault", "agency restore --from no --vault OUT --why x"),
    ("policy key", "out", "policy key no --out OUT"),
    ("policy explain", "out", "policy explain no --out OUT"),
    ("wallet new", "wallet", "wallet new --wallet OUT --phrase-to PHRASE"),
    ("wallet new", "phrase_to", "wallet new --wallet WALLET --phrase-to OUT"),
    ("wallet answer", "out", "wallet answer no --agency a --out OUT"),
    ("wallet consent", "out", "wallet consent no --out OUT"),
    ("wallet release", "out", "wallet release no --agency a --recipient RECIPIENT --out OUT"),
    ("request new", "out", "request new --program p --requester r --signing-key no --purpose x --out OUT"),
    ("request evidence", "out", "request evidence no --out OUT"),
    ("prove", "out", "prove --policy p --request no --consent no --out OUT"),
    ("bundle", "out", "bundle no --request no --out OUT"),
    ("decide", "out", "decide no --signing-key no --out OUT"),
    ("reduction sign", "out", "reduction sign no --to 1.00 --reason-file no --signing-key no --out OUT"),
    ("reduction enter", "out", "reduction enter no --bundle no --signing-key no --out OUT"),
    ("chain report", "csv", "chain report p --csv OUT"),
    ("chain report", "svg", "chain report p --svg OUT"),
    (
        "chain deploy",
        "out",
        "chain deploy --rpc http://127.0.0.1:1 --deployer no --officer 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --out OUT",
    ),
    ("chain checkpoint", "out", "chain checkpoint --signing-key no --out OUT"),
    ("trust", "out", "trust --out OUT"),
];

/// Tried by tests of their own below: directories, and files that are used again.
const APART: &[(&str, &str)] = &[
    ("setup", "out"),
    ("chain create", "chain"),
    ("agency init", "vault"),
    ("request new", "case_secret"),
    ("export snarkjs", "out"),
];

fn tree(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    super::visit(directory, &mut |file, bytes| files.push((file.display().to_string(), bytes.to_owned())));
    files.sort();
    files
}

#[test]
fn every_written_path_is_tried() {
    let tried = |place: &(&str, &str)| {
        APART.contains(place) || TRIED.iter().any(|(verb, option, _)| (*verb, *option) == *place)
    };
    let untried: Vec<_> = WRITTEN.iter().filter(|place| !tried(place)).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn an_existing_file_survives_every_verb() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let precious: [(&str, Vec<u8>); 7] = [
        ("signing-key", fs::read(path("welfare-office/signing.key")).unwrap()),
        ("master-key", fs::read(path("tax-office/master.key")).unwrap()),
        ("wallet", fs::read(path("wallets/applicant.json")).unwrap()),
        ("trust-file", fs::read(path("trust.toml")).unwrap()),
        ("universal-key", fs::read(path("keys/solo.universal.key")).unwrap()),
        ("keys", fs::read(path("keys/keys.json")).unwrap()),
        ("letter", b"Dear Amina".to_vec()),
    ];
    let mut forced = 0;
    for (verb, option, command) in TRIED {
        let help = sealroot(&verb.split(' ').chain(["--help"]).collect::<Vec<_>>());
        let force = String::from_utf8_lossy(&help.stdout).contains("--force");
        for (name, bytes) in &precious {
            let out = at(name);
            fs::write(&out, bytes).unwrap();
            let words = command
                .replace("OUT", &out)
                .replace("VAULT", &at("new-vault"))
                .replace("PHRASE", &at("new-phrase"))
                .replace("WALLET", &at("new-wallet"))
                .replace("RECIPIENT", "0x0000000000000000000000000000000000000000000000000000000000000009");
            let before = tree(directory.path());
            for extra in [None, Some("--force")] {
                if extra.is_some() && !force {
                    continue;
                }
                let output = sealroot(&words.split(' ').chain(["--json"]).chain(extra).collect::<Vec<_>>());
                let code = reason(&output);
                let expected = match (*verb, extra) {
                    ("demo" | "agency backup" | "agency restore", _) => "directory-exists",
                    (_, Some(_)) => "file-protected",
                    _ => "file-exists",
                };
                assert_eq!((output.status.code(), code.as_str()), (Some(2), expected), "{verb} {option} over {name}");
                forced += usize::from(extra.is_some());
            }
            assert_eq!(tree(directory.path()), before, "{verb} {option} over {name}");
        }
    }
    assert!(forced > 20, "{forced} tries with --force: the search itself must work");
}

/// Said before the work, too: a directory, a place below a file, a place where nothing can be made. Nothing is made on the way.
#[test]
fn a_place_that_cant_be_written_is_named_before_the_work() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    for (verb, _, command) in TRIED.iter().filter(|(verb, ..)| *verb != "demo") {
        for place in ["", "file/below", "file/below/it"] {
            let makes_directory = ["agency backup", "agency restore"].contains(verb);
            if makes_directory && place.is_empty() {
                continue;
            }
            let out = directory.path().join(place).to_str().unwrap().to_owned();
            let words = command
                .replace("OUT", &out)
                .replace("VAULT", &format!("{out}-v"))
                .replace("PHRASE", "no-phrase")
                .replace("WALLET", "no-wallet")
                .replace("RECIPIENT", "0x0000000000000000000000000000000000000000000000000000000000000009");
            let output = sealroot(&words.split(' ').chain(["--json"]).collect::<Vec<_>>());
            assert_eq!(reason(&output), "file-unwritable", "{verb} to {place:?}");
        }
    }
    assert_eq!(tree(directory.path()).len(), 1);
}

#[test]
fn directories_keep_what_they_have() {
    let kept = |directory: &str, command: &str, expected: &str| {
        let before = tree(&demo().0.join(directory));
        let output = sealroot(&command.split(' ').chain(["--json"]).collect::<Vec<_>>());
        assert_eq!((output.status.code(), reason(&output).as_str()), (Some(2), expected), "{command}");
        assert_eq!(tree(&demo().0.join(directory)), before, "{command}");
    };
    kept("keys", &format!("setup --insecure-dev --shape solo --out {}", path("keys")), "file-protected");
    let (vault, master) = (path("tax-office/vault"), path("tax-office/master.key"));
    {
        let _registry = super::registry();
        let init = format!("agency init --name tax-office --vault {vault} --key-file {master}");
        kept("tax-office", &init, "vault-exists");
    }
    let [one, two] = ["officer-1", "officer-2"].map(|officer| path(&format!("{officer}/signing.key")));
    let create = format!("chain create --chain {} --chain-id 7 --officer {one} --officer {two}", path("chain"));
    let output = sealroot(&create.split(' ').chain(["--json"]).collect::<Vec<_>>());
    assert_eq!(reason(&output), "chain-exists");

    // Keys that no list names: an interrupted setup, or a copy of a ceremony's.
    let half = tempfile::tempdir().unwrap();
    fs::write(half.path().join("solo.proving.key"), "the only one").unwrap();
    let out = half.path().to_str().unwrap();
    let output = sealroot(&["setup", "--insecure-dev", "--shape", "solo", "--out", out, "--json"]);
    assert_eq!(reason(&output), "file-exists");
    assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted setup"));
    assert_eq!(tree(half.path()).len(), 1);
}

/// A verb that fails leaves nothing: no databases of a vault that isn't there, no phrase of a wallet that isn't.
#[test]
fn what_fails_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let short = at("short");
    fs::write(&short, "too short\n").unwrap();
    fs::set_permissions(&short, fs::Permissions::from_mode(0o600)).unwrap();
    let before = tree(directory.path());
    let init = ["agency", "init", "--name", "a", "--vault", &at("vault"), "--passphrase-file", &short, "--json"];
    assert_eq!(reason(&sealroot(&init)), "bad-passphrase");
    let new = ["wallet", "new", "--wallet", &at("w"), "--phrase-to", &at("p"), "--chain", &path("chain")];
    let output = sealroot(&[&new[..], &["--passphrase-file", &short, "--json"]].concat());
    assert_eq!(reason(&output), "bad-passphrase");
    assert_eq!(tree(directory.path()), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

/// `--force` is for what can be made again; and not where the output would take an input's place.
#[test]
fn force_replaces_an_earlier_output() {
    let bundle = |out: &str, extra: &[&str]| {
        let files = [
            ("", "cases/applicant/residence.part.json"),
            ("", "cases/applicant/income.part.json"),
            ("--request", "cases/applicant/request.json"),
            ("--published", "published"),
            ("--out", out),
        ];
        run(&[&["bundle", "--json"], extra].concat(), &files)
    };
    assert!(bundle("again.json", &[]).status.success());
    assert_eq!(fs::metadata(path("again.json")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(reason(&bundle("again.json", &[])), "file-exists");
    fs::copy(path("refused/ineligible.json"), path("again.json")).unwrap();
    let replaced = bundle("again.json", &["--force"]);
    assert!(replaced.status.success(), "{}", String::from_utf8_lossy(&replaced.stderr));
    assert_ne!(fs::read(path("again.json")).unwrap(), fs::read(path("refused/ineligible.json")).unwrap());
    symlink(path("again.json"), path("link.json")).unwrap();
    for input in ["again.json", "link.json"] {
        let output = run(
            &["decide", "--json", "--force"],
            &[("", "again.json"), ("--out", input), ("--signing-key", "nowhere")],
        );
        assert_eq!(reason(&output), "output-is-input");
    }
}

/// What was decided shows when, and on what the chain held then: nothing makes it again. An approval, a refusal with evidence, a dated one.
#[test]
fn a_decided_bundle_is_never_replaced() {
    for (decided, other) in [("bundle.json", "refused/ineligible.json"), ("dated/ineligible.json", "bundle.json")] {
        fs::copy(path(decided), path("decided.json")).unwrap();
        for force in [&[][..], &["--force"]] {
            let parts = [
                ("", "cases/applicant/residence.part.json"),
                ("", "cases/applicant/income.part.json"),
                ("--request", "cases/applicant/request.json"),
                ("--published", "published"),
                ("--out", "decided.json"),
            ];
            let bundled = run(&[&["bundle", "--json"], force].concat(), &parts);
            assert_eq!((bundled.status.code(), reason(&bundled).as_str()), (Some(2), "bundle-decided"));
            let files = [("", other), ("--out", "decided.json"), ("--signing-key", "nowhere")];
            assert_eq!(reason(&run(&[&["decide", "--json"], force].concat(), &files)), "bundle-decided");
            assert_eq!(fs::read(path("decided.json")).unwrap(), fs::read(path(decided)).unwrap());
        }
    }
}

/// A part of somebody else's case is named, and no bundle says what would follow from it.
#[test]
fn a_part_of_another_request_is_no_part_of_this_one() {
    let mixed = |request: &str| {
        let files = [
            ("", "cases/applicant/residence.part.json"),
            ("", "cases/ineligible/income.part.json"),
            ("--request", request),
            ("--published", "published"),
            ("--out", "mixed.json"),
        ];
        run(&["bundle", "--json"], &files)
    };
    for (request, foreign) in [
        ("cases/applicant/request.json", "cases/ineligible/income.part.json"),
        ("cases/ineligible/request.json", "cases/applicant/residence.part.json"),
    ] {
        let output = mixed(request);
        assert_eq!((output.status.code(), reason(&output).as_str()), (Some(2), "foreign-part"));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(foreign), "{text}");
        assert!(!Path::new(&path("mixed.json")).exists());
    }
}

/// The export's files go into folders: one that is there is not touched, and neither are the others.
#[test]
fn an_export_replaces_nothing() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("income");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("public.json"), "mine").unwrap();
    let export = |extra: &[&str]| -> Output {
        let arguments = [&["export", "snarkjs", "--json", "--allow-insecure-dev-keys"], extra].concat();
        let bundle = path("bundle.json");
        let keys = path("keys");
        let files = [&bundle, "--keys", &keys, "--out", out.path().to_str().unwrap()];
        sealroot(&[&arguments[..], &files].concat())
    };
    assert_eq!(reason(&export(&[])), "file-exists");
    assert_eq!(reason(&export(&["--force"])), "file-protected");
    assert_eq!(tree(out.path()).len(), 1);
    fs::remove_file(folder.join("public.json")).unwrap();
    assert!(export(&[]).status.success());
    assert_eq!(reason(&export(&[])), "file-exists");
    assert!(export(&["--force"]).status.success());
    assert_eq!(tree(out.path()).len(), 6);
}

/// A case secret that is there is used again; what is no case secret stays what it is.
#[test]
fn a_case_secret_is_used_again_or_left_alone() {
    let secret = path("not-a-secret");
    fs::write(&secret, "Dear Amina").unwrap();
    let output = run(
        &[
            "request",
            "new",
            "--json",
            "--program",
            "heating-allowance",
            "--requester",
            "welfare-office",
            "--purpose",
            "x",
        ],
        &[
            ("--signing-key", "welfare-office/signing.key"),
            ("--chain", "chain"),
            ("--published", "published"),
            ("--case-secret", "not-a-secret"),
            ("--out", "not-a-request.json"),
            ("--applicant", "x"),
        ],
    );
    assert_eq!(reason(&output), "bad-case-secret");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "Dear Amina");
    assert!(!Path::new(&path("not-a-request.json")).exists());
}

/// Personal documents are their owner's; what anybody may read is not hidden.
#[test]
fn modes_are_those_of_what_is_in_the_files() {
    let mode = |file: &str| fs::metadata(path(file)).unwrap().permissions().mode() & 0o777;
    for personal in [
        "cases/applicant/request.json",
        "cases/applicant/case.secret",
        "cases/applicant/consent-applicant.json",
        "cases/applicant/income.part.json",
        "bundle.json",
        "dated/ineligible.json",
        "dated/batch",
        "tax-office/challenge-applicant.json",
        "wallets/applicant.json",
        "wallets/applicant.phrase",
        "subject.key",
    ] {
        assert_eq!(mode(personal), 0o600, "{personal}");
    }
    for public in
        ["trust.toml", "keys/solo.universal.key", "keys/keys.json", "published/programs/heating-allowance.json"]
    {
        assert_eq!(mode(public) & 0o644, 0o644, "{public}");
    }
}
