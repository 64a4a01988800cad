//! A record leaves an agency on a signature only: the person's own, or a representative's.

use crate::{path, reason, registry, run, sealroot};
use serde_json::Value;
use std::{fs, process::Output, sync::OnceLock};

const VAULT: [(&str, &str); 3] =
    [("--vault", "civil-registry/vault"), ("--key-file", "civil-registry/master.key"), ("--chain", "chain")];
const PASSPHRASE: (&str, &str) = ("--passphrase-file", "wallets/passphrase");

fn wallet(verb: &[&str], wallet: &str, files: &[(&str, &str)]) -> Output {
    let mut named = vec![("--wallet", wallet), PASSPHRASE];
    named.extend(files);
    run(verb, &named)
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Signs the release of the registry's record for the applicant's case.
fn sign(who: &str, extra: &[&str], out: &str) -> Output {
    let recipient = recipient();
    let verb =
        [&["wallet", "release", "--agency", "civil-registry", "--recipient", &recipient, "--yes", "--json"], extra]
            .concat();
    let files =
        [("", "cases/applicant/request.json"), ("--chain", "chain"), ("--published", "published"), ("--out", out)];
    wallet(&verb, who, &files)
}

fn hand_out(authorisation: &str, out: &str) -> Output {
    let mut files = VAULT.to_vec();
    let key = ("--signing-key", "civil-registry/signing.key");
    files.extend([("--authorisation", authorisation), ("--out", out), key]);
    run(&["agency", "release", "--json"], &files)
}

fn agency(verb: &[&str], files: &[(&str, &str)]) -> Output {
    let mut all = VAULT[..2].to_vec();
    all.extend(files);
    run(&[&["agency"], verb, &["--json"]].concat(), &all)
}

/// The key of the prover whom the household chose.
fn recipient() -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let made = json(&run(&["key", "new", "--recipient", "--json"], &[("", "prover/recipient.key")]));
        made["recipient"].as_str().unwrap().to_owned()
    })
    .clone()
}

/// Where [`example`] is.
pub const EXAMPLE: &str = "releases/example.json";

/// A signed release, for tests that only read it.
pub fn example() -> &'static str {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        let _registry = registry();
        json(&sign("wallets/ineligible.json", &[], EXAMPLE));
    });
    EXAMPLE
}

#[test]
fn a_record_leaves_on_its_holders_signature_once() {
    let _registry = registry();
    let key = recipient();
    let shown = json(&run(&["key", "show", "--json"], &[("", "prover/recipient.key")]));
    assert_eq!(shown["recipient"], key.as_str());

    let signed = sign("wallets/applicant.json", &[], "releases/own.json");
    // --yes shows what is signed, too: with --json in the report, so that stderr is for errors alone.
    assert!(signed.stderr.is_empty(), "{}", String::from_utf8_lossy(&signed.stderr));
    let report = json(&signed);
    let told = report["shown"].as_str().unwrap();
    for words in ["civil-registry hands out your record", "the whole of it", "welfare-office asks", &recipient()] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    // A carrier of the file can't turn it to another key.
    let text = fs::read_to_string(path("releases/own.json")).unwrap();
    fs::write(path("releases/turned.json"), text.replace(&recipient(), &format!("0x{}", "09".repeat(32)))).unwrap();
    let turned = hand_out("releases/turned.json", "releases/turned.sealed.json");
    assert_eq!((turned.status.code(), reason(&turned).as_str()), (Some(1), "release-signature"));

    json(&hand_out("releases/own.json", "releases/own.sealed.json"));
    assert!(!fs::read_to_string(path("releases/own.sealed.json")).unwrap().contains("attributes"));
    let again = hand_out("releases/own.json", "releases/again.sealed.json");
    assert_eq!((again.status.code(), reason(&again).as_str()), (Some(1), "release-used"));
    for (file, kind) in [("releases/own.json", "release"), ("releases/own.sealed.json", "sealed record")] {
        assert_eq!(json(&run(&["inspect", "--json"], &[("", file)]))["kind"], kind);
    }
    // The wallet knows what it let go, in both languages.
    let history = json(&wallet(&["wallet", "show", "--history", "--json"], "wallets/applicant.json", &[]));
    let office = &history["dealings"][0];
    assert_eq!(office["requester"], "welfare-office");
    assert!(office["asked"].as_u64() >= Some(2) && office["released"].as_u64() >= Some(1), "{office}");
    assert!(office["rejected"].as_u64() >= Some(1), "the invented policy of the demo's attack: {office}");
    for (language, words) in [("en", "welfare-office asked"), ("zh", "welfare-office 询问")] {
        let shown = wallet(&["wallet", "show", "--history", "--language", language], "wallets/applicant.json", &[]);
        assert!(String::from_utf8_lossy(&shown.stdout).contains(words), "{language}");
    }
}

