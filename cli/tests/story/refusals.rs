//! A refusal that a batch dates: what the audit says of it, attacks on its evidence, and the verb that makes it.

use super::{demo, path, reason, run, sealroot};
use sealroot_protocol::{bundle::Bundle, canonical, code::Coded, field::Digest, refusals::RefusalPath};
use sealroot_verifier::{
    audit::{AuditRejection, Auditor, Dating, trusted_keys},
    key_header::KeySecurity,
    trust::{Trust, Withdrawn, WithdrawnEntry},
};
use serde_json::Value;
use std::fs;

fn bundle(file: &str) -> Bundle {
    canonical::from_bytes(&fs::read(path(file)).unwrap()).unwrap()
}

fn trust() -> Trust {
    Trust::from_toml(&fs::read_to_string(path("trust.toml")).unwrap()).unwrap()
}

fn audit(bundle: &Bundle, trust: &Trust) -> Result<Dating, AuditRejection> {
    let keys = trusted_keys(trust, KeySecurity::AllowInsecure, |name| fs::read(demo().0.join(name))).unwrap();
    let audited = Auditor::new(trust, &keys).audit(bundle)?;
    assert!(audited.withdrawn_since.is_empty() || !trust.withdrawn.is_empty());
    Ok(audited.dating)
}

fn refused(bundle: &Bundle) -> &'static str {
    audit(bundle, &trust()).expect_err("rejected").code().as_str()
}

#[test]
fn a_dated_refusal_is_audited_as_of_its_block() {
    let dated = bundle("dated/ineligible.json");
    assert!(!dated.decision.approved);
    let Dating::Dated { block, proven_on_chain: false, .. } = audit(&dated, &trust()).unwrap() else {
        panic!("the refusal must be dated");
    };
    let output =
        run(&["audit", "--allow-insecure-dev-keys"], &[("", "dated/ineligible.json"), ("--trust", "trust.toml")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&format!("valid, refused, dated by block {block}")), "{text}");

    // Dated: what was withdrawn later doesn't refuse it, what was withdrawn before does.
    let root = dated.parts[0].inputs.roots[0];
    let withdrawn = |at| Trust { withdrawn: vec![Withdrawn { what: WithdrawnEntry::Root(root), at }], ..trust() };
    assert!(audit(&dated, &withdrawn(block + 1)).is_ok());
    assert_eq!(audit(&dated, &withdrawn(block)).unwrap_err().code().as_str(), "withdrawn-before");
}

#[test]
fn evidence_of_a_refusal_is_of_this_refusal_only() {
    let dated = bundle("dated/ineligible.json");
    let honest = dated.evidence.clone().unwrap();
    let with = |path: Option<RefusalPath>| {
        let mut changed = dated.clone();
        changed.evidence.as_mut().unwrap().refusals = path;
        changed
    };
    assert!(audit(&with(honest.refusals.clone()), &trust()).is_ok());
    // Without its path the batch's entry proves more than an undated refusal needs.
    assert_eq!(refused(&with(None)), "evidence-invalid");
    let path = |index, siblings| Some(RefusalPath { index, siblings });
    assert_eq!(refused(&with(path(1, vec![]))), "evidence-invalid");
    for sibling in [Digest([0; 32]), Digest([7; 32]), dated.digest().unwrap()] {
        assert_eq!(refused(&with(path(0, vec![sibling]))), "evidence-invalid", "{sibling}");
        assert_eq!(refused(&with(path(1, vec![sibling]))), "evidence-invalid", "{sibling}");
    }
    // The batch's date for another bundle, refused or approved; an approval's evidence for the refusal.
    let mut other = dated.clone();
    other.parts.swap(0, 1);
    assert_eq!(refused(&other), "evidence-invalid");
    let mut approval = bundle("bundle.json");
    let approvals = approval.evidence.replace(honest);
    assert_eq!(refused(&approval), "approval-in-batch");
    let mut undated = dated.clone();
    undated.evidence = approvals;
    assert_eq!(refused(&undated), "evidence-invalid");
}

