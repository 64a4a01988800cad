//! An approval by proof, lowered by two clerks, audited with the reason, and contested by a correction that raises it again.

use crate::corrections;
use crate::office::{CLERK, Country, Law, OFFICE, args};
use serde_json::{Value, json};
use std::fs;

const LAW: Law = Law {
    program: r#"
suite = "sealroot-bn254-poseidon-groth16/1"
id = "refund"
title = { en = "Refund" }
policies = ["invoice"]
requesters = ["welfare-office"]
grid = { first = "2026-01", months = 1, count = 240 }
claim = { opens_after_days = 0, closes_after_days = 90 }
as_of = "period-start"
correctable_days = 30
decided_by = "both"
pays = { part = 0, output = 0, currency = "KWD", budget = "100000000" }
[manual_path]
en = "At the counter."
"#,
    ..corrections::LAW
};

/// Signs a reduction of a decided bundle as the first clerk; the signed reduction's file.
fn sign(country: &Country, bundle: &str, to: &str, name: &str) -> String {
    let (key, out) = (country.path(&format!("{OFFICE}.key")), country.path(name));
    let reason = country.write("reason.txt", "The invoice was credited in part.\n");
    let signing = ["--reason-file", &reason, "--signing-key", &key, "--out", &out, "--force"];
    let signed = country.ok(&[&["reduction", "sign", bundle, "--to", to][..], &signing].concat());
    assert_eq!(signed["to"]["currency"], "KWD");
    out
}

fn enter(country: &Country, reduction: &str, bundle: &str, clerk: &str, out: &str) -> Vec<String> {
    let key = country.path(&format!("{clerk}.key"));
    let enter = ["reduction", "enter", reduction, "--bundle", bundle, "--signing-key", &key, "--out"];
    enter.into_iter().chain([country.path(out).as_str()]).map(str::to_owned).collect()
}

fn audit(country: &Country, files: &[&str]) -> Value {
    country.ok(&[&["audit", "--trust", &country.path("trust/trust.toml")][..], files].concat())
}