#[test]
fn a_guardian_releases_the_records_of_a_child_until_removed() {
    let _registry = registry();
    let child = fs::read_to_string(path("csv/citizens.csv"))
        .unwrap()
        .lines()
        .nth(9)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    // Somebody who was registered nowhere has no name for the child's record.
    let early = sign("wallets/neighbour.json", &["--for", "Lin"], "releases/early.json");
    assert_eq!((early.status.code(), reason(&early).as_str()), (Some(2), "not-enrolled"));

    let challenge = ("--challenge", "releases/challenge.json");
    json(&agency(&["enrol", "--national-id", &child, "--representative"], &[challenge]));
    // The wallet answers in that role only if its owner names the person represented.
    let answer = |extra: &[&str]| {
        let verb = [&["wallet", "answer", "--agency", "civil-registry", "--json"], extra].concat();
        wallet(&verb, "wallets/neighbour.json", &[("", "releases/challenge.json"), ("--out", "releases/answer.json")])
    };
    assert_eq!(reason(&answer(&[])), "other-role");
    json(&answer(&["--for", "Lin"]));
    let files = [challenge, ("--answer", "releases/answer.json")];
    assert_eq!(reason(&agency(&["enrol"], &files)), "no-why");
    json(&agency(&["enrol", "--why", "birth certificate 17", "--until", "2037-03-10"], &files));

    json(&sign("wallets/neighbour.json", &["--for", "Lin"], "releases/child.json"));
    json(&hand_out("releases/child.json", "releases/child.sealed.json"));

    json(&sign("wallets/neighbour.json", &["--for", "Lin"], "releases/later.json"));
    let listed = json(&agency(&["representatives", "--national-id", &child], &[]));
    let key = listed["representatives"][0]["key"].as_str().unwrap();
    let left =
        json(&agency(&["representatives", "--national-id", &child, "--remove", key, "--why", "court order 4"], &[]));
    assert_eq!(left["representatives"].as_array().unwrap().len(), 0);
    let refused = hand_out("releases/later.json", "releases/later.sealed.json");
    assert_eq!((refused.status.code(), reason(&refused).as_str()), (Some(1), "release-signer"));
    let log = json(&agency(&["log", "--national-id", &child], &[]));
    let what: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|e| e["disclosure"]["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["representative-added", "released", "representative-removed"]);
}

/// A release that the person took back before it was used.
#[test]
fn a_withdrawn_release_is_useless() {
    let _registry = registry();
    json(&sign("wallets/ineligible.json", &[], "releases/regretted.json"));
    let mut files = VAULT.to_vec();
    files.push(("--authorisation", "releases/regretted.json"));
    json(&run(&["agency", "release", "--withdraw", "--json"], &files));
    assert_eq!(reason(&hand_out("releases/regretted.json", "releases/regretted.sealed.json")), "release-used");
    // Nothing leaves without an authorisation at all.
    let bare = sealroot(&["agency", "release", "--vault", "v", "--out", "o"]);
    assert_eq!(bare.status.code(), Some(2));
}