#[test]
fn batches_are_of_refusals_only_and_finish_what_was_begun() {
    let decide = |directory: &str, out: &str| {
        let files = [
            ("--refusals", directory),
            ("--chain", "chain"),
            ("--keys", "keys"),
            ("--signing-key", "welfare-office/signing.key"),
            ("--out", out),
        ];
        run(&["decide", "--json", "--allow-insecure-dev-keys"], &files)
    };
    // Interrupted after the batch was dated: the same command gives the same files, although the root is withdrawn now, and whatever came to the
    // directory since.
    for directory in ["dated-again", "refused-later"] {
        fs::create_dir_all(path(directory)).unwrap();
    }
    fs::copy(path("dated/batch"), path("dated-again/batch")).unwrap();
    fs::copy(path("refused/ineligible.json"), path("refused-later/ineligible.json")).unwrap();
    let mut later = bundle("refused/ineligible.json");
    later.parts[0].proof = later.parts[1].proof.clone();
    fs::write(path("refused-later/another.json"), canonical::to_bytes(&later).unwrap()).unwrap();
    let output = decide("refused-later", "dated-again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["refusals"], &report["entered"], &report["left_out"]), (&1.into(), &"batch".into(), &1.into()));
    let files = ["dated-again/ineligible.json", "dated/ineligible.json"].map(|file| fs::read(path(file)).unwrap());
    assert_eq!(files[0], files[1]);
    fs::remove_file(path("refused-later/ineligible.json")).unwrap();
    assert_eq!(reason(&decide("refused-later", "dated-again")), "batch-incomplete");
    assert_eq!(reason(&decide("refused", "refused")), "same-directory");

    for (name, source, expected) in [
        ("approval", Some("bundle.json"), (1, "not-a-refusal")),
        ("again", Some("dated/ineligible.json"), (1, "already-dated")),
        ("empty", None, (2, "no-refusals")),
    ] {
        let directory = demo().0.join("batches").join(name);
        fs::create_dir_all(&directory).unwrap();
        if let Some(source) = source {
            fs::copy(path(source), directory.join("bundle.json")).unwrap();
        }
        let output = decide(&format!("batches/{name}"), "batches/out");
        assert_eq!((output.status.code().unwrap(), reason(&output).as_str()), expected, "{name}");
    }

    // A refusal that holds no more is not dated: together with it the batch is another, and the tax office's root is withdrawn.
    let directory = demo().0.join("batches/late");
    fs::create_dir_all(&directory).unwrap();
    let mut late = bundle("refused/ineligible.json");
    fs::write(directory.join("first.json"), canonical::to_bytes(&late).unwrap()).unwrap();
    late.parts[0].proof = late.parts[1].proof.clone();
    fs::write(directory.join("second.json"), canonical::to_bytes(&late).unwrap()).unwrap();
    let output = decide("batches/late", "batches/out");
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(1), "root-withdrawn"));
    assert!(!demo().0.join("batches/out").exists(), "nothing was written");

    let nothing = sealroot(&["decide", "--signing-key", "x", "--out", "y"]);
    assert_eq!(nothing.status.code(), Some(2));
}

/// Interrupted between the chain and the file: the nullifier is spent, and the evidence can still be had, for the same block.
#[test]
fn an_approval_that_was_recorded_gets_its_evidence_later() {
    let decide = |out: &str| {
        let files = [
            ("", "cases/contested/bundle.json"),
            ("--chain", "chain"),
            ("--keys", "keys"),
            ("--signing-key", "welfare-office/signing.key"),
            ("--out", out),
        ];
        run(&["decide", "--by-proof", "--json", "--allow-insecure-dev-keys"], &files)
    };
    let output = decide("later.json");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["approved"], &report["entered"]), (&true.into(), &"proof".into()));
    assert_eq!(fs::read(path("later.json")).unwrap(), fs::read(path("raised.json")).unwrap());
    // Nothing is entered whose evidence would have no place.
    assert_eq!(reason(&decide("bundle.json/below")), "file-unwritable");
    assert_eq!(reason(&decide("published")), "file-unwritable");
}

/// A key that can't date a batch begins none; a file that can't be read is a finding, and the others are dated.
#[test]
fn a_wrong_key_leaves_nothing_and_a_bad_file_stops_nobody() {
    let decide = |directory: &str, key: &str, out: &str| {
        let files = [
            ("--refusals", directory),
            ("--chain", "chain"),
            ("--keys", "keys"),
            ("--signing-key", key),
            ("--out", out),
        ];
        run(&["decide", "--json", "--allow-insecure-dev-keys"], &files)
    };
    let output = decide("refused", "tax-office/signing.key", "wrong-key");
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(1), "not-the-requester"));
    assert!(!demo().0.join("wrong-key").exists(), "nothing was begun");

    // Of a batch that is dated already, because the tax office's root is withdrawn by now.
    for directory in ["mixed-refusals", "mixed-out"] {
        fs::create_dir_all(path(directory)).unwrap();
    }
    fs::copy(path("dated/batch"), path("mixed-out/batch")).unwrap();
    fs::copy(path("refused/ineligible.json"), path("mixed-refusals/ineligible.json")).unwrap();
    fs::write(path("mixed-refusals/broken.json"), "{").unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("mixed-refusals/a\n0 rejected.json")).unwrap();
    let output = decide("mixed-refusals", "welfare-office/signing.key", "mixed-out");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), reason(&output).as_str()), (Some(2), "not-regular-file"), "{said}");
    assert!(said.contains("1 refusal is dated") && said.contains("2 files of the directory can't be read"), "{said}");
    assert!(!said.contains("\\n0 rejected"), "{said}");
    assert_eq!(fs::read(path("mixed-out/ineligible.json")).unwrap(), fs::read(path("dated/ineligible.json")).unwrap());
    // What an earlier run wrote of the same refusal may be written again; another file of its name is somebody else's.
    fs::write(path("mixed-out/ineligible.json"), "mine").unwrap();
    assert_eq!(reason(&decide("mixed-refusals", "welfare-office/signing.key", "mixed-out")), "file-exists");
    assert_eq!(fs::read_to_string(path("mixed-out/ineligible.json")).unwrap(), "mine");
}
