//! A payment that is corrected twice, in a currency with three decimals: what is replaced and the difference show wherever somebody reads the decision, and
//! who adds up a set of bundles gets what was paid.

use crate::office::{Country, Law, OFFICE, args};
use serde_json::{Value, json};
use std::fs;

pub const LAW: Law = Law {
    program: r#"
suite = "sealroot-bn254-poseidon-groth16/1"
id = "refund"
title = { en = "Refund" }
policies = ["invoice"]
requesters = ["welfare-office"]
grid = { first = "2026-01", months = 1, count = 240 }
claim = { opens_after_days = 0, closes_after_days = 90 }
as_of = "period-start"
pays = { part = 0, output = 0, currency = "KWD", budget = "100000000" }
[manual_path]
en = "At the counter."
"#,
    policies: &[(
        "invoice",
        r#"
id = "invoice"
version = 1
title = { en = "Refund of an invoice", zh = "发票退款" }
legal_reference = "Refunds Act (test), section 2"
shape = "solo"
identity = "identity"
nullifier = "record-once"
[in_force]
from = "2026-01-01"
[[source]]
name = "invoices"
agency = "invoice-platform"
schema = "invoice.schema.toml"
period = "timeless"
[parameter.limit]
value = "500.000"
unit = "KWD"
[[requirement]]
code = "above-limit"
when = "amount <= limit"
reveal = true
message = { en = "Invoices above 500.000 are not refunded.", zh = "超过 500.000 的发票不予退款。" }
[[output]]
name = "amount"
title = { en = "amount", zh = "金额" }
value = "amount"
"#,
    )],
    schemas: &[(
        "invoice.schema.toml",
        r#"
name = "invoice"
many = true
period = "timeless"
title = { en = "Invoice", zh = "发票" }
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "amount"
kind = "money"
currency = "KWD"
min = 0
max = 100000000
"#,
    )],
    agencies: &["invoice-platform"],
    shape: "solo",
};

pub const PLATFORM: &str = "invoice-platform";

/// The platform has this amount for the one invoice from now on.
pub fn state(country: &Country, amount: &str) {
    let file = country.write("invoices.csv", &format!("number,national_id,amount\nINV-1,ann,{amount}\n"));
    let import = ["agency", "import", &file, "--schema", "invoice", "--key-column", "number", "--update"];
    country.agency(PLATFORM, &import);
}

/// Asks, consents and proves; the digest of the request, and the bundle's file.
pub fn prove(country: &Country, case: &str, corrects: Option<&str>) -> (String, String) {
    country.anchor(PLATFORM);
    let [secret, out, key] = [format!("{case}.secret"), format!("{case}.request.json"), format!("{OFFICE}.key")]
        .map(|name| country.path(&name));
    let mut request = vec!["request", "new", "--program", "refund", "--requester", OFFICE, "--signing-key", &key];
    request.extend(["--applicant", "ann", "--case-secret", &secret, "--purpose", "a test", "--out", &out]);
    request.extend(corrects.into_iter().flat_map(|digest| ["--corrects", digest]));
    let asked = country.ok(&request);
    country.ok(&args(&country.consent(case, "ann")));
    let vault = country.vault(PLATFORM);
    let source = [&args(&vault)[..], &["--national-id", "ann", "--business-key", "INV-1"]].concat();
    (asked["digest"].as_str().unwrap().to_owned(), country.bundle(case, "invoice", &source))
}

/// The same, and decides; the digest of the request and what `decide` says.
fn decide(country: &Country, case: &str, corrects: Option<&str>) -> (String, Value) {
    let (request, bundle) = prove(country, case, corrects);
    if corrects.is_some() {
        let verified = country.ok(&["verify", &bundle]);
        assert!(verified["replaces"]["difference"]["minor"].is_i64(), "{verified}");
    }
    (request, country.ok(&args(&country.decide(&bundle))))
}