#[test]
fn an_approval_by_proof_is_reduced_by_two_clerks_and_raised_again() {
    let country = Country::new(&LAW);
    corrections::state(&country, "400.000");
    country.enrol("ann", &[corrections::PLATFORM]);
    let (first, bundle) = corrections::prove(&country, "first", None);

    // Anybody sends it: here a key that the chain has never seen.
    let (stranger, decided) = (country.path("stranger.key"), country.path("first.decided.json"));
    country.ok(&["key", "new", &stranger]);
    let by_proof = ["decide", &bundle, "--by-proof", "--signing-key", &stranger, "--out", &decided];
    assert_eq!(country.refused(&[&by_proof[..2], &by_proof[3..]].concat()), "not-the-requester");
    let report = country.ok(&by_proof);
    assert_eq!((report["entered"].as_str(), report["amount"]["minor"].as_u64()), (Some("proof"), Some(400_000)));
    // What somebody else entered by proof is found, and gets its evidence.
    let copy = country.path("copy.json");
    let again = country.ok(&["decide", &bundle, "--by-proof", "--signing-key", &stranger, "--out", &copy]);
    assert!(again["entered_before"].is_string(), "{again}");
    fs::create_dir_all(country.path("trust")).unwrap();
    country.ok(&["trust", "--out", &country.path("trust/trust.toml")]);
    assert_eq!(audit(&country, &[&decided])["findings"][0]["dating"]["proven_on_chain"], true);

    // A reduction lowers, takes two keys of the office, and is of this approval.
    let (key, reason) = (country.path(&format!("{OFFICE}.key")), country.write("reason.txt", "Because."));
    let unsigned = country.path("unsigned.json");
    let refused = |to: &str, key: &str| {
        let sign = ["reduction", "sign", &decided, "--to", to, "--reason-file", &reason, "--signing-key", key];
        country.refused(&[&sign[..], &["--out", &unsigned]].concat())
    };
    assert_eq!(refused("400.001", &key), "not-a-reduction");
    assert_eq!(refused("400.00", &key), "usage", "a currency with three decimals");
    assert_eq!(refused("-1.000", &key), "usage");
    assert_eq!(refused("1.000", &stranger), "not-the-requester");
    let empty = country.write("reason.txt", "\n");
    assert_eq!((refused("1.000", &key), empty), ("reduction-reason".into(), reason.clone()));
    let reduction = sign(&country, &decided, "150.000", "reduction.json");
    let second = enter(&country, &reduction, &decided, CLERK, "reduced.json");
    let refused = country.refused(&args(&enter(&country, &reduction, &decided, OFFICE, "reduced.json")));
    assert_eq!(refused, "needs-two-keys");
    let entered = country.ok(&args(&second));
    assert_eq!(entered["overpaid"], json!({ "minor": 250_000, "currency": "KWD" }));
    // With the same arguments again nothing happens twice.
    assert!(country.ok(&args(&second))["entered_before"].is_string());
    // Nor does deciding it once more say that 400 are to be paid.
    let again = country.ok(&[
        "decide",
        &bundle,
        "--by-proof",
        "--signing-key",
        &stranger,
        "--out",
        &country.path("later.json"),
    ]);
    assert_eq!(again["decision"]["reduced"]["amount"]["minor"], 150_000, "{again}");
    let stale = sign(&country, &decided, "140.000", "stale.json");

    // The audit says what stands, since when and why; the older bundle counts as a copy.
    let reduced = country.path("reduced.json");
    let report = audit(&country, &[&decided, &reduced]);
    assert_eq!((report["held"].as_u64(), report["decisions"].as_u64()), (Some(2), Some(1)));
    let total = json!({ "program": "refund", "approvals": 1, "amount": { "minor": 150_000, "currency": "KWD" },
        "overpaid": { "minor": 250_000, "currency": "KWD" } });
    assert_eq!(report["totals"], json!([total]));
    let finding = &report["findings"][1];
    assert_eq!((finding["counts"].as_str(), report["findings"][0]["counts"].as_str()), (Some("stands"), Some("copy")));
    assert_eq!(finding["decision"]["reduced"]["reason"], "The invoice was credited in part.");
    assert_eq!(finding["decision"]["amount"]["minor"], 400_000, "what was proved stays what it is");
    let text = country.text(&["audit", "--trust", &country.path("trust/trust.toml"), &reduced]);
    assert!(text.contains("reduced   to 150.000 KWD on ") && text.contains("overpaid  250.000 KWD, if every amount was paid: first amounts and raises come to 400.000 KWD, and 150.000 KWD stands"), "{text}");
    assert!(country.text(&["inspect", &reduced]).contains("150.000 KWD"));
    assert!(country.text(&["inspect", &reduction]).contains("The invoice was credited"));
    assert!(country.text(&["verify", &bundle]).contains("ask the office"), "the chain knows the digest alone");
    for (what, change) in [
        ("reason", ("credited in part", "credited in full")),
        ("amount", ("\"to\":\"150000\"", "\"to\":\"150001\"")),
        ("office", ("\"requester\":\"welfare-office\",\"suite\"", "\"requester\":\"other-office\",\"suite\"")),
    ] {
        let text = fs::read_to_string(&reduced).unwrap();
        let (before, reduction) = text.split_once("\"reduction\":").unwrap();
        let changed = format!("{before}\"reduction\":{}", reduction.replacen(change.0, change.1, 1));
        assert_ne!(changed, text, "{what}");
        let file = country.write("changed.json", &changed);
        assert_eq!(
            country.refused(&["audit", "--trust", &country.path("trust/trust.toml"), &file]),
            "reduction-mismatch",
            "{what}"
        );
    }

    // The holder sees it without the office.
    let became = country.ok(&["wallet", "decisions", "--wallet", &country.wallet("ann")]);
    assert_eq!(became["consents"][0]["amount"]["minor"], 150_000, "{became}");
    let text = country.text(&["wallet", "decisions", "--wallet", &country.wallet("ann")]);
    assert!(text.contains("LOWERED by the office") && text.contains("150.000 KWD"), "{text}");

    // The holder contests it: a correction with consent and proof raises it again, and a reduction that was signed before is of nothing.
    let (_, bundle) = corrections::prove(&country, "second", Some(&first));
    let raised = country.path("second.decided.json");
    // The office's word doesn't replace a proof.
    assert_eq!(country.refused(&["decide", &bundle, "--signing-key", &key, "--out", &raised]), "assurance-lowered");
    country.ok(&["decide", &bundle, "--by-proof", "--signing-key", &stranger, "--out", &raised]);
    let refused = |file: &str| country.refused(&args(&enter(&country, file, &decided, CLERK, "stale-out.json")));
    assert_eq!(refused(&stale), "nothing-to-reduce");
    // What was entered and is history is said to be that, and not to be signed once more.
    assert_eq!(refused(&reduction), "already-reduced");
    let undecided = [
        "reduction",
        "sign",
        &bundle,
        "--to",
        "1",
        "--reason-file",
        &reason,
        "--signing-key",
        &key,
        "--out",
        &unsigned,
    ];
    assert_eq!(country.refused(&undecided), "nothing-to-reduce", "no evidence");
    let report = audit(&country, &[&decided, &reduced, &raised]);
    assert_eq!(report["totals"][0]["amount"]["minor"], 400_000);
    // 400 were granted first and 250 again: if both were paid, 250 were overpaid.
    assert_eq!(report["totals"][0]["overpaid"]["minor"], 250_000);

    // The report of the program comes to the same, without a name.
    let (csv, svg) = (country.path("report.csv"), country.path("report.svg"));
    let report = country.ok(&["chain", "report", "refund", "--csv", &csv, "--svg", &svg]);
    assert_eq!(report["total"]["stands"], "400000");
    assert_eq!(
        (report["total"]["granted"].as_str(), report["total"]["lowered"].as_str()),
        (Some("650000"), Some("250000"))
    );
    assert_eq!((report["total"]["by_proof"].as_u64(), report["total"]["reductions"].as_u64()), (Some(1), Some(1)));
    assert_eq!(report["left"], "99600000");
    let table = fs::read_to_string(&csv).unwrap();
    assert!(
        table.starts_with("period,versions,approvals,") && table.trim_end().ends_with(",650000,250000,0,400000,KWD"),
        "{table}"
    );
    let chart = fs::read_to_string(&svg).unwrap();
    assert!(chart.starts_with("<svg") && chart.contains("1 approval, 400.000 KWD"), "{chart}");
    assert!(country.text(&["chain", "report", "refund"]).contains("400.000"));
}