#[test]
fn corrections_show_wherever_a_decision_is_read() {
    let country = Country::new(&LAW);
    state(&country, "295.750");
    country.enrol("ann", &[PLATFORM]);
    let (first, decided) = decide(&country, "first", None);
    assert!(decided["decision"].get("replaces").is_none(), "{decided}");

    state(&country, "300.690");
    let (second, decided) = decide(&country, "second", Some(&first));
    assert_eq!(decided["decision"]["replaces"]["paid"], json!({ "minor": 295_750, "currency": "KWD" }));
    assert_eq!(decided["decision"]["replaces"]["difference"], json!({ "minor": 4_940, "currency": "KWD" }));
    assert_eq!(decided["decision"]["replaces"]["request"].as_str(), Some(&*first));

    state(&country, "290.000");
    let (_, decided) = decide(&country, "third", Some(&second));
    assert_eq!(decided["decision"]["replaces"]["difference"], json!({ "minor": -10_690, "currency": "KWD" }));

    // An interrupted run is finished, and says the same.
    let bundle = country.path("third.bundle.json");
    let again = country.path("again.json");
    let again = country.ok(&["decide", &bundle, "--signing-key", &country.path("welfare-office.key"), "--out", &again]);
    assert_eq!(again["decision"]["replaces"], decided["decision"]["replaces"]);
    // But for what is new: nobody reads it as a second payment.
    assert!(decided.get("entered_before").is_none() && again["entered_before"].is_string(), "{again}");
    assert_eq!(again["block"], decided["block"]);
    let said = country.text(&args(&[&country.decide(&bundle)[..6], &[country.path("once-more.json")]].concat()));
    assert!(said.contains("had been entered on chain by the office's word in block"), "{said}");

    // With the same arguments, too: what shows when it was decided stays as it is.
    let finished = country.decide(&bundle);
    let file = finished.last().unwrap().clone();
    let before = fs::read(&file).unwrap();
    let repeated = country.ok(&args(&finished));
    assert!(repeated["entered_before"].is_string() && repeated["decision"] == again["decision"], "{repeated}");
    assert_eq!(fs::read(&file).unwrap(), before);

    let trust = country.path("trust/trust.toml");
    fs::create_dir_all(country.path("trust")).unwrap();
    country.ok(&["trust", "--out", &trust]);
    let decided = |case: &str| format!("{}.decided", country.path(&format!("{case}.bundle.json")));
    let copy = country.path("copy.json");
    fs::copy(decided("first"), &copy).unwrap();
    let files = [decided("second"), decided("first"), copy, decided("third")];
    let audit = [&["audit", "--trust", &trust][..], &args(&files)].concat();
    let report = country.ok(&audit);
    assert_eq!((report["held"].as_u64(), report["decisions"].as_u64()), (Some(4), Some(3)));
    // The sum over the four files would be 1,182.190.
    // 300.690 were granted in all before the last correction lowered that.
    let total = json!({ "program": "refund", "approvals": 1, "amount": { "minor": 290_000, "currency": "KWD" },
        "overpaid": { "minor": 10_690, "currency": "KWD" } });
    assert_eq!(report["totals"], json!([total]));
    let finding = |i: usize| &report["findings"][i];
    let counts: Vec<_> = (0..4).map(|i| finding(i)["counts"].as_str().unwrap()).collect();
    assert_eq!(counts, ["superseded", "superseded", "copy", "stands"]);
    assert_eq!((finding(0)["by"].as_str(), finding(1)["by"].as_str()), (Some(&*files[3]), Some(&*files[0])));
    assert_eq!(finding(2)["of"].as_str(), Some(&*files[1]));
    assert_eq!(finding(0)["decision"]["replaces"]["difference"]["minor"], 4_940);
    assert_eq!(finding(3)["decision"]["replaces"]["difference"]["minor"], -10_690);

    let text = country.text(&audit);
    for line in [
        "valid, approved, 300.690 KWD",
        "replaces 295.750 KWD, pays 4.940 KWD more",
        "replaces 300.690 KWD, pays 10.690 KWD less",
        &format!("SUPERSEDED by {}", files[3]),
        &format!("the same decision as {}: counted there", files[1]),
        "4 hold, 0 rejected; 3 different decisions hold",
        "refund: 1 approval stands, in all 290.000 KWD",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    // The correction alone: what it replaces is said, and nobody guesses what that one paid.
    let alone = country.ok(&["audit", "--trust", &trust, &files[3]]);
    assert_eq!(alone["findings"][0]["decision"]["replaces"], json!({ "request": second }));
    let inspected = country.text(&["inspect", &files[3]]);
    assert!(inspected.contains("290.000 KWD") && inspected.contains(&second), "{inspected}");
    let asked = country.text(&["inspect", &country.path("third.request.json")]);
    assert!(asked.contains(&format!("corrects     {second}")), "{asked}");
}