/// A requester could keep a proof out by correcting its own word each time before it lands: a proof replaces an office's word whichever stands.
#[test]
fn a_proof_replaces_an_offices_word_that_moved() {
    let country = Country::new(&LAW);
    corrections::state(&country, "400.000");
    country.enrol("ann", &[corrections::PLATFORM]);
    let (first, bundle) = corrections::prove(&country, "first", None);
    country.ok(&args(&country.decide(&bundle)));
    let (_, proved) = corrections::prove(&country, "proved", Some(&first));
    let (moved, bundle) = corrections::prove(&country, "moved", Some(&first));
    country.ok(&args(&country.decide(&bundle)));
    let key = country.path(&format!("{OFFICE}.key"));
    let out = country.path("proved.decided.json");
    let by_office = ["decide", &proved, "--signing-key", &key, "--out", &out];
    assert_eq!(country.refused(&by_office), "corrects-unknown", "the office's word names what stands");
    assert_eq!(country.refused(&["verify", &proved]), "corrects-unknown");
    country.ok(&["verify", &proved, "--by-proof"]);
    country.ok(&[&by_office[..], &["--by-proof"]].concat());

    // All three are audited together: nothing contradicts, and one stands.
    fs::create_dir_all(country.path("trust")).unwrap();
    country.ok(&["trust", "--out", &country.path("trust/trust.toml")]);
    let decided = |case: &str| format!("{}.decided", country.path(&format!("{case}.bundle.json")));
    let report = audit(&country, &[&decided("moved"), &out, &decided("first")]);
    assert_eq!((report["held"].as_u64(), report["totals"][0]["approvals"].as_u64()), (Some(3), Some(1)), "{report}");
    let stands = report["findings"].as_array().unwrap().iter().filter(|f| f["counts"] == "stands");
    assert_eq!(stands.map(|f| f["file"].as_str().unwrap()).collect::<Vec<_>>(), [&*out]);
    let became = country.ok(&["wallet", "decisions", "--wallet", &country.wallet("ann")]);
    let outcomes: Vec<_> = became["consents"].as_array().unwrap().iter().map(|c| c["outcome"].clone()).collect();
    assert_eq!(outcomes, ["replaced", "stands", "replaced"]);
    let event = country.ok(&["chain", "report", "refund"]);
    assert_eq!((event["total"]["approvals"].as_u64(), event["total"]["corrections"].as_u64()), (Some(1), Some(2)));
    assert_ne!(moved, first);
}
